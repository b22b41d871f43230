"""Reading Prodigy's exports, in the shapes that ``prodigy db-out`` writes."""

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.errors import DataError
from headstart.labels import detect
from headstart.labels.formats import prodigy
from headstart.labels.records import Ask, Record, Reject, Span, Vote
from headstart.labels.sources.files import SourceFile
from headstart.spec import FieldsSpec
from tests.support import reading, shared_data
from tests.support.reading import Read, list_file, records, said
from tests.support.steady import ANYTHING, STEADY, damaged, mostly, one_of

UBER = "Uber is hiring"
TOKENS = [
    {"text": "Uber", "start": 0, "end": 4, "id": 0},
    {"text": "is", "start": 5, "end": 7, "id": 1},
    {"text": "hiring", "start": 8, "end": 14, "id": 2},
]
ORG = {"start": 0, "end": 4, "token_start": 0, "token_end": 0, "label": "ORG"}
OPTIONS = [{"id": "a", "text": "Apple"}, {"id": "b", "text": "Bread"}]


def _task(text: str = UBER, answer: str | None = "accept", **held: Any) -> dict[str, Any]:
    hashes = {"_input_hash": sum(map(ord, text)), "_task_hash": 7}
    return {"text": text, "meta": {"source": "news"}} | hashes | held | ({"answer": answer} if answer else {})


def _ner(*spans: object, **held: Any) -> dict[str, Any]:
    return _task(**{"tokens": TOKENS, "spans": list(spans), "_view_id": "ner_manual"} | held)


def _choice(*accept: object, **held: Any) -> dict[str, Any]:
    return _task(**{"options": OPTIONS, "accept": list(accept), "_view_id": "choice"} | held)


def _yes_or_no(label: str = "SPAM", answer: str = "accept", **held: Any) -> dict[str, Any]:
    return _task(**{"label": label, "answer": answer, "_view_id": "classification"} | held)


def _read(folder: Path, *tasks: object, **asked: Any) -> list[Read]:
    return reading.read(reading.lines_file(folder / "out.jsonl", tasks), form="prodigy", **asked)


def _votes(folder: Path, *tasks: object, **asked: Any) -> list[tuple[Vote, ...]]:
    return [record.votes for record in records(_read(folder, *tasks, **asked))]


# Real exports


@pytest.mark.parametrize(
    ("name", "count", "with_spans"),
    [("fashion_brands_eval.jsonl", 500, 129), ("fashion_brands_training.jsonl", 1235, 305)],
)
def test_explosions_own_exports_are_read_whole(name: str, count: int, with_spans: int) -> None:
    path = shared_data.folder("prodigy_exports") / name
    found = records(reading.read(path))
    tasks = [json.loads(line) for line in path.open(encoding="utf-8")]
    assert len(found) == len(tasks) == count
    for record, task in zip(found, tasks, strict=True):
        (vote,) = record.votes
        assert record.text == task["text"]
        assert vote.value == tuple(Span(each["start"], each["end"], each["label"]) for each in task["spans"])
    assert sum(bool(record.votes[0].value) for record in found) == with_spans


def test_explosions_own_exports_are_recognised() -> None:
    path = shared_data.folder("prodigy_exports") / "fashion_brands_eval.jsonl"
    assert detect.detect(SourceFile(path, path.name), "auto") == ("prodigy", "its entries have Prodigy's hashes")


# Spans


def test_an_accepted_task_is_a_vote_for_its_spans(tmp_path: Path) -> None:
    assert _votes(tmp_path, _ner(ORG)) == [(Vote((Span(0, 4, "ORG"),)),)]


def test_an_accepted_task_without_spans_says_that_there_are_none(tmp_path: Path) -> None:
    without = _ner()
    del without["spans"]  # as versions before 1.9 wrote it
    assert _votes(tmp_path, _ner(ORG), _ner(), without)[1:] == [(Vote(()),), (Vote(()),)]


def test_a_rejected_task_says_not_what_is_right(tmp_path: Path) -> None:
    assert said(_read(tmp_path, _ner(ORG), _ner(ORG, answer="reject")))[1] == "rejected"


def test_an_ignored_task_was_skipped(tmp_path: Path) -> None:
    assert said(_read(tmp_path, _ner(ORG), _ner(ORG, answer="ignore")))[1] == "skipped"


def test_a_task_without_an_answer_was_labeled_by_nobody(tmp_path: Path) -> None:
    assert _votes(tmp_path, _ner(ORG, answer=None)) == [()]


@pytest.mark.parametrize(
    ("span", "reason"),
    [
        (ORG | {"end": 99}, "bad-span"),
        (ORG | {"end": 0}, "bad-span"),
        (ORG | {"text": "uber"}, "bad-span"),
        (ORG | {"end": 3}, "split-token"),
        (ORG | {"start": 1}, "split-token"),
        (ORG | {"label": None}, "bad-label"),
        ({"token_start": 0, "token_end": 0, "label": "ORG"}, "bad-label"),
        (5, "bad-label"),
    ],
)
def test_a_span_that_does_not_fit_is_rejected(tmp_path: Path, span: object, reason: str) -> None:
    assert said(_read(tmp_path, _ner(ORG), _ner(span)))[1] == reason


def test_a_span_may_repeat_its_text(tmp_path: Path) -> None:
    assert _votes(tmp_path, _ner(ORG | {"text": "Uber", "source": "en_core_web_sm", "input_hash": 5})) == [
        (Vote((Span(0, 4, "ORG"),)),)
    ]


def test_relations_and_versions_are_counted_aside(tmp_path: Path) -> None:
    task = _ner(ORG, _view_id="relations", relations=[{"head": 0, "child": 2, "label": "X"}], arcs=[{"label": "X"}])
    review = _ner(ORG, _view_id="review", view_id="ner_manual", versions=[{}, {}])
    found = reading.opened(reading.lines_file(tmp_path / "out.jsonl", [task, review]))
    assert len(records(reading.taken(found))) == 2
    assert found.aside == {"relations": 2, "reviewed versions": 2}


# Suggested spans that were judged one by one


def _suggested(start: int, end: int, answer: str, **held: Any) -> dict[str, Any]:
    span = {"start": start, "end": end, "label": "X", "score": 0.5, "answer": answer}
    return _task(**{"spans": [span], "answer": answer} | held)


def test_what_one_annotator_accepts_of_a_text_is_one_answer(tmp_path: Path) -> None:
    tasks = [_suggested(0, 4, "accept"), _suggested(5, 7, "reject"), _suggested(8, 14, "accept")]
    assert _votes(tmp_path, *tasks) == [(Vote((Span(0, 4, "X"), Span(8, 14, "X"))),)] * 3


def test_a_text_of_which_nothing_was_accepted_has_no_answer(tmp_path: Path) -> None:
    tasks = [_suggested(0, 4, "accept", text="Lyft", _input_hash=1), _suggested(0, 4, "reject")]
    assert said(_read(tmp_path, *tasks))[1] == "rejected"


def test_each_suggested_span_may_have_an_answer_of_its_own(tmp_path: Path) -> None:
    first, second = _suggested(0, 4, "accept"), _suggested(5, 7, "reject")
    merged = _task(spans=[*first["spans"], *second["spans"]])
    assert _votes(tmp_path, merged) == [(Vote((Span(0, 4, "X"),)),)]


@pytest.mark.parametrize("held", [{"_view_id": "ner"}, {"_is_binary": True}])
def test_newer_versions_say_that_spans_were_judged(tmp_path: Path, held: dict[str, Any]) -> None:
    tasks = [_ner(ORG, **{"_view_id": None} | held), _ner(ORG | {"start": 5, "end": 7}, **held)]
    assert _votes(tmp_path, *tasks) == [(Vote((Span(0, 4, "ORG"), Span(5, 7, "ORG"))),)] * 2


# Choices


@pytest.mark.parametrize(
    ("task", "names"),
    [
        (_choice("a"), ("a",)),
        (_choice("a", "b", config={"choice_style": "multiple"}), ("a", "b")),
        (_choice(), ()),
        (_choice(3, 4), ("3", "4")),
        (_task(options=OPTIONS), ()),
        (_choice("a", _view_id="blocks"), ("a",)),
        (_choice("a", _view_id="blocks", spans=[], tokens=TOKENS), ("a",)),
        (_choice("a", spans=[ORG], tokens=TOKENS), ("a",)),
    ],
)
def test_accepted_options_are_names(tmp_path: Path, task: dict[str, Any], names: tuple[str, ...]) -> None:
    assert _votes(tmp_path, task) == [(Vote(names),)]


@pytest.mark.parametrize("accept", [5.5, {"a": 1}, [None], [[1]]])
def test_what_is_no_option_is_rejected(tmp_path: Path, accept: object) -> None:
    assert said(_read(tmp_path, _choice("a"), _choice() | {"accept": accept}))[1] == "bad-label"


@pytest.mark.parametrize(("answer", "reason"), [("reject", "rejected"), ("ignore", "skipped"), ("maybe", "bad-label")])
def test_a_choice_that_is_not_accepted_is_no_vote(tmp_path: Path, answer: str, reason: str) -> None:
    assert said(_read(tmp_path, _choice("a"), _choice("a", answer=answer)))[1] == reason


def test_options_that_are_numbers_are_numbers_where_the_task_takes_them(tmp_path: Path) -> None:
    tasks = [_choice(3), _choice("4.5"), _choice("a"), _choice(1, 2)]
    assert [*said(_read(tmp_path, *tasks, task="regression"))] == [
        (UBER, (3.0,)),
        (UBER, (4.5,)),
        "bad-label",
        "bad-label",
    ]


# Labels that apply or do not


def test_rejecting_the_only_label_is_the_other_class(tmp_path: Path) -> None:
    tasks = [_yes_or_no(), _yes_or_no(text="hi", answer="reject"), _yes_or_no(text="?", answer="ignore")]
    found = reading.opened(reading.lines_file(tmp_path / "out.jsonl", tasks))
    assert found.fields == "text from 'text', names from 'label' (NOT_SPAM where it is rejected)"
    assert said(reading.taken(found)) == [(UBER, (("SPAM",),)), ("hi", (("NOT_SPAM",),)), "skipped"]


def test_where_several_labels_may_apply_rejecting_one_leaves_none(tmp_path: Path) -> None:
    tasks = [_yes_or_no(), _yes_or_no(text="hi", answer="reject")]
    assert _votes(tmp_path, *tasks, task="multi-label")[1] == (Vote(()),)


def test_all_labels_that_one_annotator_accepts_of_a_text_are_one_answer(tmp_path: Path) -> None:
    tasks = [_yes_or_no("A"), _yes_or_no("B", "reject"), _yes_or_no("C"), _yes_or_no("A", "reject", text="hi")]
    assert _votes(tmp_path, *tasks) == [(Vote(("A", "C")),)] * 3 + [(Vote(()),)]


def test_annotators_decide_each_for_themselves(tmp_path: Path) -> None:
    tasks = [_yes_or_no(_annotator_id="ann"), _yes_or_no(answer="reject", _annotator_id="bob")]
    assert _votes(tmp_path, *tasks) == [(Vote(("SPAM",), "ann"),), (Vote(("NOT_SPAM",), "bob"),)]


def test_the_last_decision_counts(tmp_path: Path) -> None:
    tasks = [_yes_or_no(), _yes_or_no(answer="reject")]
    assert _votes(tmp_path, *tasks) == [(Vote(("NOT_SPAM",)),)] * 2


def test_spans_in_a_task_about_a_label_are_highlights(tmp_path: Path) -> None:
    assert _votes(tmp_path, _yes_or_no(spans=[{"start": 0, "end": 4, "pattern": 3}])) == [(Vote(("SPAM",)),)]


def test_a_label_among_choices_is_not_taken_for_the_only_one(tmp_path: Path) -> None:
    tasks = [_choice("SPAM"), _yes_or_no(text="hi", answer="reject")]
    assert _votes(tmp_path, *tasks)[1] == (Vote(()),)


# Who, what and when


@pytest.mark.parametrize(
    ("held", "by"),
    [
        ({"_annotator_id": "news-ann", "_session_id": "news-ann"}, "news-ann"),
        ({"_session_id": "news-ann"}, "news-ann"),
        ({"_annotator_id": "2024-02-06_10-17-19", "_session_id": "2024-02-06_10-17-19"}, None),
        ({"_annotator_id": None, "_session_id": None}, None),
        ({}, None),
    ],
)
def test_the_session_names_the_annotator_unless_it_is_only_a_time(
    tmp_path: Path, held: dict[str, Any], by: str | None
) -> None:
    assert _votes(tmp_path, _choice("a", **held)) == [(Vote(("a",), by),)]


def test_groups_and_times_are_of_the_task_or_its_metadata(tmp_path: Path) -> None:
    task = _choice("a", _timestamp=1694858483, customer=4)
    (first,) = records(_read(tmp_path, task, group_by="customer", time="_timestamp"))
    (second,) = records(_read(tmp_path, task, group_by="source"))
    assert (first.group, first.time, second.group) == ("4", 1694858483.0, "news")


def test_the_text_is_the_html_where_there_is_no_other(tmp_path: Path) -> None:
    task = {key: value for key, value in _choice("a", html="<b>hi</b>").items() if key != "text"}
    assert said(_read(tmp_path, task)) == [("<b>hi</b>", (("a",),))]
    assert said(_read(tmp_path, _choice("a", html="<b>hi</b>"))) == [(UBER, (("a",),))]
    assert said(_read(tmp_path, _choice("a", html="<b>hi</b>"), text="html")) == [("<b>hi</b>", (("a",),))]


def test_an_answer_of_a_field_of_ones_own_may_be_the_label(tmp_path: Path) -> None:
    assert _votes(tmp_path, _task(intent="order"), label="intent") == [(Vote(("order",)),)]


# Images


def _images(folder: Path, *tasks: object) -> list[Read]:
    path = reading.lines_file(folder / "out.jsonl", tasks)
    file = SourceFile(path, path.name, image=lambda reference: reference.encode())
    return reading.taken(prodigy.read(file, Ask(FieldsSpec())))


def _image(**held: Any) -> dict[str, Any]:
    return {key: value for key, value in _choice("a", **held).items() if key != "text"}


@pytest.mark.parametrize(
    ("held", "name", "content"),
    [
        ({"image": "cat.jpg"}, "cat.jpg", b"cat.jpg"),
        (
            {"image": "data:image/png;base64,eA==", "path": "pics/cat.jpg"},
            "pics/cat.jpg",
            b"data:image/png;base64,eA==",
        ),
        ({"image": "data:x", "meta": {"file": "cat.jpg"}}, "cat.jpg", b"data:x"),
        ({"image": "data:x", "_input_hash": 5}, "image 5", b"data:x"),
        ({"html": '<p><img class="a" src="cat.jpg"/></p>'}, "cat.jpg", b"cat.jpg"),
        ({"html": "<IMG SRC='data:x'>", "_input_hash": 5}, "image 5", b"data:x"),
    ],
)
def test_an_image_is_called_by_its_path(tmp_path: Path, held: dict[str, Any], name: str, content: bytes) -> None:
    assert _images(tmp_path, _image(**held)) == [Record("out.jsonl, line 1", name, (Vote(("a",)),), image=content)]


def test_an_image_that_is_none_is_rejected(tmp_path: Path) -> None:
    assert (
        said(_images(tmp_path, _image(image="cat.jpg"), _image(image=None), _image(image=" ")))[1:] == ["no-image"] * 2
    )
    assert said(_read(tmp_path, _image(image="cat.jpg"))) == ["no-image"]


# What cannot be read, out loud


@pytest.mark.parametrize(
    ("tasks", "asked", "problem"),
    [
        ([_choice("a"), _ner(ORG)], {}, "it holds names and spans"),
        ([_choice("a", _view_id="blocks", spans=[ORG])], {}, "it holds names and spans"),
        ([_choice("a")], {"task": "token-classification"}, "it holds names, and token-classification takes spans"),
        ([_ner(ORG)], {"task": "text-classification"}, "it holds spans, and text-classification takes names"),
        ([_choice("a")], {"label": "intent"}, "there is no field 'intent' for the label"),
        ([_choice("a")], {"group_by": "customer"}, "there is no field 'customer' for the group"),
        ([_choice("a")], {"text": "body"}, "there is no field 'body' for the text"),
        ([{"audio": "a.wav", "_input_hash": 1, "_task_hash": 2, "answer": "accept"}], {}, "it holds audio or video"),
        (
            [{"image": "a", "spans": [{"points": [[1, 2]], "label": "X"}], "_input_hash": 1, "_task_hash": 2}],
            {},
            "its labels are parts of images",
        ),
    ],
)
def test_what_the_file_does_not_hold_is_a_clear_error(
    tmp_path: Path, tasks: list[object], asked: dict[str, Any], problem: str
) -> None:
    with pytest.raises(DataError) as caught:
        _read(tmp_path, *tasks, **asked)
    assert caught.value.code == "data/unknown-field"
    assert problem in caught.value.problem


@pytest.mark.parametrize(
    ("asked", "votes"),
    [
        ({"label": "spans"}, [(), (Vote((Span(0, 4, "ORG"),)),)]),
        ({"task": "token-classification"}, [(), (Vote((Span(0, 4, "ORG"),)),)]),
        ({"label": "accept"}, [(Vote(("a",)),), ()]),
        ({"task": "text-classification"}, [(Vote(("a",)),), ()]),
    ],
)
def test_of_mixed_tasks_those_of_the_other_kind_have_no_votes(
    tmp_path: Path, asked: dict[str, Any], votes: list[tuple[Vote, ...]]
) -> None:
    assert _votes(tmp_path, _choice("a"), _ner(ORG), **asked) == votes


# Recognition


@pytest.mark.parametrize("task", [_ner(ORG), _choice("a"), _yes_or_no(), _ner(answer=None)])
def test_prodigys_tasks_are_recognised(tmp_path: Path, task: object) -> None:
    for path in (reading.lines_file(tmp_path / "a.jsonl", [task]), list_file(tmp_path / "a.json", [task])):
        assert detect.detect(SourceFile(path, path.name), "auto")[0] == "prodigy"


def test_answers_are_recognised_without_hashes(tmp_path: Path) -> None:
    path = reading.lines_file(tmp_path / "a.jsonl", [{"text": "a", "spans": [], "answer": "accept"}])
    assert prodigy.recognise(SourceFile(path, path.name)) == "its entries have Prodigy's answers"


@pytest.mark.parametrize(
    "task",
    [
        {"text": "a", "label": "b"},
        {"text": "a", "answer": "accept"},
        {"question": "a", "answer": "b", "label": "c"},
        {"text": "a", "spans": []},
        ["a", {"entities": []}],
    ],
)
def test_entries_of_others_are_not_claimed(tmp_path: Path, task: object) -> None:
    path = reading.lines_file(tmp_path / "a.jsonl", [task])
    assert prodigy.recognise(SourceFile(path, path.name)) is None


def test_a_list_and_lines_are_read_alike(tmp_path: Path) -> None:
    tasks = [_yes_or_no(), _yes_or_no(text="hi", answer="reject"), _yes_or_no(text="?", answer="ignore")]
    assert said(reading.read(list_file(tmp_path / "out.json", tasks))) == said(_read(tmp_path, *tasks))


# Whatever else


def test_half_a_character_is_rejected(tmp_path: Path) -> None:
    tasks = [_choice("a"), _choice("\ud83d"), _choice("a", text="\ud83d"), _choice("a", _session_id="\ud83d")]
    assert said(_read(tmp_path, *tasks))[1:] == ["broken-unicode"] * 3


def test_a_file_without_a_single_task_is_still_accounted_for(tmp_path: Path) -> None:
    assert said(_read(tmp_path, 5, None)) == ["not-an-object", "not-an-object"]


_spans = mostly(
    st.lists(
        mostly(
            st.fixed_dictionaries(
                {"start": one_of(0, 5), "end": one_of(4, 7), "label": one_of("X", "Y")},
                optional={"text": one_of("Uber"), "answer": one_of("accept", "reject")},
            )
        ),
        max_size=2,
    )
)
_tasks = mostly(
    st.fixed_dictionaries(
        {"text": one_of(UBER, "hi"), "answer": one_of("accept", "reject", "ignore")},
        optional={
            "_input_hash": one_of(1, 2),
            "_view_id": one_of("ner", "ner_manual", "choice", "classification", "blocks", None),
            "_is_binary": one_of(True, False),
            "_annotator_id": one_of("ann", "bob", 3),
            "spans": _spans,
            "tokens": one_of(TOKENS, []),
            "label": one_of("A", "B", ""),
            "options": one_of(OPTIONS),
            "accept": mostly(st.lists(one_of("a", "b"), max_size=2)),
            "meta": one_of({"when": 5}, {}),
            "image": ANYTHING,
            "html": ANYTHING,
            "relations": ANYTHING,
        },
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
        {"group_by": "when", "time": "when"},
    ]
)


@STEADY
@given(st.lists(_tasks, max_size=5), _asked, st.booleans())
def test_every_task_is_one_record_or_one_reject(
    tmp_path: Path, tasks: list[object], asked: Mapping[str, Any], as_list: bool
) -> None:
    found = reading.read_or_refused(tmp_path / "out.jsonl", reading.written(tasks, as_list), form="prodigy", **asked)
    if found is None:
        return
    assert len(found) == len(tasks)
    ignored = sum(isinstance(task, dict) and task.get("answer") == "ignore" for task in tasks)
    reasons = Counter(each.reason for each in found if isinstance(each, Reject))
    assert reasons["skipped"] <= ignored


@STEADY
@given(st.data(), _asked)
def test_no_damage_raises_anything_but_a_clear_error(
    tmp_path: Path, data: st.DataObject, asked: Mapping[str, Any]
) -> None:
    lines = "\n".join(json.dumps(each) for each in (_ner(ORG), _choice("a"), _yes_or_no(), _suggested(0, 4, "accept")))
    reading.read_or_refused(tmp_path / "out.jsonl", damaged(data, lines.encode()), form="prodigy", **asked)
