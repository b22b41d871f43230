"""Reading Label Studio's JSON export."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.errors import DataError, HeadstartError
from headstart.labels import detect
from headstart.labels.formats.label_studio.records import shown_safely
from headstart.labels.records import Ask, Record, Reject, Vote
from headstart.labels.sources.files import SourceFile, UnseenImage
from headstart.spec import FieldsSpec
from tests.support import exports, reading, shared_data
from tests.support.label_studio import annotation, choice, item, skip, span, task, tasks_file
from tests.support.reading import said
from tests.support.steady import STEADY

EXAMPLE = exports.EXAMPLE


def _read(path: Path, *tasks: object, **asked: Any) -> list[Record | Reject]:
    """What the tasks are read as."""
    return reading.read(tasks_file(path / "export.json", tasks), form="label-studio", **asked)


def _record(path: Path, *tasks: object, **asked: Any) -> Record:
    """What the first of the tasks is read as."""
    found = _read(path, *tasks, **asked)[0]
    assert isinstance(found, Record), found
    return found


def _votes(path: Path, *tasks: object, **asked: Any) -> list[object]:
    """The votes on the first of the tasks, without who gave them."""
    return [vote.value for vote in _record(path, *tasks, **asked).votes]


def _reason(path: Path, *tasks: object, **asked: Any) -> str:
    found = _read(path, *tasks, **asked)[0]
    assert isinstance(found, Reject), found
    return found.reason


def _aside(path: Path, *tasks: object, **asked: Any) -> dict[str, int]:
    """What is left aside of the tasks."""
    opened = reading.opened(tasks_file(path / "export.json", tasks), form="label-studio", **asked)
    reading.taken(opened)
    return dict(opened.aside)


def _error(path: Path, *tasks: object, **asked: Any) -> DataError:
    with pytest.raises(DataError) as caught:
        _read(path, *tasks, **asked)
    return caught.value


# Tasks and annotations


def test_a_task_is_one_record_with_one_vote_an_annotation(tmp_path: Path) -> None:
    found = _record(tmp_path, task(7, "Where is it?", choice("order"), choice("refund")))
    assert found == Record("export.json, task 7", "Where is it?", (Vote(("order",)), Vote(("refund",))))


def test_a_task_without_an_id_is_called_by_its_place_in_the_list(tmp_path: Path) -> None:
    nameless = {"data": {"text": "hello"}, "annotations": [choice("a")]}
    path = tasks_file(tmp_path / "export.json", [task(9, "first", choice("a")), nameless])
    assert [each.place for each in reading.read(path)] == ["export.json, task 9", "export.json, task number 2"]


@pytest.mark.parametrize(
    ("who", "by"),
    [
        (5, "5"),
        ("ann@x.org", "ann@x.org"),
        ({"id": 5, "email": "ann@x.org", "first_name": "", "last_name": ""}, "ann@x.org"),
        ({"id": 5}, "5"),
        ({}, None),
        (None, None),
        (True, None),
        ([5], None),
    ],
)
def test_a_vote_says_who_gave_it(tmp_path: Path, who: object, by: str | None) -> None:
    assert _record(tmp_path, task(1, "hello", choice("a", completed_by=who))).votes == (Vote(("a",), by),)


def test_old_exports_say_the_annotators_name_alone(tmp_path: Path) -> None:
    old = {"id": 1, "data": {"text": "hello"}, "completions": [choice("a", created_username=" ann@x.org, 1")]}
    assert _record(tmp_path, old).votes == (Vote(("a",), "ann@x.org, 1"),)


def test_predictions_and_drafts_are_no_labels(tmp_path: Path) -> None:
    guessed = task(1, "hello") | {"predictions": [choice("a")], "drafts": [choice("b")]}
    assert _votes(tmp_path, guessed, task(2, "bye", choice("c"))) == []


def test_a_cancelled_annotation_is_no_vote(tmp_path: Path) -> None:
    assert _votes(tmp_path, task(1, "hello", choice("a", was_cancelled=True), choice("b"))) == [("b",)]


@pytest.mark.parametrize("skipped", [skip(), {"skipped": True, "result": []}, choice("a", last_action="rejected")])
def test_a_task_that_everyone_skipped_is_rejected_as_skipped(tmp_path: Path, skipped: object) -> None:
    assert _reason(tmp_path, task(1, "hello", skipped, skip())) == "skipped"


def test_a_task_that_nobody_saw_is_a_record_without_votes(tmp_path: Path) -> None:
    assert _votes(tmp_path, task(1, "hello"), task(2, "bye", choice("a"))) == []


def test_an_annotation_that_a_reviewer_rejected_is_no_vote(tmp_path: Path) -> None:
    reviewed = task(1, "hello", choice("a", last_action="rejected"), choice("b", last_action="accepted"))
    assert _votes(tmp_path, reviewed) == [("b",)]


@pytest.mark.parametrize(
    ("accepted", "action", "counts"),
    [([False], None, False), ([False, True], None, True), ([True, False], None, False), ([False], "updated", True)],
)
def test_the_last_review_counts_unless_the_annotator_answered_it(
    tmp_path: Path, accepted: list[bool], action: str | None, counts: bool
) -> None:
    reviews = [{"accepted": each, "created_at": f"2022-11-0{day}"} for day, each in enumerate(accepted, start=1)]
    reviewed = task(1, "hello", choice("a", reviews=reviews, last_action=action), choice("b"))
    assert (("a",) in _votes(tmp_path, reviewed)) is counts


def test_a_review_that_mended_the_annotation_rejects_nothing(tmp_path: Path) -> None:
    mended = {"accepted": False, "created_at": "2022-11-02", "fixed_annotation_history": 7}
    assert _votes(tmp_path, task(1, "hello", choice("a", reviews=[mended]))) == [("a",)]


def test_a_ground_truth_annotation_is_a_vote_and_its_mark_is_left_aside(tmp_path: Path) -> None:
    marked = task(1, "hello", choice("a", ground_truth=True), choice("b"))
    assert _votes(tmp_path, marked) == [("a",), ("b",)]
    assert _aside(tmp_path, marked) == {"ground truth marks": 1}


def test_exports_of_before_2021_call_annotations_completions(tmp_path: Path) -> None:
    old = {"id": 1, "data": {"text": "hello"}, "completions": [choice("a"), {"skipped": True, "result": []}]}
    assert _votes(tmp_path, old) == [("a",)]


def test_what_is_no_label_is_left_aside_and_counted(tmp_path: Path) -> None:
    box = {"x": 1.5, "y": 2.5, "width": 3.5, "height": 4.5, "rotation": 0, "rectanglelabels": ["Car"]}
    polygon = {"closed": True, "points": [[44.4, 48.2]], "polygonlabels": ["Airplane"]}
    mask = {"format": "rle", "rle": [0, 1], "brushlabels": ["Sky"]}
    relation = {"from_id": "a", "to_id": "b", "type": "relation", "direction": "right"}
    results = [
        item("rectanglelabels", box, "box", "image"),
        item("polygonlabels", polygon, "shape", "image"),
        item("brushlabels", mask, "mask", "image"),
        item("textarea", {"text": ["because"]}, "why"),
        item("datetime", {"datetime": "2024-01-01"}, "when"),
        item("chatmessage", {"chatmessage": {"role": "user", "content": "hi"}}, "chat"),
        item("rating", {"rating": 3}, "stars"),
        item("choices", {"choices": ["a"]}, "intent"),
        item("choices", {"start": 0, "end": 2, "text": "he", "choices": ["b"]}, "intent"),  # of a region
        item("labels", {"start": 0.5, "end": 2, "channel": 0, "labels": ["Speech"]}, "sound", original_length=9.5),
        relation,
    ]
    drafted = {"predictions": [choice("x"), choice("y")], "drafts": [17]}  # a snapshot has their ids alone
    full = task(1, "hello", annotation(*results, reviews=[{"accepted": True}]), skip(), 5) | drafted
    assert _aside(tmp_path, full, task(2, "bye", choice("a", last_action="rejected")), task="text-classification") == {
        "predictions": 2,
        "drafts": 1,
        "reviews": 1,
        "unreadable annotations": 1,
        "skipped annotations": 1,
        "rejected annotations": 1,
        "boxes": 1,
        "polygons": 1,
        "brush masks": 1,
        "textarea answers": 1,
        "dates": 1,
        "chat messages": 1,
        "answers to other controls": 1,
        "answers about regions": 1,
        "other regions": 1,
        "relations": 1,
    }


# Names


def test_an_annotation_with_an_empty_result_is_no_vote(tmp_path: Path) -> None:
    empty = task(1, "hello", {"result": []}, choice("a"))
    assert _votes(tmp_path, empty) == [("a",)]
    assert _aside(tmp_path, empty) == {"annotations without a label": 1}


@pytest.mark.parametrize("asked", [{"task": "multi-label"}, {}])
def test_choosing_nothing_is_an_answer_where_several_may_be_chosen(tmp_path: Path, asked: dict[str, str]) -> None:
    several = task(2, "bye", choice("a", "b"))
    assert _votes(tmp_path, task(1, "hello", annotation()), several, **asked) == [()]
    assert _votes(tmp_path, task(1, "hello", annotation()), several, task="text-classification") == []


def test_one_stray_second_choice_does_not_make_nothing_an_answer(tmp_path: Path) -> None:
    many = [task(number, "bye", choice("a")) for number in range(2, 120)]
    assert _votes(tmp_path, task(1, "hello", annotation()), *many, task(0, "hi", choice("a", "b"))) == []


def test_several_choices_are_one_vote_for_all_of_them(tmp_path: Path) -> None:
    assert _votes(tmp_path, task(1, "hello", choice("a", "b"))) == [("a", "b")]


def test_a_choice_that_is_named_twice_counts_once(tmp_path: Path) -> None:
    assert _votes(tmp_path, task(1, "hello", choice("a", "a"))) == [("a",)]


@pytest.mark.parametrize("chosen", [None, 3, 1.5, True, [], [3], [["a"]], {"a": 1}, ""])
def test_a_choice_that_is_no_name_is_no_label(tmp_path: Path, chosen: object) -> None:
    odd = task(1, "hello", choice(chosen, "b"))
    assert _votes(tmp_path, odd) == [("b",)]
    assert _aside(tmp_path, odd) == {"choices that are no names": 1}


def test_a_nested_choice_and_a_taxonomy_are_paths_joined_as_label_studio_shows_them(tmp_path: Path) -> None:
    nested = annotation(item("choices", {"choices": [["Eukarya", "Human"]]}, "kind"))
    assert _votes(tmp_path, task(1, "hello", nested)) == [("Eukarya / Human",)]
    taxonomy = annotation(item("taxonomy", {"taxonomy": [["Archaea"], ["Eukarya", "Human"]]}, "kind"))
    assert _votes(tmp_path, task(1, "hello", taxonomy)) == [("Archaea", "Eukarya / Human")]


def test_a_choice_about_a_region_or_one_of_several_images_is_none_about_the_task(tmp_path: Path) -> None:
    about_box = item("choices", {"x": 1, "y": 2, "width": 3, "height": 4, "choices": ["b"]}, "intent")
    about_page = item("choices", {"choices": ["c"]}, "intent", item_index=1)
    assert _votes(tmp_path, task(1, "hello", annotation(about_box, about_page), choice("a"))) == [("a",)]


def test_other_kinds_of_annotation_are_left_aside(tmp_path: Path) -> None:
    both = annotation(item("rating", {"rating": 3}, "intent"), item("choices", {"choices": ["a"]}, "intent"))
    assert _votes(tmp_path, task(1, "hello", both), task="text-classification") == [("a",)]
    both = annotation(item("textarea", {"text": ["so"]}, "intent"), item("choices", {"choices": ["a"]}, "intent"))
    assert _votes(tmp_path, task(1, "hello", both)) == [("a",)]


# Controls


def test_the_only_choices_control_needs_no_name(tmp_path: Path) -> None:
    assert _votes(tmp_path, task(1, "hello", choice("a", control="whatever"))) == [("a",)]


@pytest.mark.parametrize("second", ["urgency", "category"])
def test_of_several_controls_none_is_guessed_and_all_are_named_in_the_error(tmp_path: Path, second: str) -> None:
    error = _error(tmp_path, task(1, "hello", choice("a", control="quality"), choice("b", control=second)))
    assert error.code == "data/unknown-field"
    assert f"'quality', '{second}'" in str(error)


def test_the_spec_names_the_control_that_counts(tmp_path: Path) -> None:
    two = task(1, "hello", choice("a", control="quality"), choice("b", control="urgency"))
    assert _votes(tmp_path, two, label="urgency") == [("b",)]


def test_a_control_that_no_annotation_has_is_an_error(tmp_path: Path) -> None:
    error = _error(tmp_path, task(1, "hello", choice("a")), label="urgency")
    assert error.code == "data/unknown-field"
    assert "no field 'urgency'" in str(error)
    assert "'intent'" in error.remedy


def _mixed() -> dict[str, Any]:
    results = [item("choices", {"choices": ["a"]}, "intent"), item("rating", {"rating": 3}, "stars"), span(0, 2, "X")]
    return task(1, "hello", annotation(*results))


def test_of_several_kinds_of_labels_none_is_guessed(tmp_path: Path) -> None:
    error = _error(tmp_path, _mixed())
    assert error.code == "data/unknown-field"
    assert "names in 'intent', numbers in 'stars', spans of text in 'ner'" in error.problem
    assert "Set the task" in error.remedy


@pytest.mark.parametrize(
    ("asked", "fields", "kind", "value"),
    [
        ({"task": "text-classification"}, "text from 'text', label from 'intent'", "names", ("a",)),
        ({"task": "regression"}, "text from 'text', numbers from 'stars'", "number", 3.0),
        ({"task": "token-classification"}, "text from 'text', spans from 'ner'", "spans", ((0, 2, "X"),)),
        ({"label": "stars"}, "text from 'text', numbers from 'stars'", "number", 3.0),
    ],
)
def test_the_task_or_the_controls_name_chooses_the_kind(
    tmp_path: Path, asked: dict[str, str], fields: str, kind: str, value: object
) -> None:
    opened = reading.opened(tasks_file(tmp_path / "export.json", [_mixed()]), **asked)
    (record,) = reading.taken(opened)
    assert isinstance(record, Record)
    assert (opened.fields, opened.kind, record.votes) == (fields, kind, (Vote(value),))  # type: ignore[arg-type]


@pytest.mark.parametrize("asked", [{}, {"label": "intent"}])
def test_a_task_that_takes_what_no_control_holds_is_an_error(tmp_path: Path, asked: dict[str, str]) -> None:
    error = _error(tmp_path, task(1, "hello", choice("a")), task="token-classification", **asked)
    assert error.code == "data/unknown-field"
    assert "names in 'intent'" in error.problem


def test_an_export_in_which_nobody_labeled_anything_is_records_without_votes(tmp_path: Path) -> None:
    opened = reading.opened(tasks_file(tmp_path / "export.json", [task(1, "hello"), task(2, "bye")]))
    assert said(reading.taken(opened)) == [("hello", ()), ("bye", ())]
    assert opened.fields == "text from 'text', no label in any annotation"


# Numbers


@pytest.mark.parametrize(("kind", "value", "number"), [("rating", 4, 4.0), ("number", 2.5, 2.5), ("number", -1, -1.0)])
def test_ratings_and_numbers_are_numbers(tmp_path: Path, kind: str, value: float, number: float) -> None:
    assert _votes(tmp_path, task(1, "hello", annotation(item(kind, {kind: value}, "score")))) == [number]


@pytest.mark.parametrize("value", ["high", True, [3], {}, float("nan"), float("inf"), 10**400])
def test_a_rating_that_is_no_number_is_rejected(tmp_path: Path, value: object) -> None:
    assert _reason(tmp_path, task(1, "hello", annotation(item("rating", {"rating": value}, "stars")))) == "bad-label"


def test_two_different_numbers_in_one_answer_are_rejected(tmp_path: Path) -> None:
    twice = [item("rating", {"rating": grade}, "stars") for grade in (3, 4)]
    assert _reason(tmp_path, task(1, "hello", annotation(*twice))) == "several-labels"


def test_an_annotator_who_gave_no_number_gives_no_vote(tmp_path: Path) -> None:
    rated = annotation(item("rating", {"rating": 4}, "stars"))
    assert _votes(tmp_path, task(1, "hello", rated, annotation(item("rating", {"rating": None}, "stars")))) == [4.0]


# Text, pairs and images


def test_the_spec_names_the_field_of_the_text(tmp_path: Path) -> None:
    assert _record(tmp_path, task(1, "body", choice("a"), title="the title"), text="title").text == "the title"


@pytest.mark.parametrize("field", ["text", "pair", "image"])
def test_a_field_that_no_task_has_is_an_error(tmp_path: Path, field: str) -> None:
    error = _error(tmp_path, task(1, "hello", choice("a")), **{field: "titel"})
    assert error.code == "data/unknown-field"
    assert "'titel'" in error.problem
    assert "'text'" in error.remedy


@pytest.mark.parametrize(
    ("data", "to", "text"),
    [
        ({"ticket": "A", "subject": "B"}, "ticket", "A"),  # the object is called as the field is
        ({"ticket": "A", "subject": "B"}, "$subject", "B"),
        ({"body": "A", "ticket": "B"}, "t", "A"),  # a usual name
        ({"ticket": "A", "number": 7, "audio": "https://x.org/a.wav"}, "t", "A"),  # the only text
        ({"ticket": "data: A", "more": "data:text/plain;base64,QQ=="}, "t", "data: A"),
    ],
)
def test_the_text_is_told_from_the_controls_object_or_from_names(
    tmp_path: Path, data: dict[str, Any], to: str, text: str
) -> None:
    assert _record(tmp_path, {"id": 1, "data": data, "annotations": [choice("a", to=to)]}).text == text


def test_of_several_texts_with_unusual_names_none_is_guessed(tmp_path: Path) -> None:
    error = _error(tmp_path, {"id": 1, "data": {"ticket": "A", "subject": "B"}, "annotations": [choice("a", to="t")]})
    assert error.code == "data/unknown-field"
    assert "'ticket', 'subject'" in error.remedy


@pytest.mark.parametrize("text", [None, 5, 1.5, True, ["a"], {"a": "b"}])
def test_a_text_that_is_no_string_is_rejected(tmp_path: Path, text: object) -> None:
    assert _reason(tmp_path, task(1, text, choice("a"))) == "no-text"


@pytest.mark.parametrize("address", ["/data/upload/3/doc.txt", "s3://bucket/doc.txt", "gs://bucket/doc"])
def test_the_address_of_a_text_in_label_studios_storage_is_no_text(tmp_path: Path, address: str) -> None:
    assert _reason(tmp_path, task(1, address, choice("a"))) == "no-text"
    assert _reason(tmp_path, task(1, "hello", choice("a"), other=address), text="text", pair="other") == "no-text"


def test_a_text_that_begins_like_an_address_is_a_text(tmp_path: Path) -> None:
    assert _record(tmp_path, task(1, "s3://bucket is empty", choice("a"))).text == "s3://bucket is empty"


def test_a_task_without_the_text_field_is_rejected(tmp_path: Path) -> None:
    imageless = {"id": 1, "data": {"image": "x.jpg"}, "annotations": [choice("a")]}
    assert _reason(tmp_path, imageless, task(2, "hello", choice("a"))) == "no-text"


@pytest.mark.parametrize(
    "data", [{"audio": "/data/upload/3/a.wav"}, {"video": "https://x.org/v.mp4"}, {"csv": "a/b.csv"}]
)
def test_sounds_videos_and_series_are_an_error_that_names_what_there_is(tmp_path: Path, data: dict[str, str]) -> None:
    error = _error(tmp_path, {"id": 1, "data": data, "annotations": [choice("a", to="media")]})
    assert error.code == "data/unknown-field"
    assert repr(next(iter(data))) in error.remedy


def _pairwise(data: dict[str, str], to: str = "pw", selected: str = "left") -> dict[str, Any]:
    return {"id": 1, "data": data, "annotations": [annotation(item("pairwise", {"selected": selected}, "pw", to))]}


@pytest.mark.parametrize(
    ("data", "to", "asked"),
    [
        ({"answer1": "A", "answer2": "B", "prompt": "P"}, "pw", {}),
        ({"optionA": "A", "optionB": "B"}, "pw", {}),
        ({"left": "A", "right": "B"}, "pw", {}),
        ({"text1": "A", "text2": "B"}, "pw", {}),
        ({"one": "B", "other": "A", "text1": "P", "text2": "Q"}, "other,one", {}),  # as written before 2021
        ({"one": "A", "other": "B"}, "pw", {"text": "one", "pair": "other"}),
        ({"text": "A", "other": "B"}, "pw", {"pair": "other"}),
    ],
)
def test_a_pairwise_comparison_is_a_pair_whose_names_are_its_sides(
    tmp_path: Path, data: dict[str, str], to: str, asked: dict[str, str]
) -> None:
    found = _record(tmp_path, _pairwise(data, to, "right"), **asked)
    assert (found.text, found.pair, found.votes) == ("A", "B", (Vote(("right",)),))


@pytest.mark.parametrize(
    "data", [{"one": "A", "other": "B"}, {"a1": "A", "a2": "B", "b1": "C", "b2": "D"}, {"text": "A"}]
)
def test_the_sides_of_a_comparison_are_not_guessed(tmp_path: Path, data: dict[str, str]) -> None:
    error = _error(tmp_path, _pairwise(data))
    assert error.code == "data/unknown-field"
    assert "data.fields.pair" in error.remedy


def test_choices_about_a_usual_pair_are_about_both_texts(tmp_path: Path) -> None:
    pair = {"id": 1, "data": {"premise": "A", "hypothesis": "B"}, "annotations": [choice("entails", to="premise")]}
    found = _record(tmp_path, pair)
    assert (found.text, found.pair) == ("A", "B")
    assert _record(tmp_path, pair, text="hypothesis").pair is None


def test_a_task_for_pairs_without_pairs_is_an_error(tmp_path: Path) -> None:
    rated = task(1, "hello", annotation(item("rating", {"rating": 3}, "stars")))
    assert "data.fields.pair" in _error(tmp_path, rated, task="pair-regression").remedy


def _images(
    path: Path, data: dict[str, Any], there: dict[str, bytes], to: str = "image", **asked: Any
) -> Record | Reject:
    """What an image task is read as, where these are the images that can be had."""

    def image(reference: str) -> bytes:
        if reference not in there:
            raise UnseenImage("no-image")
        return there[reference]

    export = tasks_file(path / "export.json", [{"id": 1, "data": data, "annotations": [choice("cat", to=to)]}])
    fields = FieldsSpec(**{key: asked.pop(key) for key in tuple(asked) if key in FieldsSpec.model_fields})
    file = SourceFile(export, export.name, image=image)
    found = next(iter(detect.READERS["label-studio"].read(file, Ask(fields, **asked)).items))
    assert isinstance(found, Record | Reject)
    return found


@pytest.mark.parametrize(
    ("data", "there", "asked"),
    [
        ({"image": "cats/1.jpg"}, "cats/1.jpg", {}),
        ({"image": "cats/1.jpg", "text": "a caption"}, "cats/1.jpg", {}),  # the control's object is the image
        ({"picture": "https://x.org/1.JPG?sig=a.b"}, "https://x.org/1.JPG?sig=a.b", {"to": "p"}),
        ({"image": "/data/upload/29/ab%20c.png"}, "upload/29/ab c.png", {}),
        ({"image": "/data/upload/29/abc.png"}, "abc.png", {}),
        ({"image": "/data/local-files/?d=cats/1.jpg"}, "cats/1.jpg", {}),
        ({"image": "s3://bucket/cats/1.jpg"}, "s3://bucket/cats/1.jpg", {}),
        ({"a": "1.jpg", "b": "2.jpg"}, "2.jpg", {"image": "b"}),
        ({"image": "cats/1"}, "cats/1", {"task": "image-classification"}),
    ],
)
def test_choices_about_an_image_come_with_its_bytes(
    tmp_path: Path, data: dict[str, Any], there: str, asked: dict[str, Any]
) -> None:
    found = _images(tmp_path, data, {there: b"bytes"}, **asked)
    assert isinstance(found, Record), found
    assert (found.image, found.votes) == (b"bytes", (Vote(("cat",)),))
    assert found.text in data.values()


def test_an_image_that_cannot_be_had_is_rejected(tmp_path: Path) -> None:
    elsewhere = {"1.jpg": b"another", "": b"nothing", "upload/29/other.png": b"another"}
    for address in ("/data/upload/29/abc.png", "/data/upload/", "/data/local-files/?d=cats/1.jpg", "cats/1.jpg", None):
        found = _images(tmp_path, {"image": address, "caption": 5}, elsewhere, image="image")
        assert isinstance(found, Reject)
        assert found.reason == "no-image"


def test_a_task_for_images_without_images_is_an_error(tmp_path: Path) -> None:
    error = _error(tmp_path, {"id": 1, "data": {"a": "x", "b": "y"}, "annotations": []}, task="image-classification")
    assert error.code == "data/unknown-field"


def test_a_text_beside_an_image_is_what_a_text_control_is_about(tmp_path: Path) -> None:
    assert _record(tmp_path, task(1, "a caption", choice("a"), image="x.jpg")).text == "a caption"


# Groups and times


def test_the_group_is_a_field_of_the_data(tmp_path: Path) -> None:
    assert _record(tmp_path, task(1, "hello", choice("a"), customer=17), group_by="customer").group == "17"


@pytest.mark.parametrize(("field", "group"), [("batch", "b1"), ("project", "12"), ("inner_id", "3")])
def test_the_group_may_be_said_of_the_task(tmp_path: Path, field: str, group: str) -> None:
    told = task(1, "hello", choice("a")) | {"meta": {"batch": "b1"}, "project": 12, "inner_id": 3}
    assert _record(tmp_path, told, group_by=field).group == group


def test_a_task_without_the_group_field_has_no_group(tmp_path: Path) -> None:
    other = task(2, "bye", choice("a"), customer="c")
    assert _record(tmp_path, task(1, "hello", choice("a")), other, group_by="customer").group is None


def test_grouping_by_a_field_that_no_task_has_is_an_error(tmp_path: Path) -> None:
    error = _error(tmp_path, task(1, "hello", choice("a"), customer="c"), group_by="custmer")
    assert error.code == "data/unknown-field"
    assert "custmer" in str(error)


def test_the_time_is_a_field_of_the_data_or_of_the_task(tmp_path: Path) -> None:
    timed = task(1, "hello", choice("a"), sent=1700000000) | {"created_at": "1970-01-02T00:00:00.000000Z"}
    assert _record(tmp_path, timed, time="sent").time == 1700000000
    assert _record(tmp_path, timed, time="created_at").time == 86400
    assert _reason(tmp_path, task(1, "hello", choice("a"), sent="soon"), time="sent") == "bad-time"
    assert _error(tmp_path, timed, time="when").code == "data/unknown-field"


# What is no task


@pytest.mark.parametrize("entry", [None, 5, "task", [], {}, {"data": None}, {"data": []}, {"data": {}}])
def test_an_entry_that_is_no_task_is_rejected_alone(tmp_path: Path, entry: object) -> None:
    rejected, kept = _read(tmp_path, entry, task(2, "hello", choice("a")))
    assert isinstance(rejected, Reject)
    assert rejected.reason == "not-a-task"
    assert isinstance(kept, Record)


@pytest.mark.parametrize("entries", [[1, None, "x"], [{}], []])
def test_a_list_without_a_single_task_is_still_accounted_for(tmp_path: Path, entries: list[object]) -> None:
    assert [each.content for each in _read(tmp_path, *entries)] == entries  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "broken",
    [
        task(1, "half \ud83d", choice("a")),
        task(1, "hello", choice("\udc00")),
        task(1, "hello", choice("a", completed_by="\udc00")),
        task(1, "hello", choice("a"), customer="\udc00"),
    ],
)
def test_half_a_character_in_what_is_read_is_rejected(tmp_path: Path, broken: object) -> None:
    asked = {"group_by": "customer"} if "customer" in str(broken) else {}
    assert _reason(tmp_path, broken, **asked) == "broken-unicode"


def test_half_a_character_in_an_id_is_spelt_out(tmp_path: Path) -> None:
    assert _record(tmp_path, task("\ud83d", "hello", choice("a"))).place == "export.json, task \\ud83d"


# Files


def test_a_byte_order_mark_does_not_matter(tmp_path: Path) -> None:
    plain = json.dumps([task(1, "hello", choice("a"))]).encode()
    marked = reading.read_bytes(tmp_path / "export.json", b"\xef\xbb\xbf" + plain)
    assert marked == reading.read_bytes(tmp_path / "export.json", plain)


def _stored(text: str, *labels: str) -> dict[str, Any]:
    """An annotation as Label Studio writes it into a bucket."""
    inner = {"id": 7, "data": {"text": text}, "meta": {"batch": "b1"}, "created_at": "2024-01-01T00:00:00Z"}
    return choice(*labels, completed_by={"id": 3, "email": "ann@x.org"}, created_username=" ann@x.org, 3", task=inner)


@pytest.mark.parametrize("name", ["tasks.jsonl", "tasks.json", "7"])
def test_tasks_or_annotations_may_stand_one_a_line(tmp_path: Path, name: str) -> None:
    lines = [json.dumps(task(1, "hello", choice("a"))), "", json.dumps(_stored("bye", "b")), "[", "3"]
    found = reading.read_bytes(tmp_path / name, "\n".join(lines))
    assert said(found) == [("hello", (("a",),)), ("bye", (("b",),)), "not-json", "not-an-object"]
    assert [each.place for each in found] == [f"{name}, line {number}" for number in (1, 3, 4, 5)]


def test_a_first_line_that_is_broken_is_rejected_alone(tmp_path: Path) -> None:
    lines = ["{", json.dumps(task(1, "hello", choice("a")))]
    found = reading.read_bytes(tmp_path / "tasks.jsonl", "\n".join(lines), form="label-studio")
    assert said(found) == ["not-json", ("hello", (("a",),))]


def test_an_annotation_as_written_into_a_bucket_has_its_task_inside(tmp_path: Path) -> None:
    for indent in (None, 2):
        path = tmp_path / "8906"
        path.write_text(json.dumps(_stored("hello", "a"), indent=indent))
        (found,) = reading.read(path, group_by="batch")
        assert isinstance(found, Record)
        assert (found.text, found.votes, found.group) == ("hello", (Vote(("a",), "ann@x.org"),), "b1")
    (found,) = _read(tmp_path, _stored("hello", "a"))
    assert found.place == "export.json, task 7"


def test_a_file_may_be_one_task(tmp_path: Path) -> None:
    old = {"id": 3, "data": {"text": "hello"}, "completions": [choice("a")]}
    assert said(reading.read_bytes(tmp_path / "3.json", json.dumps(old, indent=4))) == [("hello", (("a",),))]


@pytest.mark.parametrize(
    "content",
    [
        '[{"id": 1, "text": "a", "annotations": []}]',  # no data
        '[{"data": {"text": "a"}}]',  # nothing labeled: what is imported into Label Studio
        '[{"data": {"text": "a"}, "annotations": [{"label": "x"}]}]',  # of another tool
        '{"annotations": [], "images": [], "data": []}',
        '{"result": [], "task": 5}',
        "[1, 2]",
        '[{"a": ' + "[" * 100_000,
        "",
        "text,label",
        '"data" "annotations"',
    ],
)
def test_other_json_is_not_taken_for_label_studios(tmp_path: Path, content: str) -> None:
    path = tmp_path / "other.json"
    path.write_text(content)
    assert detect.READERS["label-studio"].recognise(SourceFile(path, path.name)) is None


def test_a_first_task_of_megabytes_is_recognised_from_its_start(tmp_path: Path) -> None:
    mask = item("brushlabels", {"format": "rle", "rle": [7] * 600_000, "brushlabels": ["Sky"]}, "mask", "image")
    first = {"id": 1, "annotations": [annotation(mask)], "data": {"text": "hello"}}
    found = reading.read_bytes(tmp_path / "export.json", json.dumps([first, task(2, "bye", choice("a"))]))
    assert said(found) == [("hello", ()), ("bye", (("a",),))]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b'[{"data": {"text": "a"},\n "annotations": [', "export.json, line 2: not JSON"),
        (b'{"data": {"text": "a"},\n "annotations": [', "export.json, line 2: not JSON"),
        (b'{"a":\n 1}', "not a list of tasks"),
        (b"3", "not a list of tasks"),
        (b"", "export.json, line 1: not JSON"),
        ('[{"data": {"text": "a"}, "annotations": []}]'.encode("utf-16"), "export.json, line 1: not JSON"),
        (b"[" * 100_000, "nested too deeply"),
        (b'[{"data": {"text": "\0"}, "annotations": []}]', "not JSON"),
    ],
)
def test_a_file_that_cannot_be_read_says_where_and_why(tmp_path: Path, content: bytes, told: str) -> None:
    with pytest.raises(DataError) as caught:
        reading.read_bytes(tmp_path / "export.json", content, form="label-studio")
    assert caught.value.code == "data/unreadable"
    assert told in str(caught.value)


def test_a_number_of_thousands_of_digits_is_a_clear_error(tmp_path: Path) -> None:
    long = b'[{"id": ' + b"9" * 5000 + b', "data": {"text": "a"}, "annotations": []}]'
    with pytest.raises(DataError):
        reading.read_bytes(tmp_path / "export.json", long, form="label-studio")


@pytest.mark.parametrize(
    "export",
    [
        '[{"id": DEEP, "data": {"text": "\\ud83d"}, "annotations": []}]',
        '[{"data": {"text": "\\ud83d", "more": DEEP}, "annotations": []}]',
        '[{"data": {"text": "\\ud83d"}, "annotations": DEEP, "meta": DEEP}]',
    ],
)
def test_what_is_nested_deeply_stops_no_reading(tmp_path: Path, export: str) -> None:
    found = set()
    for depth in range(800, 1000):  # Python reads as deep as its stack lets it, and then shows less deep
        nested = export.replace("DEEP", "[" * depth + "]" * depth)
        try:
            found |= set(said(reading.read_bytes(tmp_path / "export.json", nested, form="label-studio")))
        except DataError:
            found.add("unreadable")
    assert found == {"broken-unicode", "unreadable"}


def test_content_that_is_nested_too_deeply_to_be_shown_is_said_to_be() -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    assert shown_safely(deep) == "nested too deeply to be shown"


# Real exports


@pytest.mark.parametrize(
    ("name", "asked", "votes"),
    [
        ("csv_test_colliding_keys.json", {}, [(("positive",),)]),
        ("csv_test_colliding_keys_mixed.json", {}, [(("positive",),), ()]),
        ("csv_test_history.json", {}, [(("Positive",),)]),
        ("csv_test2.json", {"text": "title"}, [(('Yes " "" \n \t \t а б в \n',),)]),  # noqa: RUF001
    ],
)
def test_label_studios_own_samples_are_read(
    name: str, asked: dict[str, str], votes: list[tuple[tuple[str, ...], ...]]
) -> None:
    found = reading.read(shared_data.folder("labelstudio_exports") / "test_export_csv" / name, **asked)
    assert [tuple(vote.value for vote in each.votes) for each in found if isinstance(each, Record)] == votes


@pytest.mark.parametrize(
    ("name", "aside"),
    [
        ("test_export_csv/csv_test.json", {"rejected annotations": 2, "reviews": 2, "predictions": 2}),
        ("test_export_json_min/chat_data.json", {"chat messages": 4, "annotations without a label": 1}),
        ("test_export_json_min/data.json", {"polygons": 1, "annotations without a label": 1}),
    ],
)
def test_label_studios_own_samples_of_what_is_no_label_are_accounted_for(name: str, aside: dict[str, int]) -> None:
    path = shared_data.folder("labelstudio_exports") / name
    opened = reading.opened(path)
    assert len(reading.taken(opened)) == len(json.loads(path.read_text()))
    assert dict(opened.aside) == aside


def test_the_example_has_one_entry_a_task_and_no_vote_of_a_skipped_annotation() -> None:
    opened = reading.opened(EXAMPLE)
    found = reading.taken(opened)
    assert len(found) == 505
    # 524 annotations: 10 are cancelled, and 4 are empty. Two tasks lost their text, with one vote each.
    assert sum(len(each.votes) for each in found if isinstance(each, Record)) == 524 - 10 - 4 - 2
    assert opened.aside["skipped annotations"] == 10
    assert all(vote.by for each in found if isinstance(each, Record) for vote in each.votes)


# Whatever the bytes

_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def _maybe(shape: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """The right shape most of the time, anything else now and then."""
    return shape | shape | shape | _json


_values = st.fixed_dictionaries(
    {},
    optional={
        "choices": _maybe(st.lists(_maybe(st.sampled_from("abc")))),
        "taxonomy": _maybe(st.lists(_maybe(st.lists(_maybe(st.sampled_from("abc")))))),
        "rating": _maybe(st.integers(1, 5)),
        "selected": _maybe(st.sampled_from(["left", "right"])),
        "labels": _maybe(st.lists(_maybe(st.sampled_from("XY")))),
        "start": _maybe(st.integers(-1, 4) | st.just("/p[1]/text()[1]")),
        "end": _maybe(st.integers(-1, 9)),
        "text": _maybe(st.text(max_size=3)),
        "globalOffsets": _maybe(st.fixed_dictionaries({"start": _maybe(st.integers(0, 3)), "end": st.integers(0, 9)})),
    },
)
_items = _maybe(
    st.fixed_dictionaries(
        {"type": _maybe(st.just("choices")), "from_name": _maybe(st.just("intent")), "value": _maybe(_values)},
        optional={"to_name": _maybe(st.just("text")), "item_index": _json},
    )
)
_annotations = _maybe(
    st.fixed_dictionaries(
        {},
        optional={
            "result": _maybe(st.lists(_items, max_size=3)),
            "was_cancelled": _maybe(st.booleans()),
            "completed_by": _json,
            "reviews": _maybe(st.lists(_maybe(st.fixed_dictionaries({"accepted": _json, "created_at": _json})))),
        },
    )
)
_tasks = _maybe(
    st.fixed_dictionaries(
        {
            "data": _maybe(
                st.fixed_dictionaries(
                    {"text": _maybe(st.text(max_size=8) | st.just("<p>a&amp;b<br>c</p>"))},
                    optional={"image": _maybe(st.just("/data/upload/1/x.jpg")), "text2": _maybe(st.text(max_size=8))},
                )
            )
        },
        optional={
            "id": _json,
            "meta": _json,
            "predictions": _json,
            "annotations": _maybe(st.lists(_annotations, max_size=3)),
            "completions": _json,
        },
    )
)
_asked = st.fixed_dictionaries(
    {},
    optional={
        "task": st.sampled_from(["multi-label", "token-classification", "regression", "image-classification"]),
        "label": st.just("intent"),
        "group_by": st.just("text"),
    },
)


@STEADY
@given(st.binary(max_size=200))
def test_no_bytes_crash_the_reader(tmp_path: Path, content: bytes) -> None:
    for name in ("export.json", "export.jsonl"):
        try:
            reading.read_bytes(tmp_path / name, content, form="label-studio")
        except HeadstartError:
            continue


@STEADY
@given(st.data())
def test_no_damage_to_a_file_crashes_the_reader(tmp_path: Path, data: st.DataObject) -> None:
    marked = annotation(span(0, 2, "X", "Où"), item("rating", {"rating": 3}, "stars"))
    tasks = [task(1, "Où est-il ?", choice("a"), customer="c"), task(2, "Où", marked, skip())]
    content = bytearray(json.dumps(tasks, ensure_ascii=False), "utf-8")
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    kind = data.draw(st.sampled_from(["text-classification", "token-classification", "regression"]))
    try:
        reading.read_bytes(
            tmp_path / "export.json", bytes(content), form="label-studio", group_by="customer", task=kind
        )
    except HeadstartError:
        return


@STEADY
@given(st.lists(_tasks, max_size=6), _asked)
def test_every_entry_of_the_list_is_one_record_or_one_reject(
    tmp_path: Path, entries: list[object], asked: dict[str, Any]
) -> None:
    try:
        found = _read(tmp_path, *entries, **asked)
    except HeadstartError:
        return
    assert len(found) == len(entries)


@STEADY
@given(st.lists(_tasks, max_size=6), _asked)
def test_every_line_is_one_record_or_one_reject(tmp_path: Path, entries: list[object], asked: dict[str, Any]) -> None:
    content = "".join(json.dumps(entry) + "\n" for entry in entries)
    try:
        found = reading.read_bytes(tmp_path / "export.jsonl", content, form="label-studio", **asked)
    except HeadstartError:
        return
    assert len(found) == len(entries)
