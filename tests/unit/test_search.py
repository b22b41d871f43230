"""The search: what is tried, how it is judged, and which candidate wins."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.errors import BackboneError
from headstart.search import Candidate, first_trials, folds, layers_of, next_trials, try_trial, winner
from headstart.spec import HeadFamily, SearchSpec
from tests.unit.heads.test_heads import blobs


def candidate(score: float, log_loss: float = 1.0, layer: int = 1, family: HeadFamily = "ridge") -> Candidate:
    return Candidate(layer=layer, family=family, setting={}, score=score, log_loss=log_loss, temperature=1.0)


def test_closed_forms_are_tried_on_every_layer_first() -> None:
    trials = first_trials(SearchSpec(), depth=6)
    assert {(trial.layer, trial.family) for trial in trials} == {
        (layer, family) for layer in range(7) for family in ("ridge", "centroid")
    }


def test_iterative_families_are_tried_on_the_two_layers_where_closed_forms_did_best() -> None:
    tried = [candidate(0.5, layer=0), candidate(0.9, layer=3), candidate(0.8, layer=5), candidate(0.2, layer=6)]
    trials = next_trials(SearchSpec(), tried)
    assert {(trial.layer, trial.family) for trial in trials} == {
        (layer, family) for layer in (3, 5) for family in ("linear", "mlp")
    }


def test_of_layers_that_score_alike_the_higher_is_searched_further() -> None:
    trials = next_trials(SearchSpec(heads=("ridge", "linear")), [candidate(0.7, layer=layer) for layer in range(4)])
    assert [trial.layer for trial in trials] == [3, 2]


def test_without_closed_forms_the_named_families_are_tried_on_every_layer() -> None:
    spec = SearchSpec(heads=("linear",))
    assert [trial.layer for trial in first_trials(spec, depth=2)] == [0, 1, 2]
    assert next_trials(spec, [candidate(0.9)]) == []


@given(trials=st.integers(1, 500), depth=st.integers(0, 12))
def test_a_search_tries_no_more_settings_than_allowed_but_one_for_each_population(trials: int, depth: int) -> None:
    spec = SearchSpec(trials=trials)
    first = first_trials(spec, depth)
    assert sum(trial.most for trial in first) <= max(trials, len(first))


def test_a_layer_that_the_backbone_lacks_is_refused_by_number() -> None:
    with pytest.raises(BackboneError, match="no layer 7") as caught:
        layers_of(SearchSpec(layers=(1, 7)), depth=6)
    assert caught.value.code == "backbone/layer"


def test_the_winner_is_the_surest_of_those_that_score_as_well_as_the_best() -> None:
    lucky, sure, weak = candidate(0.90, log_loss=0.8), candidate(0.89, log_loss=0.3), candidate(0.70, log_loss=0.1)
    assert winner([lucky, sure, weak], judged=100) == sure
    assert winner([lucky, sure, weak], judged=1_000_000) == lucky  # with that many rows the difference is real


def test_few_training_rows_are_cross_validated_and_many_judged_on_the_validation_rows() -> None:
    targets = np.arange(2500) % 5
    groups = [str(row) for row in range(2500)]
    how, judging = folds(targets[:150], groups[:150], train=100)
    assert how == "cross-validation"
    assert sorted(np.concatenate([judge for _, judge in judging])) == list(range(100))
    how, ((fit, judge),) = folds(targets, groups, train=2200)
    assert how == "validation"
    assert list(fit) == list(range(2200))
    assert list(judge) == list(range(2200, 2500))


def test_a_trial_judges_each_setting_on_rows_that_it_was_not_fitted_on() -> None:
    x, targets = blobs(200, 4)
    random_targets = np.random.default_rng(1).permutation(targets)
    groups = [str(row) for row in range(200)]
    (trial, *_) = first_trials(SearchSpec(heads=("ridge",), trials=4), depth=0)
    for wanted, least, most in ((targets, 0.8, 1.0), (random_targets, 0.0, 0.45)):
        _, judging = folds(wanted, groups, train=200)
        shared = {"features": [x], "targets": wanted, "labels": 4, "folds": judging, "metric": "accuracy"}
        found = try_trial(trial, shared)
        assert len(found) == 4
        assert all(least <= each.score <= most for each in found), found
