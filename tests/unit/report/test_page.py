"""The report: complete, self-contained, and deaf to labels that are HTML."""

import dataclasses

import pytest

from headstart.evaluation.estimate import Estimate
from headstart.passport import Leak
from headstart.report import imported
from headstart.report.page import render
from headstart.workspace import Receipt
from tests.support import hard
from tests.support.evidence import evidence, version
from tests.support.pages import assert_is_self_contained, text_of

RECEIPT = Receipt(
    step="evaluate",
    kind="decision",
    digest="d",
    inputs=(),
    seconds=1.5,
    finished="2026-01-02T00:30:05.123+02:00",
    version="0",
)


@pytest.mark.parametrize("labels", [("a", "b"), hard.NAMES, tuple(f"label {number}" for number in range(77))])
@pytest.mark.parametrize("trained", [True, False])
@pytest.mark.parametrize("champion", [True, False])
def test_the_page_nests_and_asks_for_nothing_from_outside(
    labels: tuple[str, ...], trained: bool, champion: bool
) -> None:
    assert_is_self_contained(render(evidence(labels, trained, champion), version()))


def test_a_figure_that_a_contender_does_not_have_leaves_its_cell_empty() -> None:
    assert "''" not in text_of(render(evidence(), version()))


def test_hostile_labels_are_shown_as_text() -> None:
    page = render(evidence(hard.NAMES), version())
    assert "<script" not in page
    assert "<img" not in page
    assert "&lt;script&gt;document.title" in page
    assert "{{ 7 * 7 }}" in page
    assert hard.NAMES[7] in page


def test_the_answer_comes_before_the_evidence() -> None:
    text = text_of(render(evidence(), version()))
    order = [
        "shown, version 3",
        "Promoted to champion",
        "on 40 test rows",
        "Should one transfer?",
        "Which head?",
        "How good is it?",
        "Lineage",
    ]
    places = [text.index(each) for each in order]
    assert places == sorted(places)


def test_every_number_at_the_top_has_its_interval() -> None:
    assert render(evidence(), version()).count("95\u00a0% interval") == 3
    assert render(evidence(champion=True), version()).count("95\u00a0% interval") == 4


def test_the_account_of_the_records_adds_up() -> None:
    page = render(evidence(), version())
    assert "8 records = 6 rows + 1 merged into another row + 1 rejected" in page
    assert "The rows: 2 train, 2 validation, 2 test." in page
    assert "the text is empty" in page


def test_what_the_import_found_is_pointed_to_with_the_digest_of_the_split() -> None:
    made = evidence()
    text = text_of(render(made, version()))
    folder = imported.folder(made.dataset, "shown")
    assert (
        f"The import found no leaks between splits and 1 other thing to look at; its report is {folder}/report.html"
        in text
    )
    assert f"split {made.dataset.passport.digest}" in text


def test_leaks_that_the_import_found_are_counted() -> None:
    made = evidence()
    leak = Leak(kind="group", count=1, of=4, words="groups", examples=())
    passport = made.dataset.passport.model_copy(update={"leaks": (leak,)})
    leaking = dataclasses.replace(made, dataset=made.dataset.model_copy(update={"passport": passport}))
    assert "The import found 1 leak between splits" in text_of(render(leaking, version()))


def test_metrics_and_times_are_written_as_people_write_them() -> None:
    page = render(evidence(), version(), [RECEIPT])
    shown = page.partition("The whole spec")[0]
    assert "macro_f1" not in shown
    assert "published 2026-01-01 00:00:00 UTC" in shown
    assert "2026-01-01 22:30:05 UTC" in shown


def test_the_chosen_head_is_shown_wherever_it_stands() -> None:
    made = evidence()
    better = made.head.chosen.model_copy(update={"score": 0.81, "log_loss": 0.9})
    head = made.head.model_copy(update={"tried": (better,) * 50 + (made.head.chosen,)})
    page = render(dataclasses.replace(made, head=head), version())
    assert page.count("(chosen)") == 1
    assert "The best 12 of 51 by score;" in page


def test_the_gates_floor_is_drawn_where_there_is_one() -> None:
    made = evidence()
    gate = made.decision.gate.model_copy(update={"min": 0.8})
    floored = dataclasses.replace(made, decision=made.decision.model_copy(update={"gate": gate}))
    assert "floor" not in render(made, version())
    assert "dashed: the gate&#39;s floor, 0.8" in render(floored, version())


def test_a_rejected_candidate_is_said_so_with_the_reason() -> None:
    made = evidence()
    decision = made.decision.model_copy(update={"promote": False, "reason": "macro_f1 is below the floor"})
    page = render(dataclasses.replace(made, decision=decision), version())
    assert "Not promoted." in page
    assert "Macro F1 is below the floor." in page.replace("macro F1 is", "Macro F1 is")
    assert "Promoted to" not in page


def test_a_model_that_loses_to_the_bag_of_words_is_called_negative_transfer() -> None:
    assert "Negative transfer" not in render(evidence(control=0.5), version())
    assert "Negative transfer" in render(evidence(labels=tuple("abcdefgh"), control=1.0), version())


def test_a_gain_that_could_be_none_is_not_called_one() -> None:
    made = evidence()
    gain = Estimate(value=0.01, low=-0.02, high=0.04)
    contenders = tuple(
        each.model_copy(update={"gain": gain}) if each.gain else each for each in made.decision.contenders
    )
    unclear = dataclasses.replace(made, decision=made.decision.model_copy(update={"contenders": contenders}))
    assert "No clear gain" in render(unclear, version())
    assert "No clear gain" not in render(evidence(control=0.0), version())


def test_many_labels_get_a_list_of_confusions_instead_of_a_matrix() -> None:
    few, many = (
        render(evidence(), version()),
        render(evidence(tuple(f"label {number}" for number in range(40))), version()),
    )
    assert 'class="matrix"' in few
    assert 'class="matrix"' not in many
    assert "Most frequent confusions" in many


def test_an_untrained_model_has_no_curves() -> None:
    assert "Loss (nats a row)" in render(evidence(trained=True), version())
    assert "Loss (nats a row)" not in render(evidence(trained=False), version())
