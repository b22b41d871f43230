"""Reading brat's standoff annotations."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.errors import DataError, HeadstartError
from headstart.labels.formats import brat
from headstart.labels.records import Record, Reject, Span, Vote
from headstart.labels.sources.files import SourceFile
from tests.support import reading
from tests.support.steady import STEADY

TEXT = "Sony formed a joint venture with Ericsson, based in Sweden.\nZoë 🙂 of Sony agreed.\n"
ANNOTATIONS = """\
T1\tOrganization 0 4\tSony
T2\tMERGE-ORG 14 27\tjoint venture
T3\tOrganization 33 41\tEricsson
E1\tMERGE-ORG:T2 Org1:T1 Org2:T3
T4\tCountry 52 58\tSweden
R1\tOrigin Arg1:T3 Arg2:T4
T5\tPerson 60 63\tZoë
T6\tOrganization 69 73\tSony
*\tEquiv T1 T6
A1\tNegation E1
M1\tSpeculation E1
N1\tReference T4 Wikipedia:5058739\tSweden
#1\tAnnotatorNotes T1\tthe company
#2\tAnnotatorNotes T3\tthe other one
"""
SPANS = (
    Span(0, 4, "Organization"),
    Span(14, 27, "MERGE-ORG"),
    Span(33, 41, "Organization"),
    Span(52, 58, "Country"),
    Span(60, 63, "Person"),
    Span(69, 73, "Organization"),
)


def _write(folder: Path, **files: str | bytes) -> None:
    """Files of a document: their suffixes and contents."""
    for suffix, content in files.items():
        (folder / f"doc.{suffix}").write_bytes(content.encode() if isinstance(content, str) else content)


def _read(folder: Path, suffix: str = "ann", **asked: Any) -> Record | Reject:
    (found,) = reading.read(folder / f"doc.{suffix}", form="brat", **asked)
    return found


def _record(folder: Path, text: str | bytes, annotations: str | bytes, **asked: Any) -> Record:
    _write(folder, txt=text, ann=annotations)
    found = _read(folder, **asked)
    assert isinstance(found, Record), found
    return found


def _spans(folder: Path, text: str | bytes, annotations: str | bytes, **asked: Any) -> list[tuple[str, str]]:
    """The text and the label of each span."""
    record = _record(folder, text, annotations, **asked)
    (vote,) = record.votes
    assert isinstance(vote.value, tuple)
    return [(record.text[each.start : each.end], each.label) for each in vote.value if isinstance(each, Span)]


def _reject(folder: Path, text: str | bytes, annotations: str | bytes) -> Reject:
    _write(folder, txt=text, ann=annotations)
    found = _read(folder)
    assert isinstance(found, Reject), found
    return found


def _file(folder: Path, name: str) -> SourceFile:
    return SourceFile(folder / name, name)


# Documents


def test_a_document_is_a_record_with_one_vote_for_all_its_spans(tmp_path: Path) -> None:
    assert _record(tmp_path, TEXT, ANNOTATIONS) == Record("doc.ann", TEXT, (Vote(SPANS),))


def test_what_is_said_beside_spans_is_left_aside_and_counted(tmp_path: Path) -> None:
    _write(tmp_path, txt=TEXT, ann=ANNOTATIONS)
    found = reading.opened(tmp_path / "doc.ann")
    assert found.kind == "spans"
    assert reading.taken(found)
    assert found.aside == {
        "events": 1,
        "relations": 1,
        "equivalences": 1,
        "attributes": 1,
        "modifications": 1,
        "normalizations": 1,
        "notes": 2,
    }


def test_an_empty_file_of_annotations_is_a_document_without_spans(tmp_path: Path) -> None:
    assert _record(tmp_path, TEXT, "").votes == (Vote(()),)


def test_a_text_without_a_file_of_annotations_is_not_labeled(tmp_path: Path) -> None:
    _write(tmp_path, txt=TEXT)
    assert _read(tmp_path, "txt") == Record("doc.txt", TEXT, ())


def test_a_text_that_is_asked_for_itself_is_read_with_its_annotations(tmp_path: Path) -> None:
    _write(tmp_path, txt=TEXT, ann=ANNOTATIONS)
    assert _read(tmp_path, "txt") == Record("doc.txt", TEXT, (Vote(SPANS),))


def test_annotations_without_their_text_are_rejected(tmp_path: Path) -> None:
    _write(tmp_path, ann="T1\tPerson 0 4\tJohn\n")
    assert _read(tmp_path) == Reject("doc.ann", "no-text", ["T1\tPerson 0 4\tJohn"])


def test_a_label_may_have_spaces_as_other_tools_write_them(tmp_path: Path) -> None:
    assert _spans(tmp_path, "John", "T1\tfirst name 0 4\tJohn\n") == [("John", "first name")]


def test_a_span_that_is_named_twice_counts_once(tmp_path: Path) -> None:
    assert _spans(tmp_path, "John", "T1\tPerson 0 4\tJohn\nT2\tPerson 0 4\tJohn\n") == [("John", "Person")]


def test_overlaps_are_left_to_the_task(tmp_path: Path) -> None:
    spans = _spans(tmp_path, "New York", "T1\tCity 0 8\tNew York\nT2\tCounty 4 8\tYork\n")
    assert spans == [("New York", "City"), ("York", "County")]


# BioNLP


def test_the_parts_of_bionlp_are_read_together(tmp_path: Path) -> None:
    given_, found = "T1\tProtein 8 11\tIL4\n", "T2\tGene_expression 0 7\texpress\nE1\tGene_expression:T2 Theme:T1\n"
    _write(tmp_path, txt="express IL4", a1=given_, a2=found.replace("0 7", "0 7"))
    record = _read(tmp_path, "a1")
    assert isinstance(record, Record)
    assert record.votes == (Vote((Span(0, 7, "Gene_expression"), Span(8, 11, "Protein"))),)


def test_a_fault_in_a_part_is_told_with_its_file(tmp_path: Path) -> None:
    _write(tmp_path, txt="express IL4", a1="T1\tProtein 8 11\tIL4\n", a2="\nT2\tGene_expression 0 7\tregress\n")
    found = _read(tmp_path, "a1")
    assert isinstance(found, Reject)
    assert (found.place, found.reason) == ("doc.a2, line 2", "bad-span")


def test_parts_are_left_aside_beside_a_file_that_has_them_all(tmp_path: Path) -> None:
    _write(tmp_path, txt="IL4", ann="T1\tGene 0 3\tIL4\n", a1="T1\tProtein 0 3\tIL4\n")
    found = reading.opened(tmp_path / "doc.ann")
    (record,) = reading.taken(found)
    assert isinstance(record, Record)
    assert record.votes == (Vote((Span(0, 3, "Gene"),)),)
    assert found.aside == {"partial annotation files": 1}


def test_of_a_documents_files_one_is_read_and_names_the_others(tmp_path: Path) -> None:
    _write(tmp_path, txt="", ann="", a1="", a2="")
    (tmp_path / "other.txt").write_text("")
    assert brat.companions(_file(tmp_path, "doc.ann")) == ("doc.txt", "doc.a1", "doc.a2")
    assert brat.companions(_file(tmp_path, "doc.a1")) == ("doc.txt", "doc.a2")
    assert brat.companions(_file(tmp_path, "doc.a2")) == ("doc.txt",)
    assert brat.companions(_file(tmp_path, "doc.txt")) == ()


@pytest.mark.parametrize("names", [("doc.ann", "doc.txt"), ("doc.a1", "doc.a2", "doc.rel", "doc.txt"), ("doc.txt",)])
def test_every_document_is_read_once(tmp_path: Path, names: tuple[str, ...]) -> None:
    for name in names:
        (tmp_path / name).write_text("")
    companions = {beside for name in names for beside in brat.companions(_file(tmp_path, name))}
    assert len(set(names) - companions) == 1


# Entities and triggers


@pytest.mark.parametrize(
    ("label", "labels", "aside"),
    [
        ("auto", ["Organization", "MERGE-ORG", "Organization"], {"events": 1}),
        ("entities", ["Organization", "Organization"], {"events": 1, "triggers of events": 1}),
        ("events", ["MERGE-ORG"], {"events": 1, "entities": 2}),
    ],
)
def test_triggers_of_events_are_spans_unless_the_spec_parts_them_from_entities(
    tmp_path: Path, label: str, labels: list[str], aside: dict[str, int]
) -> None:
    _write(tmp_path, txt=TEXT, ann="".join(ANNOTATIONS.splitlines(keepends=True)[:4]))
    found = reading.opened(tmp_path / "doc.ann", label=label)
    (record,) = reading.taken(found)
    assert isinstance(record, Record)
    assert record.votes[0].value == tuple(span for span in SPANS if span.label in labels)[: len(labels)]
    assert found.aside == aside


# Spans and the text


@pytest.mark.parametrize(
    "line",
    [
        "T1\tPerson 0 4\tJane",
        "T1\tPerson 1 5\tJohn",
        "T1\tPerson 0 5\tJohnn",
        "T1\tPerson 0 4\tJohnny",
        "T1\tPerson 0 0\t",
        "T1\tPerson 4 0\tJohn",
        "T1\tPerson 0 99\tJohn",
        "T1\tPerson 99 100\tJohn",
        "T1\tPerson 0 4;8 8\tJohn",
        "T1\tPerson 0 999999999999\tJohn",
    ],
)
def test_a_span_that_is_not_what_its_line_says_is_rejected_with_the_line(tmp_path: Path, line: str) -> None:
    found = _reject(tmp_path, "John sat.", f"T7\tVerb 5 8\tsat\n{line}\n")
    assert (found.place, found.reason) == ("doc.ann, line 2", "bad-span")
    assert found.content == ["T7\tVerb 5 8\tsat", line]


@pytest.mark.parametrize("tail", ["", "\t", "\tJohn", "\tJohn ", "\tJohn\ta remark", "\tJohn a remark"])
def test_the_text_may_be_missing_or_have_a_remark_after_it(tmp_path: Path, tail: str) -> None:
    assert _spans(tmp_path, "John sat.", f"T1\tPerson 0 4{tail}\n") == [("John", "Person")]


def test_characters_are_counted_not_bytes_or_halves_of_them(tmp_path: Path) -> None:
    assert _spans(tmp_path, "Zoë 🙂 Sony", "T1\tOrg 6 10\tSony\n") == [("Sony", "Org")]


def test_line_ends_and_tabs_part_no_span(tmp_path: Path) -> None:
    text = "Barack\n  Obama\tJr. came"
    assert _spans(tmp_path, text, "T1\tPerson 0 6;7 14;15 18\tBarack   Obama Jr.\n") == [
        ("Barack\n  Obama\tJr.", "Person")
    ]


def test_a_text_over_several_lines_of_the_annotations_is_read(tmp_path: Path) -> None:
    annotations = "T1\tPerson 0 12\tBarack\nObama\nT2\tVerb 13 17\tcame\n#1\tAnnotatorNotes T1\tsee\nabove\n"
    assert _spans(tmp_path, "Barack\nObama came", annotations) == [("Barack\nObama", "Person"), ("came", "Verb")]


def test_a_span_with_other_text_between_its_parts_is_rejected(tmp_path: Path) -> None:
    found = _reject(tmp_path, "North and South America", "T1\tLocation 0 5;16 23\tNorth America\n")
    assert (found.place, found.reason) == ("doc.ann, line 1", "discontinuous-span")


@pytest.mark.parametrize("said", ["North America", "NorthAmerica"])
def test_the_parts_of_a_span_are_joined_as_either_version_of_brat_does(tmp_path: Path, said: str) -> None:
    found = _reject(tmp_path, "North and South America", f"T1\tLocation 0 5;16 23\t{said}\n")
    assert found.reason == "discontinuous-span"


@pytest.mark.parametrize(("start", "end"), [(9, 13), (8, 12)])
def test_whether_a_line_end_of_windows_is_one_character_is_told_from_the_spans(
    tmp_path: Path, start: int, end: int
) -> None:
    text = "a\r\nb c\r\nSony\r\n" if start == 8 else "a\r\nb cd\r\nSony\r\n"
    assert _spans(tmp_path, text, f"T1\tOrg {start} {end}\tSony\r\n") == [("Sony", "Org")]
    one = text.replace("\r\n", "\n")
    at = one.index("Sony")
    record = _record(tmp_path, text, f"T1\tOrg {at} {at + 4}\tSony\r\n")
    assert record == Record("doc.ann", one, (Vote((Span(at, at + 4, "Org"),)),))


@pytest.mark.parametrize("start", [0, 1])
def test_a_byte_order_mark_is_no_text_whether_it_was_counted_or_not(tmp_path: Path, start: int) -> None:
    record = _record(tmp_path, "\ufeffSony", f"\ufeffT1\tOrg {start} {start + 4}\tSony\n")
    assert (record.text, record.votes) == ("Sony", (Vote((Span(0, 4, "Org"),)),))


@pytest.mark.parametrize(("start", "text"), [(7, "a\r\nb\r\nSony"), (5, "a\nb\nSony")])
def test_a_mark_and_line_ends_may_both_be_counted(tmp_path: Path, start: int, text: str) -> None:
    record = _record(tmp_path, "\ufeffa\r\nb\r\nSony", f"T1\tOrg {start} {start + 4}\tSony\n")
    at = text.index("Sony")
    assert (record.text, record.votes) == (text, (Vote((Span(at, at + 4, "Org"),)),))


@pytest.mark.parametrize(
    "line",
    [
        "Person 0 4 John",
        "T1\tPerson\tJohn",
        "T1\tPerson 0\tJohn",
        "T1\t0 4\tJohn",
        "T1\tPerson a b\tJohn",
        "T1\tPerson 0 4;\tJohn",
        "T1\tPerson 0 4;5\tJohn",
        "T1\t 0 4\tJohn",
        "T1\tPerson \u0660 \u0664\tJohn",
        "T1\t",
    ],
)
def test_a_line_that_is_no_annotation_is_rejected_with_its_document(tmp_path: Path, line: str) -> None:
    found = _reject(tmp_path, "John", f"\n{line}\n")
    assert (found.place, found.reason) == ("doc.ann, line 2", "not-an-annotation")


# The whole file


@pytest.mark.parametrize(("text", "annotations"), [(b"caf\xe9", b""), (b"x", b"\n\xff")])
def test_a_document_that_is_not_utf8_is_rejected_alone(tmp_path: Path, text: bytes, annotations: bytes) -> None:
    _write(tmp_path, txt=text, ann=annotations)
    assert isinstance(_read(tmp_path), Reject)


@pytest.mark.parametrize(
    "asked",
    [{"label": "Person"}, {"text": "body"}, {"pair": "x"}, {"image": "x"}, {"group_by": "customer"}, {"time": "date"}],
)
def test_what_the_format_has_not_is_an_error(tmp_path: Path, asked: dict[str, str]) -> None:
    _write(tmp_path, txt=TEXT, ann=ANNOTATIONS)
    with pytest.raises(DataError) as caught:
        _read(tmp_path, **asked)
    assert caught.value.code == "data/unknown-field"


def test_a_task_that_takes_no_spans_is_refused(tmp_path: Path) -> None:
    _write(tmp_path, txt=TEXT, ann=ANNOTATIONS)
    with pytest.raises(DataError, match="token-classification"):
        _read(tmp_path, task="multi-label")


def test_documents_of_one_name_can_be_kept_together(tmp_path: Path) -> None:
    assert _record(tmp_path, TEXT, ANNOTATIONS, group_by="document").group == "doc"


def test_a_published_split_is_kept(tmp_path: Path) -> None:
    assert _record(tmp_path, TEXT, ANNOTATIONS, split="test").split == "test"


@pytest.mark.parametrize("annotations", [ANNOTATIONS, "", "\n", "#1\tAnnotatorNotes T1\tx\n", "*\tEquiv T1 T2\n"])
def test_annotations_are_recognised(tmp_path: Path, annotations: str) -> None:
    _write(tmp_path, txt=TEXT, ann=annotations, a1=annotations)
    for name in ("doc.ann", "doc.a1", "doc.txt"):
        assert brat.recognise(_file(tmp_path, name))


@pytest.mark.parametrize("settings", ["annotation.conf", "other.ann", "other.a1"])
def test_a_text_in_a_folder_of_annotations_is_recognised(tmp_path: Path, settings: str) -> None:
    _write(tmp_path, txt=TEXT)
    assert not brat.recognise(_file(tmp_path, "doc.txt"))
    (tmp_path / settings).write_text("")
    assert brat.recognise(_file(tmp_path, "doc.txt"))


@pytest.mark.parametrize("content", ["", "hello\n", "[entities]\n", '{"a": 1}\n', "T1 Person 0 4 John\n", "\x00\x01"])
def test_other_files_of_such_a_name_are_not_recognised(tmp_path: Path, content: str) -> None:
    _write(tmp_path, ann=content)
    assert not brat.recognise(_file(tmp_path, "doc.ann"))
    _write(tmp_path, json=ANNOTATIONS)
    assert not brat.recognise(_file(tmp_path, "doc.json"))


# Anything at all

_parts = st.sampled_from(["0 1", "0 2", "1 3", "2 1", "0 99", "x", "0 1;1 2", "0 1;2 3", "9" * 5000 + " 1", ""])
_line = st.builds(
    "{}\t{} {}\t{}".format,
    st.sampled_from(["T1", "T2", "E1", "#1", "*", "", "X"]),
    st.text("ab: ", max_size=3),
    _parts,
    st.text("ab\t", max_size=3),
)


@STEADY
@given(st.text("ab\r\n\ufeff🙂", max_size=6), st.lists(_line | st.text(max_size=5), max_size=4))
def test_a_document_is_one_record_or_one_reject(tmp_path: Path, text: str, lines: list[str]) -> None:
    _write(tmp_path, txt=text, ann="\n".join(lines).encode("utf-8", errors="replace"))
    found = _read(tmp_path)
    if isinstance(found, Record):
        for vote in found.votes:
            assert isinstance(vote.value, tuple)
            for span in vote.value:
                assert isinstance(span, Span)
                assert 0 <= span.start < span.end <= len(found.text)


@STEADY
@given(st.binary(max_size=60), st.binary(max_size=60))
def test_no_bytes_crash_the_reader(tmp_path: Path, text: bytes, annotations: bytes) -> None:
    _write(tmp_path, txt=text, ann=annotations)
    brat.recognise(_file(tmp_path, "doc.ann"))
    try:
        _read(tmp_path)
    except HeadstartError:
        return


@STEADY
@given(st.data())
def test_no_damage_to_a_file_crashes_the_reader(tmp_path: Path, data: st.DataObject) -> None:
    content = bytearray(ANNOTATIONS.encode())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at : at + data.draw(st.integers(0, 5))] = data.draw(st.binary(max_size=3))
    _write(tmp_path, txt=TEXT, ann=bytes(content))
    try:
        _read(tmp_path)
    except HeadstartError:
        return
