"""What becomes of a trial: each setting judged on rows that it was not fitted on."""

from typing import Any

import numpy as np
import pytest

from headstart.arrays import Array, Targets, unit
from headstart.compute import Held
from headstart.heads import FAMILIES
from headstart.search import Candidate, Trial, judging, try_trial
from headstart.search.trial import features_of
from headstart.spec import HeadFamily
from headstart.views import View
from tests.unit.heads.test_heads import blobs

VIEW = View(layers=(0,), pooling="mean")


def shared(x: Array, targets: Targets, labels: int) -> dict[str, Any]:
    how = judging(targets, [str(row) for row in range(len(targets))], len(targets))
    features = {(0, "mean"): Held(x)}
    return {
        "features": features, "targets": targets, "labels": labels, "folds": how.folds, "rows": how.rows, "metric": "accuracy",
    }  # fmt: skip


def tried(family: HeadFamily, settings: list[dict[str, float]], given: dict[str, Any]) -> list[list[Candidate]]:
    return list(try_trial(Trial(view=VIEW, family=family, settings=tuple(settings)), given))


@pytest.mark.parametrize(("is_random", "least", "most"), [(False, 0.8, 1.0), (True, 0.0, 0.45)])
def test_each_setting_is_judged_on_rows_that_it_was_not_fitted_on(is_random: bool, least: float, most: float) -> None:
    x, targets = blobs(200, 4)
    wanted = np.random.default_rng(1).permutation(targets) if is_random else targets
    *_, found = tried("ridge", [{"strength": strength} for strength in (0.01, 0.1, 1.0)], shared(x, wanted, 4))
    assert len(found) == 3
    assert all(least <= each.score <= most for each in found), found


def test_after_each_fold_more_is_known_and_in_the_end_everything() -> None:
    x, targets = blobs(200, 4)
    told = tried("linear", [{"c": 1.0}, {"c": 10.0}], shared(x, targets, 4))
    assert [[each.complete for each in found] for found in told] == [*([[False, False]] * 14), [True, True]]


def test_a_setting_that_cannot_win_any_more_is_given_up_and_others_are_not() -> None:
    x, targets = blobs(450, 4)
    kept = (targets == 0) | (np.arange(450) % 3 == 0)  # so that a head that learns next to nothing names label 0
    *_, found = tried("linear", [{"c": 1e-9}, {"c": 1.0}, {"c": 1.1}], shared(x[kept], targets[kept], 4))
    assert [each.complete for each in found] == [False, True, True]


def test_perceptrons_that_were_dropped_half_way_are_not_complete_even_where_there_is_one_fold() -> None:
    x, targets = blobs(200, 4)
    given = shared(x, targets, 4) | {"folds": [(np.arange(150), np.arange(150, 200))], "rows": 50}
    (found,) = tried("mlp", [dict(each) for each in FAMILIES["mlp"].settings(8)], given)
    assert sum(each.complete for each in found) == 2


def test_a_closed_form_gives_nothing_up_since_it_would_save_nothing() -> None:
    x, targets = blobs(450, 4)
    *_, found = tried("ridge", [{"strength": 1e9}, {"strength": 1.0}], shared(x, targets, 4))
    assert all(each.complete for each in found)


def test_a_view_of_several_layers_is_the_mean_of_their_directions() -> None:
    first, second = (unit(np.random.default_rng(seed).normal(size=(5, 3)).astype(np.float32)) for seed in (0, 1))
    layers = {(0, "cls"): first, (2, "cls"): second}
    found = features_of(View(layers=(0, 2), pooling="cls"), lambda *each: layers[each])
    np.testing.assert_allclose(found, unit((first + second) / 2), atol=1e-6)
    assert features_of(View(layers=(2,), pooling="cls"), lambda *each: layers[each]) is second
