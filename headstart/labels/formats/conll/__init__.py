"""Column files: a token a line with its tags."""
