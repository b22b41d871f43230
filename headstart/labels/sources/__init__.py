"""From what ``data.source`` names to local files: archives, encodings, published splits."""
