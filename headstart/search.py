"""The search over heads: the space, what to try first, and the rule that names the winner. Pure functions.

Closed forms rank the layers, for they are cheap enough to be tried on all; the iterative families then
spend their time on the best two layers only.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict

from headstart.arrays import Array, Targets
from headstart.errors import BackboneError
from headstart.evaluation import metrics
from headstart.evaluation.calibration import log_loss, temperature
from headstart.evaluation.folds import Fold, stratified
from headstart.heads import FAMILIES
from headstart.heads.fitted import outputs
from headstart.spec import HeadFamily, Metric, SearchSpec

BEST_LAYERS = 2
FOLDS = 5
SMALL = 2000  # with fewer training rows than this, one validation split says too little: cross-validate
SEED = 0


@dataclass(frozen=True)
class Trial:
    """A population of settings of one family on the features of one layer."""

    layer: int
    family: HeadFamily
    most: int


class Candidate(BaseModel):
    """A setting that was tried: its held-out score, log loss (nats, after scaling) and temperature."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    layer: int
    family: HeadFamily
    setting: Mapping[str, float]
    score: float
    log_loss: float
    temperature: float


def layers_of(spec: SearchSpec, depth: int) -> tuple[int, ...]:
    """The layers to search, for a backbone with ``depth`` of them above the embeddings.

    Raises:
        BackboneError: The spec names a layer that the backbone does not have.
    """
    if spec.layers == "all":
        return tuple(range(depth + 1))
    beyond = [layer for layer in spec.layers if layer > depth]
    if beyond:
        remedy = f"Use layers 0 to {depth}, or all."
        raise BackboneError("backbone/layer", f"there is no layer {beyond[0]}.", remedy=remedy, where="search.layers")
    return tuple(dict.fromkeys(spec.layers))


def first_trials(spec: SearchSpec, depth: int) -> list[Trial]:
    """The closed forms on every layer; without any, the families that the spec names."""
    layers = layers_of(spec, depth)
    closed, iterative = _by_form(spec)
    first = closed or iterative
    share = spec.trials // 2 if closed and iterative else spec.trials
    return _populations(layers, first, share)


def next_trials(spec: SearchSpec, tried: Sequence[Candidate]) -> list[Trial]:
    """The iterative families on the layers where the closed forms did best; nothing where none are left."""
    closed, iterative = _by_form(spec)
    if not closed or not iterative:
        return []
    best: dict[int, float] = {}
    for candidate in tried:
        best[candidate.layer] = max(best.get(candidate.layer, 0.0), candidate.score)
    # Of layers that score alike the higher one: it is what the model was trained to end in.
    layers = sorted(best, key=lambda layer: (best[layer], layer), reverse=True)[:BEST_LAYERS]
    return _populations(layers, iterative, spec.trials - len(tried))


def winner(tried: Sequence[Candidate], judged: int) -> Candidate:
    """The least log loss among the candidates whose score is within one standard error of the best.

    The best of many scores on few rows is mostly lucky; log loss tells candidates apart that the score
    cannot (one-standard-error rule: Breiman et al. 1984; Hastie, Tibshirani and Friedman 2009, section 7.10).

    Args:
        tried: The candidates.
        judged: The number of rows that each was judged on.
    """
    best = max(candidate.score for candidate in tried)
    error = math.sqrt(best * (1 - best) / judged)
    as_good = [candidate for candidate in tried if candidate.score >= best - error]
    return min(as_good, key=lambda candidate: (candidate.log_loss, -candidate.score, -candidate.layer))


def folds(
    targets: Targets, groups: Sequence[str], train: int
) -> tuple[Literal["cross-validation", "validation"], list[Fold]]:
    """How candidates are judged, on arrays whose first ``train`` rows are for training and the rest for validation.

    Few training rows are cross-validated among themselves; many are judged on the validation rows. Test
    rows never take part.
    """
    if train >= SMALL:
        return "validation", [(np.arange(train), np.arange(train, len(targets)))]
    return "cross-validation", stratified(targets[:train], groups[:train], FOLDS, SEED)


def try_trial(trial: Trial, shared: Mapping[str, Any]) -> list[Candidate]:
    """Fit a population on every fold and judge each setting on the rows held out.

    Args:
        trial: The population.
        shared: ``features`` by layer, of shape (rows, width) and unit length; ``targets`` (rows,);
            ``labels``, their number; ``folds``; ``metric``.
    """
    x: Array = shared["features"][trial.layer]
    targets: Targets = shared["targets"]
    labels: int = shared["labels"]
    family = FAMILIES[trial.family]
    settings = family.settings(trial.most)
    held_out: list[list[npt.NDArray[np.floating]]] = [[] for _ in settings]
    for fit, judge in shared["folds"]:
        for number, head in enumerate(family.fit(x[fit], targets[fit], labels, settings, SEED)):
            held_out[number].append(outputs(head, x[judge]))
    judged = targets[np.concatenate([judge for _, judge in shared["folds"]])]
    return [
        _judge(trial, setting, np.concatenate(parts), judged, labels, shared["metric"])
        for setting, parts in zip(settings, held_out, strict=True)
    ]


def _judge(
    trial: Trial,
    setting: Mapping[str, float],
    held_out: npt.NDArray[np.floating],
    targets: Targets,
    labels: int,
    metric: Metric,
) -> Candidate:
    scale = temperature(held_out, targets)
    return Candidate(
        layer=trial.layer,
        family=trial.family,
        setting=setting,
        score=metrics.score(metric, targets, held_out.argmax(axis=1), labels),
        log_loss=log_loss(held_out / scale, targets),
        temperature=scale,
    )


def _by_form(spec: SearchSpec) -> tuple[list[HeadFamily], list[HeadFamily]]:
    families = list(dict.fromkeys(spec.heads))
    return [name for name in families if FAMILIES[name].CLOSED_FORM], [
        name for name in families if not FAMILIES[name].CLOSED_FORM
    ]


def _populations(layers: Sequence[int], families: Sequence[HeadFamily], trials: int) -> list[Trial]:
    """The trials divided evenly over layers and families, at least one setting each."""
    most = max(1, trials // (len(layers) * len(families)))
    return [Trial(layer, family, most) for layer in layers for family in families]
