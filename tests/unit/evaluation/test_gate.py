"""The gate: who takes over, on which evidence."""

import dataclasses

import numpy as np
import pytest

from headstart.arrays import Outputs, Targets
from headstart.evaluation.decision import CHAMPION, CONTROL, Decision
from headstart.evaluation.gate import Champion, decide
from headstart.evaluation.slices import sliced
from headstart.spec import GateSpec
from tests.support.evidence import COST, FINDINGS, USE, candidate

LABELS = ("a", "b", "c")


def answers(targets: Targets, accuracy: float, seed: int) -> Outputs:
    """Outputs that are right on about this share of the rows."""
    generator = np.random.default_rng(seed)
    wrong = generator.random(len(targets)) >= accuracy
    chosen = np.where(wrong, (targets + generator.integers(1, 3, len(targets))) % 3, targets)
    return np.eye(3)[chosen] * 4


def judged(
    gate: GateSpec,
    targets: Targets,
    mine: Outputs,
    champion: Outputs | None,
    seen: int = 0,
    by: list[str] | None = None,
) -> Decision:
    """The decision on these outputs; the champion has seen the first rows, and ``by`` makes slices."""
    standing = None
    if champion is not None:
        standing = Champion("model@1", champion.argmax(axis=1), np.arange(len(targets)) >= seen, "its list says so")
    control = answers(targets, 0.5, 3).argmax(axis=1)
    asked = {"channel": by} if by else {}
    slices = sliced(gate.metric, targets, mine.argmax(axis=1), len(LABELS), asked, {})
    ours = candidate(len(targets), "ours", "digest")
    return decide(gate, targets, LABELS, {"ours": mine}, control, ours, standing, slices, USE, FINDINGS)


def decided(
    gate: GateSpec, mine: float, champion: float | None, rows: int = 600, seen: int = 0, by: list[str] | None = None
) -> Decision:
    targets = np.random.default_rng(0).integers(0, 3, rows)
    theirs = None if champion is None else answers(targets, champion, 2)
    return judged(gate, targets, answers(targets, mine, 1), theirs, seen, by)


def test_without_a_champion_whoever_reaches_the_floor_is_promoted() -> None:
    assert decided(GateSpec(min=0.7), mine=0.8, champion=None).promote
    rejected = decided(GateSpec(min=0.9), mine=0.8, champion=None)
    assert not rejected.promote
    assert "below the floor of 0.9" in rejected.reason


def test_a_version_is_the_new_champion_or_not_or_the_champion_that_stood() -> None:
    assert decided(GateSpec(min=0.7), mine=0.8, champion=None).standing("model@1", "champion") == "now champion"
    rejected = decided(GateSpec(min=0.0), mine=0.6, champion=0.9)
    assert rejected.standing("model@2", "champion") == "not champion"
    assert rejected.standing("model@1", "champion") == "still champion"  # what was released is the champion's own files


def test_a_clearly_better_model_takes_over_and_a_worse_one_does_not() -> None:
    better, worse = decided(GateSpec(), mine=0.9, champion=0.7), decided(GateSpec(), mine=0.7, champion=0.9)
    assert better.promote
    assert better.gain is not None
    assert better.gain.gain.low > 0
    assert not worse.promote
    assert worse.gain is not None
    assert worse.gain.confidence < 0.001


def test_a_rejection_says_what_gain_the_rows_could_have_shown() -> None:
    decision = decided(GateSpec(), mine=0.81, champion=0.8, rows=100)
    assert not decision.promote
    assert "with 100 test rows, a true gain must be about +0." in decision.reason


def test_a_gain_below_the_least_wanted_does_not_promote() -> None:
    assert decided(GateSpec(metric="accuracy"), mine=0.9, champion=0.8).promote
    assert not decided(GateSpec(metric="accuracy", min_gain=0.2), mine=0.9, champion=0.8).promote


def test_a_model_that_is_not_much_worse_may_take_over_where_the_spec_allows_a_loss() -> None:
    assert decided(GateSpec(metric="accuracy", min_gain=-0.1), mine=0.8, champion=0.8, rows=2000).promote
    assert not decided(GateSpec(metric="accuracy", min_gain=-0.02), mine=0.8, champion=0.8, rows=100).promote


def test_a_champion_that_answers_alike_stays_unless_a_loss_were_welcome() -> None:
    targets = np.random.default_rng(0).integers(0, 3, 400)
    outputs = answers(targets, 0.8, 1)
    decision = judged(GateSpec(), targets, outputs, outputs)
    assert not decision.promote
    assert "as the champion does" in decision.reason
    assert judged(GateSpec(min_gain=-0.05), targets, outputs, outputs).promote


def test_on_too_few_rows_nothing_is_promoted() -> None:
    assert decided(GateSpec(min_rows=50), mine=0.9, champion=None, rows=50).promote
    few = decided(GateSpec(min_rows=50), mine=0.9, champion=None, rows=49)
    assert not few.promote
    assert "49 test rows are fewer than the 50 asked for" in few.reason


def test_labels_that_no_test_row_has_are_named_and_rows_of_one_label_promote_nothing() -> None:
    two = np.arange(300) % 2
    promoted = judged(GateSpec(), two, answers(two, 0.9, 1), None)
    assert promoted.promote
    assert promoted.reason.endswith("; no test row has the label 'c'")
    one = np.ones(300, dtype=np.int64)
    refused = judged(GateSpec(), one, answers(one, 0.9, 1), answers(one, 0.5, 2))
    assert not refused.promote
    assert refused.reason == "all 300 test rows have one label, 'b'; no test row has the labels 'a', 'c'"
    assert "no test row" not in decided(GateSpec(), mine=0.9, champion=None).reason


def test_rows_that_the_champion_was_made_from_do_not_count_in_the_comparison() -> None:
    whole, part = (decided(GateSpec(), mine=0.9, champion=0.7, seen=seen) for seen in (0, 200))
    assert whole.gain is not None
    assert part.gain is not None
    assert part.against is not None
    assert (whole.gain.rows, part.gain.rows, part.against.seen) == (600, 400, 200)
    assert whole.scored("ours") == part.scored("ours")


def test_a_champion_that_has_seen_almost_all_rows_cannot_be_compared() -> None:
    decision = decided(GateSpec(), mine=0.9, champion=0.7, seen=590)
    assert not decision.promote
    assert decision.gain is None
    assert "made from 590 of today's test rows" in decision.reason


def test_a_weak_label_keeps_a_model_out_where_each_label_has_a_floor() -> None:
    targets = np.arange(300) % 3
    weak = np.where((targets == 2) & (np.arange(300) % 2 == 0), 0, targets)
    decision = judged(GateSpec(min_label=0.9), targets, np.eye(3)[weak] * 4, None)
    assert not decision.promote
    assert "of the label 'c' on 100 rows is below the floor of 0.9 for each label; so are 1 more" in decision.reason
    assert judged(GateSpec(min_label=0.5), targets, np.eye(3)[weak] * 4, None).promote


@pytest.mark.parametrize(("rows", "promote"), [(9, True), (10, False)])
def test_a_poor_slice_keeps_a_model_out_once_it_has_rows_enough(rows: int, promote: bool) -> None:
    targets = np.arange(300) % 3
    wrong = np.where(np.arange(300) < rows, (targets + 1) % 3, targets)
    channel = ["mail" if row < rows else "phone" for row in range(300)]
    decision = judged(GateSpec(min_slice=0.5), targets, np.eye(3)[wrong] * 4, None, by=channel)
    assert decision.promote == promote
    if not promote:
        assert "where channel is 'mail', on 10 rows, is below the floor of 0.5 for each slice" in decision.reason


def test_every_contender_stands_on_the_same_rows_with_an_interval() -> None:
    decision = decided(GateSpec(), mine=0.8, champion=0.7)
    assert {each.name for each in decision.contenders} == {"ours", CONTROL, CHAMPION}
    assert decision.test_rows == sum(map(sum, decision.confusion)) == sum(each.rows for each in decision.labels) == 600
    for each in decision.contenders:
        for estimate in each.scores.values():
            assert estimate.low <= estimate.value <= estimate.high
    assert decision.scored(CONTROL).gain is None
    gain = decision.scored("ours").gain
    assert gain is not None
    assert gain.value == pytest.approx(
        decision.scored("ours").scores["macro_f1"].value - decision.scored(CONTROL).scores["macro_f1"].value
    )


def test_the_scores_of_labels_follow_from_the_confusion_matrix() -> None:
    decision = decided(GateSpec(), mine=0.8, champion=None)
    matrix = np.array(decision.confusion)
    for number, each in enumerate(decision.labels):
        assert each.precision.value == pytest.approx(matrix[number, number] / matrix[:, number].sum())
        assert each.recall.value == pytest.approx(matrix[number, number] / matrix[number].sum())
        assert each.f1.low < each.f1.value < each.f1.high


def test_a_decision_is_the_same_value_whenever_it_is_made() -> None:
    first, again = decided(GateSpec(), 0.8, 0.7), decided(GateSpec(), 0.8, 0.7)
    assert first.digest == again.digest
    assert Decision.model_validate_json(first.model_dump_json()) == first


def test_how_long_answers_took_is_no_part_of_what_a_decision_means() -> None:
    targets = np.arange(60) % 3
    quick, slow = (
        decide(
            GateSpec(), targets, LABELS, {"ours": np.eye(3)[targets]}, targets,
            dataclasses.replace(candidate(60, "ours"), cost=COST.model_copy(update={"seconds": seconds})), None, (), USE, FINDINGS,
        )
        for seconds in (1.0, 2.0)
    )  # fmt: skip
    assert quick.digest != slow.digest
    assert quick.identity == slow.identity


def test_the_best_of_many_candidates_is_known_to_look_better_than_it_is() -> None:
    looks = [USE.model_copy(update={"candidates": candidates}).optimism for candidates in (1, 2, 10, 100)]
    assert looks[0] == 0
    assert looks == sorted(looks)
    assert looks[2] == pytest.approx(1.54, abs=0.02)  # the expected largest of ten normal draws


def test_contenders_without_an_error_on_few_rows_are_neither_perfect_nor_equal_for_certain() -> None:
    targets = np.arange(12) % 3
    perfect = np.eye(3)[targets] * 4
    decision = decide(
        GateSpec(), targets, LABELS, {"ours": perfect}, targets, candidate(12, "ours"), None, (), USE, FINDINGS
    )
    for each in decision.contenders:
        assert all(score.high == 1 and score.low < 0.8 for score in each.scores.values())
    gain = decision.scored("ours").gain
    assert gain is not None
    assert gain.low < -0.05 < gain.value == 0 < 0.05 < gain.high
