"""The split that a folder publishes by the names of its files."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.errors import DataError
from headstart.labels.sources import published
from headstart.labels.sources.published import by_name, missing_shards
from headstart.spec import Split
from tests.support.steady import STEADY


def said(*names: str) -> str:
    """The first letter of each file's split, or a dot."""
    return "".join((split or ".")[0] for split in by_name(names))


@pytest.mark.parametrize(
    "names",
    [
        # as https://huggingface.co/docs/datasets/repository_structure has them
        ("train.csv", "test.csv", "validation.csv"),
        ("my_train_file.csv", "my_test_file.csv", "my_validation_file.csv"),
        ("train1.csv", "test1.csv", "validation1.csv"),
        ("data/training.csv", "data/eval.csv", "data/valid.csv"),
        ("data/train/bees.csv", "data/test/more_bees.csv", "data/validation/even_more_bees.csv"),
        (
            "data/train-00000-of-00001.parquet",
            "data/test-00000-of-00001.parquet",
            "data/validation-00000-of-00001.parquet",
        ),
        ("train/0.arrow", "evaluation/0.arrow", "val/0.arrow"),
        ("emerging.train.conll", "emerging.testing.conll", "emerging.dev.conll"),
        ("a train.csv", "a-test.csv", "dev"),
        ("Train/1.jpg", "TEST/1.jpg", "Val/1.jpg"),
        ("x_train/1.jpg", "test 2/1.jpg", "01.valid.02/1.jpg"),
        # an archive is a folder
        ("train.zip/a.csv", "test.zip/a.csv", "dev.zip/a.csv"),
        ("all.zip/train.csv", "all.zip/test.csv", "all.zip/dev.csv"),
        # folders that all files share say nothing
        ("test-project/train/1.csv", "test-project/test/1.csv", "test-project/dev/1.csv"),
        ("train-test-split/train.csv", "train-test-split/test.csv", "train-test-split/val.csv"),
        # the outermost folder decides
        ("train/bus/1.jpg", "test/train/1.jpg", "val/train/1.jpg"),
    ],
)
def test_names_say_train_test_and_validation(names: tuple[str, str, str]) -> None:
    assert said(*names) == "ttv"
    assert by_name(names) == ["train", "test", "validation"]


@pytest.mark.parametrize(
    "names",
    [
        ("test.csv",),
        ("train.csv",),
        ("test/1.csv", "test/2.csv"),
        ("test.csv", "validation.csv"),
        ("train.csv", "rows.csv"),
        ("train_1.csv", "train_2.csv"),
        ("bus/1.jpg", "train/1.jpg"),  # vehicles
        ("trainer.csv", "tested.csv", "latest.csv", "device.csv"),
        ("strain.csv", "contest.csv", "developer.csv", "interval.csv"),
        ("train_test.csv", "train_val.csv"),
        ("a.csv", "b.csv"),
        (),
    ],
)
def test_names_that_publish_no_split_are_just_names(names: tuple[str, ...]) -> None:
    assert by_name(names) == [None] * len(names)


def test_folders_are_asked_before_file_names() -> None:
    assert by_name(["train/test_1.csv", "test/train_1.csv"]) == ["train", "test"]
    assert by_name(["eval/train.csv", "eval2/test.csv"]) == ["train", "test"]  # these folders say no training split


def test_a_file_of_no_split_has_none() -> None:
    assert by_name(["train.csv", "test.csv", "more.csv", "train_or_test.csv"]) == ["train", "test", None, None]


def test_shards_of_a_split_of_another_name_are_refused() -> None:
    shards = [f"plain_text/{split}-00000-of-00001.parquet" for split in ("train", "test", "unsupervised")]
    with pytest.raises(DataError) as caught:
        by_name(shards)
    assert caught.value.code == "data/ambiguous"
    assert caught.value.where == shards[2]
    assert "'unsupervised'" in caught.value.problem
    assert by_name(["x-00000-of-00002.parquet", "x-00001-of-00002.parquet"]) == [None, None]


@STEADY
@given(
    st.lists(
        st.lists(st.sampled_from(["train", "test", "a", "val.csv", "dev_1"]), min_size=1).map("/".join), max_size=6
    )
)
def test_a_published_split_always_has_training_files(names: list[str]) -> None:
    found = by_name(names)
    assert len(found) == len(names)
    assert "train" in found or set(found) <= {None}


def by_card(card: str, names: list[str]) -> dict[str, Split | None] | None:
    return published.by_card(card, names, "here/README.md")


CARD = """---
license: mit
configs:
- config_name: default
  data_files:
  - split: train
    path: data.csv
  - split: test
    path:
    - "holdout/*.csv"
    - more/**/x.csv
---
# A dataset
"""


def test_a_card_decides_which_files_are_of_which_split() -> None:
    names = ["data.csv", "holdout/a.csv", "holdout/deep/b.csv", "more/x.csv", "more/1/2/x.csv", "train.csv"]
    assert by_card(CARD, names) == {
        "data.csv": "train",
        "holdout/a.csv": "test",
        "more/x.csv": "test",
        "more/1/2/x.csv": "test",
    }


@pytest.mark.parametrize(
    ("files", "found"),
    [
        ('"*.csv"', {"a.csv": None, "b.csv": None}),  # all is there to train on: no split is published
        ("[a.csv, b.csv]", {"a.csv": None, "b.csv": None}),
        ("{train: a.csv, test: b.csv}", {"a.csv": "train", "b.csv": "test"}),
        ("[{split: train, path: ./a.csv}, {split: dev, path: b.csv}]", {"a.csv": "train", "b.csv": "validation"}),
        ("[{split: test, path: a.csv}]", {"a.csv": None}),
        ("[{split: train, path: none.csv}]", None),
        ("null", None),
    ],
)
def test_a_card_may_list_files_in_every_way_that_is_documented(files: str, found: dict[str, str | None] | None) -> None:
    card = f"---\nconfigs:\n- config_name: x\n  data_files: {files}\n---\n"
    assert by_card(card, ["a.csv", "b.csv", "c.txt"]) == found


def config(name: str, *more: str) -> str:
    lines = [f"- config_name: {name}", f"  data_files: {name}/*.csv", *more]
    return "\n".join(lines) + "\n"


def test_of_several_configurations_the_default_is_taken() -> None:
    names = ["cola/a.csv", "sst2/a.csv", "default/a.csv"]
    for more in (config("sst2", "  default: true"), config("default")):
        found = by_card(f"---\nconfigs:\n{config('cola')}{more}---\n", names)
        assert found is not None
        assert "cola/a.csv" not in found
        assert len(found) == 1


def test_several_configurations_without_a_default_are_refused_by_name() -> None:
    with pytest.raises(DataError) as caught:
        by_card(f"---\nconfigs:\n{config('cola')}{config('sst2')}---\n", ["cola/a.csv"])
    assert caught.value.code == "data/ambiguous"
    assert "2 configurations: cola, sst2" in caught.value.problem


def test_a_card_with_a_split_of_another_name_is_refused() -> None:
    with pytest.raises(DataError) as caught:
        by_card(CARD.replace("split: test", "split: unsupervised"), ["data.csv"])
    assert caught.value.code == "data/ambiguous"
    assert caught.value.where == "here/README.md"
    assert "'unsupervised'" in caught.value.problem


@pytest.mark.parametrize(
    "card",
    [
        "",
        "# Notes",
        "---\nlicense: mit\n---\n",
        "---\nTitle: of: what\n---\n",
        "---\n- a\n---\n",
        "---\nconfigs: none\n---\n",
        "---\nconfigs: [1]\n---\n",
        "---\nconfigs: [{config_name: x}]\n---\n",
        "---\n" + "[" * 5000 + "\n---\n",
        "---\n!!python/object/apply:os.system [ls]\n---\n",
    ],
)
def test_a_readme_that_lists_no_files_decides_nothing(card: str) -> None:
    assert by_card(card, ["a.csv"]) is None


@STEADY
@given(st.text("-\n :[]{}configsdata_files*a'\"&", max_size=200))
def test_any_card_is_read_or_refused_clearly(text: str) -> None:
    for card in (text, f"---\n{text}\n---\n", f"---\nconfigs:\n- data_files: {text}\n---\n"):
        try:
            by_card(card, ["a.csv"])
        except DataError as error:
            refusal = error.code
        else:
            refusal = "data/ambiguous"
        assert refusal == "data/ambiguous"


def test_missing_shards_are_named() -> None:
    names = [
        "data/train-00000-of-00003-abc.parquet",
        "data/train-00002-of-00003-def.parquet",
        "test-00000-of-00001.csv",
    ]
    assert missing_shards(names) == ["data/train-00001-of-00003"]
    assert missing_shards(["a.csv", "b-00001.csv"]) == []
