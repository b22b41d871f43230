"""What is tried follows from the rows and the budget, and from the machine only where that is far too slow."""

import pytest

from headstart.evaluation.cross_validation import Ground
from headstart.evaluation.short_plan import (
    LEAST_EPOCHS,
    LEAST_ROWS,
    MOST_EPOCHS,
    PATIENCE,
    SPEED,
    Planned,
    RowCost,
    Run,
    plan_runs,
)
from tests.support.assessing import ground_of
from tests.unit.heads.test_heads import blobs


@pytest.fixture(scope="module")
def ground() -> Ground:
    x, targets = blobs(500, 3)
    return ground_of([str(row) for row in range(500)], targets, [x])


def plan(ground: Ground, budget: float, nominal: float, slowness: float = 1.0, cores: int = 2) -> Planned:
    """The plan where a row takes so many seconds on the machine of the budget, and this one is so much slower."""
    return plan_runs(budget, RowCost(nominal * SPEED, nominal * slowness), ground, cores)


def test_machines_of_any_common_speed_and_number_of_cores_try_the_same(ground: Ground) -> None:
    one = plan(ground, 60, 0.03)
    assert 0 < one.rows < 400
    for slowness, cores in ((0.1, 2), (1.9, 2), (3.0, 2), (1.0, 1), (0.5, 96)):
        assert plan(ground, 60, 0.03, slowness, cores) == one


def test_a_machine_that_is_far_too_slow_tries_less_and_says_so(ground: Ground) -> None:
    due, cut = plan(ground, 60, 0.03), plan(ground, 60, 0.03, slowness=2 * PATIENCE)
    assert LEAST_ROWS <= cut.rows < due.rows
    assert due.cut == ""
    assert f"too long for {due.rows} rows" in cut.cut
    assert "this machine takes" in plan(ground, 20, 0.02, slowness=100).why_not


def test_a_budget_that_pays_for_too_few_rows_leaves_short_trainings_out_and_says_so(ground: Ground) -> None:
    poor = plan(ground, 10, 0.2)
    assert poor.runs == ()
    assert f"{LEAST_ROWS} are needed" in poor.why_not


def test_rows_come_first_and_what_is_left_goes_into_epochs(ground: Ground) -> None:
    found = [plan(ground, budget, 0.01) for budget in (10, 20, 30, 60, 600)]
    assert [each.rows for each in found] == sorted(each.rows for each in found)
    assert {each.epochs for each in found if each.rows < 400} == {LEAST_EPOCHS}
    assert LEAST_EPOCHS < found[-2].epochs < found[-1].epochs == MOST_EPOCHS
    assert found[-1].rows == 400
    assert found[-1].runs[0] == Run("pretrained", 0)
