"""Metrics for Prometheus, read from what runs leave in a workspace and a registry: no run has to be up to be seen."""
