"""The gate: who takes over, on which evidence, and how often it is wrong."""

import numpy as np
import pytest

from headstart.arrays import Outputs, Targets
from headstart.evaluation.gate import CHAMPION, CONTROL, Decision, decide
from headstart.spec import GateSpec
from tests.support.evidence import NEIGHBOURS

LABELS = ("a", "b", "c")


def answers(targets: Targets, accuracy: float, seed: int) -> Outputs:
    """Outputs that are right on about this share of the rows."""
    generator = np.random.default_rng(seed)
    wrong = generator.random(len(targets)) >= accuracy
    chosen = np.where(wrong, (targets + generator.integers(1, 3, len(targets))) % 3, targets)
    return np.eye(3)[chosen] * 4


def decided(gate: GateSpec, mine: float, champion: float | None, rows: int = 600, seed: int = 0) -> Decision:
    targets = np.random.default_rng(seed).integers(0, 3, rows)
    standing = None if champion is None else ("model@1", answers(targets, champion, seed + 2))
    control = answers(targets, 0.5, seed + 3).argmax(axis=1)
    return decide(
        gate,
        targets,
        LABELS,
        {"ours": answers(targets, mine, seed + 1)},
        control,
        ("ours", "digest"),
        standing,
        NEIGHBOURS,
    )


def test_without_a_champion_whoever_reaches_the_floor_is_promoted() -> None:
    assert decided(GateSpec(min=0.7), mine=0.8, champion=None).promote
    rejected = decided(GateSpec(min=0.9), mine=0.8, champion=None)
    assert not rejected.promote
    assert "below the floor of 0.9" in rejected.reason


def test_a_clearly_better_model_takes_over_and_a_worse_one_does_not() -> None:
    better, worse = decided(GateSpec(), mine=0.9, champion=0.7), decided(GateSpec(), mine=0.7, champion=0.9)
    assert better.promote
    assert better.gain_over_champion is not None
    assert better.gain_over_champion.low > 0
    assert not worse.promote
    assert worse.confidence_of_gain == 0


@pytest.mark.slow
def test_an_equally_good_model_is_wrongly_promoted_no_more_often_than_the_confidence_allows() -> None:
    wrong = sum(
        decided(GateSpec(metric="accuracy"), mine=0.8, champion=0.8, rows=300, seed=seed).promote
        for seed in range(0, 1200, 4)
    )
    assert wrong <= 24  # 5 % of 300 is 15; three binomial standard deviations more


def test_a_gain_below_the_least_wanted_does_not_promote() -> None:
    assert decided(GateSpec(metric="accuracy"), mine=0.9, champion=0.8).promote
    assert not decided(GateSpec(metric="accuracy", min_gain=0.2), mine=0.9, champion=0.8).promote


def test_a_cheaper_model_that_is_not_much_worse_may_take_over_where_the_spec_allows_a_loss() -> None:
    assert decided(GateSpec(metric="accuracy", min_gain=-0.1), mine=0.8, champion=0.8, rows=2000).promote


def test_a_champion_that_answers_alike_stays() -> None:
    targets = np.random.default_rng(0).integers(0, 3, 100)
    outputs = answers(targets, 0.8, 1)
    decision = decide(
        GateSpec(), targets, LABELS, {"ours": outputs}, targets, ("ours", "d"), ("model@1", outputs), NEIGHBOURS
    )
    assert not decision.promote
    assert "as the champion does" in decision.reason


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


def test_a_decision_is_the_same_value_whenever_it_is_made() -> None:
    first, again = decided(GateSpec(), 0.8, 0.7), decided(GateSpec(), 0.8, 0.7)
    assert first.digest == again.digest
    assert Decision.model_validate_json(first.model_dump_json()) == first
