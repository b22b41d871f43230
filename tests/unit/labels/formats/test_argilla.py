"""Reading Argilla's records, in the shapes that its SDK wrote from Rubrix to version 2.8."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.errors import DataError
from headstart.labels import detect
from headstart.labels.formats import argilla
from headstart.labels.records import Ask, Record, Span, Vote
from headstart.labels.sources.files import SourceFile
from tests.support import reading
from tests.support.reading import Read, list_file, records, said
from tests.support.steady import ANYTHING, STEADY, damaged, mostly, one_of

PARIS = "I live in Paris now"
LOC = {"start": 10, "end": 15, "label": "LOC"}
Responses = Sequence[tuple[Any, str, str]]  # value, user and status
Shape = Callable[..., dict[str, Any]]


def _nested(text: Any, number: int = 1, **questions: Responses) -> dict[str, Any]:
    """A record of 2.x, as ``records.to_json`` writes it, which leaves out the status of responses."""
    responses = {
        name: [{"value": value, "user_id": user} for value, user, _ in said] for name, said in questions.items()
    }
    about = {"metadata": {"customer": "c", "when": "2024-05-01"}, "suggestions": {}, "vectors": {}}
    return {"id": str(number), "fields": {"text": text}, "responses": responses, "status": "completed"} | about


def _flat(text: Any, number: int = 1, **questions: Responses) -> dict[str, Any]:
    """A record of 2.x, as ``to_list(flatten=True)`` and its datasets have it."""
    found = {"id": str(number), "status": "completed", "_server_id": None, "text": text, "customer": "c", "when": 5}
    for name, responses in questions.items():
        columns = zip(*responses, strict=True) if responses else ((), (), ())
        for end, column in zip(("", ".users", ".status"), columns, strict=True):
            found[f"{name}.responses{end}"] = list(column)
    return found


def _feedback(text: Any, number: int = 1, **questions: Responses) -> dict[str, Any]:
    """A ``FeedbackRecord`` of 1.x."""
    users = {user: status for said in questions.values() for _, user, status in said}
    responses = [
        {
            "user_id": user,
            "values": {
                name: {"value": value} for name, said in questions.items() for value, by, _ in said if by == user
            },
            "status": status,
        }
        for user, status in users.items()
    ]
    about = {"metadata": {"customer": "c", "when": 5}, "vectors": {}, "suggestions": [], "external_id": str(number)}
    return {"fields": {"text": text}, "responses": responses} | about


def _table(text: Any, number: int = 1, **questions: Responses) -> dict[str, Any]:
    """A record of 1.x, as ``format_as("datasets")`` has it."""
    found: dict[str, Any] = {"text": text, "external_id": str(number), "metadata": '{"customer": "c", "when": 5}'}
    for name, responses in questions.items():
        found[name] = [{"user_id": user, "value": value, "status": status} for value, user, status in responses]
        found[f"{name}-suggestion"] = None
        found[f"{name}-suggestion-metadata"] = {"type": None, "score": None, "agent": None}
    return found


def _classic(text: str, annotation: Any = None, status: str = "Validated", **held: Any) -> dict[str, Any]:
    """A record for text classification of Rubrix and Argilla up to 1.x."""
    found = {"text": text, "inputs": {"text": text}, "prediction": None, "prediction_agent": None}
    found |= {"annotation": annotation, "annotation_agent": None if annotation is None else "bob", "vectors": None}
    found |= {"multi_label": False, "explanation": None, "id": "c1", "metadata": {"customer": "c"}, "status": status}
    return found | {"event_timestamp": "2024-05-01T00:00:00", "metrics": None} | held


def _tokens(text: str, annotation: Any, **held: Any) -> dict[str, Any]:
    """A record for token classification of Rubrix and Argilla up to 1.x."""
    found = _classic(text, annotation, tokens=text.split(), **held)
    return {key: value for key, value in found.items() if key not in ("inputs", "multi_label", "explanation")}


SHAPES: dict[str, Shape] = {"2 nested": _nested, "2 flat": _flat, "1 feedback": _feedback, "1 table": _table}
every_shape = pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
with_status = pytest.mark.parametrize("shape", [_flat, _feedback, _table], ids=["2 flat", "1 feedback", "1 table"])


def _read(folder: Path, *entries: object, **asked: Any) -> list[Read]:
    return reading.read(reading.lines_file(folder / "records.jsonl", entries), form="argilla", **asked)


def _votes(folder: Path, *entries: object, **asked: Any) -> list[tuple[Vote, ...]]:
    return [record.votes for record in records(_read(folder, *entries, **asked))]


def _by(*values: Any, status: str = "submitted") -> Responses:
    return [(value, f"user{number}", status) for number, value in enumerate(values, start=1)]


# Every generation alike


@every_shape
@pytest.mark.parametrize(
    ("values", "votes"),
    [
        (["pos", "neg"], [("pos",), ("neg",)]),
        ([["a", "b"], []], [("a", "b"), ()]),
        ([4, 5], [4.0, 5.0]),
        ([[LOC], []], [(Span(10, 15, "LOC"),), ()]),
    ],
    ids=["label", "multi-label", "rating", "span"],
)
def test_each_annotators_response_is_a_vote(tmp_path: Path, shape: Shape, values: list[Any], votes: list[Any]) -> None:
    path = reading.lines_file(tmp_path / "records.jsonl", [shape(PARIS, answer=_by(*values))])
    (record,) = records(reading.read(path))
    assert record.text == PARIS
    assert record.votes == tuple(Vote(value, f"user{number}") for number, value in enumerate(votes, start=1))


@every_shape
def test_a_record_that_nobody_answered_has_no_votes(tmp_path: Path, shape: Shape) -> None:
    assert _votes(tmp_path, shape("hi", answer=_by("pos")), shape("bye", answer=[]))[1] == ()


@with_status
def test_a_draft_is_no_vote_and_is_counted_aside(tmp_path: Path, shape: Shape) -> None:
    entries = [shape("hi", answer=_by("pos")), shape("bye", answer=_by("neg", status="draft"))]
    found = reading.opened(reading.lines_file(tmp_path / "records.jsonl", entries))
    assert said(reading.taken(found)) == [("hi", (("pos",),)), ("bye", ())]
    assert found.aside == {"drafts": 1}


@with_status
def test_a_record_that_everyone_discarded_was_skipped(tmp_path: Path, shape: Shape) -> None:
    entries = [shape("hi", answer=_by("pos")), shape("bye", answer=_by("neg", "pos", status="discarded"))]
    assert said(_read(tmp_path, *entries)) == [("hi", (("pos",),)), "skipped"]


@with_status
def test_a_record_that_one_of_two_discarded_keeps_the_others_vote(tmp_path: Path, shape: Shape) -> None:
    mixed: Responses = [("pos", "user1", "submitted"), ("neg", "user2", "discarded")]
    assert _votes(tmp_path, shape("hi", answer=mixed)) == [(Vote(("pos",), "user1"),)]


def test_a_response_that_was_discarded_before_it_held_anything_was_skipped(tmp_path: Path) -> None:
    discarded = _feedback("bye") | {"responses": [{"user_id": "u", "values": None, "status": "discarded"}]}
    assert said(_read(tmp_path, _feedback("hi", answer=_by("pos")), discarded))[1] == "skipped"


def test_a_response_that_leaves_out_a_question_of_several_labels_chose_none(tmp_path: Path) -> None:
    entry = _feedback("hi", label=_by("pos", "neg"), topics=[(["a"], "user1", "submitted")])
    assert _votes(tmp_path, entry, label="topics") == [(Vote(("a",), "user1"), Vote((), "user2"))]


def test_a_response_that_leaves_out_a_question_of_one_label_is_no_vote(tmp_path: Path) -> None:
    entry = _feedback("hi", other=_by("x", "y"), label=[("pos", "user1", "submitted")])
    assert _votes(tmp_path, entry, label="label") == [(Vote(("pos",), "user1"),)]


@every_shape
def test_groups_and_times_are_metadata(tmp_path: Path, shape: Shape) -> None:
    (record,) = records(_read(tmp_path, shape("hi", answer=_by("pos")), group_by="customer", time="when"))
    assert (record.group, record.time is not None) == ("c", True)


@every_shape
def test_two_fields_may_be_a_pair(tmp_path: Path, shape: Shape) -> None:
    entry = shape("hi", similarity=_by(4))
    entry = {key: value for key, value in entry.items() if key not in ("text", "fields")}
    pair = {"sentence1": "a cat", "sentence2": "a dog"}
    entry = entry | pair if shape in (_flat, _table) else entry | {"fields": pair}
    (record,) = records(_read(tmp_path, entry))
    assert (record.text, record.pair, record.votes) == ("a cat", "a dog", (Vote(4.0, "user1"),))
    (swapped,) = records(_read(tmp_path, entry, text="sentence2", pair="sentence1"))
    assert (swapped.text, swapped.pair) == ("a dog", "a cat")
    (single,) = records(_read(tmp_path, entry, text="sentence2", task="regression"))
    assert (single.text, single.pair) == ("a dog", None)


@every_shape
def test_a_record_is_called_by_its_id(tmp_path: Path, shape: Shape) -> None:
    (record,) = records(_read(tmp_path, shape("hi", 17, answer=_by("pos"))))
    assert record.place == "records.jsonl, line 1, record 17"


# Which question


@every_shape
def test_of_several_questions_none_is_guessed(tmp_path: Path, shape: Shape) -> None:
    entry = shape("hi", mood=_by("pos"), urgency=_by("low"), stars=_by(3))
    with pytest.raises(DataError, match="'mood', 'urgency', 'stars'") as caught:
        _read(tmp_path, entry)
    assert caught.value.code == "data/unknown-field"


@every_shape
def test_the_spec_names_the_question(tmp_path: Path, shape: Shape) -> None:
    entry = shape("hi", mood=_by("pos"), urgency=_by("low"))
    assert _votes(tmp_path, entry, label="urgency") == [(Vote(("low",), "user1"),)]
    with pytest.raises(DataError, match="there is no field 'speed' for the label"):
        _read(tmp_path, entry, label="speed")


@every_shape
@pytest.mark.parametrize(
    ("task", "value"),
    [
        ("text-classification", ("pos",)),
        ("multi-label", ("a", "b")),
        ("regression", 3.0),
        ("token-classification", (Span(10, 15, "LOC"),)),
    ],
)
def test_the_task_tells_which_question_is_meant(tmp_path: Path, shape: Shape, task: str, value: Any) -> None:
    entry = shape(PARIS, mood=_by("pos"), topics=_by(["a", "b"]), stars=_by(3), places=_by([LOC]))
    assert _votes(tmp_path, entry, task=task) == [(Vote(value, "user1"),)]


@every_shape
def test_free_text_and_rankings_are_left_aside(tmp_path: Path, shape: Shape) -> None:
    first = shape("hi", label=_by("pos"), comment=_by("because it says so\nand so on"), order=_by(["x", "y"]))
    second = shape("bye", label=_by("neg"), comment=_by("no"), order=_by(["y", "x"]))
    found = reading.opened(reading.lines_file(tmp_path / "records.jsonl", [first, second]))
    assert said(reading.taken(found)) == [("hi", (("pos",),)), ("bye", (("neg",),))]
    assert found.aside == {"answers to other questions": 4}


@pytest.mark.parametrize("order", [[{"rank": 1, "value": "x"}], {"rank": [1, 2], "value": ["x", "y"]}])
def test_the_rankings_of_1_x_are_left_aside_too(tmp_path: Path, order: object) -> None:
    assert said(_read(tmp_path, _table("hi", label=_by("pos"), order=_by(order)))) == [("hi", (("pos",),))]


def test_a_rating_may_be_the_name_of_a_class(tmp_path: Path) -> None:
    assert _votes(tmp_path, _nested("hi", stars=_by(3)), task="text-classification") == [(Vote(("3",), "user1"),)]


def test_suggestions_are_counted_aside(tmp_path: Path) -> None:
    nested = _nested("hi", label=_by("pos")) | {"suggestions": {"label": {"value": "neg", "agent": "m"}}}
    flat = _flat("hi", label=_by("pos")) | {"label.suggestion": "neg", "label.suggestion.agent": "m"}
    table = _table("hi", label=_by("pos")) | {"label-suggestion": "neg"}
    classic = _classic("hi", "pos", prediction=[["neg", 0.9]])
    for entry in (nested, flat, table, classic):
        found = reading.opened(reading.lines_file(tmp_path / "records.jsonl", [entry]))
        assert said(reading.taken(found)) == [("hi", (("pos",),))]
        assert found.aside == {"suggestions": 1}


# Spans


def test_spans_as_datasets_write_them_are_columns(tmp_path: Path) -> None:
    columns = {"start": [10], "end": [15], "label": ["LOC"], "text": ["Paris"]}
    assert _votes(tmp_path, _table(PARIS, places=_by(columns))) == [(Vote((Span(10, 15, "LOC"),), "user1"),)]


@pytest.mark.parametrize("start", [17, 18])
def test_spans_count_code_points_whether_they_come_from_the_web_page_or_from_python(tmp_path: Path, start: int) -> None:
    span = {"start": start, "end": start + 6, "label": "X"}
    assert _votes(tmp_path, _nested("Some text yeah 🚀 rocket", places=_by([span]))) == [
        (Vote((Span(17, 23, "X"),), "user1"),)
    ]


@every_shape
@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ([LOC | {"end": 99}], "bad-span"),
        ([LOC | {"end": 10}], "bad-span"),
        ([LOC | {"label": None}], "bad-label"),
        ([{"start": 1}], "bad-label"),
        ("LOC", "bad-label"),
        ({"start": [1], "end": [], "label": ["X"]}, "bad-label"),
    ],
)
def test_a_span_that_does_not_fit_is_rejected(tmp_path: Path, shape: Shape, value: object, reason: str) -> None:
    entries = [shape(PARIS, places=_by([LOC])), shape(PARIS, places=_by(value))]
    assert said(_read(tmp_path, *entries))[1] == reason


# Rubrix and Argilla up to 1.x


@pytest.mark.parametrize(
    ("entry", "votes"),
    [
        (_classic("hi", "pos"), [Vote(("pos",), "bob")]),
        (_classic("hi", ["a", "b"], multi_label=True), [Vote(("a", "b"), "bob")]),
        (_classic("hi", [], multi_label=True), [Vote((), "bob")]),
        (_classic("hi", "pos") | {"text": None}, [Vote(("pos",), "bob")]),
        (_classic("hi", "pos", inputs={"text": "hi", "body": None}), [Vote(("pos",), "bob")]),
        (_classic("hi", None, "Default"), []),
        (_classic("hi", "pos", "Edited"), []),
        (_tokens(PARIS, [LOC]), [Vote((Span(10, 15, "LOC"),), "bob")]),
        (_tokens(PARIS, [["LOC", 10, 15]]), [Vote((Span(10, 15, "LOC"),), "bob")]),
        (_tokens(PARIS, []), [Vote((), "bob")]),
        (_tokens(PARIS, None, status="Default"), []),
    ],
)
def test_classic_records_are_read(tmp_path: Path, entry: dict[str, Any], votes: list[Vote]) -> None:
    task = "token-classification" if "tokens" in entry else "multi-label"
    (record,) = records(reading.read(reading.lines_file(tmp_path / "records.jsonl", [entry]), task=task))
    assert record.text == (PARIS if "tokens" in entry else "hi")
    assert list(record.votes) == votes


def test_a_classic_record_that_was_validated_without_an_entity_has_none(tmp_path: Path) -> None:
    entries = [_tokens(PARIS, [LOC]), _tokens(PARIS, None, status="Validated")]
    assert _votes(tmp_path, *entries)[1] == (Vote(()),)


def test_a_classic_record_that_was_discarded_was_skipped(tmp_path: Path) -> None:
    entries = [_classic("hi", "pos"), _classic("a", "pos", "Discarded"), _classic("b", None, "Discarded")]
    assert said(_read(tmp_path, *entries))[1:] == ["skipped"] * 2


def test_a_classic_annotation_that_was_edited_only_is_a_draft(tmp_path: Path) -> None:
    found = reading.opened(reading.lines_file(tmp_path / "a.jsonl", [_classic("hi", "pos", "Edited")]))
    assert said(reading.taken(found)) == [("hi", ())]
    assert found.aside == {"drafts": 1}


def test_a_classic_record_of_several_inputs_needs_the_name_of_one(tmp_path: Path) -> None:
    entry = _classic("", "pos") | {"text": None, "inputs": {"subject": "s", "note": "b"}}
    assert said(_read(tmp_path, entry, text="note")) == [("b", (("pos",),))]
    with pytest.raises(DataError, match="'subject', 'note'"):
        _read(tmp_path, entry)


@pytest.mark.parametrize(("start", "end"), [(10, 14), (11, 15), (9, 15)])
def test_a_classic_span_that_cuts_a_token_is_rejected(tmp_path: Path, start: int, end: int) -> None:
    entries = [_tokens(PARIS, [LOC]), _tokens(PARIS, [LOC | {"start": start, "end": end}])]
    assert said(_read(tmp_path, *entries))[1] == "split-token"


def test_tokens_that_are_not_in_the_text_are_no_reason_to_reject(tmp_path: Path) -> None:
    entry = _tokens(PARIS, [LOC | {"end": 14}]) | {"tokens": ["somewhere", "else"]}
    assert _votes(tmp_path, entry) == [(Vote((Span(10, 14, "LOC"),), "bob"),)]


def test_a_classic_record_is_ordered_by_its_timestamp(tmp_path: Path) -> None:
    (record,) = records(_read(tmp_path, _classic("hi", "pos"), time="event_timestamp"))
    assert record.time == 1714521600.0


# Documents


@every_shape
def test_a_list_and_lines_are_read_alike(tmp_path: Path, shape: Shape) -> None:
    entries = [shape("hi", 1, answer=_by("pos")), shape("bye", 2, answer=_by("neg"))]
    assert said(reading.read(list_file(tmp_path / "records.json", entries))) == said(_read(tmp_path, *entries))


@every_shape
def test_records_as_columns_are_read(tmp_path: Path, shape: Shape) -> None:
    rows = [shape("hi", 1, answer=_by("pos")), shape("bye", 2, answer=_by("neg"))]
    (tmp_path / "columns.json").write_text(json.dumps({name: [row[name] for row in rows] for name in rows[0]}))
    assert said(reading.read(tmp_path / "columns.json")) == [("hi", (("pos",),)), ("bye", (("neg",),))]


@every_shape
@pytest.mark.parametrize("indent", [None, 2])
def test_records_by_their_ids_are_read(tmp_path: Path, shape: Shape, indent: int | None) -> None:
    rows = {"x": shape("hi", 1, answer=_by("pos")), "y": shape("bye", 2, answer=_by("neg"))}
    (tmp_path / "index.json").write_text(json.dumps(rows, indent=indent))
    assert said(reading.read(tmp_path / "index.json")) == [("hi", (("pos",),)), ("bye", (("neg",),))]


def test_a_single_record_is_a_file_too(tmp_path: Path) -> None:
    for shape in SHAPES.values():
        assert said(_read(tmp_path, shape("hi", answer=_by("pos")))) == [("hi", (("pos",),))]


# Images


def test_an_image_field_is_read_and_called_by_the_record(tmp_path: Path) -> None:
    entry = _nested("", label=_by("cat"))
    entries = [entry | {"fields": {"photo": "data:image/png;base64,eA=="}}, entry | {"fields": {"photo": "cat.png"}}]
    path = reading.lines_file(tmp_path / "records.jsonl", entries)
    file = SourceFile(path, path.name, image=lambda reference: reference.encode())
    first, second = records(reading.taken(argilla.read(file, Ask())))
    assert (first.text, first.image) == ("image 1", b"data:image/png;base64,eA==")
    assert (second.text, second.image) == ("cat.png", b"cat.png")


# Recognition


@every_shape
def test_argillas_records_are_recognised(tmp_path: Path, shape: Shape) -> None:
    for entry in (shape("hi", answer=_by("pos")), shape("hi", answer=[]), _flat("hi")):
        for path in (reading.lines_file(tmp_path / "a.jsonl", [entry]), list_file(tmp_path / "a.json", [entry])):
            assert detect.detect(SourceFile(path, path.name), "auto")[0] == "argilla"


@pytest.mark.parametrize("entry", [_classic("hi", "pos"), _tokens(PARIS, [LOC])])
def test_classic_records_are_recognised(tmp_path: Path, entry: object) -> None:
    path = reading.lines_file(tmp_path / "a.jsonl", [entry])
    assert detect.detect(SourceFile(path, path.name), "auto")[0] == "argilla"


@pytest.mark.parametrize(
    "entry",
    [
        {"text": "a", "label": "b"},
        {"text": "a", "annotation": "b", "status": "done"},
        {"fields": {"text": "a"}, "label": "b"},
        {"data": {"text": "a"}, "annotations": []},
        {"id": 1, "text": "a", "responses": ["x"]},
        {"text": ["a", "b"], "label": ["x", "y"]},
        {"a": {"text": "b"}},
        [1],
    ],
)
def test_entries_of_others_are_not_claimed(tmp_path: Path, entry: object) -> None:
    path = reading.lines_file(tmp_path / "a.jsonl", [entry])
    assert argilla.recognise(SourceFile(path, path.name)) is None


# Whatever else


@every_shape
@pytest.mark.parametrize("text", [None, 5, ["a"]])
def test_a_text_that_is_none_is_rejected(tmp_path: Path, shape: Shape, text: object) -> None:
    assert said(_read(tmp_path, shape("hi", label=_by("pos")), shape(text, label=_by("pos"))))[1] == "no-text"


@every_shape
@pytest.mark.parametrize("value", [{"a": 1}, [5.5], [None]])
def test_an_answer_that_is_no_label_is_rejected(tmp_path: Path, shape: Shape, value: object) -> None:
    entries = [shape("hi", label=_by("pos")), shape("bye", label=_by(value))]
    assert said(_read(tmp_path, *entries, label="label", task="multi-label"))[1] == "bad-label"


@every_shape
def test_half_a_character_is_rejected(tmp_path: Path, shape: Shape) -> None:
    entries = [shape("hi", label=_by("pos")), shape("\ud83d", label=_by("pos")), shape("a", label=_by("\ud83d"))]
    assert said(_read(tmp_path, *entries))[1:] == ["broken-unicode"] * 2


def test_a_file_without_a_single_record_is_still_accounted_for(tmp_path: Path) -> None:
    assert said(_read(tmp_path, 5, None)) == ["not-an-object", "not-an-object"]


_values = one_of("pos", "neg", ["a"], ["b", "a"], [], 4, 5, [LOC], [{"start": 1, "end": 2, "label": "X"}], None)
_statuses = one_of("submitted", "draft", "discarded")
_response = mostly(st.fixed_dictionaries({"value": _values}, optional={"user_id": one_of("u", 1), "status": _statuses}))
_user_response = mostly(
    st.fixed_dictionaries(
        {
            "values": mostly(
                st.dictionaries(
                    one_of("label", "other").map(str), mostly(st.fixed_dictionaries({"value": _values})), max_size=2
                )
            ),
            "status": _statuses,
        }
    )
)
_fields = mostly(st.fixed_dictionaries({"text": one_of("hi", PARIS, "🚀 go")}, optional={"photo": ANYTHING}))
_entries = mostly(
    st.one_of(
        st.fixed_dictionaries(
            {
                "fields": _fields,
                "responses": mostly(
                    st.dictionaries(st.sampled_from(["label", "other"]), mostly(st.lists(_response, max_size=2)))
                ),
            },
            optional={"id": ANYTHING, "metadata": one_of({"when": 5}), "suggestions": ANYTHING},
        ),
        st.fixed_dictionaries({"fields": _fields, "responses": mostly(st.lists(_user_response, max_size=2))}),
        st.fixed_dictionaries(
            {"text": one_of("hi", PARIS), "label.responses": mostly(st.lists(_values, max_size=2))},
            optional={
                "label.responses.users": mostly(st.lists(one_of("u"), max_size=3)),
                "label.responses.status": mostly(st.lists(_statuses, max_size=2)),
                "_server_id": ANYTHING,
            },
        ),
        st.fixed_dictionaries(
            {
                "text": one_of("hi", PARIS),
                "label": mostly(st.lists(_response, max_size=2)),
                "label-suggestion": ANYTHING,
                "label-suggestion-metadata": ANYTHING,
            },
            optional={"metadata": one_of('{"when": 5}', "[", "[[[")},
        ),
        st.fixed_dictionaries(
            {
                "text": one_of("hi", PARIS),
                "annotation": _values,
                "annotation_agent": one_of("bob"),
                "status": one_of("Validated", "Discarded", "Edited"),
            },
            optional={"tokens": one_of(PARIS.split()), "inputs": _fields, "prediction": ANYTHING},
        ),
    )
)
_asked: st.SearchStrategy[Mapping[str, Any]] = st.sampled_from(
    [
        {},
        {"task": "token-classification"},
        {"task": "text-classification"},
        {"task": "multi-label"},
        {"task": "regression"},
        {"label": "label"},
        {"label": "annotation"},
        {"group_by": "when", "time": "when"},
    ]
)


@STEADY
@given(st.lists(_entries, max_size=5), _asked, st.booleans())
def test_every_entry_is_one_record_or_one_reject(
    tmp_path: Path, entries: list[object], asked: Mapping[str, Any], as_list: bool
) -> None:
    found = reading.read_or_refused(
        tmp_path / "records.jsonl", reading.written(entries, as_list), form="argilla", **asked
    )
    if found is None:
        return
    assert len(found) == len(entries)
    for each, entry in zip(found, entries, strict=True):
        assert isinstance(each, Record) or repr(each.content) == repr(entry) or each.content == repr(entry)


@STEADY
@given(st.data(), _asked)
def test_no_damage_raises_anything_but_a_clear_error(
    tmp_path: Path, data: st.DataObject, asked: Mapping[str, Any]
) -> None:
    entries = [shape(PARIS, label=_by("pos"), places=_by([LOC])) for shape in SHAPES.values()]
    content = "\n".join(map(json.dumps, [*entries, _tokens(PARIS, [LOC])]))
    reading.read_or_refused(tmp_path / "a.jsonl", damaged(data, content.encode()), form="argilla", **asked)
