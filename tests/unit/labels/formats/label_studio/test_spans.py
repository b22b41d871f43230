"""Reading labeled parts of texts from Label Studio's exports."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.errors import DataError
from headstart.labels.formats.label_studio.results import BadAnswer
from headstart.labels.formats.label_studio.spans import Offsets, shown
from headstart.labels.records import Record, Reject, Span, Vote
from tests.support import reading
from tests.support.label_studio import annotation, item, skip, span, task, tasks_file
from tests.support.steady import STEADY

PILE = "💩"  # one character, two UTF-16 units


def _read(path: Path, text: str, *results: object, **asked: Any) -> Record | Reject:
    """What a task of one annotation with these results is read as."""
    export = tasks_file(path / "export.json", [task(1, text, annotation(*results))])
    return reading.read(export, form="label-studio", **asked)[0]


def _spans(path: Path, text: str, *results: object, **asked: Any) -> list[tuple[str, str]]:
    """The characters and the labels of the spans of a text."""
    found = _read(path, text, *results, **asked)
    assert isinstance(found, Record), found
    (vote,) = found.votes
    assert isinstance(vote.value, tuple)
    return [(found.text[part.start : part.end], part.label) for part in vote.value if isinstance(part, Span)]


def _reason(path: Path, text: str, *results: object) -> str:
    found = _read(path, text, *results)
    assert isinstance(found, Reject), found
    return found.reason


def test_each_annotation_is_one_vote_of_all_its_spans(tmp_path: Path) -> None:
    first = annotation(span(0, 4, "PER", "Anna"), span(8, 13, "LOC", "Paris"), completed_by=1)
    export = tasks_file(tmp_path / "export.json", [task(1, "Anna in Paris", first, annotation(completed_by=2), skip())])
    opened = reading.opened(export)
    (found,) = reading.taken(opened)
    assert isinstance(found, Record)
    assert opened.kind == "spans"
    assert found.votes == (Vote((Span(0, 4, "PER"), Span(8, 13, "LOC")), "1"), Vote((), "2"))


def test_nobody_having_marked_anything_is_an_answer_where_the_task_takes_spans(tmp_path: Path) -> None:
    assert _spans(tmp_path, "Anna", task="token-classification") == []


def test_a_span_with_several_labels_is_as_many_spans(tmp_path: Path) -> None:
    both = item("labels", {"start": 0, "end": 4, "text": "Anna", "labels": ["PER", "NAME"]}, "ner")
    assert _spans(tmp_path, "Anna", both, both) == [("Anna", "PER"), ("Anna", "NAME")]


@pytest.mark.parametrize("start", [12, 13])
def test_offsets_are_code_points_or_utf16_units_as_the_text_tells(tmp_path: Path, start: int) -> None:
    text = f"{PILE}This is an annotation."
    assert _spans(tmp_path, text, span(start, start + 10, "X", "annotation")) == [("annotation", "X")]


def test_without_its_text_a_span_is_counted_in_code_points(tmp_path: Path) -> None:
    assert _spans(tmp_path, f"{PILE}abc", span(1, 3, "X")) == [("ab", "X")]


def test_without_its_text_a_span_that_only_fits_in_utf16_units_is_counted_so(tmp_path: Path) -> None:
    assert _spans(tmp_path, f"{PILE}{PILE}abc", span(4, 7, "X")) == [("abc", "X")]


def test_an_offset_inside_a_character_is_bad(tmp_path: Path) -> None:
    assert _reason(tmp_path, f"{PILE}{PILE}", span(1, 4, "X")) == "bad-span"


@pytest.mark.parametrize("start", [5, 6])
def test_a_line_end_of_two_characters_counts_as_two_or_as_one(tmp_path: Path, start: int) -> None:
    text = "Dear\r\nAnna"
    assert _spans(tmp_path, text, span(start, start + 4, "X", "Anna")) == [("Anna", "X")]


def test_line_ends_and_long_characters_may_both_be_counted_as_the_browser_did(tmp_path: Path) -> None:
    text = f"{PILE}\r\n\r\nAnna"
    assert _spans(tmp_path, text, span(4, 8, "X", "Anna")) == [("Anna", "X")]


@pytest.mark.parametrize(
    ("text", "end", "told"),
    [
        ("Berlin,  Germany", 16, "Berlin, Germany"),  # the browser shows one space
        ("line one\nline two", 17, "line one\\nline two"),  # and line ends are spelt out
        ("a\u00a0b", 3, "a b"),
        (" a b ", 5, "a b"),
    ],
)
def test_white_space_is_not_compared(tmp_path: Path, text: str, end: int, told: str) -> None:
    assert _spans(tmp_path, text, span(0, end, "X", told)) == [(text[:end], "X")]


def test_the_very_characters_tell_more_than_those_without_white_space(tmp_path: Path) -> None:
    found = _read(tmp_path, f"{PILE}a a", span(2, 4, "X", "a "))
    assert isinstance(found, Record)
    assert found.votes[0].value == (Span(1, 3, "X"),)  # and not " a", which code points would give


@pytest.mark.parametrize(
    ("start", "end", "text"),
    [
        (0, 6, "Anna"),  # other characters
        (0, 4, "Bert"),
        (0, 40, None),
        (-1, 3, None),
        (3, 3, None),
        (4, 2, None),
        (0, 10**30, None),
        (0, 4, ""),
    ],
)
def test_a_span_that_is_not_in_the_text_or_about_other_characters_is_bad(
    tmp_path: Path, start: int, end: int, text: str | None
) -> None:
    good = span(8, 13, "LOC", "Paris")
    assert _reason(tmp_path, "Anna in Paris", good, span(start, end, "PER", text)) == "bad-span"


@pytest.mark.parametrize("label", [3, None, ["X"], " "])
def test_a_span_whose_label_is_no_name_is_rejected(tmp_path: Path, label: object) -> None:
    assert _reason(tmp_path, "Anna", span(0, 4, label, "Anna")) == "bad-label"


@pytest.mark.parametrize(
    "value",
    [
        {"start": 0, "end": 4, "text": "Anna", "labels": []},
        {"start": 0, "end": 4, "text": "Anna"},
        {"start": 0.5, "end": 4.0, "labels": ["X"]},  # seconds of a sound
        {"start": 0, "end": 4, "channel": 0, "labels": ["X"]},
        {"start": 0, "end": 4, "instant": False, "labels": ["X"]},  # of a time series
        {"start": "0", "end": "1", "startOffset": 2, "endOffset": 3, "paragraphlabels": ["X"]},  # of a dialogue
        {"x": 1, "y": 2, "width": 3, "height": 4, "labels": ["X"]},
    ],
)
def test_a_region_that_is_no_labeled_part_of_the_text_is_left_aside(tmp_path: Path, value: dict[str, Any]) -> None:
    export = tasks_file(
        tmp_path / "export.json", [task(1, "Anna", annotation(item("labels", value, "other"), span(0, 4, "PER")))]
    )
    opened = reading.opened(export)
    (found,) = reading.taken(opened)
    assert isinstance(found, Record)
    assert found.votes == (Vote((Span(0, 4, "PER"),)),)
    assert sum(opened.aside.values()) == 1


def test_whole_seconds_of_a_sound_are_no_part_of_a_text(tmp_path: Path) -> None:
    sound = item("labels", {"start": 0, "end": 2, "labels": ["X"]}, "ner", "audio", original_length=9.5)
    assert _spans(tmp_path, "Anna", sound, span(0, 4, "PER")) == [("Anna", "PER")]


def test_spans_are_about_one_text_even_where_there_is_a_pair(tmp_path: Path) -> None:
    export = tasks_file(tmp_path / "export.json", [task(1, "Anna", annotation(span(0, 4, "PER")), pair="Bert")])
    (found,) = reading.read(export)
    assert isinstance(found, Record)
    assert (found.text, found.pair) == ("Anna", None)


def _html(start: int, end: int, text: str | None, **changes: Any) -> dict[str, Any]:
    """A result that marks a part of a HyperText."""
    value = {
        "start": "/p[1]/text()[1]",
        "end": "/p[1]/text()[1]",
        "startOffset": 3,
        "endOffset": 7,
        "globalOffsets": {"start": start, "end": end},
        "hypertextlabels": ["PER"],
    }
    return item("hypertextlabels", value | ({} if text is None else {"text": text}) | changes, "ner", "html")


PAGE = "<!DOCTYPE html>\n<html>\n<head>\n <title>No</title>\n</head>\n<body>\n\n<h1>Hi!</h1>\n<p>I am<br>Anna &amp; Bert</p>"


def test_spans_of_a_hypertext_are_in_the_text_that_the_browser_shows(tmp_path: Path) -> None:
    found = _read(tmp_path, PAGE, _html(11, 15, "Anna"))
    assert isinstance(found, Record), found
    assert found.text == "\n\nHi!\nI am\nAnna & Bert"
    assert found.votes == (Vote((Span(11, 15, "PER"),)),)


def test_every_record_of_such_an_export_is_the_text_and_the_fields_say_so(tmp_path: Path) -> None:
    export = tasks_file(
        tmp_path / "export.json",
        [task(1, "<p>Anna", annotation(_html(0, 4, "Anna"))), task(2, "<b>Bert</b> &lt;", annotation())],
    )
    opened = reading.opened(export)
    assert opened.fields == "text from 'text' (as the browser shows it), spans from 'ner'"
    assert reading.said(reading.taken(opened))[1] == ("Bert <", ((),))


@pytest.mark.parametrize(
    ("html", "start", "text"),
    [
        ("  \n<p>Anna", 0, "Anna"),  # a page of its own
        ("  \n<p>Anna", 3, "Anna"),  # within Label Studio's page
        ("<title>No</title><p>Anna", 0, "Anna"),
        ("<title>No</title><p>Anna", 2, "Anna"),
        ("<style>p {}</style><p>Anna", 0, "Anna"),
        ("<p>a<style>p {}</style>Anna", 5, "Anna"),
        ("<body><p>\r\nAnna", 1, "Anna"),
        ("a<script>x</script><noscript>y</noscript><textarea>z</textarea>Anna", 1, "Anna"),
        (f"<p>{PILE}Anna", 1, "Anna"),
        (f"<p>{PILE}Anna", 2, "Anna"),
        ("<![if !IE]>Anna<![endif]>", 0, "Anna"),
        ("<![no such]>Anna", 0, "Anna"),
        ("<p>a<br/>b<br>Anna", 4, "Anna"),
    ],
)
def test_a_hypertext_is_read_as_a_browser_reads_it(tmp_path: Path, html: str, start: int, text: str) -> None:
    assert _spans(tmp_path, html, _html(start, start + len(text), text)) == [(text, "PER")]


def test_labels_of_any_tag_may_be_on_a_hypertext(tmp_path: Path) -> None:
    general = _html(0, 4, "Anna") | {"type": "labels"}
    general["value"]["labels"] = general["value"].pop("hypertextlabels")
    assert _spans(tmp_path, "<p>Anna</p>", general) == [("Anna", "PER")]


def test_a_span_of_a_hypertext_about_other_characters_or_without_offsets_is_bad(tmp_path: Path) -> None:
    assert _reason(tmp_path, PAGE, _html(10, 14, "Anna")) == "bad-span"
    old = _html(10, 14, "Anna")
    del old["value"]["globalOffsets"]
    assert _reason(tmp_path, PAGE, old) == "bad-span"


@STEADY
@given(st.text(alphabet="<>/!-[]&;=\"' \r\n\tbodyscripthrea💩x", max_size=60), st.integers(-1, 9), st.integers(-1, 9))
def test_no_html_crashes_the_reader(html: str, start: int, end: int) -> None:
    for text in shown(html):
        try:
            Offsets(text).spans([{"globalOffsets": {"start": start, "end": end}, "labels": ["X"]}])
        except BadAnswer:
            continue


@STEADY
@given(st.text(alphabet="ab \r\n💩", min_size=1, max_size=20), st.data(), st.booleans(), st.booleans())
def test_however_characters_are_counted_a_span_is_about_the_ones_it_says(
    text: str, data: st.DataObject, in_units: bool, line_end_as_one: bool
) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))

    def counted(part: str) -> int:
        part = part.replace("\r\n", "\n") if line_end_as_one else part
        return len(part.encode("utf-16-le")) // 2 if in_units else len(part)

    marked = {"start": counted(text[:start]), "end": counted(text[:end]), "text": text[start:end], "labels": ["X"]}
    try:
        (found,) = Offsets(text).spans([marked])
    except BadAnswer:
        assert line_end_as_one  # of a line end that is one, no half can be marked
        return
    assert "".join(text[found.start : found.end].split()) == "".join(text[start:end].split())


def test_a_kind_of_label_that_is_asked_for_is_an_error_where_there_is_none(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no control holds any"):
        _read(tmp_path, "Anna", span(0, 4, "PER"), task="regression")
