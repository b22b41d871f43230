"""Which candidate wins, and how one is called."""

from headstart.search import winner
from headstart.views import View
from tests.unit.search.candidates import candidate


def test_the_winner_is_the_surest_of_those_that_score_as_well_as_the_best() -> None:
    lucky, sure, weak = candidate(0.90, log_loss=0.8), candidate(0.89, log_loss=0.3), candidate(0.70, log_loss=0.1)
    assert winner([lucky, sure, weak], judged=100) == sure
    assert winner([lucky, sure, weak], judged=1_000_000) == lucky  # with that many rows the difference is real


def test_what_was_not_judged_to_the_end_never_wins() -> None:
    given_up, judged = candidate(0.99, log_loss=0.1, complete=False), candidate(0.6)
    assert winner([given_up, judged], judged=100) == judged


def test_of_equally_good_candidates_the_higher_layer_wins() -> None:
    assert winner([candidate(0.8, layer=2), candidate(0.8, layer=5), candidate(0.8, layer=3)], 100).view.top == 5


def test_a_candidate_says_what_it_is() -> None:
    assert str(candidate(0.8, setting={"strength": 0.31623})) == "ridge (strength 0.316) on layer 1"
    assert str(View(layers=(2, 4, 5), pooling="cls")) == "the mean of layers 2, 4 and 5"
