"""What becomes of a trial: each setting judged on rows that it was not fitted on."""

from typing import Any

import numpy as np
import pytest

from headstart.arrays import Array, Targets, unit
from headstart.compute import Held
from headstart.heads import FAMILIES
from headstart.heads.fitted import outputs
from headstart.search import Candidate, Trial, bundled, judging, try_bundle
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
    return [found for (found,) in try_bundle((Trial(view=VIEW, family=family, settings=tuple(settings)),), given)]


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
    assert len(told) == 15
    assert not any(each.complete for found in told[:-1] for each in found)
    assert any(each.complete for each in told[-1])
    assert all(len(found) == 2 for found in told)


def test_a_setting_that_cannot_win_any_more_is_given_up_and_the_best_is_not() -> None:
    x, targets = blobs(450, 4)
    kept = (targets == 0) | (np.arange(450) % 3 == 0)  # so that a head that learns next to nothing names label 0
    *_, found = tried("linear", [{"c": 1e-9}, {"c": 1.0}], shared(x[kept], targets[kept], 4))
    assert [each.complete for each in found] == [False, True]


def test_perceptrons_that_were_dropped_half_way_are_not_complete_even_where_there_is_one_fold() -> None:
    x, targets = blobs(200, 4)
    given = shared(x, targets, 4) | {"folds": [(np.arange(150), np.arange(150, 200))], "rows": 50}
    (found,) = tried("mlp", [dict(each) for each in FAMILIES["mlp"].settings(8)], given)
    assert sum(each.complete for each in found) == 1


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


def test_closed_forms_on_one_view_are_tried_together_and_others_by_themselves() -> None:
    other = View(layers=(1,), pooling="mean")
    trials = [
        Trial(view=view, family=family, settings=FAMILIES[family].settings(2))
        for view in (VIEW, other)
        for family in ("ridge", "linear", "lda", "knn")
    ]
    found = bundled(trials)
    assert sorted(map(str, (trial for bundle in found for trial in bundle))) == sorted(map(str, trials))
    assert [[each.family for each in bundle] for bundle in found] == 2 * [["ridge", "lda"], ["linear"], ["knn"]]


@pytest.mark.parametrize("rows", [200, 600])
def test_what_shares_moments_is_judged_as_what_is_fitted_on_each_fold_by_itself(rows: int) -> None:
    x, targets = blobs(rows, 4, spread=1.0)
    given = shared(x, targets, 4)
    families: tuple[HeadFamily, ...] = ("ridge", "lda", "centroid")
    trials = [Trial(view=VIEW, family=family, settings=FAMILIES[family].settings(3)) for family in families]
    (together,) = try_bundle(trials, given)
    for trial, found in zip(trials, together, strict=True):
        right = np.zeros((len(trial.settings), 0), dtype=bool)
        for fit, judge in given["folds"]:
            heads = FAMILIES[trial.family].fit(x[fit], targets[fit], 4, trial.settings, 0)
            answers = np.stack([outputs(head, x[judge]).argmax(axis=1) == targets[judge] for head in heads])
            right = np.concatenate([right, answers], axis=1)
        assert [each.setting for each in found] == [dict(setting) for setting in trial.settings]
        np.testing.assert_allclose([each.score for each in found], right.mean(axis=1), atol=1 / rows)


def test_the_rows_of_a_validation_split_are_judged_on_once() -> None:
    x, targets = blobs(300, 3)
    given = shared(x, targets, 3) | {"folds": [(np.arange(200), np.arange(200, 300))], "rows": 100}
    for family in ("ridge", "linear"):
        (found,) = tried(family, [dict(each) for each in FAMILIES[family].settings(4)], given)
        (head,) = FAMILIES[family].fit(x[:200], targets[:200], 3, [found[1].setting], 0)
        assert found[1].score == (outputs(head, x[200:]).argmax(axis=1) == targets[200:]).mean()
        assert all(each.complete for each in found)
