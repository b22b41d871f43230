"""Reading Label Studio's JSON export."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.errors import DataError, HeadstartError
from headstart.labels.records import Record, Reject
from tests.support import exports, shared_data
from tests.support.exports import STEADY, choice, skip, task

_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def _maybe(shape: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """The right shape most of the time, anything else now and then."""
    return shape | shape | shape | _json


_items = _maybe(
    st.fixed_dictionaries(
        {"type": _maybe(st.just("choices")), "from_name": _maybe(st.just("intent"))},
        optional={
            "value": _maybe(st.fixed_dictionaries({"choices": _maybe(st.lists(_maybe(st.sampled_from("abc"))))}))
        },
    )
)
_annotations = _maybe(
    st.fixed_dictionaries(
        {}, optional={"result": _maybe(st.lists(_items, max_size=3)), "was_cancelled": _maybe(st.booleans())}
    )
)
_tasks = _maybe(
    st.fixed_dictionaries(
        {"data": _maybe(st.fixed_dictionaries({"text": _maybe(st.text(max_size=8))}))},
        optional={"id": _json, "annotations": _maybe(st.lists(_annotations, max_size=3)), "completions": _json},
    )
)


def _one(path: Path, *tasks: object, **options: Any) -> Record | Reject:
    """What the first of the tasks is read as."""
    return exports.read(exports.tasks_file(path / "export.json", tasks), form="label-studio", **options)[0]


def _record(path: Path, *tasks: object, **options: Any) -> Record:
    found = _one(path, *tasks, **options)
    assert isinstance(found, Record), found
    return found


def _reason(path: Path, *tasks: object, **options: Any) -> str:
    found = _one(path, *tasks, **options)
    assert isinstance(found, Reject), found
    return found.reason


def test_a_task_is_one_record_with_one_vote_an_annotation(tmp_path: Path) -> None:
    found = _record(tmp_path, task(7, "Where is it?", choice("order"), choice("refund")))
    assert found == Record("export.json, task 7", "Where is it?", (("order",), ("refund",)))


def test_a_task_without_an_id_is_called_by_its_place_in_the_list(tmp_path: Path) -> None:
    nameless = {"data": {"text": "hello"}, "annotations": [choice("a")]}
    path = exports.tasks_file(tmp_path / "export.json", [task(9, "first", choice("a")), nameless])
    assert [each.place for each in exports.read(path)] == ["export.json, task 9", "export.json, task number 2"]


def test_predictions_and_drafts_are_no_labels(tmp_path: Path) -> None:
    guessed = task(1, "hello") | {"predictions": [choice("a")], "drafts": [choice("b")]}
    assert _record(tmp_path, guessed, task(2, "bye", choice("c"))).votes == ()


def test_a_cancelled_annotation_is_no_vote(tmp_path: Path) -> None:
    assert _record(tmp_path, task(1, "hello", choice("a", was_cancelled=True), choice("b"))).votes == (("b",),)


def test_a_task_that_everyone_skipped_is_rejected_as_skipped(tmp_path: Path) -> None:
    assert _reason(tmp_path, task(1, "hello", skip(), skip())) == "skipped"


def test_a_task_that_nobody_saw_is_a_record_without_votes(tmp_path: Path) -> None:
    assert _record(tmp_path, task(1, "hello"), task(2, "bye", choice("a"))).votes == ()


def test_an_annotation_with_an_empty_result_is_no_vote(tmp_path: Path) -> None:
    assert _record(tmp_path, task(1, "hello", {"result": []}, choice("a"))).votes == (("a",),)


def test_several_choices_are_one_vote_for_all_of_them(tmp_path: Path) -> None:
    assert _record(tmp_path, task(1, "hello", choice("a", "b"))).votes == (("a", "b"),)


def test_a_choice_that_is_named_twice_counts_once(tmp_path: Path) -> None:
    assert _record(tmp_path, task(1, "hello", choice("a", "a"))).votes == (("a",),)


@pytest.mark.parametrize("chosen", [None, 3, 1.5, True, ["a"], {"a": 1}, ""])
def test_a_choice_that_is_no_name_is_no_label(tmp_path: Path, chosen: object) -> None:
    assert _record(tmp_path, task(1, "hello", choice(chosen, "b"))).votes == (("b",),)


def test_exports_of_before_2021_call_annotations_completions(tmp_path: Path) -> None:
    old = {"id": 1, "data": {"text": "hello"}, "completions": [choice("a")]}
    assert _record(tmp_path, old).votes == (("a",),)


def test_other_kinds_of_annotation_are_left_aside(tmp_path: Path) -> None:
    rating = {"type": "rating", "from_name": "intent", "value": {"rating": 3}}
    both = choice("a")
    both["result"].insert(0, rating)
    assert _record(tmp_path, task(1, "hello", both)).votes == (("a",),)


def test_the_only_choices_control_needs_no_name(tmp_path: Path) -> None:
    assert _record(tmp_path, task(1, "hello", choice("a", control="whatever"))).votes == (("a",),)


@pytest.mark.parametrize("second", ["urgency", "category"])
def test_of_several_controls_none_is_guessed_and_all_are_named_in_the_error(tmp_path: Path, second: str) -> None:
    two = task(1, "hello", choice("a", control="quality"), choice("b", control=second))
    with pytest.raises(DataError, match=f"'quality', '{second}'") as caught:
        _one(tmp_path, two)
    assert caught.value.code == "data/unknown-field"


def test_the_spec_names_the_control_that_counts(tmp_path: Path) -> None:
    two = task(1, "hello", choice("a", control="quality"), choice("b", control="urgency"))
    assert _record(tmp_path, two, label="urgency").votes == (("b",),)


def test_a_control_that_no_annotation_has_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no field 'urgency'") as caught:
        _one(tmp_path, task(1, "hello", choice("a")), label="urgency")
    assert caught.value.code == "data/unknown-field"


def test_the_spec_names_the_field_of_the_text(tmp_path: Path) -> None:
    titled = task(1, "body", choice("a"), title="the title")
    assert _record(tmp_path, titled, text="title").text == "the title"


@pytest.mark.parametrize("text", [None, 5, 1.5, True, ["a"], {"a": "b"}])
def test_a_text_that_is_no_string_is_rejected(tmp_path: Path, text: object) -> None:
    assert _reason(tmp_path, task(1, text, choice("a"))) == "no-text"


def test_a_task_without_the_text_field_is_rejected(tmp_path: Path) -> None:
    imageless = {"id": 1, "data": {"image": "x.jpg"}, "annotations": [choice("a")]}
    assert _reason(tmp_path, imageless, task(2, "hello", choice("a"))) == "no-text"


@pytest.mark.parametrize("entry", [None, 5, "task", [], {}, {"data": None}, {"data": []}, {"data": {}}])
def test_an_entry_that_is_no_task_is_rejected_alone(tmp_path: Path, entry: object) -> None:
    path = exports.tasks_file(tmp_path / "export.json", [entry, task(2, "hello", choice("a"))])
    rejected, kept = exports.read(path, form="label-studio")
    assert isinstance(rejected, Reject)
    assert rejected.reason == "not-a-task"
    assert isinstance(kept, Record)


@pytest.mark.parametrize("entries", [[1, None, "x"], [{}], []])
def test_a_list_without_a_single_task_is_still_accounted_for(tmp_path: Path, entries: list[object]) -> None:
    path = exports.tasks_file(tmp_path / "export.json", entries)
    assert [each.content for each in exports.read(path, form="label-studio")] == entries  # type: ignore[union-attr]


@pytest.mark.parametrize("broken", [task(1, "half \ud83d", choice("a")), task(1, "hello", choice("\udc00"))])
def test_half_a_character_in_text_or_label_is_rejected(tmp_path: Path, broken: object) -> None:
    assert _reason(tmp_path, broken) == "broken-unicode"


def test_half_a_character_in_an_id_stops_no_import(tmp_path: Path) -> None:
    path = exports.tasks_file(
        tmp_path / "export.json", [task("\ud83d", "", choice("a")), *exports.tasks(exports.lines())]
    )
    assert exports.counts_by_reason(exports.import_export(path)) == {"empty-text": 1}


def test_the_group_is_a_field_of_the_data(tmp_path: Path) -> None:
    assert _record(tmp_path, task(1, "hello", choice("a"), customer=17), group_by="customer").group == "17"


def test_a_task_without_the_group_field_has_no_group(tmp_path: Path) -> None:
    other = task(2, "bye", choice("a"), customer="c")
    assert _record(tmp_path, task(1, "hello", choice("a")), other, group_by="customer").group is None


def test_grouping_by_a_field_that_no_task_has_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="custmer") as caught:
        _one(tmp_path, task(1, "hello", choice("a"), customer="c"), group_by="custmer")
    assert caught.value.code == "data/unknown-field"


def test_a_byte_order_mark_does_not_matter(tmp_path: Path) -> None:
    plain = json.dumps([task(1, "hello", choice("a"))]).encode()
    marked = exports.read_bytes(tmp_path / "export.json", b"\xef\xbb\xbf" + plain)
    assert marked == exports.read_bytes(tmp_path / "export.json", plain)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'[{"data": {"text": "a"},\n "annotations": [', "export.json, line 2: not JSON"),
        (b'{"data": {"text": "a"}, "annotations": []}', "not a list of tasks"),
        (b"", "export.json, line 1: not JSON"),
        (
            b'[{"data": {"text": "caf\xe9"}, "annotations": []}]',
            "export.json, line 1: byte 0xe9 at position 24 is not UTF-8",
        ),
        ('[{"data": {"text": "a"}, "annotations": []}]'.encode("utf-16"), "byte 0xff at position 1 is not UTF-8"),
        (b"[" * 100_000, "nested too deeply"),
        (b'[{"data": {"text": "\0"}, "annotations": []}]', "not JSON"),
    ],
)
def test_a_file_that_cannot_be_read_says_where_and_why(tmp_path: Path, content: bytes, said: str) -> None:
    with pytest.raises(DataError) as caught:
        exports.read_bytes(tmp_path / "export.json", content, form="label-studio")
    assert caught.value.code == "data/unreadable"
    assert said in str(caught.value)


def test_a_number_of_thousands_of_digits_is_a_clear_error(tmp_path: Path) -> None:
    long = b'[{"id": ' + b"9" * 5000 + b', "data": {"text": "a"}, "annotations": []}]'
    with pytest.raises(DataError):
        exports.read_bytes(tmp_path / "export.json", long, form="label-studio")


@pytest.mark.parametrize(
    ("name", "options", "votes"),
    [
        ("csv_test_colliding_keys.json", {}, [(("positive",),)]),
        ("csv_test_colliding_keys_mixed.json", {}, [(("positive",),), ()]),
        ("csv_test_history.json", {}, [(("Positive",),)]),
        ("csv_test2.json", {"text": "title"}, [(('Yes " "" \n \t \t а б в \n',),)]),  # noqa: RUF001
    ],
)
def test_label_studios_own_samples_are_read(
    name: str, options: dict[str, str], votes: list[tuple[tuple[str, ...], ...]]
) -> None:
    found = exports.read(shared_data.folder("labelstudio_exports") / "test_export_csv" / name, **options)  # type: ignore[arg-type]
    assert [each.votes for each in found if isinstance(each, Record)] == votes


def test_the_example_has_one_entry_a_task_and_no_vote_of_a_skipped_annotation() -> None:
    found = exports.read(exports.EXAMPLE)
    assert len(found) == 505
    # 524 annotations: 10 are cancelled, and 4 are empty. Two tasks lost their text, with one vote each.
    assert sum(len(each.votes) for each in found if isinstance(each, Record)) == 524 - 10 - 4 - 2


@STEADY
@given(st.binary(max_size=200))
def test_no_bytes_crash_the_reader(tmp_path: Path, content: bytes) -> None:
    try:
        exports.read_bytes(tmp_path / "export.json", content, form="label-studio")
    except HeadstartError:
        return


@STEADY
@given(st.data())
def test_no_damage_to_a_file_crashes_the_reader(tmp_path: Path, data: st.DataObject) -> None:
    content = bytearray(
        json.dumps([task(1, "Où est-il ?", choice("a"), customer="c"), task(2, "b", skip())], ensure_ascii=False),
        "utf-8",
    )
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    try:
        exports.read_bytes(tmp_path / "export.json", bytes(content), form="label-studio", group_by="customer")
    except HeadstartError:
        return


@STEADY
@given(st.lists(_tasks, max_size=6))
def test_every_entry_of_the_list_is_one_record_or_one_reject(tmp_path: Path, entries: list[object]) -> None:
    path = exports.tasks_file(tmp_path / "export.json", entries)
    try:
        found = exports.read(path, form="label-studio")
    except HeadstartError:
        return
    assert len(found) == len(entries)
