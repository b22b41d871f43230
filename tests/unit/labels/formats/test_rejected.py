"""Rejected records that a person has mended, from the file that an import writes."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.errors import HeadstartError
from headstart.labels.detect import detect
from headstart.labels.reconciling.rejects import Rejects
from headstart.labels.records import Kind, Record, Reject, Span, Vote
from headstart.labels.sources.files import SourceFile
from tests.support import exports
from tests.support.labeled_images import read as read_images
from tests.support.labeled_images import source
from tests.support.pictures import picture
from tests.support.reading import lines_file, opened, read, read_bytes, records, said, taken
from tests.support.steady import ANYTHING, STEADY, damaged, mostly


def written(path: Path, records_: Sequence[Record] = (), rejects: Sequence[Reject] = (), kind: Kind = "names") -> Path:
    """The file that an import writes of these."""
    with Rejects(path) as file:
        for reject in rejects:
            file.add(reject, kind)
        for record in records_:
            file.add_record(record, kind, "tie", hint="a")
    return path


def mended(path: Path, *changes: dict[str, Any], **asked: Any) -> list[object]:
    """What is read after a person has changed the lines."""
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    for line, change in zip(lines, changes, strict=True):
        line |= change
    return said(read(lines_file(path, lines), **asked))


def test_the_file_is_told_by_its_lines_whatever_it_is_called(tmp_path: Path) -> None:
    path = written(tmp_path / "mine.txt", rejects=[Reject("rows.csv, line 2", "no-text", {"a": 1})])
    assert detect(SourceFile(path, "mine.txt"), "auto") == ("rejected", "its lines say why a record was rejected")


def test_a_mended_line_is_a_record_and_another_one_is_rejected_again(tmp_path: Path) -> None:
    rejects = [
        Reject("rows.csv, line 2", "wrong-columns", ["hello", "a", "b"]),
        Reject("rows.csv, line 3", "no-text", {}),
    ]
    path = written(tmp_path / "rejected.jsonl", rejects=rejects)
    assert mended(path, {"text": "hello", "label": "a"}, {}) == [("hello", (("a",),)), "no-text"]


@pytest.mark.parametrize("label", ["a", ["a"], ["a", "b"], [], 3, True])
def test_a_mended_label_is_what_a_table_could_hold(tmp_path: Path, label: Any) -> None:
    path = written(tmp_path / "rejected.jsonl", rejects=[Reject("rows.csv, line 2", "no-text", {})])
    names = tuple(map(str, label if isinstance(label, list) else [label]))
    assert mended(path, {"text": "hello", "label": label}) == [("hello", (names,))]


def test_a_mended_label_stands_for_all_that_annotators_said(tmp_path: Path) -> None:
    record = Record("tasks.json, task 1", "hello", (Vote(("a",), "bo"), Vote(("b",), "al")))
    path = written(tmp_path / "rejected.jsonl", [record])
    assert mended(path, {}) == [("hello", (("a",), ("b",)))]
    assert mended(path, {"label": "b"}) == [("hello", (("b",),))]


_TEXT = st.text(alphabet="ab é\U0001f600\n", max_size=5)
_BY = st.none() | st.sampled_from(["bo", "al"])
_NAMES = st.lists(st.sampled_from(["a", "b", "1"]), max_size=2, unique=True).map(tuple)
_SPANS = st.lists(
    st.builds(Span, st.integers(0, 3), st.integers(0, 5), st.sampled_from("xy")), max_size=2, unique=True
).map(tuple)
_NUMBERS = st.floats(-9, 9).map(lambda number: round(number, 2))


@STEADY
@given(st.data(), st.sampled_from(["names", "spans", "number"]))
def test_what_nobody_mended_is_read_as_it_was(tmp_path: Path, data: st.DataObject, kind: Kind) -> None:
    value = {"names": _NAMES, "spans": _SPANS, "number": _NUMBERS}[kind]
    votes = st.lists(st.builds(Vote, value, _BY), max_size=3).map(tuple)
    optional = {
        "split": st.sampled_from(["train", "test"]),
        "group": _TEXT,
        "pair": _TEXT,
        "time": st.integers(0, 10**9).map(float),
    }
    made = [
        Record(
            "x, line 1",
            data.draw(_TEXT),
            data.draw(votes),
            **{name: data.draw(st.none() | each) for name, each in optional.items()},
        )
        for _ in range(data.draw(st.integers(1, 3)))
    ]
    reading = opened(written(tmp_path / "rejected.jsonl", made, kind=kind))
    found = records(taken(reading))
    assert reading.kind == kind
    assert [_known(record) for record in found] == [_known(record) for record in made]


def _known(record: Record) -> tuple[object, ...]:
    """What an import writes of a record: of several votes that say the same it is one, without who said it."""
    votes = record.votes[:1] if len({vote.value for vote in record.votes}) == 1 else record.votes
    said_by = [(vote.value, vote.by if len(votes) > 1 else None) for vote in votes]
    return record.text, said_by, record.split, record.group, record.pair, record.time


def test_a_mended_image_is_the_one_that_the_line_names(tmp_path: Path) -> None:
    (tmp_path / "right.png").write_bytes(picture())
    lines = [
        {"place": "a", "reason": "no-image", "why": "", "text": "wrong.png", "image": image, "label": "cat"}
        for image in ("right.png", "wrong.png", 3)
    ]
    found = read_images(source(lines_file(tmp_path / "rejected.jsonl", lines)), "rejected")
    assert said(found) == [("right.png", (("cat",),)), "no-image", "no-image"]
    assert records(found[:1])[0].image == picture()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"text": 5}, "no-text"),
        ({"pair": 5}, "no-text"),
        ({"group": 5}, "no-text"),
        ({"label": {"a": 1}}, "bad-label"),
        ({"label": 0.5}, "bad-label"),
        ({"label": None, "votes": [{"by": "bo", "label": {}}]}, "bad-label"),
        ({"label": None, "votes": ["a"]}, "bad-label"),
        ({"text": "half \ud83d"}, "broken-unicode"),
        ({"label": "half \ud83d"}, "broken-unicode"),
        ({"label": None, "votes": [{"by": "half \ud83d", "label": "a"}]}, "broken-unicode"),
        ({"split": "holdout"}, "unknown-split"),
        ({"time": "soon"}, "bad-time"),
    ],
)
def test_what_was_mended_wrongly_is_rejected(tmp_path: Path, change: dict[str, Any], reason: str) -> None:
    path = written(tmp_path / "rejected.jsonl", [Record("x, line 1", "hello", (Vote(("a",)),))] * 2)
    assert mended(path, {}, change) == [("hello", (("a",),)), reason]


def test_a_time_may_be_mended_as_people_write_it(tmp_path: Path) -> None:
    path = written(tmp_path / "rejected.jsonl", rejects=[Reject("x", "bad-time", {})])
    mended(path, {"text": "hello", "label": "a", "time": "2024-01-02"})
    assert [record.time for record in records(read(path))] == [1704153600.0]


def test_the_task_tells_what_labels_are(tmp_path: Path) -> None:
    path = written(tmp_path / "rejected.jsonl", rejects=[Reject("x", "no-text", {})])
    assert mended(path, {"text": "hello", "label": "3"}, task="regression") == [("hello", (3.0,))]


def test_what_an_import_rejects_can_be_mended_and_imported_again(tmp_path: Path) -> None:
    rows = [*exports.maps(exports.lines()), {"text": "both", "label": "label0"}, {"text": "both", "label": "label1"}]
    workspace = exports.in_memory()
    first = exports.import_export(exports.csv_file(tmp_path / "rows.csv", rows), workspace)
    assert first.reconciliation.rejects
    content = workspace.blobs.read(first.reconciliation.rejects).decode()
    entries = [json.loads(line) | {"label": "label1"} for line in content.splitlines()]
    lines_file(tmp_path / "rejected.jsonl", entries)
    second = exports.import_export([str(tmp_path / "rows.csv"), str(tmp_path / "rejected.jsonl")], workspace)
    assert second.reconciliation.adds_up()
    assert second.reconciliation.records == 64


@STEADY
@given(
    st.lists(
        st.fixed_dictionaries(
            {"place": st.just("x"), "reason": ANYTHING, "why": ANYTHING},
            optional={
                name: mostly(st.text(max_size=3))
                for name in ("text", "label", "pair", "split", "group", "image", "time")
            }
            | {
                "votes": ANYTHING | st.lists(st.fixed_dictionaries({"by": ANYTHING, "label": ANYTHING}), max_size=2),
                "spans": ANYTHING,
            },
        ),
        min_size=1,
        max_size=4,
    ),
    st.sampled_from(["auto", "multi-label", "token-classification", "regression"]),
)
def test_every_line_is_one_record_or_one_reject(tmp_path: Path, entries: list[dict[str, Any]], task: str) -> None:
    found = read(lines_file(tmp_path / "rejected.jsonl", entries), task=task, form="rejected")
    assert [item.place for item in found] == [f"rejected.jsonl, line {number}" for number in range(1, len(entries) + 1)]


@STEADY
@given(st.data())
def test_damaged_files_raise_nothing_but_errors_of_their_own(tmp_path: Path, data: st.DataObject) -> None:
    path = written(
        tmp_path / "rejected.jsonl", [Record("x", "é", (Vote((Span(0, 1, "a"),), "bo"),))], [Reject("x", "no-text", {})]
    )
    try:
        read_bytes(tmp_path / "damaged.jsonl", damaged(data, path.read_bytes()), form="rejected")
    except HeadstartError:
        return
