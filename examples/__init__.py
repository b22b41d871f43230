"""Specs and data to try; importable as headstart.examples."""
