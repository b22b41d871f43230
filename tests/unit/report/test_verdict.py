"""The verdict in words: the answer first, the same evidence on the terminal, in Markdown and on the page."""

import pytest

from headstart.evaluation.estimate import Estimate
from headstart.evaluation.learning_curve import learning_curve, sizes
from headstart.evaluation.verdict import ANSWERS, Bet
from headstart.report import verdict as verdicts
from headstart.report.curve import curve_plot
from tests.support import hard
from tests.support.verdicts import CURVE, SHORT, verdict

TITLES = (
    "Does transfer pay?",
    "Does tuning pay?",
    "Would more labels help?",
    "Which layer?",
    "What does each way cost?",
)


@pytest.mark.parametrize("answer", ANSWERS)
def test_the_answer_comes_first(answer: str) -> None:
    made = verdict(answer=answer)
    assert verdicts.text(made).startswith(f"{ANSWERS[made.answer]}: ")
    assert verdicts.markdown(made).startswith(f"## {ANSWERS[made.answer]}\n")


def test_terminal_and_markdown_hold_the_same_parts_in_the_same_order() -> None:
    for written in (verdicts.text(verdict()), verdicts.markdown(verdict())):
        places = [written.index(title) for title in TITLES]
        assert places == sorted(places)


def test_negative_transfer_is_named() -> None:
    assert "Negative transfer" in verdicts.text(verdict(negative_transfer=True))
    assert "Negative transfer" not in verdicts.text(verdict())


@pytest.mark.parametrize("answer", ["label-more-first", "cannot-tell"])
def test_who_is_told_to_wait_is_told_the_best_bet_until_then(answer: str) -> None:
    bet = Bet(way="the head on frozen features", over="TF-IDF", probability=0.87)
    made = verdict(answer=answer, bet=bet)
    told = "the head on frozen features is better than TF-IDF with a probability of 87%"
    for written in (verdicts.text(made), verdicts.markdown(made), made.summary()):
        assert told in written
    assert f"this is the best bet: {told}." in verdicts.text(made)
    assert made.said()["bet"]["probability"] == 0.87


def test_a_bet_on_what_may_be_chance_is_not_one_to_rely_on() -> None:
    bet = Bet(way="the head on frozen features", over="guessing by frequency", probability=0.6)
    learned = Estimate(value=0.02, low=-0.2, high=0.24)
    written = verdicts.text(verdict(answer="label-more-first", bet=bet, learned=learned))
    assert "nothing can be relied on" in written
    assert "best bet" not in written


def test_trainings_that_were_left_out_are_said_to_be() -> None:
    written = verdicts.text(verdict(short=None, not_tuned="there was no time", strategy=None))
    assert "It was not tried: there was no time." in written
    assert str(SHORT.tuned) in verdicts.text(verdict())


def test_what_cannot_be_told_has_no_number() -> None:
    poor = learning_curve(20, {10: [0.5, 0.6], 20: [0.6, 0.7]}, 0.9)
    assert "Cannot tell what more labels bring" in verdicts.text(verdict(curve=poor))
    far = learning_curve(9000, {size: [0.9 - size**-0.5] * 3 for size in sizes(400, 2)}, 0.899)
    written = verdicts.text(verdict(curve=far))
    assert "Cannot tell what twice the labels bring" in written
    assert "Cannot tell how many rows reach 0.899" in written


def test_hostile_names_are_escaped_in_markdown() -> None:
    written = verdicts.markdown(verdict(hard.NAMES, backbone_name=hard.NAMES[0]))
    assert "<script" not in written.replace("\\<script", "")
    for line in written.splitlines():
        if line.startswith("| "):
            assert line.replace("\\|", "").count("|") in (3, 4, 6)


@pytest.mark.parametrize("curve", [CURVE, learning_curve(20, {10: [0.5, 0.6], 20: [0.6, 0.7]}, None)])
def test_the_curve_is_drawn_inside_its_picture(curve: object) -> None:
    plot = curve_plot(curve, "macro F1")  # type: ignore[arg-type]
    for each in plot.points:
        assert plot.left <= each.x <= plot.right
        assert plot.top <= each.high <= each.y <= each.low <= plot.bottom
    assert [each.x for each in plot.points] == sorted(each.x for each in plot.points)
    assert plot.left <= plot.today <= plot.right
    for pair in (plot.fit + " " + plot.band).split():
        x, y = map(float, pair.split(","))
        assert plot.left <= x <= plot.right
        assert plot.top <= y <= plot.bottom
