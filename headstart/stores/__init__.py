"""The stores that need no framework; each fills :class:`headstart.store.Store`, which documents the methods."""
