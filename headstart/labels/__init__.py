"""From a labeling tool's export to records: one file a format, and :mod:`.reconcile` accounts for each."""
