"""Assessing transfer, whole, with real networks: what the short trainings say, and what the budget leaves out."""

from pathlib import Path

import numpy as np
import pytest

from headstart import steps
from headstart.compute import InlineCompute
from headstart.context import Context
from headstart.evaluation.verdict import Verdict
from headstart.short_training import LEAST_ROWS, SCRATCH, TUNED, Run, plan_runs
from headstart.spec import AssessSpec
from headstart.workspace import Workspace
from tests.support.assessing import ground_of
from tests.support.inline import spec_for
from tests.unit.heads.test_heads import blobs


def assessed(folder: Path, backbone: Path, export: Path, **changes: object) -> Verdict:
    spec = spec_for(folder, backbone, export, **changes)
    on = Context(Workspace.open(spec.workspace), InlineCompute())
    return steps.assess_transfer(spec, steps.import_labels(spec, on), steps.fetch_backbone(spec, on), on)


@pytest.fixture(scope="module")
def verdict(tmp_path_factory: pytest.TempPathFactory, tiny_backbone: Path, tiny_export: Path) -> Verdict:
    return assessed(tmp_path_factory.mktemp("assessed"), tiny_backbone, tiny_export)


def test_words_that_tell_all_beat_random_features(verdict: Verdict) -> None:
    assert verdict.answer == "do-not-transfer"
    assert verdict.best_control.name == "TF-IDF and logistic regression"


def test_every_layer_is_looked_at(verdict: Verdict) -> None:
    assert [each.layer for each in verdict.layers] == [0, 1, 2]
    assert sum(each.chosen for each in verdict.layers) == pytest.approx(1)


def test_short_trainings_stand_beside_the_head_and_the_control_of_the_same_rows(verdict: Verdict) -> None:
    short = verdict.short
    assert short is not None
    assert (short.runs, short.scratch_runs) == (TUNED, SCRATCH)
    gain = short.tuned.value - short.head.value
    assert short.tuned_over_head.value == pytest.approx(gain, abs=1e-6)
    assert short.tuned_over_head.low < gain < short.tuned_over_head.high


def test_the_same_assessment_has_the_same_identity(
    verdict: Verdict, tmp_path: Path, tiny_backbone: Path, tiny_export: Path
) -> None:
    assert assessed(tmp_path, tiny_backbone, tiny_export).identity == verdict.identity


def test_the_target_is_the_gates_floor_unless_another_is_named(
    tmp_path: Path, tiny_backbone: Path, tiny_export: Path
) -> None:
    few: dict[str, object] = {"assess": {"budget": "1s"}, "gate": {"min": 0.5}}
    by_gate = assessed(tmp_path, tiny_backbone, tiny_export, **few)
    named = assessed(tmp_path, tiny_backbone, tiny_export, gate={"min": 0.5}, assess={"budget": "1s", "target": 0.75})
    for found, target in ((by_gate, 0.5), (named, 0.75)):
        assert found.curve.needed is None or found.curve.needed.target == target


def test_a_budget_that_pays_for_too_few_rows_leaves_short_trainings_out_and_says_so() -> None:
    x, targets = blobs(500, 3)
    ground = ground_of([str(row) for row in range(500)], targets, [x])
    poor, rich = plan_runs(10, 0.2, ground, 2), plan_runs(60, 0.01, ground, 2)
    assert poor.runs == ()
    assert f"{LEAST_ROWS} are needed" in poor.why_not
    assert rich.rows == 400
    assert rich.runs[0] == Run("pretrained", 0)
    assert plan_runs(60, 0.03, ground, 2).rows < plan_runs(60, 0.03, ground, 8).rows


def test_the_budget_grows_with_the_rows_up_to_a_minute() -> None:
    assert [AssessSpec().budget_seconds(rows) for rows in (10, 600, 10_000)] == [20, 40, 60]
    assert AssessSpec(budget="2m").budget_seconds(10) == 120


def test_rows_beyond_the_most_are_sampled(
    tmp_path: Path, tiny_backbone: Path, tiny_export: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("headstart.assess.MOST_ROWS", 60)
    found = assessed(tmp_path, tiny_backbone, tiny_export, assess={"budget": "1s"})
    assert (found.rows, found.of > 60) == (60, True)
    assert sum(each.rows for each in found.labels) == 60
    assert np.ptp([each.rows for each in found.labels]) <= 2
