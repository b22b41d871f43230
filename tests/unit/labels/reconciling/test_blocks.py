"""Records in blocks."""

from typing import Any

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from headstart.labels.reconciling import blocks
from headstart.labels.records import Kind, Record, Reject, Span, Vote
from headstart.spec import SPLITS
from tests.support.steady import STEADY

_text = st.text(max_size=4)
_who = st.none() | _text
_spans = st.builds(Span, st.integers(0, 9), st.integers(0, 9), _text)
_values: dict[Kind, st.SearchStrategy[Any]] = {
    "names": st.frozensets(_text, max_size=2).map(lambda names: tuple(sorted(names))),
    "spans": st.frozensets(_spans, max_size=2).map(lambda spans: tuple(sorted(spans))),
    "number": st.floats(allow_nan=False, allow_infinity=False),
}


def _records(kind: Kind) -> st.SearchStrategy[Record]:
    votes = st.lists(st.builds(Vote, _values[kind], _who), max_size=3).map(tuple)
    return st.builds(
        Record,
        place=_text,
        text=_text,
        votes=votes,
        split=st.sampled_from([None, *SPLITS]),
        group=_who,
        pair=_who,
        image=st.none() | st.binary(max_size=3),
        time=st.none() | st.floats(allow_nan=False),
    )


@STEADY
@given(st.data(), st.sampled_from(["names", "spans", "number"]))
def test_a_block_says_what_its_records_do(data: st.DataObject, kind: Kind) -> None:
    records = data.draw(st.lists(_records(kind), max_size=6))
    assert list(blocks.unpack(blocks.block(records), kind)) == records


def test_the_order_in_which_labels_were_clicked_is_forgotten() -> None:
    spans = (Span(4, 6, "b"), Span(0, 3, "a"), Span(4, 6, "b"))
    for kind, value, kept in (("names", ("b", "a", "b"), ("a", "b")), ("spans", spans, spans[1::-1])):
        (record,) = blocks.unpack(blocks.block([Record("", "x", (Vote(value, "ann"),))]), kind)  # type: ignore[arg-type]
        assert record.votes == (Vote(kept, "ann"),)


@STEADY
@given(st.data())
def test_packing_loses_nothing(data: st.DataObject) -> None:
    items = data.draw(st.lists(_records("names") | st.builds(Reject, _text, st.just("tie"), st.none()), max_size=9))
    packed = list(blocks.pack(items))
    records = [record for item in packed if isinstance(item, pa.RecordBatch) for record in blocks.unpack(item, "names")]
    assert records == [item for item in items if isinstance(item, Record)]
    assert [item for item in packed if isinstance(item, Reject)] == [item for item in items if isinstance(item, Reject)]


def test_many_records_make_several_blocks_and_large_ones_too() -> None:
    small = [Record("", "x", ()) for _ in range(blocks.ROWS + 1)]
    assert [len(block) for block in blocks.pack(small)] == [blocks.ROWS, 1]  # type: ignore[arg-type]
    large = [Record("", "x", (), image=b"x" * (10 << 20)) for _ in range(3)]
    assert [len(block) for block in blocks.pack(large)] == [2, 1]  # type: ignore[arg-type]
