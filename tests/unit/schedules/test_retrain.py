"""Retraining, whole, on the tiny model."""

import json
import os
import shutil
from pathlib import Path

import pytest

from headstart import status
from headstart.compute import InlineCompute
from headstart.digest import canonical_json
from headstart.errors import DataError, HeadstartError
from headstart.evaluation.drift import Drift, Shift
from headstart.registry import Registry
from headstart.schedules import fingerprint, history, lease
from headstart.schedules.retrain import Retrained, check, retrain
from headstart.scoring import score
from headstart.spec import Spec
from headstart.status import Status
from headstart.workspace import Workspace
from tests.support import tiny
from tests.support.inline import Recorder, spec_for

pytestmark = pytest.mark.slow

SHIFT = Shift(what="labels", effect=0.4, chance=0.01, p=0.001, adjusted=0.003)


def again(spec: Spec, force: bool = False, progress: Recorder | None = None) -> Retrained:
    return retrain(spec, force, progress, InlineCompute())


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory, tiny_backbone: Path) -> tuple[Spec, Retrained]:
    folder = tmp_path_factory.mktemp("retrain")
    spec = spec_for(folder, tiny_backbone, tiny.save_export(folder / "messages.csv"), tune={"strategy": "head"})
    return spec, again(spec)


@pytest.fixture
def copied(finished: tuple[Spec, Retrained], tmp_path: Path) -> Spec:
    """The spec of a first retraining with copies of its workspace, registry and export."""
    spec, _ = finished
    shutil.copytree(Path(spec.workspace), tmp_path / "work")
    shutil.copy(str(spec.data.source), tmp_path / "messages.csv")
    said = spec.said() | {"workspace": str(tmp_path / "work"), "data": str(tmp_path / "messages.csv")}
    return Spec.model_validate(said)


def changed(spec: Spec, **sections: object) -> Spec:
    return Spec.model_validate(spec.said() | sections)


def test_the_first_retraining_does_the_job_and_writes_it_down(finished: tuple[Spec, Retrained]) -> None:
    spec, made = finished
    assert made.check.reasons == ("there was no retraining before",)
    assert made.run is not None
    assert made.record is not None
    assert made.record.promoted
    assert made.record.version == "messages@1"
    assert made.record.dataset == made.run.dataset.digest
    assert history.last(Workspace.open(spec.workspace), "messages") == made.record
    assert Registry(spec.registry.uri).aliases("messages") == {"champion": 1}


def test_a_retraining_is_due_until_it_is_done_and_then_counted(finished: tuple[Spec, Retrained], copied: Spec) -> None:
    def told(spec: Spec) -> Status:
        return status.parse("messages", Workspace.open(spec.workspace).store.get(status.key("messages")))

    done = told(finished[0])
    assert (done.due, done.retrainings) == (False, {"first/promoted": 1})
    assert check(copied, force=True).is_due
    assert told(copied).due
    made = again(copied, force=True).record
    assert made is not None
    assert told(copied).retrainings["asked/promoted" if made.promoted else "asked/kept"] == 1
    assert (told(copied).due, told(copied).retrained) == (False, made.at)


def test_a_second_one_finds_nothing_to_do_runs_no_step_and_leaves_a_receipt(copied: Spec) -> None:
    recorder = Recorder()
    made = again(copied, progress=recorder)
    assert (made.run, made.record) == (None, None)
    assert made.check.waiting == ("nothing changed",)
    assert recorder.made == recorder.found == []
    left = json.loads((Path(copied.workspace) / "retrains/messages/checked.json").read_bytes())
    assert left == made.check.said()
    assert Registry(copied.registry.uri).versions("messages") == [1]


def test_force_needs_no_reason(copied: Spec) -> None:
    made = again(copied, force=True)
    assert made.check.reasons == ("it is asked for",)
    assert made.run is not None
    assert made.run.reused


def test_new_labels_are_counted_and_are_a_reason_once_there_are_enough(copied: Spec) -> None:
    tiny.save_export(Path(str(copied.data.source)), rows=130)
    patient = changed(copied, retrain={"new_labels": 11})
    assert check(patient).waiting == ("10 of 11 labels are new, changed or gone",)
    assert check(changed(copied, retrain={"new_labels": 10})).reasons == ("10 labels are new, changed or gone",)


def test_labels_that_changed_or_are_gone_count_like_new_ones(copied: Spec) -> None:
    path = Path(str(copied.data.source))
    head, first, _gone, *rest = path.read_text().splitlines()
    text, _, label = first.rpartition(",")
    other = "refund" if label != "refund" else "login"
    path.write_text("\n".join([head, f"{text},{other}", *rest]) + "\n")  # one label changed, one row gone
    assert check(copied).reasons == ("2 labels are new, changed or gone",)


def test_rows_in_another_order_are_no_reason(copied: Spec) -> None:
    path = Path(str(copied.data.source))
    head, *rest = path.read_text().splitlines()
    path.write_text("\n".join([head, *reversed(rest)]) + "\n")
    assert check(copied).waiting == ("the export differs, but no label does",)


def test_drift_in_the_last_scoring_makes_fewer_labels_enough_and_no_scoring_is_no_drift(
    copied: Spec, finished: tuple[Spec, Retrained], tmp_path: Path
) -> None:
    tiny.save_export(Path(str(copied.data.source)), rows=130)
    watchful = changed(copied, retrain={"new_labels": 100, "drift": str(tmp_path / "scores")})
    waiting = ("10 of 100 labels are new, changed or gone",)
    assert check(watchful).waiting == waiting

    inbox, arguments = tmp_path / "inbox.txt", (str(tmp_path / "scores"), copied.registry.uri, InlineCompute())
    inbox.write_text("".join(f"{text}\n" for text, _ in tiny.texts(rows=200, seed=5) if "parcel" not in text))
    undrifted = score("messages", str(inbox), *arguments)
    assert undrifted.drift is None  # the version was judged on few test rows
    assert check(watchful).waiting == waiting

    found = Drift(old_rows=90, rows=90, shifts=(SHIFT,), labels=(), confidence=(0.9, 0.8))
    receipt = Path(undrifted.out) / "_scores.json"
    receipt.write_bytes(canonical_json(undrifted.model_copy(update={"drift": found}).said()))
    reason = (
        "there is drift in labels (p 0.003) of the texts that were scored last, and 10 labels are new, changed or gone"
    )
    assert check(watchful).reasons == (reason,)
    assert check(changed(watchful, retrain={"new_labels": 100})).waiting == waiting

    os.utime(receipt, (0, 0))  # from before the last retraining
    assert check(watchful).waiting == waiting
    os.utime(receipt)
    receipt.write_bytes(b"{")
    assert check(watchful).waiting == waiting


def test_a_registry_that_lost_the_version_is_a_reason(copied: Spec, tmp_path: Path) -> None:
    moved = changed(copied, registry={"uri": str(tmp_path / "elsewhere")})
    assert "messages@1 is no longer in the registry" in check(moved).reasons


@pytest.mark.parametrize(
    "sections",
    [{"compute": {"workers": 3}}, {"retrain": {"new_labels": 9, "max_age": "9d"}}, {"search": {"trials": 8}}],
)
def test_what_decides_no_result_is_no_part_of_the_fingerprint(copied: Spec, sections: dict[str, object]) -> None:
    same = "search" not in sections  # which left out the heads
    assert (fingerprint.take(changed(copied, **sections)) == fingerprint.take(copied)) == same


def test_a_job_that_failed_is_not_written_down_and_is_due_again(copied: Spec) -> None:
    path = Path(str(copied.data.source))
    rows = path.read_text().splitlines()
    path.write_text("\n".join(rows[:5]) + "\n")
    with pytest.raises(DataError):
        again(copied)
    last = history.last(Workspace.open(copied.workspace), "messages")
    assert last is not None
    assert last.number == 1
    with lease.hold(Workspace.open(copied.workspace).store, "retrain/messages"):
        pass


def test_two_at_once_are_kept_apart(copied: Spec) -> None:
    with (
        lease.hold(Workspace.open(copied.workspace).store, "retrain/messages"),
        pytest.raises(HeadstartError) as refused,
    ):
        again(copied)
    assert refused.value.code == "retrain/locked"


def test_a_record_that_is_written_twice_stands_there_once(finished: tuple[Spec, Retrained], copied: Spec) -> None:
    _, made = finished
    assert made.run is not None
    workspace = Workspace.open(copied.workspace)
    kept = history.record(workspace, made.check, made.run.dataset.digest, made.run.decision, made.run.version)
    assert kept == made.record
    assert len(list(workspace.store.list("retrains/messages/0"))) == 1
