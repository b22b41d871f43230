"""The probe chooses among the rows that it is given, and sees no others."""

import numpy as np

from headstart.evaluation import probe
from tests.unit.heads.test_heads import blobs


def test_the_layer_that_holds_the_answer_is_chosen() -> None:
    good, targets = blobs(200, 3, spread=0.5)
    noise, _ = blobs(200, 3, seed=9)
    groups = [str(row) for row in range(200)]
    chosen = probe.choose([noise, good, noise].__getitem__, 2, targets, groups, 3, "accuracy", np.arange(160))
    assert chosen.layer == 1
    assert chosen.inner > 0.8


def test_rows_that_it_is_not_given_change_nothing() -> None:
    x, targets = blobs(200, 3, spread=1.5)
    other, _ = blobs(200, 3, seed=3, spread=1.5)
    groups = [str(row) for row in range(200)]
    spoiled = targets.copy()
    spoiled[160:] = 0
    layers = [x, other].__getitem__
    assert probe.choose(layers, 1, targets, groups, 3, "macro_f1", np.arange(160)) == probe.choose(
        layers, 1, spoiled, groups, 3, "macro_f1", np.arange(160)
    )


def test_macro_f1_tries_balanced_labels_and_accuracy_does_not() -> None:
    assert {each["balance"] for each in probe.settings("macro_f1")} == {0.0, 1.0}
    assert {each["balance"] for each in probe.settings("accuracy")} == {0.0}
