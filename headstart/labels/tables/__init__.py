"""Tables of any format: which field holds what, and from rows to records."""
