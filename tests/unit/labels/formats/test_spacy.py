"""Reading spaCy's training data in JSON, and refusing its binary form."""

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from headstart.errors import DataError, HeadstartError
from headstart.labels import detect
from headstart.labels.formats import spacy
from headstart.labels.records import Span, Vote
from headstart.labels.sources.files import SourceFile
from tests.support import reading
from tests.support.reading import Read, list_file, records, said
from tests.support.steady import ANYTHING, STEADY, damaged, mostly, one_of

PARIS = "I live in Paris"
LOC = [10, 15, "LOC"]
IN_PARIS = (Span(10, 15, "LOC"),)
# DocBin().to_disk() of spaCy 3.8, without a single doc.
DOCBIN = base64.b64decode(
    "eJzrXF6WWlScmZ+32EDPcGliSUlR8VxHZ08vbx9fP/+As4xHzjIePct4bFlJfnZqXvERhmXFBYnJqUDG8pzUvPSSDBCruKQoMy+9"
    "eMKS5MSS4glL03ISgZzVQIV58elF+aUFxRMA5IAtDw=="
)


def _tokens(*tagged: tuple[str, Any], **held: Any) -> list[dict[str, Any]]:
    return [{"id": number, "orth": word, "ner": tag} | held for number, (word, tag) in enumerate(tagged)]


def _paragraph(*tagged: tuple[str, Any], **held: Any) -> dict[str, Any]:
    """A paragraph as ``docs_to_json`` of spaCy 2 writes it."""
    return {"raw": PARIS, "sentences": [{"tokens": _tokens(*tagged), "brackets": []}], "cats": []} | held


TAGGED = (("I", "O"), ("live", "O"), ("in", "O"), ("Paris", "U-LOC"))
UNTAGGED = tuple((word, "O") for word, _ in TAGGED)


def _documents(folder: Path, *paragraphs: object, **asked: Any) -> list[Read]:
    return reading.read(list_file(folder / "train.json", [{"id": 3, "paragraphs": list(paragraphs)}]), **asked)


def _pairs(folder: Path, *pairs: object, **asked: Any) -> list[Read]:
    return reading.read(list_file(folder / "train.json", pairs), form="spacy", **asked)


def _cats(**cats: object) -> list[dict[str, object]]:
    return [{"label": name, "value": value} for name, value in cats.items()]


# Version 2


def test_each_paragraph_is_a_record(tmp_path: Path) -> None:
    first, second = records(_documents(tmp_path, _paragraph(*TAGGED), _paragraph(*UNTAGGED)))
    assert (first.text, first.votes, second.votes) == (PARIS, (Vote(IN_PARIS),), (Vote(()),))
    assert first.place == "train.json, entry 1, document 3, paragraph 1"


@pytest.mark.parametrize(
    ("tags", "spans"),
    [
        (["B-X", "L-X", "O", "U-Y"], [(0, 6, "X"), (10, 15, "Y")]),
        (["B-X", "I-X", "I-X", "L-X"], [(0, 15, "X")]),
        (["B-X", "I-X", "O", "B-Y"], [(0, 6, "X"), (10, 15, "Y")]),  # as IOB has it
        (["B-X", "B-X", "O", "O"], [(0, 1, "X"), (2, 6, "X")]),
        (["I-X", "I-Y", "L-Y", "O"], [(0, 1, "X"), (2, 9, "Y")]),
        (["U-A-B", "O", "O", "O"], [(0, 1, "A-B")]),
        (["U-X", "L-X", "O", "O"], [(0, 1, "X"), (2, 6, "X")]),
    ],
)
def test_tags_of_tokens_are_spans(tmp_path: Path, tags: list[str], spans: list[tuple[int, int, str]]) -> None:
    words = [word for word, _ in TAGGED]
    (record,) = records(_documents(tmp_path, _paragraph(*zip(words, tags, strict=True))))
    assert record.votes == (Vote(tuple(Span(*span) for span in spans)),)


def test_a_text_that_is_not_given_is_made_of_its_tokens(tmp_path: Path) -> None:
    without = {"sentences": [{"tokens": _tokens(*TAGGED[:2])}, {"tokens": _tokens(*TAGGED[2:])}]}
    spaced = {"raw": None, "sentences": [{"tokens": _tokens(("New", "B-X"), ("-", "I-X"), ("York", "L-X"), space="")}]}
    assert said(_documents(tmp_path, without, spaced)) == [(PARIS, (IN_PARIS,)), ("New-York", ((Span(0, 8, "X"),),))]


def test_tokens_may_be_spelt_as_the_treebank_does(tmp_path: Path) -> None:
    tagged = [("He", "O"), ("said", "O"), ("``", "O"), ("hi", "U-X"), ("''", "O"), ("-LRB-", "O"), ("no", "U-X")]
    (record,) = records(_documents(tmp_path, _paragraph(*tagged, raw='He said "hi" (no')))
    assert record.votes == (Vote((Span(9, 11, "X"), Span(14, 16, "X"))),)


@pytest.mark.parametrize(
    ("paragraph", "reason"),
    [
        (_paragraph(("You", "O"), *TAGGED[1:]), "bad-span"),
        (_paragraph(*TAGGED[1:]), "bad-span"),
        (_paragraph(*TAGGED[:3], ("Paris", "U-")), "bad-label"),
        (_paragraph(*TAGGED[:3], ("Paris", "Paris")), "bad-label"),
        (_paragraph(*TAGGED[:3], ("Paris", 5)), "bad-label"),
        (_paragraph(*TAGGED[:3], ("Paris", "-")), "partly-labeled"),
        (_paragraph(*TAGGED[:3], ("Paris", None)), "partly-labeled"),
        (_paragraph(*TAGGED, raw=5), "no-text"),
        ({"cats": []}, "no-text"),
        (5, "not-an-object"),
    ],
)
def test_a_paragraph_that_does_not_fit_is_rejected(tmp_path: Path, paragraph: object, reason: str) -> None:
    assert said(_documents(tmp_path, _paragraph(*TAGGED), paragraph))[1] == reason


def test_a_paragraph_of_which_nothing_is_known_was_labeled_by_nobody(tmp_path: Path) -> None:
    missing = _paragraph(*((word, "-") for word, _ in TAGGED))
    assert said(_documents(tmp_path, _paragraph(*TAGGED), missing))[1] == (PARIS, ())


def test_categories_are_names_and_tags_that_mark_nothing_are_no_labels(tmp_path: Path) -> None:
    first = _paragraph(*UNTAGGED, cats=_cats(baking=0.0, not_baking=1.0))
    second = _paragraph(*UNTAGGED, cats=_cats(baking=True, not_baking=True))
    assert said(_documents(tmp_path, first, second)) == [
        (PARIS, (("not_baking",),)),
        (PARIS, (("baking", "not_baking"),)),
    ]


def test_entities_of_version_3_stand_in_for_tags(tmp_path: Path) -> None:
    tokens = [{"id": 0, "orth": "I"}, {"id": 1, "orth": "live"}]
    paragraph = _paragraph(entities=[LOC], links=[], sentences=[{"tokens": tokens}])
    assert said(_documents(tmp_path, paragraph)) == [(PARIS, (IN_PARIS,))]


def test_a_document_without_paragraphs_is_rejected(tmp_path: Path) -> None:
    path = list_file(tmp_path / "a.json", [{"id": 0, "paragraphs": [_paragraph(*TAGGED)]}, {"id": 1, "paragraphs": []}])
    assert said(reading.read(path)) == [(PARIS, (IN_PARIS,)), "no-text"]


# Pairs, and objects


@pytest.mark.parametrize(
    "entry",
    [
        [PARIS, {"entities": [LOC]}],
        [PARIS, {"entities": [[*LOC, "Q90"]]}],
        [PARIS, {"entities": ["O", "O", "O", "U-LOC"], "words": PARIS.split()}],
        [PARIS, {"spans": {"sc": [LOC]}}],
        {"text": PARIS, "entities": [LOC]},
        {"text": PARIS, "ents": [{"start": 10, "end": 15, "label": "LOC"}], "tokens": [], "sents": []},
    ],
    ids=["pair", "linked", "tags", "span groups", "object", "doc.to_json"],
)
def test_entities_are_spans_in_every_form(tmp_path: Path, entry: object) -> None:
    as_list = reading.read(list_file(tmp_path / "train.json", [entry]))
    as_lines = reading.read(reading.lines_file(tmp_path / "train.jsonl", [entry]))
    assert said(as_list) == said(as_lines) == [(PARIS, (IN_PARIS,))]


@pytest.mark.parametrize(
    "entry", [["hi", {"cats": {"a": 1.0, "b": 0.0}}], {"text": "hi", "cats": {"a": 1, "b": False}}]
)
def test_categories_are_names_in_every_form(tmp_path: Path, entry: object) -> None:
    as_list = reading.read(list_file(tmp_path / "train.json", [entry]))
    as_lines = reading.read(reading.lines_file(tmp_path / "train.jsonl", [entry]))
    assert said(as_list) == said(as_lines) == [("hi", (("a",),))]


def test_pairs_beside_the_classes_are_read(tmp_path: Path) -> None:
    document = {"classes": ["LOC"], "annotations": [[PARIS, {"entities": [LOC]}], None, ["none", {"entities": []}]]}
    (tmp_path / "annotations.json").write_text(json.dumps(document))
    assert said(reading.read(tmp_path / "annotations.json")) == [(PARIS, (IN_PARIS,)), "not-an-object", ("none", ((),))]


def test_a_text_of_which_nothing_is_said_was_labeled_by_nobody(tmp_path: Path) -> None:
    assert said(_pairs(tmp_path, [PARIS, {"entities": [LOC]}], ["hi", {}], ["no", {"entities": []}]))[1:] == [
        ("hi", ()),
        ("no", ((),)),
    ]


def test_the_only_category_makes_two_classes(tmp_path: Path) -> None:
    path = list_file(tmp_path / "a.json", [["hi", {"cats": {"SPAM": 0.9}}], ["bye", {"cats": {"SPAM": 0.1}}]])
    found = reading.opened(path)
    assert found.fields == "text, names from 'cats' (NOT_SPAM where it does not apply)"
    assert said(reading.taken(found)) == [("hi", (("SPAM",),)), ("bye", (("NOT_SPAM",),))]
    assert said(reading.read(path, task="multi-label"))[1] == ("bye", ((),))


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ([PARIS, {"entities": [[10, 99, "LOC"]]}], "bad-span"),
        ([PARIS, {"entities": [[10, 10, "LOC"]]}], "bad-span"),
        ([PARIS, {"entities": [[10, 15, 5]]}], "bad-label"),
        ([PARIS, {"entities": [["a"]]}], "bad-label"),
        ([PARIS, {"entities": "LOC"}], "bad-label"),
        ([PARIS, {"entities": ["O", "U-LOC"]}], "bad-label"),
        ([5, {"entities": [LOC]}], "no-text"),
        ([PARIS], "no-text"),
        ({"entities": [LOC]}, "no-text"),
        (None, "not-an-object"),
        ("text", "not-an-object"),
    ],
)
def test_an_entry_that_does_not_fit_is_rejected(tmp_path: Path, entry: object, reason: str) -> None:
    assert said(_pairs(tmp_path, [PARIS, {"entities": [LOC]}], entry))[1] == reason


@pytest.mark.parametrize("cats", [["a"], "a", {"a": "yes"}, {"a": None}, [{"label": "a"}]])
def test_categories_that_are_none_are_rejected(tmp_path: Path, cats: object) -> None:
    assert said(_pairs(tmp_path, ["hi", {"cats": {"a": 1, "b": 0}}], ["bye", {"cats": cats}]))[1] == "bad-label"


def test_links_are_counted_aside(tmp_path: Path) -> None:
    pair = [PARIS, {"entities": [LOC], "links": {"(10, 15)": {"Q90": 1.0}}}]
    found = reading.opened(list_file(tmp_path / "a.json", [pair]))
    assert said(reading.taken(found)) == [(PARIS, (IN_PARIS,))]
    assert found.aside == {"links": 1}


def test_metadata_of_an_object_names_groups_and_times(tmp_path: Path) -> None:
    entry = {"text": "hi", "cats": {"a": 1.0, "b": 0.0}, "meta": {"when": 5}, "customer": "c"}
    path = reading.lines_file(tmp_path / "a.jsonl", [entry])
    (record,) = records(reading.read(path, group_by="customer", time="when"))
    assert (record.group, record.time) == ("c", 5.0)


# Two kinds of labels


BOTH = [PARIS, {"entities": [LOC], "cats": {"a": 1.0, "b": 0.0}}]


@pytest.mark.parametrize(
    ("asked", "value"),
    [
        ({"task": "token-classification"}, IN_PARIS),
        ({"label": "entities"}, IN_PARIS),
        ({"task": "text-classification"}, ("a",)),
        ({"label": "cats"}, ("a",)),
    ],
)
def test_the_task_or_the_field_tells_which_kind_counts(tmp_path: Path, asked: dict[str, Any], value: object) -> None:
    assert said(_pairs(tmp_path, BOTH, **asked)) == [(PARIS, (value,))]


@pytest.mark.parametrize(
    ("entry", "asked", "problem"),
    [
        (BOTH, {}, "it holds names and spans"),
        (BOTH, {"label": "tags"}, "there is no field 'tags' for the label"),
        (BOTH, {"group_by": "customer"}, "there is no field 'customer' for the group"),
        (BOTH, {"text": "body"}, "there is no field 'body' for the text"),
        ([PARIS, {"entities": [LOC]}], {"task": "multi-label"}, "it holds spans, and multi-label takes names"),
        ([PARIS, {"cats": {"a": 1}}], {"task": "token-classification"}, "it holds names, and token-classification"),
    ],
)
def test_what_the_file_does_not_hold_is_a_clear_error(
    tmp_path: Path, entry: object, asked: dict[str, Any], problem: str
) -> None:
    with pytest.raises(DataError) as caught:
        _pairs(tmp_path, entry, **asked)
    assert caught.value.code == "data/unknown-field"
    assert problem in caught.value.problem


# The binary form


def test_a_binary_file_is_refused_by_name_with_the_way_to_convert_it(tmp_path: Path) -> None:
    (tmp_path / "train.spacy").write_bytes(DOCBIN)
    with pytest.raises(DataError, match="binary DocBin files are not read") as caught:
        reading.read(tmp_path / "train.spacy")
    assert caught.value.code == "data/unreadable"
    assert "DocBin().from_disk(PATH)" in caught.value.remedy


@pytest.mark.parametrize("content", [b"", b"\x78", b"\x78\x9c", b"\x78\x9cjunk", DOCBIN[2:], b"x is no docbin"])
def test_other_bytes_are_no_binary_file_of_spacy(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "train.spacy").write_bytes(content)
    assert spacy.recognise(SourceFile(tmp_path / "train.spacy", "train.spacy")) is None


# Recognition


@pytest.mark.parametrize(
    ("entries", "reason"),
    [
        ([{"id": 0, "paragraphs": [_paragraph(*TAGGED)]}], "it is spaCy's JSON of documents, paragraphs and sentences"),
        ([[PARIS, {"entities": []}]], "its entries are pairs of a text and what spaCy is to learn of it"),
        ([{"text": "hi", "cats": {"a": 1.0}}], "its entries have a text and spaCy's cats or entities"),
        ([{"text": PARIS, "entities": [LOC]}], "its entries have a text and spaCy's cats or entities"),
    ],
)
def test_spacys_data_is_recognised(tmp_path: Path, entries: list[object], reason: str) -> None:
    for path in (reading.lines_file(tmp_path / "a.jsonl", entries), list_file(tmp_path / "a.json", entries)):
        assert detect.detect(SourceFile(path, path.name), "auto") == ("spacy", reason)


@pytest.mark.parametrize(
    "entry",
    [
        {"text": "a", "label": "b"},
        {"text": "a", "cats": ["b"]},
        {"text": "a", "entities": []},
        {"text": "a", "entities": [{"start": 0, "end": 1, "label": "X"}]},
        {"text": "a", "spans": [{"start": 0, "end": 1, "label": "X"}]},
        {"paragraphs": [{"context": "a", "qas": []}], "title": "SQuAD"},
        ["a", {"role": "user"}],
        ["a", "b"],
        [],
        5,
    ],
)
def test_entries_of_others_are_not_claimed(tmp_path: Path, entry: object) -> None:
    for path in (reading.lines_file(tmp_path / "a.jsonl", [entry]), list_file(tmp_path / "a.json", [entry])):
        assert spacy.recognise(SourceFile(path, path.name)) is None


# Whatever else


def test_half_a_character_is_rejected(tmp_path: Path) -> None:
    broken = [["\ud83d", {"cats": {"a": 1, "b": 0}}], ["hi", {"cats": {"\ud83d": 1, "a": 0}}]]
    assert said(_pairs(tmp_path, ["hi", {"cats": {"a": 1, "b": 0}}], *broken))[1:] == ["broken-unicode"] * 2


def test_a_file_without_a_single_text_is_still_accounted_for(tmp_path: Path) -> None:
    assert said(_pairs(tmp_path, 5, None, [1])) == ["not-an-object", "not-an-object", "no-text"]


_tags = one_of("O", "U-X", "B-X", "L-X", "-")
_said = mostly(
    st.fixed_dictionaries(
        {},
        optional={
            "entities": mostly(st.lists(one_of(LOC, [0, 1, "X"], "O", "U-X"), max_size=4)),
            "cats": mostly(st.dictionaries(st.sampled_from("ab"), one_of(0, 1, 0.5), max_size=2)),
            "spans": one_of({"sc": [LOC]}),
            "words": one_of(PARIS.split()),
            "links": ANYTHING,
        },
    )
)
_paragraphs = mostly(
    st.fixed_dictionaries(
        {
            "sentences": mostly(
                st.lists(
                    mostly(
                        st.fixed_dictionaries(
                            {
                                "tokens": mostly(
                                    st.lists(
                                        mostly(st.fixed_dictionaries({"orth": one_of("I", "live"), "ner": _tags})),
                                        max_size=3,
                                    )
                                )
                            }
                        )
                    ),
                    max_size=2,
                )
            )
        },
        optional={"raw": one_of("I live", "I", None), "cats": mostly(st.just(_cats(a=1))), "entities": one_of([LOC])},
    )
)
_entries = mostly(
    st.one_of(
        st.tuples(one_of(PARIS, "hi"), _said).map(list),
        _said.map(lambda held: {"text": PARIS} | held if isinstance(held, dict) else held),
        st.fixed_dictionaries({"paragraphs": st.lists(_paragraphs, min_size=1, max_size=1)}),
    )
)
_asked: st.SearchStrategy[Mapping[str, Any]] = st.sampled_from(
    [
        {},
        {"task": "token-classification"},
        {"task": "text-classification"},
        {"task": "regression"},
        {"label": "cats"},
        {"label": "entities"},
    ]
)


@STEADY
@given(st.lists(_entries, max_size=5), _asked)
def test_every_entry_is_one_record_or_one_reject(
    tmp_path: Path, entries: list[object], asked: Mapping[str, Any]
) -> None:
    assume([type(each) for each in entries] != [str, dict])  # which is a pair on a line of its own
    try:
        found = _pairs(tmp_path, *entries, **asked)
    except HeadstartError:
        return
    assert len(found) == sum(
        len(each["paragraphs"]) if isinstance(each, dict) and isinstance(each.get("paragraphs"), list) else 1
        for each in entries
    )


@STEADY
@given(st.data(), _asked)
def test_no_damage_raises_anything_but_a_clear_error(
    tmp_path: Path, data: st.DataObject, asked: Mapping[str, Any]
) -> None:
    documents = json.dumps([{"id": 1, "paragraphs": [_paragraph(*TAGGED, cats=_cats(a=1))]}])
    content = data.draw(st.sampled_from([documents.encode(), json.dumps([BOTH, BOTH]).encode(), DOCBIN]))
    reading.read_or_refused(tmp_path / "a.json", damaged(data, content), form="spacy", **asked)
