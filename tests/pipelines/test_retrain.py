"""The pipelines on a schedule, whole, under kfp's local runner: each branch of the check and of the gate, and failures."""

import json
import re
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest

pytest.importorskip("kfp")

from headstart.registry import Registry
from headstart.schedules import history
from headstart.spec import Spec
from headstart.steps import STEPS
from headstart.workspace import Workspace
from tests.support import tiny
from tests.support.inline import run_inline, spec_for
from tests.support.kubeflow_runs import artifacts, kill_when, output_of, run_locally, said, steps_of
from tests.support.webhook import webhook

TASKS = sorted(step.replace("_", "-") for step in STEPS)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory, tiny_backbone: Path) -> Spec:
    """The spec of a job that was done before there was a schedule: its steps are found, so that the tests are quick."""
    folder = tmp_path_factory.mktemp("scheduled")
    spec = spec_for(folder, tiny_backbone, tiny.save_export(folder / "messages.csv"), tune={"strategy": "head"})
    run_inline(spec)
    return spec


@pytest.fixture
def copied(finished: Spec, tmp_path: Path) -> Spec:
    """The spec with a copy of the workspace and a registry without a champion."""
    shutil.copytree(Path(finished.workspace), tmp_path / "work")
    said = finished.said() | {"workspace": str(tmp_path / "work"), "registry": {"uri": str(tmp_path / "registry")}}
    return Spec.model_validate(said)


def changed(spec: Spec, **sections: object) -> Spec:
    return Spec.model_validate(spec.said() | sections)


def retrain(spec: Spec, folder: Path, hook: str, **parameters: object) -> tuple[int, list[str], str]:
    """The exit status of the pipeline, the tasks that it started, and what it printed."""
    folder.mkdir()
    told = {"HEADSTART_NOTIFY_URL": hook, "HEADSTART_ALLOW_PRIVATE_HOSTS": "127.0.0.1"}
    result = run_locally("retrain", folder, told, spec=spec.to_json(), **parameters)
    return result.returncode, steps_of(folder, "retrain"), said(result)


def test_a_schedule_promotes_then_finds_nothing_to_do_then_keeps_the_champion_and_tells_each_time(
    copied: Spec, tmp_path: Path
) -> None:
    workspace = Workspace.open(copied.workspace)
    with webhook() as hook:
        status, tasks, told = retrain(copied, tmp_path / "first", hook.url)
        assert status == 0, told
        assert tasks == sorted([*TASKS, "check-retrain", "record-retraining", "notify"])
        first = history.last(workspace, "messages")
        assert first is not None
        assert (first.version, first.promoted) == ("messages@1", True)

        status, tasks, told = retrain(copied, tmp_path / "second", hook.url)
        assert status == 0, told
        assert tasks == ["check-retrain", "notify"]
        (summary,) = (tmp_path / "second/outputs").glob("retrain-*/check-retrain/summary")
        assert summary.read_text() == "# Nothing to do\n\n- nothing changed"

        strict = changed(copied, gate={"min": 1.0, "min_gain": 0.5})
        status, tasks, told = retrain(strict, tmp_path / "third", hook.url)
        assert status == 0, told
        assert "record-retraining" in tasks
        third = history.last(workspace, "messages")
        assert third is not None
        assert (third.number, third.promoted, third.reasons) == (2, False, ("the spec changed",))
        assert Registry(copied.registry.uri).aliases("messages") == {"champion": 1}

        assert [each["text"] for each in hook.heard] == [
            "messages: messages@1, now champion. Retrained because there was no retraining before.",
            "messages: nothing to do: nothing changed.",
            f"messages: {third.version}, not champion. Retrained because the spec changed.",
        ]
        assert hook.url not in told


def test_a_step_that_fails_ends_the_job_and_is_told_counted_and_not_recorded(copied: Spec, tmp_path: Path) -> None:
    broken = changed(copied, search={"layers": [99]})
    with webhook() as hook:
        status, tasks, told = retrain(broken, tmp_path / "broken", hook.url)
    assert status != 0
    assert "search-heads" in tasks, told
    assert "fine-tune" not in tasks
    assert "notify" in tasks
    said = hook.heard[0]["text"]
    assert said.startswith("messages: the retraining failed.")
    assert re.search(r"The newest work \(search_heads, 2.*\) failed with backbone/layer\.$", said), said
    assert json.loads((Path(copied.workspace) / "retrains/messages/failures.json").read_bytes()) == {"in_a_row": 1}
    assert history.last(Workspace.open(copied.workspace), "messages") is None


def test_a_retraining_that_was_killed_is_finished_by_the_next_from_where_it_stopped(
    copied: Spec, tmp_path: Path
) -> None:
    for step in ("evaluate", "register"):  # these are left to do, and the kill comes before the first of them is done
        shutil.rmtree(Path(copied.workspace) / "steps" / step)
    first = tmp_path / "killed"
    kill_when(first / "outputs", "retrain-*/evaluate", "retrain", first, spec=copied.to_json())
    workspace = Workspace.open(copied.workspace)
    assert history.last(workspace, "messages") is None
    with webhook() as hook:
        status, tasks, told = retrain(copied, tmp_path / "again", hook.url)
    assert status == 0, told
    assert tasks == sorted([*TASKS, "check-retrain", "record-retraining", "notify"])
    last = history.last(workspace, "messages")
    assert last is not None
    assert (last.number, last.version) == (1, "messages@1")
    assert Registry(copied.registry.uri).versions("messages") == [1]
    assert len(hook.heard) == 1


def test_a_scoring_that_was_killed_goes_on_with_the_files_that_are_missing(finished: Spec, tmp_path: Path) -> None:
    inbox, out = tmp_path / "inbox", tmp_path / "scores"
    inbox.mkdir()
    for number in range(40):
        tiny.save_export(inbox / f"{number:02d}.csv", rows=20 + number)
    given = {
        "model": "messages@1",
        "source": str(inbox),
        "registry": finished.registry.uri,
        "out": str(out),
        "shadow": "",
    }
    kill_when(out, "*/part-00001-*", "score", tmp_path / "killed", **given)
    (folder,) = out.iterdir()
    assert not (folder / "_scores.json").exists()
    before = {path.name: path.stat().st_mtime_ns for path in folder.glob("part-*")}
    (tmp_path / "again").mkdir()
    assert output_of(run_locally("score", tmp_path / "again", **given)) == str(folder)
    after = {path.name: path.stat().st_mtime_ns for path in folder.glob("part-*")}
    assert len(after) == 40
    assert before.items() <= after.items()
    assert pq.read_table(folder).num_rows == sum(20 + number for number in range(40))


def test_an_assessment_ends_in_a_verdict(copied: Spec, tmp_path: Path) -> None:
    digest = output_of(run_locally("assess", tmp_path, spec=copied.to_json()))
    assert Workspace.open(copied.workspace).store.stat(f"values/verdict/{digest}.json")
    assert Registry(copied.registry.uri).versions("messages") == []


def test_a_prefix_is_scored_to_parquet_and_the_ui_shows_how_many_of_each_label(finished: Spec, tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    for number in range(2):
        tiny.save_export(inbox / f"{number}.csv", rows=20 + number)
    out = output_of(
        run_locally(
            "score",
            tmp_path,
            model="messages@champion",
            source=str(inbox),
            registry=finished.registry.uri,
            out=str(tmp_path / "scores"),
        )
    )
    answers = pq.read_table(out, columns=["source", "label"]).to_pylist()
    assert len(answers) == 41
    shown = artifacts(tmp_path, "score", "batch-score")
    assert shown["scores"]["metadata"]["model"] == "messages@1"
    assert shown["metrics"]["metadata"]["rows"] == 41
    (report,) = (tmp_path / "outputs").glob("score-*/batch-score/report")
    assert report.read_bytes() == (Path(out) / "_report.html").read_bytes()
    (summary,) = (tmp_path / "outputs").glob("score-*/batch-score/summary")
    assert summary.read_text().startswith("# 41 rows by messages version 1\n")
