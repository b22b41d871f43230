"""The report as Markdown: for terminals, and as the card of a version, with the metadata that Hugging Face reads."""

import re
from typing import Any

import yaml

from headstart.backbone import Backbone
from headstart.evaluation.decision import CONTROL, TUNED
from headstart.evaluation.estimate import CONFIDENCE
from headstart.evidence import Evidence
from headstart.report import by_label, contenders
from headstart.report.promises import promises
from headstart.report.templates import rendered, size
from headstart.spec import SPLITS

CARD = "README.md"
_WEAKEST = 10
_HUB_ID = re.compile(r"\w[\w.-]*/[\w.-]+")
_LICENCES = re.compile(r"[a-z0-9][a-z0-9.+-]*")
_METRICS = {"macro_f1": ("f1", "macro F1"), "accuracy": ("accuracy", "accuracy")}


def render(evidence: Evidence) -> str:
    """The report of a run as Markdown. It quotes no text of the data, since a card goes wherever its model goes."""
    decision = evidence.decision
    scores = decision.scored(decision.candidate_name).scores
    return rendered(
        "card.md",
        e=evidence,
        d=decision,
        task=evidence.dataset.task.replace("-", " ").capitalize(),
        confidence=f"{CONFIDENCE:.0%}".replace("%", " %"),
        metrics=sorted(scores, key=lambda metric: metric != decision.gate.metric),
        contenders=contenders.ordered(decision),
        called=lambda name: contenders.called(name, decision),
        weakest=by_label.labels(decision)[:_WEAKEST],
        promises=list(promises(decision, evidence.spec.calibration)),
        is_tuned=decision.candidate_name == TUNED,
        is_bag=decision.candidate_name == CONTROL,
        size=size(decision.cost.size),
        splits=SPLITS,
    )


def card(evidence: Evidence) -> str:
    """The Markdown below a version's metadata, as Hugging Face's hub reads it (license, base_model, model-index)."""
    head = yaml.safe_dump(_metadata(evidence), sort_keys=False, allow_unicode=True)
    return f"---\n{head}---\n\n{render(evidence)}\n"


def _metadata(evidence: Evidence) -> dict[str, Any]:
    decision = evidence.decision
    scores = decision.scored(decision.candidate_name).scores
    measured = [
        {"type": kind, "name": name, "value": round(scores[metric].value, 6)}
        for metric, (kind, name) in _METRICS.items()
        if metric in scores
    ]
    result = {
        "task": {"type": evidence.dataset.task},
        "dataset": {"type": "private", "name": f"{decision.test_rows} test rows"},
        "metrics": measured,
    }
    return {
        **({} if decision.candidate_name == CONTROL else _transferred(evidence.backbone)),
        "pipeline_tag": evidence.dataset.task,
        "tags": ["headstart"],
        "model-index": [{"name": evidence.spec.name, "results": [result]}],
    }


def _transferred(backbone: Backbone) -> dict[str, Any]:
    """What a model owes to its backbone."""
    licence, base = backbone.licence.lower(), backbone.source.partition("@")[0]
    known = bool(_LICENCES.fullmatch(licence))
    return {
        "license": licence if known else "other",
        **({} if known else {"license_name": backbone.licence}),
        **({"base_model": base} if _HUB_ID.fullmatch(base) else {}),
    }
