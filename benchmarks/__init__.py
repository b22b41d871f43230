"""Benchmarks: one file a claim, each against a named peer in the same run."""
