"""Label Studio's exports: JSON, JSON-MIN and CSV."""
