"""From tokens and tags to spans."""

from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.labels.formats import bio
from headstart.labels.formats.tag_schemes import Scheme, scheme_of
from headstart.labels.records import Span
from tests.support.steady import STEADY


def _scheme(*sentences: str) -> Scheme:
    found = scheme_of([sentence.split() for sentence in sentences])
    assert found is not None
    return found


def _chunks(tags: str, scheme: Scheme | None = None) -> tuple[list[tuple[int, int, str]], int]:
    """The chunks of a sentence's tags, and how many tags were repaired."""
    found = bio.decoded(tags.split(), scheme or _scheme(tags))
    return [tuple(chunk) for chunk in found.chunks], found.repairs  # type: ignore[misc]


BIO = _scheme("B-PER I-PER O B-LOC")
BIOES = _scheme("B-PER E-PER O S-LOC")


@pytest.mark.parametrize(
    ("tags", "name"),
    [
        ("O B-PER I-PER O B-LOC", "BIO"),
        ("O B-PER B-PER", "BIO"),
        ("O O O", "BIO"),
        ("I-PER I-PER O I-LOC B-LOC", "IOB1"),
        ("I-PER O I-LOC", "IO"),
        ("PER PER O O LOC O", "IO"),
        ("I-PER E-PER O E-LOC", "IOE"),
        ("B-PER I-PER E-PER O S-LOC", "BIOES"),
        ("B-PER E-PER O", "BIOES"),
        ("S-PER O", "BIOES"),
        ("B-PER I-PER L-PER O U-LOC", "BILOU"),
        ("U-LOC O", "BILOU"),
        ("B-PER M-PER E-PER O W-LOC", "BMEWO"),
        ("B-NAME M-NAME E-NAME O S-ORG", "BMEWO"),
        ("B I O", "BIO"),
        ("B_PER I_PER O", "BIO"),
    ],
)
def test_the_scheme_is_told_from_the_tags(tags: str, name: str) -> None:
    assert _scheme(tags).name == name


@pytest.mark.parametrize(
    "words", ["Ham spam ham", "1 2 3", "_ _ _", "- - -", "NN VB NN O", "O 1 2 3", "", "NN NN O O a b c d"]
)
def test_what_is_no_tags_has_no_scheme(words: str) -> None:
    assert scheme_of([words.split()]) is None


def test_a_few_broken_tags_do_not_hide_the_scheme() -> None:
    assert _scheme("O B-PER I-PER O " * 5, "O ??? O").name == "BIO"


def test_a_stray_prefix_does_not_make_another_scheme() -> None:
    assert _scheme("O B-PER I-PER O " * 100, "O S-PER O").name == "BIO"
    assert _scheme("O B-PER I-PER O " * 10, "O S-PER O").name == "BIOES"


def test_a_few_spans_without_a_beginning_do_not_make_it_iob1() -> None:
    assert _scheme("B-PER I-PER O B-LOC", "O I-PER O").name == "BIO"


@pytest.mark.parametrize(
    "tags",
    [
        "O B-PER I-PER O B-LOC B-LOC",
        "O I-PER I-PER O I-LOC B-LOC",
        "O I-PER E-PER O E-LOC E-LOC",
        "O B-PER E-PER O S-LOC S-LOC",
        "O B-PER L-PER O U-LOC U-LOC",
        "O B-PER E-PER O W-LOC W-LOC",
    ],
)
def test_all_schemes_say_the_same(tags: str) -> None:
    assert _chunks(tags) == ([(1, 2, "PER"), (4, 4, "LOC"), (5, 5, "LOC")], 0)


@pytest.mark.parametrize("tags", ["B-X I-X I-X E-X O", "B-X M-X M-X E-X O", "B-X I-X I-X L-X O", "B-X I-X I-X I-X O"])
def test_the_middle_of_a_long_span_is_no_span_of_its_own(tags: str) -> None:
    assert _chunks(tags) == ([(0, 3, "X")], 0)


def test_without_prefixes_neighbours_of_one_label_are_one_span() -> None:
    assert _chunks("O PER PER O LOC O O") == ([(1, 2, "PER"), (4, 4, "LOC")], 0)


def test_prefixes_alone_mark_entities() -> None:
    assert _chunks("O B I O B") == ([(1, 2, "entity"), (4, 4, "entity")], 0)


@pytest.mark.parametrize(
    ("tags", "scheme", "chunks", "repairs"),
    [
        ("O I-PER I-PER", BIO, [(1, 2, "PER")], 1),
        ("B-PER I-LOC", BIO, [(0, 0, "PER"), (1, 1, "LOC")], 1),
        ("B-PER I-PER I-LOC I-LOC O", BIO, [(0, 1, "PER"), (2, 3, "LOC")], 1),
        ("B-PER E-PER", BIO, [(0, 1, "PER")], 1),
        ("O E-PER O", BIOES, [(1, 1, "PER")], 1),
        ("B-PER I-PER O", BIOES, [(0, 1, "PER")], 1),
        ("B-PER O", BIOES, [(0, 0, "PER")], 1),
        ("I-PER E-PER", BIOES, [(0, 1, "PER")], 1),
        ("B-PER B-PER E-PER", BIOES, [(0, 0, "PER"), (1, 2, "PER")], 1),
        ("S-PER E-PER", BIOES, [(0, 0, "PER"), (1, 1, "PER")], 1),
        ("B-PER E-PER I-PER O", BIOES, [(0, 1, "PER"), (2, 2, "PER")], 1),
    ],
)
def test_tags_that_the_scheme_does_not_allow_are_read_as_conlleval_does_and_counted(
    tags: str, scheme: Scheme, chunks: list[tuple[int, int, str]], repairs: int
) -> None:
    assert _chunks(tags, scheme) == (chunks, repairs)


def test_in_iob1_a_span_may_begin_with_i() -> None:
    assert _chunks("I-PER O I-LOC I-LOC") == ([(0, 0, "PER"), (2, 3, "LOC")], 0)


@pytest.mark.parametrize("tag", ["X-PER", "PER", "", "B-", "-PER", "b-PER", "B", "0", "_", "o"])
def test_what_is_no_tag_of_the_scheme_is_told_with_its_place(tag: str) -> None:
    with pytest.raises(bio.BadTag) as caught:
        bio.decoded(["O", tag, "O"], BIO)
    assert caught.value.position == 1


@pytest.mark.parametrize("outside", ["O", "0", "_", "-", "*"])
def test_what_is_outside_of_spans_has_one_of_the_usual_marks(outside: str) -> None:
    assert _chunks(f"{outside} B-PER {outside}") == ([(1, 1, "PER")], 0)


def test_blank_tags_are_none_where_others_mark_what_is_outside() -> None:
    assert bio.is_unlabeled(["_", "_"], BIO)
    assert bio.is_unlabeled(["", ""], BIO)
    assert not bio.is_unlabeled(["_", "O"], BIO)
    assert not bio.is_unlabeled(["_", "_"], _scheme("_ B-PER _"))


def test_the_text_is_the_tokens_joined_by_spaces() -> None:
    found = bio.tagged(["New", "York", "is", "big"], ["B-LOC", "I-LOC", "O", "O"], BIO)
    assert found == ("New York is big", (Span(0, 8, "LOC"),), 0)


def test_tokens_that_no_space_follows_are_not_parted() -> None:
    assert bio.joined(["It", "'s", "fine", "!"], [False, True, False, True]) == (
        "It's fine!",
        [(0, 2), (2, 4), (5, 9), (9, 10)],
    )


def test_characters_are_counted_not_bytes_or_halves_of_them() -> None:
    assert bio.tagged(["🙂", "Zoë"], ["O", "B-PER"], BIO).spans == (Span(2, 5, "PER"),)


@pytest.mark.parametrize(("tokens", "tags"), [(["a"], []), ([], ["O"]), (["a", "b"], ["O"])])
def test_as_many_tags_as_tokens_are_needed(tokens: list[str], tags: list[str]) -> None:
    with pytest.raises(bio.BadTag):
        bio.tagged(tokens, tags, BIO)


def test_no_tokens_are_an_empty_text() -> None:
    assert bio.tagged([], [], BIO) == ("", (), 0)


@STEADY
@given(st.lists(st.tuples(st.text("ab ", max_size=3), st.sampled_from(["O", "B-X", "I-X", "I-Y", "E-X", "S-Y"]))))
def test_spans_are_the_tokens_of_their_tags_and_never_overlap(pairs: list[tuple[str, str]]) -> None:
    tokens, tags = [token for token, _ in pairs], [tag for _, tag in pairs]
    text, spans, repairs = bio.tagged(tokens, tags, BIO)
    assert text == " ".join(tokens)
    assert 0 <= repairs <= len(tags)
    covered = "".join(text[span.start : span.end] for span in spans).replace(" ", "")
    tagged = "".join(token for token, tag in pairs if tag != "O")
    assert covered == tagged.replace(" ", "")
    assert all(first.end < second.start for first, second in pairwise(spans))


@STEADY
@given(st.lists(st.lists(st.text(max_size=4) | st.sampled_from(["O", "B-X", "I-X", "PER", "_", ""]), max_size=5)))
def test_any_strings_have_a_scheme_or_none_and_are_decoded_or_refused(sentences: list[list[str]]) -> None:
    scheme = scheme_of(sentences)
    for tags in sentences if scheme else ():
        assert scheme is not None
        with suppress(bio.BadTag):
            assert bio.decoded(tags, scheme).repairs <= len(tags)
