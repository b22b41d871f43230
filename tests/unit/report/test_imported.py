"""The report of an import: every number comes from the value, and nothing that data says does more than be shown."""

from pathlib import Path
from typing import Any

import pytest

from headstart.dataset import Dataset
from headstart.evaluation.agreement import Agreement, Confusion
from headstart.evaluation.estimate import Estimate
from headstart.labels.reconciling.account import Conflict, Rejected, Source, Vocabulary
from headstart.passport import Leak
from headstart.report import imported as report
from headstart.workspace import Workspace
from tests.support import exports, hard, imported
from tests.support.evidence import evidence
from tests.support.exports import import_export, lines, maps
from tests.support.pages import assert_is_self_contained, text_of

pytestmark = pytest.mark.slow

ONES = tuple(f"label {number}" for number in range(3))
AGREEMENT = Agreement(
    name="Fleiss' kappa",
    reason="every item has 2 votes",
    value=0.5,
    interval=Estimate(value=0.5, low=0.4, high=0.6),
    caveat="",
    items=40,
    annotators=3,
    raw=0.75,
    confused=(Confusion(first="a", second="b", items=7, pairs=9),),
)


def _page(dataset: Dataset) -> str:
    return report.render(dataset, "/work/imports/x")


def _text(dataset: Dataset) -> str:
    return text_of(_page(dataset)).replace("\xd7", "x")


def _account(**changes: Any) -> Dataset:
    made = evidence(ONES).dataset
    return made.model_copy(update={"reconciliation": made.reconciliation.model_copy(update=changes)})


def _passport(**changes: Any) -> Dataset:
    made = evidence(ONES).dataset
    return made.model_copy(update={"passport": made.passport.model_copy(update=changes)})


@pytest.fixture(scope="module")
def everything() -> Dataset:
    return imported.everything(hard.NAMES, "<b>export&amp;.jsonl")


@pytest.fixture(scope="module")
def example() -> Dataset:
    return import_export(exports.EXAMPLE)


def test_the_page_nests_runs_nothing_and_asks_for_nothing(everything: Dataset, example: Dataset) -> None:
    for dataset in (everything, example, imported.counted([3]), imported.counted(range(10_000))):
        assert_is_self_contained(_page(dataset))


def test_what_data_says_is_shown_as_text(everything: Dataset) -> None:
    page, text = _page(everything), _text(everything)
    assert "<script" not in page
    assert "<img" not in page
    for name in hard.NAMES[:6]:
        assert name.strip() in text


def test_what_cannot_be_seen_is_spelled_out(everything: Dataset) -> None:
    page = _page(everything)
    assert not {"\u202e", "\x1b", "\u200b"} & set(page)
    assert "\\u202eturned around" in _text(everything)
    assert "\\x1b[31m not labeled" in _text(everything)


def test_the_account_adds_up_and_is_said_to(example: Dataset) -> None:
    text = _text(example)
    assert "505 records = 449 rows + 20 merged + 36 rejected It adds up" in text.replace("\xa0", "")
    assert "5 votes were outvoted" in text
    assert sum(example.sizes.values()) == 449
    for name, rows in example.sizes.items():
        assert f"{rows} {name} rows {round(rows / 4.49, 1):g}\xa0% of all" in text


def test_an_account_that_does_not_add_up_is_called_a_defect() -> None:
    text = _text(_account(records=99))
    assert "It does not add up." in text
    assert "It adds up" not in text
    assert "This is a defect of Headstart" in text


def test_the_task_is_said_with_its_reason(example: Dataset) -> None:
    assert "text classification, because only 2 of 485 records have several labels" in _text(example)


def test_sources_say_how_they_were_read_and_what_was_left_aside() -> None:
    sources = tuple(
        Source(name=f"{number}.csv", format="csv", reason="it has a header", fields="text from 'a'", records=number)
        for number in range(1, 20)
    )
    other = Source(
        name="t.json", format="label-studio", reason="it is JSON", fields="", records=4, aside={"predictions": 3}
    )
    text = _text(_account(sources=(*sources, other)))
    assert text.count("Read as csv: it has a header. Fields: text from 'a'.") == 1
    assert "The other 7 files" in text
    assert "12.csv 12 nothing" in text
    assert "t.json 4 3 predictions" in text
    assert "Import of 1.csv and 19 more files" in text


def test_each_label_has_its_rows_by_split(example: Dataset) -> None:
    text = _text(example)
    for label in example.labels:
        counts = [example.counts[split][label] for split in ("train", "validation", "test")]
        assert f"{label} {' '.join(map(str, counts))} {sum(counts)}" in text


def test_ten_thousand_labels_are_shown_by_their_ends_and_in_sum() -> None:
    page = _page(imported.counted([100_000 // (number + 1) for number in range(10_000)]))
    text = text_of(page)
    assert len(page) < 60_000
    assert "label_00000 70\u202f000 10\u202f000 20\u202f000 100\u202f000" in text
    assert "label_00011 " in text
    assert "label_00012 " not in text
    assert "The 9976 labels between are not listed here" in text
    assert "label_09999 7 1 2 10" in text
    assert "an imbalance of 10\u202f000:1." in text


def test_the_labels_between_can_be_unfolded_where_they_are_not_too_many() -> None:
    text = _text(imported.counted(range(1, 301)))
    assert "The 276 labels between" in text
    assert all(f"label_{number:05d} " in text for number in range(300))


def test_one_label_alone_is_no_task() -> None:
    text = _text(imported.counted([40]))
    assert "All 40 rows have the label label_00000." in text
    assert "a classifier needs two labels" in text


def test_labels_without_rows_are_counted() -> None:
    assert "2 of the 5 labels have none." in _text(imported.counted([9, 8, 7, 0, 0]))


def test_spans_are_called_spans() -> None:
    text = _text(imported.counted([9, 8], task="token-classification"))
    assert "How many spans has each label?" in text
    assert "has 9 spans" in text


def test_numbers_have_no_balance() -> None:
    empty: dict[str, dict[str, int]] = {"train": {}, "validation": {}, "test": {}}
    text = _text(evidence(ONES).dataset.model_copy(update={"task": "regression", "labels": (), "counts": empty}))
    assert "The rows have numbers, not labels" in text
    assert "There are no labels." in text
    assert "imbalance" not in text


def test_rows_without_any_label_are_said_to_have_none() -> None:
    empty: dict[str, dict[str, int]] = {"train": {}, "validation": {}, "test": {}}
    text = _text(evidence(ONES).dataset.model_copy(update={"task": "multi-label", "labels": (), "counts": empty}))
    assert "No row has a label." in text


def test_lengths_have_a_bin_each_and_the_median_is_stressed(example: Dataset) -> None:
    lengths, page = example.reconciliation.lengths, _page(example)
    text = text_of(page)
    assert f"A text has {lengths.median} characters in the median and {lengths.longest} at most." in text
    firsts = [1, *(end + 1 for end in lengths.ends)]
    for first, last, rows in zip(firsts, lengths.ends, lengths.rows, strict=False):
        assert f"{first} to {last} {rows}" in text
        assert (f'<tr class="strong"><th scope="row"><div><span><bdi>{first} to {last}<' in page) == (
            first <= lengths.median <= last
        )


def test_images_have_no_lengths() -> None:
    text = _text(evidence(ONES).dataset.model_copy(update={"task": "image-classification"}))
    assert "How long are the texts?" not in text
    assert "Images are not compared with each other." in text


def test_agreement_is_said_with_its_interval_and_its_reason() -> None:
    text = _text(_account(agreement=AGREEMENT))
    assert "Fleiss' kappa: 0.500, 95\xa0% interval 0.400 to 0.600, on 40 items that have two votes or more." in text
    assert "This coefficient, because every item has 2 votes." in text
    assert "is the same in 75\xa0% of cases; 3 annotators are known by name" in text
    assert "a / b 7 9" in text
    assert "Low agreement. Fleiss' kappa is 0.500" in text


def test_agreement_that_is_undefined_says_why() -> None:
    caveat = "undefined because every vote is 'a': chance would agree as much"
    agreement = AGREEMENT.model_copy(update={"value": None, "interval": None, "caveat": caveat, "confused": ()})
    text = _text(_account(agreement=agreement))
    assert "Undefined because every vote is 'a'" in text
    assert "0.500" not in text
    assert "Low agreement" not in text


def test_the_custom_for_kappas_is_not_said_of_spans() -> None:
    text = _text(_account(agreement=AGREEMENT.model_copy(update={"name": "F1 of exact spans"})))
    assert "Low agreement. F1 of exact spans is 0.500." in text
    assert "Krippendorff 2004" not in text
    assert "by chance" not in text


def test_without_a_second_vote_there_is_no_agreement_to_tell() -> None:
    assert "That cannot be told: nothing has two votes." in _text(_account())


SETTLED = Conflict(text="a text", votes=(("yes", 2), ("no", 1)), settled="yes", places=("f, line 1", "f, line 2"))
TIE = Conflict(text="a text", votes=(("yes", 1), ("no", 1)), settled=None, places=("f, line 3",))


def test_conflicts_stand_side_by_side_with_what_came_of_them() -> None:
    text = _text(_account(conflicting=57, conflicts=(SETTLED, TIE)))
    assert "57 contents with votes that differ" in text
    assert "a text f, line 1; f, line 2 2 x yes 1 x no settled on yes" in text
    assert _page(_account(conflicting=1, conflicts=(SETTLED,))).count('<li class="strong">') == 1
    assert "1 x yes 1 x no a tie, rejected" in text
    assert "The first 2 of 57." in text


def test_conflicts_that_were_dropped_are_not_said_to_be_settled() -> None:
    dropped = Rejected(reason="conflict", records=3, examples=(("f, line 1", "a text"),))
    dataset = _account(conflicting=1, conflicts=(SETTLED,), rejected=(dropped,))
    text = _text(dataset)
    assert "1 x no dropped" in text
    assert "settled on" not in text
    assert '<li class="strong">' not in _page(dataset)


def test_rejected_records_are_told_by_reason_the_most_frequent_first() -> None:
    rejected = (
        Rejected(reason="empty-text", records=1, examples=(("f, line 3", " \t"),)),
        Rejected(reason="not-labeled", records=9, examples=(("f, line 4", "so what"), ("f, line 5", "what else"))),
    )
    text = _text(_account(records=90, rejected=rejected))
    assert "10 of 90 records (11.1\xa0%)." in text
    assert "nobody labeled it 9 the text is empty 1" in text
    assert "nobody labeled it: the first 2 of 9 f, line 4 so what f, line 5 what else" in text
    assert "the text is empty: 1 f, line 3 ' \\t'" in text
    assert "/work/imports/x/rejected.jsonl has them all" in text
    assert "Much is rejected. 10 (11.1\xa0%) of 90 records; most often, 9 times: nobody labeled it." in text


def test_where_nothing_was_rejected_that_is_said() -> None:
    text = _text(_account(rejected=()))
    assert "Nothing: every record is a row or part of one." in text
    assert "rejected.jsonl" not in text


def test_rows_divided_by_content_say_by_what_and_with_which_seed() -> None:
    text = _text(_passport(seed=7, group_by="customer"))
    assert "By content: where a row stands follows from its group, the field customer, and the seed" in text
    assert "seed 7" in text
    assert "rows that agree in customer" in text
    assert "test 3 33.3\xa0% 20\xa0%" in text


def test_rows_divided_by_time_say_where_the_cuts_are() -> None:
    cuts = {"validation": "2024-05-19T00:00:00+00:00", "test": "2024-06-11T00:00:00+00:00"}
    text = _text(_passport(method="time", time="created", cuts=cuts))
    assert "By time, the field created: the latest rows judge" in text
    assert "10\xa0% 2024-05-19 00:00:00 UTC" in text
    assert "20\xa0% 2024-06-11 00:00:00 UTC" in text


def test_published_splits_are_said_to_be_kept() -> None:
    text = _text(_passport(published=("train", "test")))
    assert "The source publishes train and test, and these rows stay there." in text
    assert "Those for validation are taken from the train rows, by content" in text
    assert "test 3 33.3\xa0% as published" in text
    assert "validation 3 33.3\xa0% 10\xa0% of train" in text


def test_rows_that_kept_their_place_are_counted() -> None:
    assert "5 of 9 rows are where the earlier import e1 has them" in _text(_passport(kept=5, earlier="e1"))


def test_the_passports_digest_and_those_of_its_splits_are_there() -> None:
    dataset = _passport(rows={"train": "d1", "validation": "d2", "test": "d3"})
    text = _text(dataset)
    assert f"{dataset.passport.digest} says which rows are in which split" in text
    assert "train rows d1 validation rows d2 test rows d3" in text


def test_near_duplicates_stand_side_by_side_with_what_differs_marked() -> None:
    example = ("train", "where is my card", "test", "where is my money", "0.85")
    leak = Leak(kind="near-duplicate", count=30, of=90, words="rows that are alike", examples=(example,))
    dataset = _passport(leaks=(leak,))
    text = _text(dataset)
    assert "30 of 90 rows that are alike. Shown are 1." in text
    assert "train where is my card test where is my money similarity 0.85" in text
    assert "where is my <mark>card</mark>" in _page(dataset)
    assert "Near duplicates. 30 of 90 rows that are alike." in text


def test_the_end_of_a_text_that_goes_on_is_not_called_different() -> None:
    one, other = f"{'a ' * 98}end", f"new {'a ' * 98}"
    pair = ("train", (one * 2)[:200], "test", (other * 2)[:200], "0.85")
    page = _page(_passport(leaks=(Leak(kind="near-duplicate", count=1, of=9, words="rows", examples=(pair,)),)))
    assert "<mark>new</mark>" in page
    assert page.count("<mark>") == 1
    assert text_of(page).count("…") == 2


def test_groups_and_labels_that_leak_are_listed() -> None:
    leaks = (
        Leak(kind="group", count=1, of=4, words="groups", examples=(("acme", "train", "test"),)),
        Leak(kind="label-in-text", count=1, of=3, words="labels", examples=(("refund", "90% of its texts", "0.1%"),)),
    )
    text = _text(_passport(leaks=leaks, group_by="customer"))
    assert "acme train and test" in text
    assert "refund 90% of its texts 0.1%" in text


def test_where_nothing_leaks_it_says_what_was_looked_for() -> None:
    text = _text(_passport())
    assert "No validation or test row is almost a row of another split." in text
    assert "No label is told by its name in the texts." in text
    assert "No groups are named" in text
    assert "No group stands in several splits." in _text(_passport(group_by="customer"))


def test_where_only_a_sample_was_looked_at_it_says_so() -> None:
    text = _text(imported.counted([60_000, 60_000]))
    assert "another split, among 20\u202f000 rows drawn at random of 120\u202f000." in text


def test_the_vocabularys_changes_are_listed() -> None:
    vocabulary = Vocabulary(new=("fresh",), gone=("stale",), look_alikes=(("refnud", "refund", 2),))
    text = _text(_account(vocabulary=vocabulary))
    assert "New since the earlier import fresh" in text
    assert "Gone since the earlier import stale" in text
    assert "refnud 2 refund" in text


def test_a_vocabulary_that_is_the_same_is_said_to_be() -> None:
    text = _text(_account())
    assert "no label is new and none is gone" in text
    assert "No label looks like a misspelling of another." in text


def test_a_clean_export_needs_no_look(tmp_path: Path) -> None:
    dataset = import_export(exports.csv_file(tmp_path / "rows.csv", maps(lines(400))))
    assert "What needs a look? Nothing:" in _text(dataset.model_copy(update={"passport": _passport().passport}))


def test_the_page_lies_beside_the_records_to_be_mended(tmp_path: Path) -> None:
    workspace = Workspace.open(str(tmp_path))
    dataset = import_export(exports.EXAMPLE, workspace)
    page = report.publish(dataset, workspace, "tickets")
    folder = tmp_path / report.folder(dataset, "tickets")
    assert (folder / "report.html").read_text(encoding="utf-8") == page
    assert len((folder / "rejected.jsonl").read_text(encoding="utf-8").splitlines()) == 36
    assert f"{folder}/rejected.jsonl has them all" in text_of(page)


def test_a_page_of_no_rejects_lies_alone(tmp_path: Path) -> None:
    workspace = Workspace.open(str(tmp_path))
    dataset = _account(rejects=None)
    report.publish(dataset, workspace, "tickets")
    assert [path.name for path in (tmp_path / report.folder(dataset, "tickets")).iterdir()] == ["report.html"]
