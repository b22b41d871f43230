"""Parquet and Arrow tables, above all as Hugging Face datasets writes them."""

import datetime
import io
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.errors import DataError, HeadstartError
from headstart.labels import plan
from headstart.labels.detect import detect
from headstart.labels.records import Ask, Record, Span
from headstart.labels.sources import source
from headstart.labels.sources.files import SourceFile
from headstart.labels.tables import parquet
from headstart.spec import DataSpec
from tests.support import hugging_face
from tests.support.hugging_face import CLASSES, TAGS, arrow_file, parquet_file, texts_and_classes
from tests.support.pictures import picture
from tests.support.reading import opened, read, read_bytes, records, said, taken
from tests.support.steady import STEADY, damaged


def feather_file(path: Path, content: pa.Table) -> Path:
    pyarrow.feather.write_feather(content, path, compression="zstd")
    return path


Writer = Callable[[Path, pa.Table], Path]
every_format = pytest.mark.parametrize("write", [parquet_file, arrow_file, feather_file])


@pytest.mark.parametrize(
    ("write", "format_", "reason"),
    [
        (parquet_file, "parquet", "it starts with Parquet's magic bytes"),
        (arrow_file, "arrow", "it starts as an Arrow stream"),
        (feather_file, "arrow", "it starts with Arrow's magic bytes"),
    ],
)
def test_a_table_is_told_by_its_bytes_whatever_it_is_called(
    tmp_path: Path, write: Writer, format_: str, reason: str
) -> None:
    path = write(tmp_path / "rows.bin", texts_and_classes(0, 1))
    assert detect(SourceFile(path, "rows.bin"), "auto") == (format_, reason)


@every_format
def test_numbers_stand_for_the_names_of_a_class_label_and_minus_one_for_none(tmp_path: Path, write: Writer) -> None:
    path = write(tmp_path / "rows", texts_and_classes(1, 0, -1))
    assert said(read(path)) == [("text 0", (("pos",),)), ("text 1", (("neg",),)), ("text 2", ())]


@every_format
def test_a_number_outside_a_class_label_is_a_bad_label(tmp_path: Path, write: Writer) -> None:
    path = write(tmp_path / "rows", texts_and_classes(1, 7))
    assert said(read(path)) == [("text 0", (("pos",),)), "bad-label"]


@pytest.mark.parametrize(
    "feature",
    [
        {"feature": CLASSES, "_type": "List"},
        {"feature": CLASSES, "length": -1, "_type": "Sequence"},
        {"feature": CLASSES, "_type": "LargeList"},
        [CLASSES],
    ],
)
def test_lists_of_a_class_label_are_several_names(tmp_path: Path, feature: Any) -> None:
    content = hugging_face.table({"labels": feature}, text=["x", "y"], labels=[[0, 1], []])
    assert said(read(parquet_file(tmp_path / "rows", content))) == [("x", (("neg", "pos"),)), ("y", ((),))]


@pytest.mark.parametrize(
    "metadata",
    [b"", b"{", b"[]", b"{}", b'{"info": {"features": {"label": {"names": [1, 2]}}}}', b'{"info": {"features": {"label": 3}}}', b'{"info": {"features": {"label": [[]]}}}', b"\xff"],
)  # fmt: skip
def test_a_schema_that_says_nothing_of_the_names_leaves_numbers(tmp_path: Path, metadata: bytes) -> None:
    content = pa.table({"text": ["x"], "label": [1]}).replace_schema_metadata({b"huggingface": metadata})
    assert said(read(parquet_file(tmp_path / "rows", content))) == [("x", (("1",),))]


@every_format
def test_only_the_columns_that_are_needed_are_read(tmp_path: Path, write: Writer) -> None:
    when = pa.array([2**62], pa.timestamp("us"))  # which Python has no time for
    broken = pa.Array.from_buffers(pa.string(), 1, pa.array([b"caf\xe9"], pa.binary()).buffers())
    path = write(tmp_path / "rows", pa.table({"text": ["x"], "label": ["a"], "when": when, "broken": broken}))
    assert said(read(path)) == [("x", (("a",),))]


def test_a_table_whose_names_do_not_tell_is_told_by_its_first_rows(tmp_path: Path) -> None:
    texts = [f"it is {row} {'and so on ' * (row % 5)}" for row in range(100)]
    content = pa.table({"code": list(range(100)), "picture": [b"x"] * 100, "story": texts, "verdict": ["y", "n"] * 50})
    reading = opened(parquet_file(tmp_path / "rows", content))
    assert reading.fields == "text from 'story', label from 'verdict'"
    assert len(records(taken(reading))) == 100


def test_bytes_are_not_read_to_tell_columns(tmp_path: Path) -> None:
    content = pa.table({"picture": [b"x"], "pictures": [[{"bytes": b"x"}]], "verdict": ["y"]})
    with pytest.raises(DataError, match=r"'picture', 'pictures', 'verdict'"):
        read(parquet_file(tmp_path / "rows", content))


# What else a column may be


@pytest.mark.parametrize(
    ("labels", "names"),
    [
        (pa.array(["a", "b"], pa.string_view()), "ab"),
        (pa.array(["a", "b"], pa.large_string()).dictionary_encode(), "ab"),
        (pa.array([0, 1], pa.uint8()), "01"),
        (pa.array([0.0, 1.0], pa.float32()), "01"),
    ],
)
def test_names_are_stored_in_many_ways(tmp_path: Path, labels: pa.Array, names: str) -> None:
    path = arrow_file(tmp_path / "rows", pa.table({"text": pa.array(["x", "y"], pa.string_view()), "label": labels}))
    assert said(read(path)) == [("x", ((names[0],),)), ("y", ((names[1],),))]


@pytest.mark.parametrize(
    "scores", [pa.array([0.5, 1.0]), pa.array([Decimal("0.5"), Decimal("1.0")]), pa.array([0.5, 1.0], pa.float16())]
)
def test_scores_are_numbers(tmp_path: Path, scores: pa.Array) -> None:
    assert said(read(parquet_file(tmp_path / "rows", pa.table({"text": ["x", "y"], "score": scores})))) == [
        ("x", (0.5,)),
        ("y", (1.0,)),
    ]


def test_a_missing_number_is_no_label(tmp_path: Path) -> None:
    path = parquet_file(tmp_path / "rows", pa.table({"text": ["x", "y", "z"], "label": [1.0, float("nan"), None]}))
    assert said(read(path)) == [("x", (("1",),)), ("y", ()), ("z", ())]


@pytest.mark.parametrize(
    ("times", "seconds"),
    [
        (pa.array([datetime.datetime(2024, 1, 2, tzinfo=datetime.UTC)]), 1704153600.0),
        (pa.array([datetime.datetime(2024, 1, 2)]), 1704153600.0),
        (pa.array([datetime.date(2024, 1, 2)]), 1704153600.0),
        (pa.array([1704153600], pa.timestamp("s", tz="Nowhere/At all")), 1704153600.0),
        (pa.array([1704153600_000000001], pa.timestamp("ns")), pytest.approx(1704153600.0)),
        (pa.array([1704153600]), 1704153600.0),
        (pa.array([2**62], pa.timestamp("us")), None),
    ],
)  # fmt: skip
def test_times_are_read_from_any_column_that_holds_them(tmp_path: Path, times: pa.Array, seconds: float | None) -> None:
    content = pa.table({"text": ["x"], "label": ["a"], "when": times})
    (found,) = read(parquet_file(tmp_path / "rows", content), time="when")
    assert (found.time if isinstance(found, Record) else found.reason) == ("bad-time" if seconds is None else seconds)


def test_the_group_is_a_name_whatever_its_column_holds(tmp_path: Path) -> None:
    for column, groups in (([1, 2], ["1", "2"]), ([1.0, None], ["1", None]), ([True, False], ["True", "False"])):
        content = pa.table({"text": ["x", "y"], "label": ["a", "b"], "customer": column})
        found = records(read(parquet_file(tmp_path / "rows", content), group_by="customer"))
        assert [each.group for each in found] == groups


def test_an_image_is_a_struct_of_bytes_and_path(tmp_path: Path) -> None:
    features = {"image": {"_type": "Image"}, "label": CLASSES}
    cells = [{"bytes": picture(), "path": "a.png"}, {"bytes": None, "path": None}]
    content = hugging_face.table(features, image=cells, label=[1, 0])
    found = read(parquet_file(tmp_path / "rows", content))
    assert said(found) == [("a.png", (("pos",),)), "no-image"]


# Tokens and tags


@every_format
def test_tokens_and_tags_by_number_are_spans_by_name(tmp_path: Path, write: Writer) -> None:
    content = hugging_face.table(
        {"ner_tags": TAGS, "pos_tags": TAGS},
        id=["0", "1"],
        tokens=[["EU", "rejects"], ["Peter", "Blackburn"]],
        pos_tags=[[0, 1], [0, 0]],
        ner_tags=[[1, 0], [2, 3]],
    )
    reading = opened(write(tmp_path / "rows", content))
    assert reading.fields == "tokens from 'tokens', tags from 'ner_tags' (BIO)"
    spans = [((Span(0, 2, "ORG"),),), ((Span(0, 15, "PER"),),)]
    assert said(taken(reading)) == [("EU rejects", spans[0]), ("Peter Blackburn", spans[1])]


def test_what_else_the_spec_asks_of_tokens_is_read_too(tmp_path: Path) -> None:
    content = hugging_face.table(
        {"ner_tags": TAGS},
        tokens=[["EU"]],
        ner_tags=[[1]],
        doc=[7],
        when=[5],
        split=["dev"],
        annotator=["bo"],
        other=["x"],
    )
    (found,) = records(read(parquet_file(tmp_path / "rows", content), group_by="doc", time="when"))
    assert (found.group, found.time, found.split, found.votes[0].by) == ("7", 5.0, "validation", "bo")


def test_a_table_of_tokens_without_rows_has_no_records(tmp_path: Path) -> None:
    strings = pa.array([], pa.list_(pa.string()))
    content = hugging_face.table({"ner_tags": TAGS}, tokens=strings, ner_tags=pa.array([], pa.list_(pa.int64())))
    assert opened(parquet_file(tmp_path / "rows", content)).kind == "spans"
    assert read(parquet_file(tmp_path / "rows", content)) == []


def test_a_user_may_name_another_field_of_tags(tmp_path: Path) -> None:
    content = hugging_face.table(
        {"chunks": TAGS, "ner_tags": TAGS}, tokens=[["EU", "is"]], ner_tags=[[0, 0]], chunks=[[1, 0]]
    )
    assert said(read(parquet_file(tmp_path / "rows", content), label="chunks")) == [("EU is", ((Span(0, 2, "ORG"),),))]


# Folders


def _sources(folder: Path) -> list[tuple[str, str, list[Any]]]:
    with source.gather(DataSpec.model_validate({"source": str(folder)})) as files:
        return [
            (part.name, part.format, [each.split for each in records(taken(part.open(Ask())))])
            for part in plan.parts(files, "auto")
        ]


def test_a_dataset_on_disk_is_its_shards(tmp_path: Path) -> None:
    folder = hugging_face.on_disk(tmp_path / "data", texts_and_classes(0, 1), texts_and_classes(1, text="more"))
    assert _sources(folder) == [
        ("data-00000-of-00002.arrow", "arrow", [None, None]),
        ("data-00001-of-00002.arrow", "arrow", [None]),
    ]


def test_splits_on_disk_publish_their_split(tmp_path: Path) -> None:
    folder = hugging_face.splits_on_disk(tmp_path / "data", train=texts_and_classes(0, 1), test=texts_and_classes(1))
    assert _sources(folder) == [
        ("test/data-00000-of-00001.arrow", "arrow", ["test"]),
        ("train/data-00000-of-00001.arrow", "arrow", ["train", "train"]),
    ]


# What may be wrong


@pytest.mark.parametrize("write", [parquet_file, arrow_file])
def test_a_column_that_stands_twice_is_an_error(tmp_path: Path, write: Writer) -> None:
    content = pa.Table.from_arrays([pa.array(["x"])] * 2, names=["text", "text"])
    with pytest.raises(DataError, match="column 'text' stands twice") as caught:
        read(write(tmp_path / "rows", content))
    assert caught.value.code == "data/unreadable"


@every_format
def test_a_file_cut_short_is_a_clear_error(tmp_path: Path, write: Writer) -> None:
    content = write(tmp_path / "whole", texts_and_classes(*[0, 1] * 3000)).read_bytes()
    with pytest.raises(DataError, match=r"rows: not (Parquet|Arrow)|rows, after row \d+: not Arrow") as caught:
        read_bytes(tmp_path / "rows", content[: len(content) * 2 // 3])
    assert caught.value.code == "data/unreadable"


def test_the_error_says_after_which_row_the_damage_is(tmp_path: Path) -> None:
    content = arrow_file(tmp_path / "whole", texts_and_classes(*[0, 1] * 2500)).read_bytes()
    with pytest.raises(DataError) as caught:
        read_bytes(tmp_path / "rows", content[: len(content) // 2])
    assert caught.value.where == "rows, after row 2000"


def test_an_arrow_string_that_is_not_utf8_is_a_clear_error(tmp_path: Path) -> None:
    broken = pa.Array.from_buffers(pa.string(), 1, pa.array([b"caf\xe9"], pa.binary()).buffers())
    with pytest.raises(DataError, match="not Arrow"):
        read(arrow_file(tmp_path / "rows", pa.table({"text": broken, "label": ["a"]})))


@STEADY
@given(st.data(), st.sampled_from([parquet_file, arrow_file, feather_file]), st.booleans())
def test_damaged_files_raise_nothing_but_errors_of_their_own(
    tmp_path: Path, data: st.DataObject, write: Writer, tokens: bool
) -> None:
    content = (
        hugging_face.table({"ner_tags": TAGS}, tokens=[["EU", "is"]] * 3, ner_tags=[[1, 0]] * 3, doc=["a"] * 3)
        if tokens
        else hugging_face.table({"label": CLASSES}, text=["é", "b", ""], label=[0, 1, -1], doc=["a"] * 3)
    )
    try:
        read_bytes(tmp_path / "rows", damaged(data, write(tmp_path / "whole", content).read_bytes()), group_by="doc")
    except HeadstartError:
        return


def test_the_columns_of_a_parquet_file_can_be_asked_for(tmp_path: Path) -> None:
    path = parquet_file(tmp_path / "rows", texts_and_classes(0))
    assert parquet.names(SourceFile(path, "rows"), "auto") == ["text", "label"]


@pytest.mark.parametrize("version", ["1.0", "2.4", "2.6"])
@pytest.mark.parametrize("compression", ["none", "snappy", "gzip", "zstd", "brotli"])
def test_parquet_of_every_version_and_compression_is_read(tmp_path: Path, version: str, compression: str) -> None:
    sink = io.BytesIO()
    pq.write_table(texts_and_classes(1), sink, version=version, compression=compression)
    assert said(read_bytes(tmp_path / "rows", sink.getvalue())) == [("text 0", (("pos",),))]
