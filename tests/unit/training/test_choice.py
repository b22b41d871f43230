"""Which strategy: what the spec names, or what auto finds, and why."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.errors import SpecError
from headstart.spec import TuneSpec
from headstart.training.choice import FEW_A_LABEL, Facts, choose
from headstart.training.strategy import STRATEGIES

MANY = Facts(rows=10_000, labels=10, family="linear")


def test_auto_tunes_from_the_searched_head_and_says_why() -> None:
    assert choose(TuneSpec(), MANY) == STRATEGIES["lp-ft"]
    assert "does not distort" in choose(TuneSpec(), MANY).why


def test_auto_moves_lower_blocks_less_where_labels_have_few_rows() -> None:
    chosen = choose(TuneSpec(), Facts(rows=80, labels=10, family="linear"))
    assert chosen.name == "layer-decay"
    assert "8 rows a label" in chosen.why


def test_auto_follows_the_verdict_and_says_so() -> None:
    chosen = choose(TuneSpec(), Facts(rows=10_000, labels=10, family="linear", advised="full"))
    assert chosen.name == "full"
    assert "the verdict advises it" in chosen.why


def test_words_that_the_verdict_advises_are_used_whatever_the_head() -> None:
    for family in ("linear", "knn"):
        chosen = choose(TuneSpec(), Facts(rows=1000, labels=4, family=family, advised="bag-of-words"))  # type: ignore[arg-type]
        assert (chosen.name, chosen.trains) == ("bag-of-words", False)


def test_neighbours_are_left_as_they_are_and_no_strategy_can_train_them() -> None:
    knn = Facts(rows=100, labels=2, family="knn", advised="lp-ft")
    assert not choose(TuneSpec(), knn).trains
    assert "knn, has no weights" in choose(TuneSpec(), knn).why
    assert not choose(TuneSpec(strategy="head"), knn).trains
    for wanted in STRATEGIES.keys() - {"head", "bag-of-words"}:
        with pytest.raises(SpecError, match="no weights to tune from") as caught:
            choose(TuneSpec(strategy=wanted), knn)
        assert (caught.value.code, caught.value.where) == ("tune/no-weights", "tune.strategy")


@given(name=st.sampled_from(sorted(STRATEGIES)), layers=st.integers(1, 9))
def test_a_strategy_that_is_named_is_used_and_only_top_k_reads_the_number_of_layers(name: str, layers: int) -> None:
    chosen = choose(TuneSpec(strategy=name, layers=layers), MANY)  # type: ignore[arg-type]
    assert chosen.name == name
    assert chosen.layers == (layers if name == "top-k" else None)


@given(each=st.integers(1, 100), labels=st.integers(2, 100))
def test_auto_depends_on_rows_a_label_alone(each: int, labels: int) -> None:
    chosen = choose(TuneSpec(), Facts(rows=each * labels, labels=labels, family="linear"))
    assert chosen.name == ("layer-decay" if each < FEW_A_LABEL else "lp-ft")
