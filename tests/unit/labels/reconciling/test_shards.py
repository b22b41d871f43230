"""Rows to files."""

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.labels.reconciling import shards as module
from headstart.labels.reconciling.shards import PLACE, Shards, raw
from headstart.spec import SPLITS
from tests.support import exports
from tests.support.exports import import_export
from tests.support.steady import STEADY

_SCHEMA = pa.schema({"id": pa.binary(32), "text": pa.string(), **PLACE})


def _batch(numbers: list[int]) -> pa.RecordBatch:
    columns = {
        "id": [hashlib.sha256(b"%d" % number).digest() for number in numbers],
        "text": [f"text {number}" for number in numbers],
        "place": ["rows.csv, line"] * len(numbers),
        "number": numbers,
    }
    return pa.RecordBatch.from_pydict(columns, _SCHEMA)


def _written(folder: Path, batches: list[list[int]], size: int) -> list[tuple[int, list[dict[str, Any]], list[str]]]:
    folder.mkdir()
    shards = Shards(folder, _SCHEMA, size)
    for numbers in batches:
        shards.add(_batch(numbers), np.array([number % 3 for number in numbers], np.int8))
    found = []
    for shard, table in shards.close():
        rows, places = pq.read_table(shard.path).to_pylist(), pq.read_table(shard.places).to_pylist()
        assert [row | place for row, place in zip(rows, places, strict=True)] == table.to_pylist()
        found.append((shard.split, rows, [f"{each['place']} {each['number']}" for each in places]))
    return found


@STEADY
@given(st.lists(st.lists(st.integers(0, 400), max_size=9), max_size=9), st.sampled_from([1, 1 << 26, 1 << 40]))
def test_rows_come_by_split_and_then_by_id_each_with_its_place(
    tmp_path_factory: pytest.TempPathFactory, batches: list[list[int]], size: int
) -> None:
    found = _written(tmp_path_factory.mktemp("shards") / "here", batches, size)
    assert [split for split, _, _ in found] == sorted(split for split, _, _ in found)
    for number in range(3):
        rows = [row for split, each, _ in found if split == number for row in each]
        places = [place for split, _, each in found if split == number for place in each]
        wanted = [value for batch in batches for value in batch if value % 3 == number]
        assert sorted(row["text"] for row in rows) == sorted(f"text {value}" for value in wanted)
        assert [row["id"] for row in rows] == sorted(row["id"] for row in rows)
        assert places == [row["text"].replace("text", "rows.csv, line") for row in rows]


def test_every_split_has_a_file_even_if_it_has_no_row(tmp_path: Path) -> None:
    assert [(split, rows) for split, rows, _ in _written(tmp_path / "here", [], 1)] == [(n, []) for n in range(3)]


def test_nothing_else_is_left_in_the_folder(tmp_path: Path) -> None:
    _written(tmp_path / "here", [list(range(300))], 1 << 30)
    assert {path.suffix for path in (tmp_path / "here").iterdir()} == {".parquet"}


@pytest.mark.parametrize("count", [0, 1, 5])
def test_digests_are_read_from_any_part_of_a_column(count: int) -> None:
    ids = _batch(list(range(8)))["id"].slice(2, count)
    assert [bytes(each) for each in raw(ids)] == ids.to_pylist()


def test_neither_the_size_of_shards_nor_the_number_of_writers_decides_anything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = exports.csv_file(tmp_path / "rows.csv", exports.maps(exports.lines(700)))
    whole = import_export(path)
    monkeypatch.setattr(module, "SHARD_BYTES", 1 << 10)
    monkeypatch.setattr(module, "_WRITERS", 1)
    pieces = import_export(path)
    assert len(pieces.files) > 10 * len(whole.files)
    assert pieces.content == whole.content
    assert pieces.passport.rows == whole.passport.rows
    assert [len(whole.files_of(split)) for split in SPLITS] == [1, 1, 1]


def test_the_digest_of_each_splits_rows_is_that_of_its_ids(tmp_path: Path) -> None:
    workspace = exports.in_memory()
    dataset = import_export(exports.csv_file(tmp_path / "rows.csv", exports.maps(exports.lines(90))), workspace)
    for split in SPLITS:
        ids = dataset.table(workspace, split)["id"].to_pylist()
        assert dataset.passport.rows[split] == hashlib.sha256(b"".join(ids)).hexdigest()
        assert ids == sorted(
            hashlib.sha256(text.encode()).digest() for text in dataset.table(workspace, split)["text"].to_pylist()
        )
