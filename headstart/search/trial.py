"""One trial: a population fitted on every fold, each setting judged on the rows held out."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from headstart.arrays import Array, Outputs, Targets, unit
from headstart.compute import Handle
from headstart.evaluation import metrics
from headstart.evaluation.calibration import log_loss, temperature
from headstart.evaluation.one_error import standard_error
from headstart.heads import FAMILIES, HALVINGS
from headstart.heads.fitted import outputs
from headstart.pooling import Pooling
from headstart.search.candidate import Candidate, Trial
from headstart.spec import Metric
from headstart.views import View

SEED = 0
_SURE = 3.0  # standard errors of a paired difference


def features_of(view: View, layer: Callable[[int, Pooling], Array]) -> Array:
    """A view of the features, at unit length, where ``layer`` gives those of a layer in a pooling."""
    layers = [layer(number, view.pooling) for number in view.layers]
    return layers[0] if len(layers) == 1 else unit(np.mean(layers, axis=0, dtype=np.float32))


def try_trial(trial: Trial, shared: Mapping[str, Any]) -> Iterator[list[Candidate]]:
    """The candidates after each fold, with what is known of them by then; the last ones count.

    Of an iterative family, a setting that can no longer come near the best of its population is not fitted again.

    Args:
        trial: The population.
        shared: ``features``, a handle for each layer and pooling, on an array of shape (rows, width) at unit length;
            ``targets`` (rows,); ``labels``, their number; ``folds``; ``metric``; ``rows``, how many different ones are
            judged on.
    """
    features: Mapping[tuple[int, Pooling], Handle] = shared["features"]
    x = features_of(trial.view, lambda number, pooling: features[number, pooling].get())
    targets: Targets = shared["targets"]
    labels: int = shared["labels"]
    family = FAMILIES[trial.family]
    started = time.perf_counter()
    held_out: dict[int, list[npt.NDArray[np.floating]]] = {number: [] for number in range(len(trial.settings))}
    alive = list(held_out)
    judged: list[Targets] = []
    for number, (fit, judge) in enumerate(shared["folds"], start=1):
        settings = [trial.settings[each] for each in alive]
        if number == 1 and trial.family in HALVINGS:
            judged_by = (x[judge], targets[judge])
            heads = HALVINGS[trial.family](x[fit], targets[fit], labels, settings, SEED, judged_by)
        else:
            heads = [(head, True) for head in family.fit(x[fit], targets[fit], labels, settings, SEED)]
        for each, (head, _) in zip(alive, heads, strict=True):
            held_out[each].append(outputs(head, x[judge]))
        alive = [each for each, (_, is_fitted) in zip(alive, heads, strict=True) if is_fitted]
        judged.append(targets[judge])
        is_last = number == len(shared["folds"])
        if not is_last and not family.CLOSED_FORM:
            alive = _hopeful(alive, held_out, np.concatenate(judged), shared["rows"])
        seconds = (time.perf_counter() - started) / len(trial.settings)
        yield [
            _judged(
                trial,
                each,
                np.concatenate(parts),
                np.concatenate(judged[: len(parts)]),
                shared,
                is_last and each in alive,
                seconds,
            )
            for each, parts in held_out.items()
        ]


def _hopeful(alive: Sequence[int], held_out: Mapping[int, Sequence[Outputs]], targets: Targets, rows: int) -> list[int]:
    """The settings that may still end within one standard error of the best, as the winner must.

    A setting is given up where the share of rows on which it is worse than the best, less :data:`_SURE` standard errors
    of this paired difference, is more than that. (Races: Maron and Moore 1994.)
    """
    right = {each: np.concatenate(held_out[each]).argmax(axis=1) == targets for each in alive}
    best = max(alive, key=lambda each: right[each].mean())
    margin = standard_error(float(right[best].mean()), rows)
    kept = []
    for each in alive:
        behind = right[best].astype(np.float64) - right[each]
        if behind.mean() - _SURE * behind.std() / np.sqrt(len(behind)) <= margin:
            kept.append(each)
    return kept


def _judged(
    trial: Trial,
    number: int,
    held_out: Outputs,
    targets: Targets,
    shared: Mapping[str, Any],
    is_complete: bool,
    seconds: float,
) -> Candidate:
    metric: Metric = shared["metric"]
    scale = temperature(held_out, targets) if is_complete else 1.0
    return Candidate(
        view=trial.view,
        family=trial.family,
        setting=trial.settings[number],
        score=metrics.score(metric, targets, held_out.argmax(axis=1), shared["labels"]),
        log_loss=log_loss(held_out / scale, targets),
        temperature=scale,
        complete=is_complete,
        seconds=seconds,
    )
