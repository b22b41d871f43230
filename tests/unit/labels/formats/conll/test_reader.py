"""Reading CoNLL's column files."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.errors import DataError, HeadstartError
from headstart.labels.records import Reading, Record, Reject, Span
from tests.support import reading, shared_data
from tests.support.steady import STEADY

CONLL_2003 = """\
-DOCSTART- -X- -X- O

Anna NNP B-NP I-PER
Berg NNP I-NP I-PER
visited VBD B-VP O
Oslo NNP B-NP I-LOC
. . O O

She PRP B-NP O
left VBD B-VP O
. . O O

-DOCSTART- -X- -X- O

Oslo NNP B-NP I-LOC
Bergen NNP I-NP B-LOC
lines NNS I-NP O
"""
GERMEVAL = """\
#\thttp://de.wikipedia.org/wiki/Bern?a=b\t[2009-10-17]\t
1\tDie\tO\tO
2\tUniversität\tB-ORG\tO
3\tBern\tI-ORG\tB-LOC
4\tliegt\tO\tO

#\thttp://www.example.org/news\t[2010-01-01]\t
1\tBerner\tB-LOCderiv\tO
2\tLuft\tO\tO
"""
CONLL_U_PLUS = """\
# global.columns = ID FORM UPOS MISC PROJECT:NER
# newdoc id = letters-1
# sent_id = 1
# text = Ana, come to Vigo!
1\tAna\tPROPN\tSpaceAfter=No\tB-PER
2\t,\tPUNCT\t_\tO
3\tcome\tVERB\t_\tO
4\tto\tADP\t_\tO
5\tVigo\tPROPN\tSpaceAfter=No\tB-LOC
6\t!\tPUNCT\t_\tO

# sent_id = 2
1\tAt\tADP\t_\tO
2\tonce\tADV\tSpaceAfter=No\tO
3\t.\tPUNCT\tSpaceAfter=No\tO

"""
MISC = """\
# sent_id = 1
# text = Finn bor i Oslo.
1\tFinn\tFinn\tPROPN\t_\t_\t2\tnsubj\t_\tname=B-PER
2\tbor\tbo\tVERB\t_\t_\t0\troot\t_\tname=O
3\ti\ti\tADP\t_\t_\t4\tcase\t_\tname=O
4\tOslo\tOslo\tPROPN\t_\t_\t2\tobl\t_\tSpaceAfter=No|name=B-GPE_LOC
5\t.\t$.\tPUNCT\t_\t_\t2\tpunct\t_\tname=O
"""
HIPE = """\
TOKEN\tNE-COARSE-LIT\tNE-FINE-LIT\tNEL-LIT\tMISC
# hipe2022:document_id = paper-1
# hipe2022:date = 1790-03-03
From\tO\tO\t_\t_
Bern\tB-loc\tB-loc.adm.town\tQ70\tNoSpaceAfter
.\tO\tO\t_\tEndOfSentence

# hipe2022:document_id = paper-2
# hipe2022:date = 1791-01-05
By\tO\tO\t_\t_
ship\tO\tO\t_\t_
"""


def _opened(folder: Path, content: str, **asked: Any) -> Reading:
    path = folder / "file.conll"
    path.write_bytes(content.encode())
    return reading.opened(path, form="conll", **asked)


def _read(folder: Path, content: str, **asked: Any) -> list[reading.Read]:
    return reading.taken(_opened(folder, content, **asked))


def _records(folder: Path, content: str, **asked: Any) -> list[Record]:
    found = _read(folder, content, **asked)
    assert all(isinstance(each, Record) for each in found), found
    return [each for each in found if isinstance(each, Record)]


def _said(folder: Path, content: str, **asked: Any) -> list[object]:
    """Each sentence's text with its spans spelt out, None where nobody labeled it; or the reason of its rejection."""
    return [_spelt(each) if isinstance(each, Record) else each.reason for each in _read(folder, content, **asked)]


def _spelt(record: Record) -> tuple[str, list[tuple[str, str]] | None]:
    if not record.votes:
        return record.text, None
    (vote,) = record.votes
    assert isinstance(vote.value, tuple)
    return record.text, [
        (record.text[each.start : each.end], each.label) for each in vote.value if isinstance(each, Span)
    ]


# The formats


def test_a_sentence_of_conll_2003_is_a_record_with_the_spans_of_its_last_column(tmp_path: Path) -> None:
    found = _opened(tmp_path, CONLL_2003)
    assert (found.kind, found.fields) == ("spans", "tokens from column 1, tags from column 4 (IOB1)")
    assert _said(tmp_path, CONLL_2003) == [
        ("Anna Berg visited Oslo .", [("Anna Berg", "PER"), ("Oslo", "LOC")]),
        ("She left .", []),
        ("Oslo Bergen lines", [("Oslo", "LOC"), ("Bergen", "LOC")]),
    ]


def test_phrases_of_a_chunker_are_no_labels_unless_there_is_nothing_else(tmp_path: Path) -> None:
    found = _opened(tmp_path, CONLL_2003)
    assert reading.taken(found)
    assert not found.aside
    content = "She PRP B-NP\nleft VBD B-VP\n. . O\n"
    assert _said(tmp_path, content) == [("She left .", [("She", "NP"), ("left", "VP")])]


def test_a_record_is_called_by_the_line_of_its_first_token(tmp_path: Path) -> None:
    places = [each.place for each in _records(tmp_path, CONLL_2003)]
    assert places == ["file.conll, line 3", "file.conll, line 9", "file.conll, line 15"]


@pytest.mark.parametrize("separator", ["\t", " ", "  "])
def test_two_columns_are_enough(tmp_path: Path, separator: str) -> None:
    content = "\n".join(separator.join(line) for line in [("New", "B-LOC"), ("York", "I-LOC"), ("!", "O")])
    assert _said(tmp_path, content) == [("New York !", [("New York", "LOC")])]


def test_of_tabs_and_spaces_in_one_file_each_parts_its_lines(tmp_path: Path) -> None:
    content = "New\tB-LOC\nYork\tI-LOC\n!\tO\n\nhi O\n"
    assert _said(tmp_path, content) == [("New York !", [("New York", "LOC")]), ("hi", [])]


def test_a_line_of_white_space_ends_a_sentence_as_in_wnut(tmp_path: Path) -> None:
    content = "Oslo\tB-geo-loc\n\t\nhi\tO\n  \t\n\n\nbye\tO\n"
    assert _said(tmp_path, content) == [("Oslo", [("Oslo", "geo-loc")]), ("hi", []), ("bye", [])]


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n"])
def test_line_ends_of_any_system_are_the_same(tmp_path: Path, end: str) -> None:
    assert _said(tmp_path, CONLL_2003.replace("\n", end)) == _said(tmp_path, CONLL_2003)


def test_neither_a_byte_order_mark_nor_a_missing_last_line_end_matters(tmp_path: Path) -> None:
    assert _said(tmp_path, "\ufeffOslo B-LOC\n\nOslo B-LOC") == [("Oslo", [("Oslo", "LOC")])] * 2


def test_tags_of_biloe_kinds_are_read(tmp_path: Path) -> None:
    assert _said(tmp_path, "A B-X\nB I-X\nC L-X\nD U-Y\nE O\n") == [("A B C D E", [("A B C", "X"), ("D", "Y")])]


def test_labels_without_prefixes_are_read(tmp_path: Path) -> None:
    content = "Inger\tPER\nAtterstam\tPER\n:\t0\nhej\t0\n\nja\t0\n"
    assert _said(tmp_path, content) == [("Inger Atterstam : hej", [("Inger Atterstam", "PER")]), ("ja", [])]


def test_tags_may_come_before_their_tokens(tmp_path: Path) -> None:
    content = "O\tfilms\nO\tby\nB-DIRECTOR\tjane\nI-DIRECTOR\tcampion\n"
    assert _opened(tmp_path, content).fields == "tokens from column 2, tags from column 1 (BIO)"
    assert _said(tmp_path, content) == [("films by jane campion", [("jane campion", "DIRECTOR")])]


@pytest.mark.parametrize("token", ["I", "O", "0", "B", "S-Bahn"])
def test_a_token_may_look_like_a_tag(tmp_path: Path, token: str) -> None:
    assert _said(tmp_path, f"{token} O\n") == [(token, [])]
    assert _said(tmp_path, f"{token} B-X\n\ngo O\n") == [(token, [(token, "X")]), ("go", [])]


def test_germevals_outer_spans_are_read_and_the_nested_ones_left_aside(tmp_path: Path) -> None:
    found = _opened(tmp_path, GERMEVAL)
    assert [each.text for each in reading.taken(found) if isinstance(each, Record)] == [
        "Die Universität Bern liegt",
        "Berner Luft",
    ]
    assert found.fields == "tokens from column 2, tags from column 3 (BIO)"
    assert found.aside == {"spans in column 4": 1}
    assert _said(tmp_path, GERMEVAL)[0] == ("Die Universität Bern liegt", [("Universität Bern", "ORG")])


def test_label_studios_export_has_a_boundary_of_fewer_columns_and_no_line_after_it(tmp_path: Path) -> None:
    content = "-DOCSTART- -X- O\nOslo -X- _ B-LOC\nrocks -X- _ O\n\nhi -X- _ O\n\n"
    assert _said(tmp_path, content) == [("Oslo rocks", [("Oslo", "LOC")]), ("hi", [])]


def test_spacys_sentence_a_line_is_read(tmp_path: Path) -> None:
    content = "I|PRP|O like|VBP|O New|NNP|B-GPE York|NNP|I-GPE\nHi|UH|O\n"
    assert _said(tmp_path, content) == [("I like New York", [("New York", "GPE")]), ("Hi", [])]
    assert [each.place for each in _records(tmp_path, content)] == ["file.conll, line 1", "file.conll, line 2"]


def test_conll_u_plus_names_its_columns(tmp_path: Path) -> None:
    found = _opened(tmp_path, CONLL_U_PLUS)
    assert found.fields == "tokens from 'FORM', tags from 'PROJECT:NER' (BIO)"
    assert _said(tmp_path, CONLL_U_PLUS) == [
        ("Ana, come to Vigo!", [("Ana", "PER"), ("Vigo", "LOC")]),
        ("At once.", []),
    ]


def test_tags_in_the_misc_column_of_conll_u_are_found(tmp_path: Path) -> None:
    assert _opened(tmp_path, MISC).fields == "tokens from column 2, tags from 'name' in column 10 (BIO)"
    assert _said(tmp_path, MISC) == [("Finn bor i Oslo.", [("Finn", "PER"), ("Oslo", "GPE_LOC")])]


def test_a_word_without_the_key_of_the_tags_is_in_no_span(tmp_path: Path) -> None:
    content = MISC.replace("_\tname=O", "_\t_")
    assert _said(tmp_path, content) == _said(tmp_path, MISC)


def test_a_header_among_the_lines_names_the_columns(tmp_path: Path) -> None:
    found = _opened(tmp_path, HIPE)
    assert found.fields == "tokens from 'TOKEN', tags from 'NE-COARSE-LIT' (BIO)"
    assert _said(tmp_path, HIPE) == [("From Bern.", [("Bern", "loc")]), ("By ship", [])]
    reading.taken(found)
    assert found.aside == {"spans in 'NE-FINE-LIT'": 1}


def test_a_first_token_that_could_name_a_column_is_no_header(tmp_path: Path) -> None:
    assert _said(tmp_path, "Token O\nRing B-PROD\n") == [("Token Ring", [("Ring", "PROD")])]


# Tokens and the text


@pytest.mark.parametrize("separator", ["\t", " "])
@pytest.mark.parametrize("token", ["#", "#oslo", "\u00a0", "10\u00a0000", "\u2028", "\x85", "##", "-DOC-"])
def test_a_token_may_look_like_a_comment_or_like_white_space(tmp_path: Path, token: str, separator: str) -> None:
    content = f"{token} O\nOslo B-LOC\n{token} O\n".replace(" ", separator)
    assert _said(tmp_path, content) == [(f"{token} Oslo {token}", [("Oslo", "LOC")])]


def test_in_a_file_with_tabs_a_token_may_have_spaces(tmp_path: Path) -> None:
    assert _said(tmp_path, "New York\tB-LOC\nis\tO\n10 000\tO\n") == [("New York is 10 000", [("New York", "LOC")])]


def test_comments_are_no_tokens_even_where_any_name_could_be_a_tag(tmp_path: Path) -> None:
    content = "# newdoc\nOslo LOC\nis O\nbig O\n\n# newdoc\nhi O\n"
    assert _said(tmp_path, content) == [("Oslo is big", [("Oslo", "LOC")]), ("hi", [])]


def test_the_text_of_a_comment_is_taken_where_it_is_that_of_the_tokens(tmp_path: Path) -> None:
    content = "# text = «Oslo»  is\tbig.\n«\tO\nOslo\tB-LOC\n»\tO\nis\tO\nbig\tO\n.\tO\n"
    assert _said(tmp_path, content) == [("«Oslo»  is\tbig.", [("Oslo", "LOC")])]


@pytest.mark.parametrize("text", ["Oslo was big", "Oslo is", "Oslo is big!", ""])
def test_a_text_that_is_not_that_of_the_tokens_is_left_aside(tmp_path: Path, text: str) -> None:
    found = _opened(tmp_path, f"# text = {text}\nOslo\tB-LOC\nis\tO\nbig\tO\n")
    (record,) = reading.taken(found)
    assert isinstance(record, Record)
    assert record.text == "Oslo is big"
    assert found.aside == {"texts that are not their tokens": 1}


def test_a_token_of_several_words_is_one_in_the_text(tmp_path: Path) -> None:
    content = (
        "# global.columns = ID FORM NER\n1\tVigo\tB-LOC\n2\tes\tO\n\n"
        "1-2\tdel\t_\n1\tde\tO\n2\tel\tO\n3\tMar\tB-LOC\n3.1\textra\t_\n4\t!\tO\n"
    )
    assert _said(tmp_path, content)[1] == ("del Mar !", [("Mar", "LOC")])


def test_words_that_spell_their_token_together_have_their_own_characters(tmp_path: Path) -> None:
    content = "# global.columns = ID FORM NER\n1-2\tdámelo\t_\n1\tdáme\tO\n2\tlo\tB-OBJ\n3\tya\tO\n"
    assert _said(tmp_path, content) == [("dámelo ya", [("lo", "OBJ")])]


def test_a_span_that_begins_amid_a_token_is_rejected(tmp_path: Path) -> None:
    content = "# global.columns = ID FORM NER\n1-2\tdel\t_\n1\tde\tO\n2\tel\tB-LOC\n3\tMar\tI-LOC\n4\t!\tO\n"
    assert _said(tmp_path, content) == ["split-token"]


def test_a_span_of_a_whole_token_of_several_words_is_fine(tmp_path: Path) -> None:
    content = "# global.columns = ID FORM NER\n1-2\tdel\t_\n1\tde\tB-LOC\n2\tel\tI-LOC\n3\tMar\tI-LOC\n4\t!\tO\n"
    assert _said(tmp_path, content) == [("del Mar !", [("del Mar", "LOC")])]


# What is wrong


def test_tags_that_had_to_be_repaired_are_counted(tmp_path: Path) -> None:
    found = _opened(tmp_path, "A B-X\nB I-Y\nC O\n\nD B-X\nE I-X\n\nF O\nG B-X\nH I-X\n")
    assert [each.text for each in reading.taken(found) if isinstance(each, Record)] == ["A B C", "D E", "F G H"]
    assert found.aside == {"repaired tags": 1}


def test_a_sentence_with_a_line_of_other_columns_is_rejected_with_that_line(tmp_path: Path) -> None:
    kept, rejected, last = _read(tmp_path, "Oslo B-LOC\n\nhi O\nyou there O\n!\n\nbye O\n")
    assert isinstance(kept, Record)
    assert isinstance(last, Record)
    assert rejected == Reject("file.conll, line 4", "wrong-columns", ["hi O", "you there O", "!"])


def test_a_sentence_with_what_is_no_tag_is_rejected_with_its_line(tmp_path: Path) -> None:
    kept, rejected = _read(tmp_path, "Oslo B-LOC\nis O\nbig O\n\nhi O\nyou B:PER\n")
    assert isinstance(kept, Record)
    assert rejected == Reject("file.conll, line 6", "bad-label", ["hi O", "you B:PER"])


def test_a_broken_token_with_a_hash_is_not_taken_for_a_comment_amid_a_sentence(tmp_path: Path) -> None:
    assert _said(tmp_path, "Oslo B-LOC\n#big\nhi O\n") == ["wrong-columns"]
    assert _said(tmp_path, "Oslo B-LOC\n# P-ER\nhi O\n") == ["bad-label"]
    assert _said(tmp_path, "Oslo B-LOC\n# a remark\nhi O\n") == [("Oslo hi", [("Oslo", "LOC")])]


@pytest.mark.parametrize("blank", ["_", "-", "*"])
def test_a_sentence_that_nobody_tagged_has_no_votes(tmp_path: Path, blank: str) -> None:
    content = f"Oslo B-LOC\nrocks O\n\nhi {blank}\nyou {blank}\n\nhi {blank}\nyou O\n"
    assert _said(tmp_path, content) == [("Oslo rocks", [("Oslo", "LOC")]), ("hi you", None), "bad-label"]


@pytest.mark.parametrize("content", ["", "\n \n"])
def test_an_empty_file_has_no_records(tmp_path: Path, content: str) -> None:
    assert _read(tmp_path, content) == []


@pytest.mark.parametrize(
    "content",
    ["hello world\n", "hello\nworld\n", "a\tham\nb\tspam\n", "# remark\n", "-DOCSTART- O\n"],
)
def test_a_file_without_tags_is_an_error_that_says_how_to_name_them(tmp_path: Path, content: str) -> None:
    with pytest.raises(DataError, match="no column holds tags") as caught:
        _read(tmp_path, content)
    assert caught.value.code == "data/unknown-field"


def test_a_sentence_that_is_not_utf8_is_rejected_alone(tmp_path: Path) -> None:
    content = "Sao B-LOC\nPaulo I-LOC\nª O\n\nSao B-LOC\nPaulo I-LOC\n"
    (tmp_path / "esp.testa").write_bytes(content.encode("latin-1"))
    assert reading.said(reading.read(tmp_path / "esp.testa")) == ["broken-unicode", ("Sao Paulo", (((0, 9, "LOC"),),))]


# What the spec asks for


@pytest.mark.parametrize("label", ["4", "last", "auto"])
def test_the_column_of_the_tags_can_be_numbered(tmp_path: Path, label: str) -> None:
    assert _said(tmp_path, CONLL_2003, label=label) == _said(tmp_path, CONLL_2003)


def test_another_column_of_tags_can_be_chosen(tmp_path: Path) -> None:
    assert _said(tmp_path, CONLL_2003, label="3")[1] == ("She left .", [("She", "NP"), ("left", "VP")])
    assert _said(tmp_path, GERMEVAL, label="4")[0] == ("Die Universität Bern liegt", [("Bern", "LOC")])


def test_a_column_can_be_called_by_its_name_or_its_key(tmp_path: Path) -> None:
    assert _said(tmp_path, HIPE, label="NE-FINE-LIT")[0] == ("From Bern.", [("Bern", "loc.adm.town")])
    assert _said(tmp_path, MISC, label="name") == _said(tmp_path, MISC)


def test_the_column_of_the_tokens_can_be_chosen(tmp_path: Path) -> None:
    content = "am be O\nin in O\nOslo oslo B-LOC\n"
    assert _said(tmp_path, content, text="2") == [("be in oslo", [("oslo", "LOC")])]


@pytest.mark.parametrize("asked", [{"label": "5"}, {"label": "0"}, {"label": "NER"}, {"text": "FORM"}])
def test_a_column_that_is_not_there_is_an_error_that_lists_those_that_are(
    tmp_path: Path, asked: dict[str, str]
) -> None:
    with pytest.raises(DataError, match="'1', '2', '3', '4', 'last'") as caught:
        _read(tmp_path, CONLL_2003, **asked)
    assert caught.value.code == "data/unknown-field"


def test_a_column_without_tags_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="column 2 holds no tags"):
        _read(tmp_path, CONLL_2003, label="2")


@pytest.mark.parametrize("asked", [{"pair": "2"}, {"image": "2"}])
def test_fields_that_the_format_has_not_are_refused(tmp_path: Path, asked: dict[str, str]) -> None:
    with pytest.raises(DataError):
        _read(tmp_path, CONLL_2003, **asked)


def test_a_task_that_takes_no_spans_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="token-classification"):
        _read(tmp_path, CONLL_2003, task="text-classification")
    assert _read(tmp_path, CONLL_2003, task="token-classification")


def test_sentences_are_grouped_by_document(tmp_path: Path) -> None:
    groups = [each.group for each in _records(tmp_path, CONLL_2003, group_by="document")]
    assert groups == ["file.conll, document 1", "file.conll, document 1", "file.conll, document 2"]


def test_sentences_before_the_first_boundary_are_a_document(tmp_path: Path) -> None:
    found = _records(tmp_path, "Oslo I-LOC\n-DOCSTART- O\nhi O\n", group_by="document")
    assert [each.group for each in found] == ["file.conll, document 0", "file.conll, document 1"]


def test_documents_of_conll_u_have_names(tmp_path: Path) -> None:
    found = _records(tmp_path, CONLL_U_PLUS + "# newdoc\n1\tHi\tINTJ\t_\tO\n", group_by="document")
    assert [each.group for each in found] == ["letters-1", "letters-1", "file.conll, document 2"]


def test_what_a_comment_says_groups_and_orders_sentences(tmp_path: Path) -> None:
    found = _records(tmp_path, HIPE, group_by="hipe2022:document_id", time="hipe2022:date")
    assert [each.group for each in found] == ["paper-1", "paper-2"]
    assert found[0].time is not None
    assert found[1].time is not None
    assert found[0].time < found[1].time


def test_what_a_comment_says_holds_until_its_document_ends(tmp_path: Path) -> None:
    content = "# a = 1\nOslo B-LOC\n\nhi O\n\n# newdoc\nhi O\n\n# a = 2\nhi O\n"
    assert [each.group for each in _records(tmp_path, content, group_by="a")] == ["1", "1", None, "2"]


def test_a_sentence_without_a_time_to_order_it_by_is_rejected(tmp_path: Path) -> None:
    assert _said(tmp_path, HIPE.replace("1791-01-05", "Easter"), time="hipe2022:date")[1] == "bad-time"


@pytest.mark.parametrize("asked", [{"group_by": "customer"}, {"time": "date"}])
def test_grouping_by_what_no_comment_says_is_an_error(tmp_path: Path, asked: dict[str, str]) -> None:
    with pytest.raises(DataError, match="'hipe2022:date'") as caught:
        _read(tmp_path, HIPE, **asked)
    assert caught.value.code == "data/unknown-field"


def test_a_file_without_boundaries_has_no_documents(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no field 'document'"):
        _read(tmp_path, HIPE, group_by="document")


def test_a_published_split_is_kept(tmp_path: Path) -> None:
    assert {each.split for each in _records(tmp_path, CONLL_2003, split="test")} == {"test"}


# Real files


@pytest.mark.parametrize(
    ("name", "sentences", "spans"),
    [("wnut17train.conll", 3394, 1975), ("emerging.dev.conll", 1009, 836), ("emerging.test.annotated", 1287, 1079)],
)
def test_wnut17_has_the_sentences_and_entities_that_its_authors_counted(name: str, sentences: int, spans: int) -> None:
    path = shared_data.folder("wnut17") / name
    found = reading.opened(path)
    records = [each for each in reading.taken(found) if isinstance(each, Record)]
    assert (len(records), found.aside) == (sentences, {})
    assert sum(len(_spelt(each)[1] or ()) for each in records) == spans
    tokens = [line.split("\t")[0] for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    assert " ".join(each.text for each in records) == " ".join(tokens)


# Anything at all

_cells = st.sampled_from(["O", "B-X", "I-X", "_", "PER", "#", "# a = 1", "-DOCSTART-", "1", "1-2", "1.1", "é", ""])
_lines = st.lists(_cells, min_size=1, max_size=4)


@STEADY
@given(st.lists(st.lists(_lines, max_size=4), max_size=5), st.sampled_from(["\t", " "]))
def test_every_block_of_any_lines_is_read_or_refused(
    tmp_path: Path, blocks: list[list[list[str]]], separator: str
) -> None:
    content = "\n\n".join("\n".join(separator.join(cells) for cells in block) for block in blocks)
    try:
        found = _read(tmp_path, content)
    except HeadstartError:
        return
    assert all(isinstance(each, Record | Reject) for each in found)


_words = st.text("abé\u00a0", min_size=1, max_size=3)
_sentences = st.lists(st.tuples(_words, st.sampled_from(["O", "B-X", "I-X", "I-Y", "???"])), min_size=1, max_size=4)


@STEADY
@given(st.lists(_sentences, min_size=1, max_size=5))
def test_every_sentence_is_one_record_or_one_reject(tmp_path: Path, sentences: list[list[tuple[str, str]]]) -> None:
    first = "Oslo\tB-X\n" + "is\tO\n" * 20
    content = "\n".join([first, *("".join(f"{token}\t{tag}\n" for token, tag in each) for each in sentences)])
    found = _read(tmp_path, content)
    assert len(found) == 1 + len(sentences)
    for each, sentence in zip(found[1:], sentences, strict=True):
        if isinstance(each, Record):
            assert each.text == " ".join(token for token, _ in sentence)
        else:
            assert any(tag == "???" for _, tag in sentence)


@STEADY
@given(st.binary(max_size=200))
def test_no_bytes_crash_the_reader(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "file").write_bytes(content)
    try:
        reading.read(tmp_path / "file", form="conll", group_by="document")
    except HeadstartError:
        return


@STEADY
@given(st.data(), st.sampled_from([CONLL_2003, GERMEVAL, CONLL_U_PLUS, MISC, HIPE]))
def test_no_damage_to_a_file_crashes_the_reader(tmp_path: Path, data: st.DataObject, whole: str) -> None:
    content = bytearray(whole.encode())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at : at + data.draw(st.integers(0, 9))] = data.draw(st.binary(max_size=3))
    (tmp_path / "file").write_bytes(bytes(content))
    try:
        reading.read(tmp_path / "file", form="conll")
    except HeadstartError:
        return
