"""The pages of the reference, one file a page; each has ``lines``, the page's Markdown."""
