"""One file, or one package, a format."""
