"""Today's best bet: a way in any case, and no surer than the evidence."""

from dataclasses import replace

import pytest

from headstart.evaluation.betting import SCRATCH, THE_HEAD, TUNED, bet
from headstart.evaluation.deciding import decide
from tests.unit.evaluation.test_deciding import KNOWN, about, short


def test_where_labels_are_called_for_the_likelier_way_is_named_with_its_probability() -> None:
    few = replace(KNOWN, gain=about(0.06, 0.12), better=0.84, rows=40)
    assert decide(few).answer == "label-more-first"
    found = bet(few, decide(few).strategy)
    assert (found.way, found.over, found.probability) == (THE_HEAD, "TF-IDF", 0.84)
    assert str(found) == "the head on frozen features is better than TF-IDF with a probability of 84%"


def test_a_control_that_is_likelier_is_the_bet() -> None:
    found = bet(replace(KNOWN, gain=about(-0.02, 0.1), better=0.3), "head")
    assert (found.way, found.over, found.probability) == ("TF-IDF", THE_HEAD, pytest.approx(0.7))


def test_tuning_is_a_bet_where_a_run_would_tune() -> None:
    known = replace(KNOWN, better=0.6, short=short(about(0.05), about(0.1)))
    tuned = bet(known, "lp-ft")
    assert tuned.way == TUNED
    assert tuned.probability > 0.975  # the interval of its gain lies above zero
    assert bet(known, "head").way == THE_HEAD


def test_where_nothing_is_known_to_tell_the_labels_the_bet_is_against_what_knows_no_text() -> None:
    found = bet(replace(KNOWN, learned=about(0.02, 0.3), tells=0.55, better=0.99), "head")
    assert (found.over, found.probability) == ("the majority class", 0.55)


def test_random_weights_that_do_better_are_the_bet() -> None:
    better = short(about(0.0)).model_copy(update={"scratch_over_head": about(0.1)})
    found = bet(replace(KNOWN, short=better), "head")
    assert (found.way, found.over) == (SCRATCH, THE_HEAD)
    assert found.probability > 0.975


def test_no_bet_is_said_to_be_certain() -> None:
    assert str(bet(replace(KNOWN, better=1.0), "head")).endswith("with a probability of more than 99%")
