"""Rows that are nothing special become records all at once: the same records as one by one."""

import csv
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.errors import DataError
from headstart.labels.tables import plain, rows
from headstart.labels.tables.pieces import Piece
from headstart.labels.tables.rows import Layout
from tests.support import reading
from tests.support.reading import Read
from tests.support.steady import STEADY, mostly

_TEXTS = st.text(alphabet="ab é\U0001f600\n\0", max_size=4) | st.sampled_from(["", " ", "-", "+", "nan", "None"])
_LABELS = st.sampled_from(
    ["a", " a ", "b\t", "", "  ", "-", "1", "1.0", "-1", "2.", "nan", "NaN", "True", "['a', 'b']"]
)
_SPLITS = st.sampled_from(["train", " Dev", "TEST", "", "other"])
_GROUPS = st.sampled_from(["", " ", "c", "7"])
_NAMES = ("text", "label", "split", "customer", "pair")
_ROW = st.tuples(_TEXTS, _LABELS, mostly(_SPLITS), _GROUPS, _TEXTS)


def _at_once_and_one_by_one(path: Path, **asked: Any) -> tuple[list[Read], list[Read]]:
    """What a reader gives, and what it gives where each row is looked at."""
    read = []
    for block in (plain.block, lambda piece, layout: (None, range(len(piece.numbers)))):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(plain, "block", block)
            try:
                read.append(sorted(reading.read(path, **asked), key=_place))
            except DataError as error:
                read.append([str(error)])  # type: ignore[list-item]
    return read[0], read[1]


def _place(item: Read) -> tuple[str, int]:
    where, _, number = item.place.rpartition(" ")
    return where, int(number)


def _check(path: Path, **asked: Any) -> None:
    at_once, one_by_one = _at_once_and_one_by_one(path, **asked)
    assert list(map(repr, at_once)) == list(map(repr, one_by_one))


@STEADY
@given(st.lists(_ROW, max_size=8), st.sampled_from([None, "pair"]), st.sampled_from([None, "customer"]))
def test_rows_of_csv_are_the_same_at_once_and_one_by_one(
    tmp_path: Path, cells: list[tuple[str, ...]], pair: str | None, group: str | None
) -> None:
    path = tmp_path / "rows.csv"
    with path.open("w", encoding="utf-8", errors="surrogatepass", newline="") as stream:
        csv.writer(stream).writerows([_NAMES, *cells])
    _check(path, text="text", label="label", group_by=group, **({"pair": pair} if pair else {}))


@STEADY
@given(
    st.lists(
        st.fixed_dictionaries(
            {"text": mostly(_TEXTS), "label": mostly(_LABELS | st.lists(_LABELS, max_size=2) | st.integers(-1, 2))},
            optional={"split": mostly(_SPLITS), "customer": mostly(_GROUPS | st.integers(0, 3)), "pair": _TEXTS},
        ),
        max_size=8,
    ),
    st.sampled_from([None, "customer"]),
)
def test_rows_of_json_lines_are_the_same_at_once_and_one_by_one(
    tmp_path: Path, objects: list[dict[str, Any]], group: str | None
) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps(each) + "\n" for each in objects), encoding="utf-8")
    _check(path, text="text", label="label", group_by=group)


_COLUMNS = {
    pa.string(): st.none() | _LABELS,
    pa.large_string(): st.none() | _LABELS,
    pa.string_view(): st.none() | _LABELS,
    pa.dictionary(pa.int32(), pa.string()): st.none() | _LABELS,
    pa.int64(): st.none() | st.integers(-1, 3),
    pa.float64(): st.none() | st.sampled_from([0.0, 1.0, -1.0, float("nan"), 2.0**60, 1.5]),
    pa.bool_(): st.none() | st.booleans(),
    pa.list_(pa.string()): st.none() | st.lists(_LABELS, max_size=2),
    pa.null(): st.none(),
}


@STEADY
@given(st.data())
def test_rows_of_parquet_are_the_same_at_once_and_one_by_one(tmp_path: Path, data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 8))
    columns = {}
    for name in ("text", "label", "customer", "split"):
        kind = data.draw(st.sampled_from(list(_COLUMNS)))
        values = data.draw(st.lists(_COLUMNS[kind], min_size=count, max_size=count))
        columns[name] = pa.array(values, kind)
    path = tmp_path / "rows.parquet"
    pq.write_table(pa.table(columns), path)
    _check(path, text="text", label="label", group_by=data.draw(st.sampled_from([None, "customer"])))


@pytest.mark.parametrize(
    "labels",
    [
        ["a", "b"],
        [0, 1],
        [1.0, float("nan")],
        [True, None],
        pa.array(["a", "b"]).dictionary_encode(),
        pa.array(["a", "b"], pa.string_view()),
    ],
)
def test_labels_of_any_usual_kind_take_no_look_at_each_row(
    tmp_path: Path, labels: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    pq.write_table(pa.table({"text": ["x", "y"], "label": labels}), tmp_path / "rows.parquet")
    monkeypatch.setattr(rows, "record", None)
    assert len(reading.read(tmp_path / "rows.parquet")) == 2


def test_one_odd_row_does_not_slow_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at: list[int] = []
    record = rows.record

    def looking(piece: Piece, index: int, layout: Layout) -> Read:
        looked_at.append(index)
        return record(piece, index, layout)

    monkeypatch.setattr(rows, "record", looking)
    pq.write_table(pa.table({"text": ["x", None, "z"], "label": ["a", "b", "c"]}), tmp_path / "rows.parquet")
    assert len(reading.read(tmp_path / "rows.parquet")) == 3
    assert looked_at == [1]
