"""Kubeflow components, one a step and four besides; importable as headstart.components.

Values stay in the spec's workspace and travel between components as digests, so that Kubeflow's cache is
right: equal digests, equal values.
"""

from headstart.components.assess_transfer.component import assess_transfer
from headstart.components.batch_score.component import batch_score
from headstart.components.check_retrain.component import check_retrain
from headstart.components.evaluate.component import evaluate
from headstart.components.fetch_backbone.component import fetch_backbone
from headstart.components.fine_tune.component import fine_tune
from headstart.components.import_labels.component import import_labels
from headstart.components.notify.component import notify
from headstart.components.record_retraining.component import record_retraining
from headstart.components.register.component import register
from headstart.components.search_heads.component import search_heads

__all__ = [
    "assess_transfer",
    "batch_score",
    "check_retrain",
    "evaluate",
    "fetch_backbone",
    "fine_tune",
    "import_labels",
    "notify",
    "record_retraining",
    "register",
    "search_heads",
]
