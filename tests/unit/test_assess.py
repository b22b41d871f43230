"""Assessing transfer, whole, with real networks: what the short trainings say, and what the budget leaves out."""

from pathlib import Path

import numpy as np
import pytest

from headstart import steps
from headstart.compute import InlineCompute
from headstart.context import Context
from headstart.evaluation.short_plan import SCRATCH, TUNED
from headstart.evaluation.verdict import Verdict
from headstart.spec import AssessSpec
from headstart.workspace import Workspace
from tests.support.inline import spec_for

pytestmark = pytest.mark.slow

TRYING: dict[str, object] = {"assess": {"budget": "20s"}}


def assessed(folder: Path, backbone: Path, export: Path, **changes: object) -> Verdict:
    spec = spec_for(folder, backbone, export, **changes)
    on = Context(Workspace.open(spec.workspace), InlineCompute())
    return steps.assess_transfer(spec, steps.import_labels(spec, on), steps.fetch_backbone(spec, on), on)


@pytest.fixture(scope="module")
def verdict(tmp_path_factory: pytest.TempPathFactory, tiny_backbone: Path, tiny_export: Path) -> Verdict:
    return assessed(tmp_path_factory.mktemp("assessed"), tiny_backbone, tiny_export, **TRYING)


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
    assert assessed(tmp_path, tiny_backbone, tiny_export, **TRYING).identity == verdict.identity


def test_the_target_is_the_gates_floor_unless_another_is_named(
    tmp_path: Path, tiny_backbone: Path, tiny_export: Path
) -> None:
    by_gate = assessed(tmp_path, tiny_backbone, tiny_export, gate={"min": 0.5})
    named = assessed(tmp_path, tiny_backbone, tiny_export, gate={"min": 0.5}, assess={"budget": "1s", "target": 0.75})
    for found, target in ((by_gate, 0.5), (named, 0.75)):
        assert found.curve.needed is None or found.curve.needed.target == target


def test_the_budget_grows_with_the_rows_up_to_a_minute() -> None:
    assert [AssessSpec().budget_seconds(rows) for rows in (10, 600, 10_000)] == [20, 40, 60]
    assert AssessSpec(budget="2m").budget_seconds(10) == 120


def test_rows_beyond_the_most_are_sampled(
    tmp_path: Path, tiny_backbone: Path, tiny_export: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("headstart.assess.MOST_ROWS", 60)
    found = assessed(tmp_path, tiny_backbone, tiny_export)
    assert (found.rows, found.of > 60) == (60, True)
    assert sum(each.rows for each in found.labels) == 60
    assert np.ptp([each.rows for each in found.labels]) <= 2
