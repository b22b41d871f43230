"""The standing version: which of today's test rows it was made from, and how that is known."""

from pathlib import Path

import numpy as np
import pytest

from headstart.champion import SEEN, _fresh, seen_rows, translated
from headstart.dataset import Dataset
from headstart.registry import Registry, Version
from headstart.workspace import Workspace
from tests.support.drafts import draft
from tests.support.exports import csv_file, import_export, lines, maps


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace.open(str(tmp_path / "work"))


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return Registry(tmp_path / "registry")


def published(registry: Registry, workspace: Workspace, of: Dataset, names_rows: bool) -> Version:
    """A version made from a dataset."""
    made = draft(workspace.blobs)
    lineage = made.lineage.model_copy(update={"passport": of.passport.digest})
    files = (*made.files, seen_rows(of, workspace)) if names_rows else made.files
    return registry.publish(made.model_copy(update={"files": files, "lineage": lineage}), workspace.blobs, "tx")


def test_rows_that_a_version_names_are_not_fresh_to_it(
    tmp_path: Path, registry: Registry, workspace: Workspace
) -> None:
    before = import_export(csv_file(tmp_path / "before.csv", maps(lines(80))), workspace)
    version = published(registry, workspace, before, names_rows=True)
    # The same texts in published splits: what trained then judges now.
    rows = [row | {"split": ("train", "validation", "test")[number % 3]} for number, row in enumerate(maps(lines(120)))]
    today = import_export(csv_file(tmp_path / "today.csv", rows), workspace)
    test = today.read(workspace, "test")
    is_fresh, how = _fresh(version, registry, today, test)
    seen = {text for split in ("train", "validation") for text in before.read(workspace, split).texts}  # type: ignore[arg-type]
    assert is_fresh.tolist() == [text not in seen for text in test.texts]
    assert 0 < is_fresh.sum() < len(test)
    assert how == "its list of rows says so"


def test_its_own_test_rows_are_fresh_to_it_whether_it_names_rows_or_not(
    tmp_path: Path, registry: Registry, workspace: Workspace
) -> None:
    dataset = import_export(csv_file(tmp_path / "a.csv", maps(lines(80))), workspace)
    test = dataset.read(workspace, "test")
    for names_rows, how in ((True, "its list of rows says so"), (False, "it was made from the same split")):
        registry = Registry(tmp_path / f"registry-{names_rows}")
        version = published(registry, workspace, dataset, names_rows)
        assert _fresh(version, registry, dataset, test)[0].all()
        assert _fresh(version, registry, dataset, test)[1] == how


def test_of_an_older_version_on_another_split_nothing_is_known_and_that_is_said(
    tmp_path: Path, registry: Registry, workspace: Workspace
) -> None:
    before, today = (
        import_export(csv_file(tmp_path / f"{prefix}.csv", maps(lines(80, prefix=prefix))), workspace)
        for prefix in ("before", "today")
    )
    version = published(registry, workspace, before, names_rows=False)
    is_fresh, how = _fresh(version, registry, today, today.read(workspace, "test"))
    assert is_fresh.all()
    assert how.startswith("unknown")


def test_a_version_answers_with_the_likeliest_of_the_labels_that_are_still_there() -> None:
    found = np.array([[0.1, 0.7, 0.2], [0.5, 0.1, 0.4]], np.float32)
    answers = translated(found, ("refund", "gone", "card"), ("card", "new", "refund"), np.array([0, 1]))
    assert answers.tolist() == [0, 2]


def test_a_version_that_knows_none_of_the_labels_is_right_about_nothing() -> None:
    found, targets = np.ones((4, 2), np.float32), np.array([0, 1, 2, 0])
    answers = translated(found, ("gone", "lost"), ("card", "new", "refund"), targets)
    assert not (answers == targets).any()


def test_eight_bytes_a_row_in_order(tmp_path: Path, workspace: Workspace) -> None:
    dataset = import_export(csv_file(tmp_path / "a.csv", maps(lines(80))), workspace)
    file = seen_rows(dataset, workspace)
    kept = np.frombuffer(workspace.blobs.read(file), ">u8")
    assert file.path == SEEN
    assert len(kept) == dataset.rows("train") + dataset.rows("validation")
    assert (np.diff(kept.astype(np.float64)) > 0).all()
