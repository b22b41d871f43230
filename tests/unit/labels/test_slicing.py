"""Fields that make slices: read for the test rows, in their order, whatever format they come in."""

from pathlib import Path

import pytest

from headstart.dataset import Dataset
from headstart.errors import DataError
from headstart.importing import import_dataset
from headstart.labels.sources import source
from headstart.spec import DataSpec
from headstart.workspace import Workspace
from tests.support.exports import csv_file, import_export, in_memory, jsonl_file

ROWS = [
    {"text": f"message {number}", "label": f"label{number % 2}", "channel": ("mail", "phone", "")[number % 3]}
    for number in range(90)
]


def imported(path: Path, workspace: Workspace, slices: tuple[str, ...]) -> Dataset:
    spec = DataSpec.model_validate({"source": str(path)})
    with source.gather(spec) as files:
        return import_dataset(spec, "auto", files, workspace, slices=slices)


@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
def test_each_test_row_has_what_the_export_says_of_it(tmp_path: Path, suffix: str) -> None:
    workspace = in_memory()
    path = {"csv": csv_file, "jsonl": jsonl_file}[suffix](tmp_path / f"export.{suffix}", ROWS)
    dataset = imported(path, workspace, ("channel",))
    texts = dataset.table(workspace, "test")["text"].to_pylist()
    said = {row["text"]: row["channel"] or None for row in ROWS}
    assert dataset.test_fields(workspace) == {"channel": [said[text] for text in texts]}
    assert {"mail", "phone", None} == set(dataset.test_fields(workspace)["channel"])


def test_fields_change_nothing_that_the_rows_say(tmp_path: Path) -> None:
    path = csv_file(tmp_path / "export.csv", ROWS)
    workspace = in_memory()
    plain, sliced = (imported(path, workspace, slices) for slices in ((), ("channel",)))
    assert (plain.content, plain.passport, plain.sizes) == (sliced.content, sliced.passport, sliced.sizes)
    assert plain.test_fields(workspace) == {}
    assert plain.digest == import_export(path, workspace).digest


def test_a_field_that_is_not_there_is_named_with_the_key_that_asks_for_it(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"gate\.slices: there is no field 'chanel'") as caught:
        imported(csv_file(tmp_path / "export.csv", ROWS), in_memory(), ("chanel",))
    assert caught.value.code == "data/unknown-field"
