"""What is tried next."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.search import Candidate, Trial, next_trials
from headstart.search.plans import ROUNDS
from headstart.search.space import Space
from headstart.spec import HeadFamily, SearchSpec
from headstart.views import View
from tests.unit.search.candidates import candidate

SPACE = Space(tuple(range(7)), ("mean",), ("linear", "ridge", "mlp", "centroid"))
FAMILIES_: tuple[HeadFamily, ...] = get_args(HeadFamily)


def view(*layers: int) -> View:
    return View(layers=layers, pooling="mean")


def pairs(trials: list[Trial]) -> set[tuple[View, HeadFamily]]:
    return {(trial.view, trial.family) for trial in trials}


@pytest.mark.parametrize("algorithm", ["staged", "asha"])
def test_closed_forms_are_tried_on_every_layer_first(algorithm: str) -> None:
    trials = next_trials(SearchSpec.model_validate({"algorithm": algorithm}), SPACE, 0, [])
    assert pairs(trials) == {(view(layer), family) for layer in range(7) for family in ("ridge", "centroid")}


def test_logistic_regression_is_tried_on_the_two_best_layers_and_on_their_mean_and_perceptrons_on_the_mean() -> None:
    tried = [candidate(0.5, layer=0), candidate(0.9, layer=5), candidate(0.8, layer=3), candidate(0.2, layer=6)]
    trials = next_trials(SearchSpec(), SPACE, 1, tried)
    assert pairs(trials) == {(each, "linear") for each in (view(5), view(3), view(3, 5))} | {(view(3, 5), "mlp")}


def test_of_layers_that_score_alike_the_higher_is_searched_further() -> None:
    space = Space((0, 1, 2, 3), ("mean",), ("ridge", "linear"))
    trials = next_trials(SearchSpec(), space, 1, [candidate(0.7, layer=layer) for layer in range(4)])
    assert [trial.view for trial in trials] == [view(3), view(2), view(2, 3)]


def test_a_single_layer_has_no_mean() -> None:
    space = Space((4,), ("mean",), ("ridge", "linear"))
    assert [trial.view for trial in next_trials(SearchSpec(), space, 1, [candidate(0.7, layer=4)])] == [view(4)]


def test_without_closed_forms_the_named_families_are_tried_on_every_layer_and_that_is_all() -> None:
    space = Space((0, 1, 2), ("mean",), ("linear",))
    assert [trial.view for trial in next_trials(SearchSpec(), space, 0, [])] == [view(0), view(1), view(2)]
    assert next_trials(SearchSpec(), space, 1, [candidate(0.9)]) == []


def test_a_staged_search_has_two_rounds() -> None:
    assert next_trials(SearchSpec(), SPACE, 2, [candidate(0.9)]) == []


@given(trials=st.integers(1, 500), layers=st.integers(1, 13))
def test_a_search_tries_no_more_settings_than_allowed_but_one_for_each_population(trials: int, layers: int) -> None:
    space = Space(tuple(range(layers)), ("mean", "cls"), SPACE.families)
    first = next_trials(SearchSpec(trials=trials), space, 0, [])
    assert sum(len(trial.settings) for trial in first) <= max(trials, len(first))


def test_what_the_other_families_cannot_use_of_the_trials_the_closed_forms_get() -> None:
    space = Space(tuple(range(7)), ("mean",), ("ridge", "lda", "centroid", "linear", "mlp"))
    first = next_trials(SearchSpec(trials=256), space, 0, [])
    tried = [candidate(0.5, layer=trial.view.top, setting=dict(each)) for trial in first for each in trial.settings]
    second = next_trials(SearchSpec(trials=256), space, 1, tried)
    assert 240 <= len(tried) + sum(len(trial.settings) for trial in second) <= 256
    few = next_trials(SearchSpec(trials=48), space, 0, [])
    assert sum(len(trial.settings) for trial in few) <= 24, "half of the trials are left to them where they are few"


@given(trials=st.integers(1, 200))
def test_a_random_search_draws_each_setting_once_from_all_views_and_families(trials: int) -> None:
    spec = SearchSpec(algorithm="random", trials=trials)
    (drawn, nothing) = (next_trials(spec, SPACE, number, []) for number in (0, 1))
    assert nothing == []
    assert drawn == next_trials(spec, SPACE, 0, [])
    assert sum(len(trial.settings) for trial in drawn) <= trials
    assert len(pairs(drawn)) == len(drawn)


def test_a_random_search_of_many_trials_looks_everywhere() -> None:
    drawn = next_trials(SearchSpec(algorithm="random", trials=1000), SPACE, 0, [])
    assert pairs(drawn) == {(each, family) for each in SPACE.views for family in SPACE.families}


def scored(trial: Trial) -> list[Candidate]:
    """Candidates that are the better, the nearer they are to layer 4 and strength 1; only ridge is any good."""
    return [
        candidate(
            (0.9 if trial.family == "ridge" else 0.2) - abs(trial.view.top - 4) / 20,
            layer=trial.view.top,
            family=trial.family,
            setting=dict(setting),
        )
        for setting in trial.settings
    ]


def test_an_estimator_looks_more_where_it_went_well() -> None:
    spec = SearchSpec(algorithm="tpe", trials=160)
    tried: list[Candidate] = []
    number = 0
    while trials := next_trials(spec, SPACE, number, tried):
        tried += [each for trial in trials for each in scored(trial)]
        number += 1
    assert number == ROUNDS
    assert len(tried) <= 160
    early, late = tried[:20], tried[-40:]
    assert sum(each.family == "ridge" for each in late) / 40 > 0.6 > sum(each.family == "ridge" for each in early) / 20


def test_an_estimator_proposes_the_same_after_the_same_history() -> None:
    spec, tried = SearchSpec(algorithm="tpe", trials=64), [candidate(0.5, setting={"strength": 0.1}, layer=3)]
    assert next_trials(spec, SPACE, 1, tried) == next_trials(spec, SPACE, 1, tried)
