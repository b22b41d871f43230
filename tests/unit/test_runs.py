"""A run: every step once, and only those that something changed for."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from headstart import status
from headstart.errors import HeadstartError
from headstart.origin import run_id
from headstart.registry import Registry
from headstart.runs import Run
from headstart.spec import Spec
from headstart.steps import STEPS
from headstart.workspace import Workspace
from tests.support import tiny
from tests.support.inline import Recorder, run_inline, spec_for

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory, tiny_backbone: Path, tiny_export: Path) -> tuple[Spec, Run]:
    """A run that is done, for tests that only look at it or copy it."""
    spec = spec_for(tmp_path_factory.mktemp("run"), tiny_backbone, tiny_export)
    return spec, run_inline(spec)


@pytest.fixture
def copied(finished: tuple[Spec, Run], tmp_path: Path) -> Iterator[Spec]:
    """The spec of a finished run with a copy of its workspace; its registry is put back after the test."""
    spec, _ = finished
    shutil.copytree(Path(spec.workspace), tmp_path / "work")
    shutil.copytree(Path(spec.registry.uri), tmp_path / "pristine")
    yield spec.model_copy(update={"workspace": str(tmp_path / "work")})
    shutil.rmtree(spec.registry.uri)
    shutil.copytree(tmp_path / "pristine", Path(spec.registry.uri))


def changed(spec: Spec, **sections: object) -> Spec:
    return Spec.model_validate(spec.said() | sections)


def test_a_run_ends_in_a_version_under_the_alias_and_a_report(finished: tuple[Spec, Run]) -> None:
    spec, run = finished
    registry = Registry(spec.registry.uri)
    assert registry.versions("messages") == [1]
    assert registry.aliases("messages") == {"champion": 1}
    lineage = registry.resolve("messages@champion").lineage
    assert lineage.decision == run.decision.digest
    assert (lineage.dataset, lineage.passport) == (run.dataset.content, run.dataset.passport.digest)
    assert "messages, version 1" in Path(run.report).read_text()
    assert list(run.receipts) == list(STEPS)
    assert repr(run) == f"<Run of messages@1, now champion: {run.report}>"
    assert repr(registry) == f"<Registry at {spec.registry.uri}>"


def test_a_run_has_one_id_in_its_status_its_lineage_and_its_folder(finished: tuple[Spec, Run]) -> None:
    spec, run = finished
    found = status.parse("messages", Workspace.open(spec.workspace).store.get(status.key("messages")))
    assert (found.state, found.promoted, found.version) == ("succeeded", True, 1)
    assert list(found.steps) == sorted(STEPS)
    assert found.steps["evaluate"].seconds == run.receipts["evaluate"].seconds
    assert found.run == run_id(spec)
    assert run.version.lineage.runs["folder"] == f"{spec.workspace}/runs/{found.run}"
    assert run.report.endswith(f"/runs/{found.run}/report.html")


def test_a_run_that_is_done_is_not_done_again(copied: Spec) -> None:
    recorder = Recorder()
    again = run_inline(copied, recorder)
    assert recorder.made == []
    assert recorder.found == list(STEPS)
    assert again.reused
    assert Registry(copied.registry.uri).versions("messages") == [1]


@pytest.mark.parametrize(
    ("sections", "made"),
    [
        ({"gate": {"confidence": 0.9}}, ["evaluate"]),
        ({"tune": {"strategy": "lp-ft", "epochs": 2}}, ["fine_tune", "evaluate"]),
        ({"tune": {"strategy": "head"}}, ["fine_tune", "evaluate", "register"]),
        ({"search": {"trials": 4, "heads": ["centroid"]}}, ["search_heads", "fine_tune", "evaluate"]),
    ],
)
def test_a_change_to_the_spec_repeats_the_steps_that_it_decides_and_no_others(
    copied: Spec, sections: dict[str, object], made: list[str]
) -> None:
    recorder = Recorder()
    run_inline(changed(copied, **sections), recorder)
    assert recorder.made[: len(made)] == made
    assert set(recorder.made) <= {*made, "register"}


def test_more_compute_of_the_same_kind_repeats_nothing(copied: Spec) -> None:
    recorder = Recorder()
    run_inline(changed(copied, compute={"max_failures": 7, "cpus_per_worker": 1}), recorder)
    assert recorder.made == []


def test_the_same_rows_in_another_order_and_format_change_nothing_after_the_import(
    copied: Spec, tmp_path: Path
) -> None:
    lines = Path(copied.data.source).read_text().splitlines()  # type: ignore[arg-type]
    shuffled = tmp_path / "shuffled.csv"
    shuffled.write_text("\n".join([lines[0], *lines[:0:-1]]) + "\n")
    recorder = Recorder()
    run_inline(changed(copied, data=str(shuffled)), recorder)
    assert recorder.made == ["import_labels"]


def test_a_search_that_ends_in_the_same_head_repeats_nothing_after_it(copied: Spec) -> None:
    recorder = Recorder()
    run_inline(changed(copied, search={"trials": 8, "heads": ["linear", "ridge"], "budget": "9m"}), recorder)
    assert recorder.made == ["search_heads"]


def test_new_rows_repeat_the_whole_job(copied: Spec, tmp_path: Path) -> None:
    grown = tiny.save_export(tmp_path / "grown.csv", rows=130)
    recorder = Recorder()
    run_inline(changed(copied, data=str(grown)), recorder)
    assert set(STEPS) - set(recorder.made) == {"fetch_backbone"}


def test_a_version_that_vanished_from_the_registry_is_published_again(copied: Spec, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    spec = changed(copied, registry={"uri": str(elsewhere)})
    run_inline(spec)
    shutil.rmtree(elsewhere)
    recorder = Recorder()
    run_inline(spec, recorder)
    assert recorder.made == ["register"]
    assert Registry(str(elsewhere)).aliases("messages") == {"champion": 1}


def test_a_challenger_that_answers_as_the_champion_does_is_not_published_again(copied: Spec) -> None:
    again = run_inline(changed(copied, gate={"min": 0.01}))
    assert not again.decision.promote
    assert again.version.version == 1
    assert Registry(copied.registry.uri).versions("messages") == [1]


def test_a_candidate_below_the_floor_is_published_but_the_alias_stays(copied: Spec, tmp_path: Path) -> None:
    spec = changed(copied, registry={"uri": str(tmp_path / "other")}, gate={"min": 0.999})
    run = run_inline(spec)
    assert not run.decision.promote
    registry = Registry(spec.registry.uri)
    assert registry.versions("messages") == [1]
    assert registry.aliases("messages") == {}


def test_the_head_strategy_shares_the_backbones_bytes(copied: Spec, tmp_path: Path) -> None:
    spec = changed(copied, tune={"strategy": "head"}, registry={"uri": str(tmp_path / "heads")})
    run = run_inline(spec)
    weights = {file.sha256 for file in run.backbone.weights}
    assert weights <= {file.sha256 for file in run.version.files}
    assert run.version.lineage.strategy == "head"


def test_a_second_backbone_is_assessed_and_the_better_one_is_used(
    tmp_path: Path, tiny_backbone: Path, tiny_export: Path
) -> None:
    wide = tiny.save_backbone(tmp_path / "wide-bert", width=128)
    spec = spec_for(
        tmp_path, tiny_backbone, tiny_export, backbones=[str(tiny_backbone), str(wide)], tune={"strategy": "head"}
    )
    run = run_inline(spec)
    assert len(run.verdict.probes) == 2
    best = max(run.verdict.probes, key=lambda probe: probe.score.value)
    assert run.backbone.name == best.name
    assert run.head.backbone == run.backbone.identity


def test_two_backbones_of_one_name_are_told_apart(tmp_path: Path, tiny_backbone: Path, tiny_export: Path) -> None:
    twin = tiny.save_backbone(tmp_path / tiny_backbone.name, width=64)
    spec = spec_for(
        tmp_path, tiny_backbone, tiny_export, backbones=[str(tiny_backbone), str(twin)], tune={"strategy": "head"}
    )
    assert len({probe.name for probe in run_inline(spec).verdict.probes}) == 2


def test_damaged_bytes_in_the_workspace_are_never_used(copied: Spec, finished: tuple[Spec, Run]) -> None:
    _, run = finished
    (train,) = (file for file in run.dataset.files if file.path == "train-00000-of-00001.parquet")
    blob = Path(copied.workspace) / train.blob
    blob.write_bytes(blob.read_bytes()[:-1] + b"!")
    with pytest.raises(HeadstartError) as caught:
        run_inline(changed(copied, search={"trials": 3}))
    assert caught.value.code == "integrity/digest"
