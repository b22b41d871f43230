"""Agreement: the coefficient that fits, said with its reason, its interval and what is confused."""

from collections.abc import Sequence
from typing import Any, get_args

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from headstart.evaluation.agreement import Agreement, Confusion, Measure, agreement
from headstart.evaluation.ballots import Ballots, Vote
from headstart.evaluation.coefficients import fleiss_kappa

pytestmark = pytest.mark.slow

STEADY = settings(derandomize=True, max_examples=60, suppress_health_check=[HealthCheck.too_slow])

people = st.sampled_from([None, "ann", "bob", "eve"])


def made(items: int, annotators: int, labels: int = 3, truthful: float = 0.7, seed: int = 0) -> list[list[Vote]]:
    """Annotators who know an item's label this often, and else draw one: agreement beyond chance is its square."""
    generator = np.random.default_rng(seed)
    shape = (items, annotators)
    truth = generator.integers(0, labels, (items, 1))
    said = np.where(generator.random(shape) < truthful, truth, generator.integers(0, labels, shape))
    return [[(f"annotator {who}", f"label {label}") for who, label in enumerate(row)] for row in said.tolist()]


def agreed(votes: Sequence[Sequence[Vote]], measure: Measure = "nominal") -> Agreement:
    found = agreement(votes, measure)
    assert found is not None
    return found


def test_the_coefficient_is_the_one_that_fits_and_says_why() -> None:
    two, three = made(20, 2), made(20, 3)
    assert agreed(two).name == "Cohen's kappa"
    assert agreed(two).reason == "the same two annotators labeled every item"
    assert agreed(three).name == "Fleiss' kappa"
    assert agreed(three).reason == "every item has 3 votes"
    assert agreed(two + three).name == "Krippendorff's alpha (nominal)"
    assert agreed(two + three).reason == "items have from 2 to 3 votes"
    nobody_knows = [[(None, label) for _, label in item] for item in two]
    assert agreed(nobody_knows).name == "Fleiss' kappa"
    assert agreed(nobody_knows).annotators == 0


def test_an_item_that_one_annotator_left_out_is_no_disagreement_of_theirs() -> None:
    votes = made(20, 2)
    assert agreed([*votes, [("annotator 0", "label 1")]]) == agreed(votes)


def test_without_two_votes_on_any_item_there_is_no_agreement() -> None:
    assert agreement([]) is None
    assert agreement([[], [("ann", "x")], [("ann", "x"), ("ann", "y")]]) is None


def test_where_all_say_one_label_the_agreement_is_undefined_and_says_so() -> None:
    found = agreed([[("ann", "spam"), ("bob", "spam")]] * 30)
    assert found.value is None
    assert found.interval is None
    assert found.caveat == "undefined because every vote is 'spam': chance would agree as much"
    assert found.raw == 1
    assert "undefined because" in found.summary()


def test_where_nobody_marked_a_span_the_agreement_is_undefined_and_says_so() -> None:
    found = agreed([[("ann", frozenset()), ("bob", frozenset())]] * 30, "spans")
    assert found.value is None
    assert found.caveat == "undefined because nobody marked anything"


def test_an_interval_covers_the_true_agreement_about_as_often_as_it_says() -> None:
    found = [agreed(made(100, 3, truthful=0.7, seed=seed)) for seed in range(200)]
    covered = sum(each.interval.low <= 0.49 <= each.interval.high for each in found if each.interval)
    assert 180 <= covered <= 199  # 95 % of 200 is 190; binomial standard deviation 3


def test_the_interval_of_many_items_which_are_resampled_in_units_is_as_wide_as_their_agreement_varies() -> None:
    interval = agreed(made(3000, 3)).interval
    assert interval is not None
    drawn = [fleiss_kappa(Ballots.of(made(3000, 3, seed=seed))).coefficient()[0] for seed in range(200)]
    assert interval.high - interval.low == pytest.approx(2 * 1.96 * np.std(drawn), rel=0.2)


def test_perfect_agreement_on_few_items_is_not_certain() -> None:
    few, many = (agreed([[("ann", n % 2), ("bob", n % 2)] for n in range(items)]) for items in (20, 2000))
    assert few.value == many.value == 1
    assert few.interval is not None
    assert many.interval is not None
    # Up to 17 % of items could differ for all that twenty tell (Clopper and Pearson 1934), half by chance.
    assert few.interval.low == pytest.approx(1 - (1 - 0.025 ** (1 / 20)) / 0.5)
    assert few.interval.high == 1
    assert 0.99 < many.interval.low < 1


def test_too_few_items_or_labels_have_no_interval_and_say_so() -> None:
    assert agreed(made(9, 2)).interval is None
    assert agreed(made(9, 2)).caveat == "no interval: fewer than 10 items"
    rare = agreed([[("ann", "ham"), ("bob", "ham")]] * 50 + [[("ann", "ham"), ("bob", "spam")]])
    assert rare.value == pytest.approx(0)
    assert rare.interval is None
    assert rare.caveat.startswith("no interval: hardly any vote")


def test_the_labels_confused_most_often_come_first_with_how_often() -> None:
    votes = (
        [[("ann", "card"), ("bob", "cash"), ("eve", "cash")]] * 3
        + [[(None, "atm")] * 3 + [(None, "top up")] * 4]
        + [[("ann", "rate"), ("bob", "fee")]] * 2
        + [[("ann", "card"), ("bob", "fee")]] * 2
        + [[("ann", "card"), ("bob", "card")]] * 9
    )
    assert agreed(votes).confused == (
        Confusion(first="card", second="cash", items=3, pairs=6),
        Confusion(first="card", second="fee", items=2, pairs=2),
        Confusion(first="fee", second="rate", items=2, pairs=2),
        Confusion(first="atm", second="top up", items=1, pairs=12),
    )
    many = [[("ann", f"label {n}"), ("bob", f"label {n + 1}")] for n in range(50)]
    assert len(agreed(many).confused) == 10


def test_labels_are_confused_where_spans_have_the_same_bounds() -> None:
    votes: list[list[Vote]] = [
        [("ann", frozenset([(0, 4, "PER"), (9, 12, "LOC")])), ("bob", frozenset([(0, 4, "ORG"), (9, 13, "PER")]))],
        [("ann", frozenset([(0, 4, "PER")])), ("bob", frozenset([(0, 4, "PER")]))],
    ]
    found = agreed(votes, "spans")
    assert found.name == "F1 of exact spans"
    assert found.value == pytest.approx(2 / 6)
    assert found.raw == 0.5
    assert found.confused == (Confusion(first="ORG", second="PER", items=1, pairs=1),)


def test_numbers_and_sets_that_agree_in_part_agree_more_than_names_do() -> None:
    ratings: list[list[Vote]] = [[("ann", n % 5), ("bob", n % 5 + (n % 3 == 0))] for n in range(60)]
    near, same = agreed(ratings, "interval").value, agreed(ratings).value
    assert near is not None
    assert same is not None
    assert near > same + 0.2
    topics: list[list[Vote]] = [
        [("ann", frozenset([n % 5, 9 - n % 5])), ("bob", frozenset([n % 5] if n % 3 else [n % 5, 9 - n % 5]))]
        for n in range(60)
    ]
    masi, jaccard, exact = (agreed(topics, measure) for measure in ("masi", "jaccard", "nominal"))
    assert masi.value is not None
    assert jaccard.value is not None
    assert exact.value is not None
    assert jaccard.value > masi.value > exact.value + 0.1
    assert masi.confused[0] == Confusion(first="0", second="0 + 9", items=8, pairs=8)


def test_very_many_different_sets_are_sampled_and_this_is_said() -> None:
    generator = np.random.default_rng(0)
    votes = [
        [(who, frozenset([n % 7, *generator.integers(10, 10_000, 2).tolist()])) for who in "abc"] for n in range(1500)
    ]
    found = agreed(votes, "jaccard")
    assert found.items == 1500
    assert "1000 items drawn at random, as there are 4" in found.reason
    # On an item one in five is shared; else that is so for one pair in seven.
    assert found.value == pytest.approx(1 - (4 / 5) / (1 - 1 / 5 / 7), abs=0.01)
    one_item = agreed([[(number, frozenset([number])) for number in range(3001)]], "masi")
    assert one_item.value is None
    assert one_item.caveat.startswith("undefined because one item alone")


def test_an_item_with_thousands_of_labels_takes_no_time_and_tells_nothing_about_confusion() -> None:
    found = agreed([[(None, number) for number in range(20_000)], [(None, "a"), (None, "b")]])
    assert [(each.first, each.second) for each in found.confused] == [("a", "b")]


labels: dict[str, st.SearchStrategy[Any]] = {
    "nominal": st.sampled_from("abc"),
    "interval": st.floats(-5, 5),
    "masi": st.frozensets(st.sampled_from("abc")),
    "jaccard": st.frozensets(st.sampled_from("abc")),
    "spans": st.frozensets(st.tuples(st.integers(0, 2), st.integers(3, 4), st.sampled_from("xy")), max_size=3),
}


@pytest.mark.parametrize("measure", get_args(Measure))
@STEADY
@given(data=st.data())
def test_whatever_the_votes_no_number_is_nan_and_none_is_past_its_bounds(measure: Measure, data: st.DataObject) -> None:
    vote = st.tuples(people, labels[measure])
    votes = data.draw(st.lists(st.lists(vote, max_size=4), max_size=20))
    found = agreement(votes, measure)
    if found is None:
        return
    assert Agreement.model_validate_json(found.model_dump_json()) == found
    assert 0 <= found.raw <= 1
    assert (found.value is None) == found.caveat.startswith("undefined because")
    assert (found.interval is None) == bool(found.caveat)
    if found.value is not None:
        assert found.value <= 1
    if found.interval is not None:
        assert -1 <= found.interval.low <= found.interval.high <= 1
    assert found.summary()


@STEADY
@given(
    st.lists(st.lists(st.tuples(people, st.sampled_from("abc")), max_size=4), max_size=9),
    st.randoms(use_true_random=False),
)
def test_the_order_of_items_and_votes_decides_nothing_but_the_noise_of_the_interval(
    votes: list[list[Vote]], random: Any
) -> None:
    shuffled = [random.sample(item, len(item)) for item in random.sample(votes, len(votes))]
    one, other = agreement(votes), agreement(shuffled)
    if one is None or other is None:
        assert one is other
        return
    assert (one.value is None) == (other.value is None)
    if one.value is not None:
        assert one.value == pytest.approx(other.value)
    assert one.model_copy(update={"value": None, "raw": 0}) == other.model_copy(update={"value": None, "raw": 0})
    assert one.raw == pytest.approx(other.raw)
