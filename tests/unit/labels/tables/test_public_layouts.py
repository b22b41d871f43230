"""Public data sets, laid out as they are distributed, are read without a word of configuration."""

import csv
import io
import json
import random
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from headstart.errors import DataError
from tests.support import shared_data
from tests.support.reading import opened, read_bytes, records, taken

ROWS = 300
_WORDS = [
    "the",
    "card",
    "has",
    "not",
    "arrived",
    "and",
    "I",
    "wait",
    "for",
    "a",
    "new",
    "one",
    "since",
    "monday",
    "please",
    "help",
    "it",
    "really",
    "is",
    "late",
    "again",
]


def text(row: int, least: int = 4, most: int = 14) -> str:
    """A sentence of its own."""
    dice = random.Random(row)
    return " ".join(dice.choice(_WORDS) for _ in range(dice.randint(least, most))) + f", number {row}"


def long(row: int) -> str:
    return text(row, 40, 90)


def chinese(row: int) -> str:
    return f"这是第{row}条新闻" + "的内容因为没有空格所以很难分词"[: 3 + row % 12]


def any_of(*names: str) -> Callable[[int], str]:
    return lambda row: random.Random(-row - 1).choice(names)


def score(row: int) -> str:
    return f"{random.Random(row).random() * 5:.3f}"


Cell = str | Callable[[int], object]


def table(
    header: Sequence[str] | None, *cells: Cell, rows: int = ROWS, delimiter: str = ",", quoted: bool = False
) -> str:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, delimiter=delimiter, quoting=csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL)
    if header:
        writer.writerow(header)
    writer.writerows([cell(row) if callable(cell) else cell for cell in cells] for row in range(rows))
    return stream.getvalue()


def tabbed(header: str | None, *cells: Cell, rows: int = ROWS) -> str:
    lines = ["\t".join(str(cell(row) if callable(cell) else cell) for cell in cells) for row in range(rows)]
    return "".join(f"{line}\n" for line in ([header] if header else []) + lines)


def lines(rows: int = ROWS, **fields: Cell) -> str:
    entries = ({name: cell(row) if callable(cell) else cell for name, cell in fields.items()} for row in range(rows))
    return "".join(json.dumps(entry) + "\n" for entry in entries)


LAYOUTS: dict[str, tuple[str, Callable[[int], str], Callable[[int], object]]] = {
    # name: content, the text of a row, and its label
    "sst2/train.tsv": (tabbed("sentence\tlabel", text, any_of("0", "1")), text, any_of("0", "1")),
    "cola/in_domain_train.tsv": (
        tabbed(None, lambda row: f"gj{row // 40}", any_of("0", "1"), lambda row: "*" * (row % 40 == 39), text),
        text,
        any_of("0", "1"),
    ),
    "ag_news/train.csv": (
        table(None, any_of(*"1234"), lambda row: text(row, 3, 6), long, quoted=True),
        long,
        any_of(*"1234"),
    ),
    "ag_news/with a header.csv": (
        table(("Class Index", "Title", "Description"), any_of(*"1234"), lambda row: text(row, 3, 6), long),
        long,
        any_of(*"1234"),
    ),
    "dbpedia/train.csv": (  # in the order of its labels
        table(None, lambda row: str(1 + row // 25), lambda row: f"Name {row}", lambda row: f" {long(row)}", rows=350),
        lambda row: f" {long(row)}",
        lambda row: str(1 + row // 25),
    ),
    "yelp/train.csv": (table(None, any_of(*"12345"), long, quoted=True), long, any_of(*"12345")),
    "yelp/reviews.jsonl": (
        lines(review_id="x", stars=lambda row: float(any_of(*"12345")(row)), useful=0, funny=0, text=long, date="2018"),
        long,
        any_of(*"12345"),
    ),
    "imdb/reviews.csv": (
        table(("review", "sentiment"), lambda row: f"{long(row)}<br />\n<br />", any_of("positive", "negative")),
        lambda row: f"{long(row)}<br />\n<br />",
        any_of("positive", "negative"),
    ),
    "amazon/reviews.jsonl": (
        lines(
            overall=lambda row: float(any_of(*"12345")(row)),
            verified=True,
            reviewerID=lambda row: f"A{row}",
            asin="B1",
            reviewText=long,
            summary=text,
            unixReviewTime=1252800000,
        ),
        long,
        any_of(*"12345"),
    ),
    "sentiment140/train.csv": (  # in the order of its labels
        table(
            None,
            lambda row: "04"[row >= 1000],
            lambda row: 1467810369 + row,
            lambda row: f"Mon Apr 06 22:{row % 60:02}:45 PDT 2009",
            "NO_QUERY",
            lambda row: f"user{row}",
            text,
            rows=2000,
            quoted=True,
        ),
        text,
        lambda row: "04"[row >= 1000],
    ),
    "sms/spam.csv": (
        table(("v1", "v2", "", "", ""), any_of("ham", "spam"), text, "", "", ""),
        text,
        any_of("ham", "spam"),
    ),
    "airline/tweets.csv": (
        table(
            ("tweet_id", "airline_sentiment", "airline_sentiment_confidence", "negativereason", "airline", "text"),
            lambda row: 570306133677760513 + row,
            any_of("neutral", "positive", "negative"),
            score,
            any_of("", "Late Flight"),
            any_of("United", "Delta"),
            text,
        ),
        text,
        any_of("neutral", "positive", "negative"),
    ),
    "insincere/train.csv": (
        table(("qid", "question_text", "target"), lambda row: f"{row:020x}", text, any_of("0", "1")),
        text,
        any_of("0", "1"),
    ),
    "rotten/train.tsv": (
        tabbed("PhraseId\tSentenceId\tPhrase\tSentiment", str, lambda row: row // 9, text, any_of(*"01234")),
        text,
        any_of(*"01234"),
    ),
    "hate/tweets.csv": (
        table(
            ("", "count", "hate_speech", "offensive_language", "neither", "class", "tweet"),
            str, "3", any_of(*"0123"), any_of(*"0123"), any_of(*"0123"), any_of(*"012"), text,
        ),
        text,
        any_of(*"012"),
    ),
    "emotion/train.txt": (table(None, text, any_of("joy", "anger"), delimiter=";"), text, any_of("joy", "anger")),
    "atis/train.csv": (table(None, any_of("atis_flight", "atis_fare"), text), text, any_of("atis_flight", "atis_fare")),
    "news/categories.json": (
        lines(link="https://a.b", headline=text, category=any_of("U.S. NEWS", "COMEDY"), short_description=long),
        text,
        any_of("U.S. NEWS", "COMEDY"),
    ),
    "sarcasm/headlines.json": (
        lines(article_link="https://a.b", headline=text, is_sarcastic=lambda row: int(any_of("0", "1")(row))),
        text,
        any_of("0", "1"),
    ),
    "semeval/tweets.txt": (
        tabbed(None, lambda row: 264183816548130816 + row, any_of("positive", "neutral"), text),
        text,
        any_of("positive", "neutral"),
    ),
    "clinc/data.json": (
        json.dumps({"train": [[text(row), any_of("transfer", "book_hotel")(row)] for row in range(ROWS)]}),
        text,
        any_of("transfer", "book_hotel"),
    ),
    "trec/train.label": (
        "".join(f"{any_of('DESC:manner', 'HUM:ind')(row)} {text(row)}\n" for row in range(ROWS)),
        text,
        any_of("DESC:manner", "HUM:ind"),
    ),
    "chinese/train.csv": (
        table(None, any_of("体育", "财经"), chinese),
        chinese,
        any_of("体育", "财经"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", LAYOUTS)
def test_texts_and_labels_are_found(tmp_path: Path, name: str) -> None:
    content, text_of, label_of = LAYOUTS[name]
    found = records(read_bytes(tmp_path / name.partition("/")[2], content))
    found.sort(key=lambda each: int(each.place.rpartition(" ")[2]))
    said = [(each.text, [vote.value for vote in each.votes]) for each in found]
    assert said == [(text_of(row), [(label_of(row),)]) for row in range(len(found))]
    assert len(found) >= ROWS
    assert not any(each.pair for each in found)


def other(row: int) -> str:
    return text(row + 10_000)


PAIRS: dict[str, tuple[str, Callable[[int], object]]] = {
    "snli/train.jsonl": (
        lines(annotator_labels=["a"], captionID="1.jpg#4", gold_label=any_of("neutral", "-"), sentence1=text, sentence1_parse="(ROOT (a b) c)", sentence2=other),
        any_of("neutral", "-"),
    ),
    "snli/train.txt": (
        tabbed("gold_label\tsentence1_parse\tsentence1\tsentence2\tlabel1\tlabel2", any_of("neutral", "-"), "( a b c )", text, other, "neutral", ""),
        any_of("neutral", "-"),
    ),
    "mnli/train.tsv": (
        tabbed("index\tgenre\tsentence1\tsentence2\tlabel1\tgold_label", str, any_of("fiction", "travel"), text, other, "neutral", any_of("neutral", "entailment")),
        any_of("neutral", "entailment"),
    ),
    "qqp/train.tsv": (
        tabbed("id\tqid1\tqid2\tquestion1\tquestion2\tis_duplicate", str, str, str, text, other, any_of("0", "1")),
        any_of("0", "1"),
    ),
    "mrpc/train.txt": (
        tabbed("Quality\t#1 ID\t#2 ID\t#1 String\t#2 String", any_of("0", "1"), str, str, text, other),
        any_of("0", "1"),
    ),
    "qnli/train.tsv": (
        tabbed("index\tquestion\tsentence\tlabel", str, text, other, any_of("entailment", "not_entailment")),
        any_of("entailment", "not_entailment"),
    ),
    "stsb/glue.tsv": (
        tabbed("index\tgenre\tfilename\tyear\told_index\tsentence1\tsentence2\tscore", str, "main-news", "MSRvid", "2012test", str, text, other, score),
        lambda row: float(score(row)),
    ),
    "stsb/sts-train.csv": (
        tabbed(None, any_of("main-news", "main-captions"), any_of("MSRvid", "headlines"), any_of("2012", "2015"), str, score, text, other),
        lambda row: float(score(row)),
    ),
    "sick/train.txt": (
        tabbed("pair_ID\tsentence_A\tsentence_B\trelatedness_score\tentailment_judgment", str, text, other, score, any_of("NEUTRAL", "ENTAILMENT")),
        lambda row: float(score(row)),
    ),
    "anli/dev.jsonl": (
        lines(uid=str, context=text, hypothesis=other, label=any_of("n", "e", "c"), model_label="c", reason=long),
        any_of("n", "e", "c"),
    ),
    "boolq/train.jsonl": (
        lines(question=text, title=lambda row: f"Title {row}", answer=lambda row: any_of("0", "1")(row) == "1", passage=other),
        lambda row: str(any_of("0", "1")(row) == "1"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PAIRS)
def test_pairs_of_texts_and_what_is_said_of_them_are_found(tmp_path: Path, name: str) -> None:
    content, label_of = PAIRS[name]
    found = records(read_bytes(tmp_path / name.partition("/")[2], content))
    found.sort(key=lambda each: int(each.place.rpartition(" ")[2]))
    said = [(each.text, each.pair, [vote.value for vote in each.votes]) for each in found]
    labels = [label_of(row) for row in range(ROWS)]
    votes: list[list[object]] = [
        [] if label == "-" else [label if isinstance(label, float) else (label,)] for label in labels
    ]
    assert said == [(text(row), other(row), votes[row]) for row in range(ROWS)]


def test_cells_beyond_the_columns_that_all_rows_have_are_left_aside_as_in_the_sts_benchmark(tmp_path: Path) -> None:
    rows = tabbed(None, "main-news", "headlines", "2015", str, score, text, other).splitlines()
    content = "".join(f"{row}\tsource one\tsource two\n" if at % 3 else f"{row}\n" for at, row in enumerate(rows))
    (tmp_path / "sts.csv").write_text(content, encoding="utf-8")
    reading = opened(tmp_path / "sts.csv")
    assert len(records(taken(reading))) == ROWS
    assert reading.aside == {"cells beyond the last column": 400}


_TOXIC = ("id", "comment_text", "toxic", "severe_toxic", "obscene")


def toxic() -> str:
    return table(
        _TOXIC, lambda row: f"{row:x}", text, any_of("0", "1"), lambda row: row % 2, lambda row: int(row % 4 == 0)
    )


def test_labels_with_a_column_each_are_refused_with_what_to_write_in_the_spec(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no field is known to hold the label") as caught:
        read_bytes(tmp_path / "train.csv", toxic())
    assert "'toxic,severe_toxic,obscene'" in caught.value.remedy


def test_labels_with_a_column_each_are_several_labels_where_the_spec_names_them(tmp_path: Path) -> None:
    found = records(read_bytes(tmp_path / "train.csv", toxic(), label="severe_toxic, obscene"))
    assert [each.votes[0].value for each in found[:4]] == [("obscene",), ("severe_toxic",), (), ("severe_toxic",)]


@pytest.mark.parametrize(
    ("content", "problem", "columns"),
    [
        (tabbed("index\tsentence", str, text), "no field is known to hold the label", ("index", "sentence")),
        (
            table(("Product", "Issue", "story", "Case ID"), any_of("a", "b"), any_of("c", "d"), long, str),
            "no field is known to hold the label",
            ("Product", "Issue", "story", "Case ID"),
        ),
        (
            table(("raw_text", "clean_text", "label"), text, text, any_of("0", "1")),
            "several fields may hold the text: 'raw_text', 'clean_text'",
            ("raw_text", "clean_text", "label"),
        ),
        (
            table(("text", "their label", "our label"), text, any_of("0", "1"), any_of("0", "1")),
            "several fields may hold the label: 'their label', 'our label'",
            ("text", "their label", "our label"),
        ),
        (table(None, str, text), "no header, and no column is known to hold the label", ("column 1", "column 2")),
        (
            table(None, any_of("a", "b"), any_of("c", "d")),
            "no column is known to hold the text",
            ("column 1", "column 2"),
        ),
        (
            table(None, text, any_of("a", "b"), any_of("c", "d")),
            "column 2 or column 3 may hold the label",
            ("column 1", "column 2", "column 3"),
        ),
    ],
)
def test_what_only_its_owner_knows_is_an_error_that_names_the_columns(
    tmp_path: Path, content: str, problem: str, columns: Sequence[str]
) -> None:
    with pytest.raises(DataError) as caught:
        read_bytes(tmp_path / "rows.csv", content)
    assert caught.value.code == "data/unknown-field"
    assert problem in caught.value.problem
    assert ", ".join(map(repr, columns)) in caught.value.remedy


def test_what_a_model_said_is_no_label(tmp_path: Path) -> None:
    columns = ("text", "gold class", "predicted class", "class confidence")
    content = table(columns, text, any_of("a", "b"), any_of("b", "c"), score)
    assert {each.votes[0].value for each in records(read_bytes(tmp_path / "rows.csv", content))} == {("a",), ("b",)}


@pytest.mark.parametrize(
    ("path", "fields", "rows"),
    [
        ("banking77/train.csv", "text from 'text', label from 'category'", 10_003),
        ("sms_spam/sms.tsv", "text from 'column 2', label from 'column 1'", 5_574),
        ("goemotions/dev.tsv", "text from 'column 1', label from 'column 2' (names parted by ',')", 5_426),
        ("stsb/stsb-en-dev.csv", "text from 'column 1', pair from 'column 2', label from 'column 3' (numbers)", 1_500),
    ],
)
def test_real_data_sets_are_read_whole(path: str, fields: str, rows: int) -> None:
    folder, _, name = path.partition("/")
    reading = opened(shared_data.folder(folder) / name)
    assert reading.fields == fields
    assert len(records(taken(reading))) == rows
