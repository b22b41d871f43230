"""From records to a dataset: every one becomes a row, is merged into one, or is rejected with a reason."""
