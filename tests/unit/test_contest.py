"""The contest before the test: who is the candidate, and on which rows promises are learned."""

import numpy as np
import pytest

from headstart.compute import InlineCompute
from headstart.contest import calibrate, choose
from headstart.context import Context
from headstart.crossfit import CrossFitted, cross_fitted
from headstart.dataset import Rows
from headstart.evaluation.novelty import Landmarks
from headstart.evaluation.promises import FEWEST
from headstart.predictor import Computed
from headstart.spec import CalibrationSpec, GateSpec
from tests.support.evidence import evidence
from tests.support.exports import in_memory
from tests.unit.heads.test_heads import blobs

SPEC = CalibrationSpec()


def rows(count: int, labels: int = 3) -> Rows:
    names = tuple(f"{number:064x}" for number in range(count))
    return Rows(names, names, np.arange(count) % labels, names)


def outputs(of: Rows, wrong: int = 0, sure: float = 4.0) -> np.ndarray:
    answers = np.where(np.arange(len(of)) < wrong, (of.targets + 1) % 3, of.targets)
    return np.eye(3)[answers] * sure


def computed(of: Rows, wrong: int = 0) -> Computed:
    x = np.eye(3, 8, dtype=np.float32)[of.targets] + np.random.default_rng(0).normal(0, 0.1, (len(of), 8)).astype(
        np.float32
    )
    return Computed(x, outputs(of, wrong))


@pytest.mark.parametrize(
    ("least", "head", "tuned", "chosen"),
    [(0.0, 5, 4, "tuned"), (0.0, 4, 4, "head"), (-0.05, 8, 4, "head"), (-0.05, 12, 4, "tuned"), (0.0, 4, 5, "head")],
)
def test_the_best_on_the_validation_rows_is_chosen_and_where_a_loss_is_welcome_the_cheapest(
    least: float, head: int, tuned: int, chosen: str
) -> None:
    of = rows(100)
    held_out = {"head": outputs(of, head), "tuned": outputs(of, tuned)}
    assert choose(GateSpec(metric="accuracy", min_gain=least), of, held_out, 3) == chosen


def test_on_equal_terms_the_least_log_loss_decides() -> None:
    of = rows(100)
    held_out = {"head": outputs(of, 5, sure=20.0), "tuned": outputs(of, 5, sure=3.0)}
    assert choose(GateSpec(metric="accuracy"), of, held_out, 3) == "tuned"


def test_promises_are_learned_on_validation_rows_else_on_training_rows_else_not_at_all() -> None:
    train, few, many = rows(200), rows(FEWEST - 1), rows(FEWEST)
    landmarks = Landmarks.of(computed(train).features, train.targets)
    cross = CrossFitted(np.arange(200), outputs(train, 10), landmarks.nearness(computed(train).features))
    found = [
        calibrate(SPEC, validation, computed(validation), landmarks, train, known)
        for validation, known in ((many, cross), (few, cross), (few, None))
    ]
    assert [(each.learned_on, each.rows) for each in found] == [
        ("validation", FEWEST), ("cross-validation", 200), ("nothing", 0),
    ]  # fmt: skip
    assert found[2].sets is found[2].abstention is found[2].unusual is None


def test_every_training_row_is_answered_by_a_head_that_does_not_know_it() -> None:
    x, targets = blobs(90, 3, width=8)
    names = tuple(map(str, range(90)))
    head = evidence().head
    head = head.model_copy(update={"chosen": head.chosen.model_copy(update={"setting": {"strength": 1e-6}})})
    on = Context(in_memory(), InlineCompute())
    honest = cross_fitted(x, Rows(names, names, targets, names), head, 3, on, lambda done, total, note: None)
    assert (honest.outputs.argmax(axis=1) == targets).mean() > 0.8
    noise = np.random.default_rng(0).permutation(targets)  # labels that only a head that knows the row could tell
    known = cross_fitted(x, Rows(names, names, noise, names), head, 3, on, lambda done, total, note: None)
    assert (known.outputs.argmax(axis=1) == noise).mean() < 0.6
    assert len(honest.rows) == 90
