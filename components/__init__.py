"""Kubeflow components, one a step; importable as headstart.components.

Values stay in the spec's workspace and travel between components as digests, so that Kubeflow's cache is
right: equal digests, equal values.
"""

from headstart.components.assess_transfer.component import assess_transfer
from headstart.components.evaluate.component import evaluate
from headstart.components.fetch_backbone.component import fetch_backbone
from headstart.components.fine_tune.component import fine_tune
from headstart.components.import_labels.component import import_labels
from headstart.components.register.component import register
from headstart.components.search_heads.component import search_heads

__all__ = ["assess_transfer", "evaluate", "fetch_backbone", "fine_tune", "import_labels", "register", "search_heads"]
