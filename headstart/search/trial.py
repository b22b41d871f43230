"""Trials: populations fitted on every fold, each setting judged on the rows held out."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from headstart.arrays import Array, Targets, unit
from headstart.compute import Handle
from headstart.evaluation.folds import Fold
from headstart.heads import FAMILIES, FROM_MOMENTS, HALVINGS, ON_EIGENBASIS, Fitting, Moments
from headstart.heads.spectrum import spectrum
from headstart.pooling import Pooling
from headstart.search.candidate import Candidate, Trial
from headstart.search.sheet import Sheet
from headstart.views import View

SEED = 0


def features_of(view: View, layer: Callable[[int, Pooling], Array]) -> Array:
    """A view of the features, at unit length, where ``layer`` gives those of a layer in a pooling."""
    layers = [layer(number, view.pooling) for number in view.layers]
    return layers[0] if len(layers) == 1 else unit(np.mean(layers, axis=0, dtype=np.float32))


def bundled(trials: Sequence[Trial]) -> list[tuple[Trial, ...]]:
    """The trials in bundles that are done at once: those on one view that need its moments alone share these."""
    bundles: dict[object, list[Trial]] = {}
    for number, trial in enumerate(trials):
        bundles.setdefault(trial.view if trial.family in FROM_MOMENTS else number, []).append(trial)
    return [tuple(bundle) for bundle in bundles.values()]


def try_bundle(bundle: Sequence[Trial], shared: Mapping[str, Any]) -> Iterator[list[list[Candidate]]]:
    """The candidates of each trial, with what is known of them by then; the last ones count.

    Of an iterative family they are told after each fold, and a setting that can no longer win is not fitted again.

    Args:
        bundle: Trials on one view: one alone, or some that are fitted from moments.
        shared: ``features``, a handle for each layer and pooling, on an array of shape (rows, width) at unit length;
            ``targets`` (rows,); ``labels``, their number; ``folds``, each of the same rows; ``metric``; ``rows``, how
            many different ones are judged on.
    """
    features: Mapping[tuple[int, Pooling], Handle] = shared["features"]
    x = features_of(bundle[0].view, lambda number, pooling: features[number, pooling].get())
    sheets = [Sheet(trial, shared["labels"], shared["metric"], shared["rows"]) for trial in bundle]
    if all(trial.family in FROM_MOMENTS for trial in bundle):
        yield _from_moments(bundle, sheets, x, shared)
    else:
        for found in _fold_by_fold(bundle[0], sheets[0], x, shared):
            yield [found]


def _from_moments(
    bundle: Sequence[Trial], sheets: Sequence[Sheet], x: Array, shared: Mapping[str, Any]
) -> list[list[Candidate]]:
    targets: Targets = shared["targets"]
    folds: Sequence[Fold] = shared["folds"]
    found: list[list[Candidate]] = []
    started = time.perf_counter()
    for number, moments in enumerate(_moments(x, targets, shared["labels"], folds), start=1):
        judge = folds[number - 1][1]
        shared_seconds = time.perf_counter() - started
        for trial, sheet in zip(bundle, sheets, strict=True):
            started = time.perf_counter()
            heads = FROM_MOMENTS[trial.family](moments, trial.settings)
            if number < len(folds):
                sheet.add(heads, x[judge], targets[judge])
            sheet.seconds += time.perf_counter() - started + shared_seconds / len(sheets)
            if number == len(folds):
                found.append(sheet.finish([(head, True) for head in heads], x[judge], targets[judge]))
        started = time.perf_counter()
    return found


def _moments(x: Array, targets: Targets, labels: int, folds: Sequence[Fold]) -> Iterator[Moments]:
    """The moments of the rows that are fitted on, fold by fold: those of all rows less the fold's."""
    fit, judge = folds[0]
    first = Moments.of(x[fit], targets[fit], labels)
    yield first
    if len(folds) > 1:
        whole = first + Moments.of(x[judge], targets[judge], labels)
        for _, held_out in folds[1:]:
            yield whole - Moments.of(x[held_out], targets[held_out], labels)


def _fold_by_fold(trial: Trial, sheet: Sheet, x: Array, shared: Mapping[str, Any]) -> Iterator[list[Candidate]]:
    targets: Targets = shared["targets"]
    labels: int = shared["labels"]
    family = FAMILIES[trial.family]
    fitting: Fitting = family.fit
    started = time.perf_counter()
    if trial.family in ON_EIGENBASIS and len(shared["folds"]) > 1:
        # The basis of all rows is about that of each fold's, and it is computed once.
        x, fitting = spectrum(x).projected(x), ON_EIGENBASIS[trial.family]()
    for number, (fit, judge) in enumerate(shared["folds"], start=1):
        if number == 1 and trial.family in HALVINGS:
            held_out = (x[judge], targets[judge])
            fitted = HALVINGS[trial.family](x[fit], targets[fit], labels, sheet.settings, SEED, held_out)
        else:
            fitted = [(head, True) for head in fitting(x[fit], targets[fit], labels, sheet.settings, SEED)]
        sheet.seconds = time.perf_counter() - started
        if number < len(shared["folds"]):
            sheet.add([head for head, _ in fitted], x[judge], targets[judge])
            sheet.drop([is_fitted for _, is_fitted in fitted])
            if not family.CLOSED_FORM:
                sheet.race()
            yield sheet.so_far()
    yield sheet.finish(fitted, x[judge], targets[judge])
