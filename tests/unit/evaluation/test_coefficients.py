"""Coefficients of agreement: published examples, scikit-learn's numbers, and the definitions written out."""

from collections.abc import Callable, Hashable
from fractions import Fraction
from itertools import combinations, permutations
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from headstart.evaluation.ballots import Ballots, Vote
from headstart.evaluation.coefficients import (
    Disagreement,
    cohen_kappa,
    fleiss_kappa,
    krippendorff_alpha,
    set_distances,
    span_f1,
)

pytestmark = pytest.mark.slow

STEADY = settings(derandomize=True, max_examples=100, suppress_health_check=[HealthCheck.too_slow])

Items = list[list[Any]]

# Krippendorff (2011), section C: four observers, twelve units, missing data.
KRIPPENDORFF = """
1 2 3 3 2 1 4 1 2 . . .
1 2 3 3 2 2 4 1 2 5 . 3
. 3 3 3 2 3 4 2 2 5 1 .
1 2 3 3 2 4 4 1 2 5 1 .
"""

# The computational example of Wikipedia's article on Krippendorff's alpha: three coders, fifteen units.
WIKIPEDIA = """
. . . . . 3 4 1 2 1 1 3 3 . 3
1 . 2 1 3 3 4 3 . . . . . . .
. . 2 1 3 4 4 . 2 1 1 3 3 . 4
"""

# Fleiss (1971), table 1: how many of six psychiatrists gave each of thirty patients each of five diagnoses.
FLEISS = """
00060 03003 01401 00006 03030 20400 00402 20310 20040 00006 10050 11040 03300 10050 02031
00501 30012 51000 02040 10203 00006 01050 02013 20040 10041 05010 40002 02040 10500 00006
"""

# Cohen (1960), table 2b, as counts of two hundred cases.
COHEN = [[88, 14, 18], [10, 40, 10], [2, 6, 12]]

labels = st.sampled_from("abcd")
votes = st.lists(st.lists(labels, max_size=5), max_size=8)


def value_of(disagreement: Disagreement) -> float:
    assert disagreement.observed.shape == (1,)
    return float(disagreement.coefficient()[0])


def by_item(table: str) -> list[list[Vote]]:
    """The votes in a table of an observer a line, an item a column."""
    rows = [line.split() for line in table.split("\n") if line]
    return [
        [(coder, int(label)) for coder, label in enumerate(column) if label != "."]
        for column in zip(*rows, strict=True)
    ]


def anonymous(items: Items) -> Ballots:
    return Ballots.of([[(None, label) for label in each] for each in items])


def pairs_of(table: list[list[int]]) -> Ballots:
    """Two annotators' votes, from the counts of how often one said the row's label and the other the column's."""
    said = [
        [("one", a), ("other", b)] for a, row in enumerate(table) for b, times in enumerate(row) for _ in range(times)
    ]
    return Ballots.of(said)


def naive_alpha(items: Items, distance: Callable[[Any, Any], float]) -> float | None:
    """Krippendorff's definition, over all ordered pairs of votes; None where nothing could differ by chance."""
    items = [each for each in items if len(each) > 1]
    every = [label for each in items for label in each]
    expected = sum(distance(a, b) for a, b in permutations(every, 2)) / (len(every) - 1) if every else 0
    observed = sum(sum(distance(a, b) for a, b in permutations(each, 2)) / (len(each) - 1) for each in items)
    return 1 - observed / expected if expected else None


def nominal(a: Hashable, b: Hashable) -> float:
    return float(a != b)


def jaccard(a: frozenset[Any], b: frozenset[Any]) -> float:
    return float(1 - Fraction(len(a & b), len(a | b))) if a | b else 0.0


def masi(a: frozenset[Any], b: frozenset[Any]) -> float:
    weight = 1 if a == b else Fraction(2, 3) if a <= b or b <= a else Fraction(1, 3) if a & b else 0
    return float(1 - weight * Fraction(len(a & b), len(a | b))) if a | b else 0.0


def test_alpha_is_that_of_krippendorffs_worked_example() -> None:
    ballots = Ballots.of(by_item(KRIPPENDORFF))
    assert round(value_of(krippendorff_alpha(ballots)), 3) == 0.743
    assert round(value_of(krippendorff_alpha(ballots, distance="interval")), 3) == 0.849


def test_alpha_is_that_of_wikipedias_worked_example() -> None:
    ballots = Ballots.of(by_item(WIKIPEDIA))
    assert round(value_of(krippendorff_alpha(ballots)), 3) == 0.691
    assert round(value_of(krippendorff_alpha(ballots, distance="interval")), 3) == 0.811


def test_fleiss_kappa_is_that_of_fleiss_worked_example() -> None:
    counts = np.array([[int(digit) for digit in patient] for patient in FLEISS.split()])
    assert counts.shape == (30, 5)
    assert (counts.sum(axis=1) == 6).all()
    assert round(value_of(fleiss_kappa(Ballots.of_counts(counts))), 3) == 0.430


def test_cohens_kappa_is_that_of_cohens_worked_example() -> None:
    assert round(value_of(cohen_kappa(pairs_of(COHEN))), 3) == 0.492


@STEADY
@given(st.lists(st.tuples(labels, labels), min_size=1, max_size=30))
def test_cohens_kappa_is_scikit_learns(said: list[tuple[str, str]]) -> None:
    kappa = value_of(cohen_kappa(Ballots.of([[("one", a), ("other", b)] for a, b in said])))
    if len({label for pair in said for label in pair}) == 1:
        assert np.isnan(kappa)
    else:
        assert kappa == pytest.approx(cohen_kappa_score(*zip(*said, strict=True)))


@STEADY
@given(
    st.integers(2, 4).flatmap(
        lambda size: st.lists(st.lists(labels, min_size=size, max_size=size), min_size=1, max_size=8)
    )
)
def test_fleiss_kappa_is_its_definition_written_out(items: list[list[str]]) -> None:
    votes = [label for each in items for label in each]
    by_chance = sum((votes.count(label) / len(votes)) ** 2 for label in "abcd")
    agreed = np.mean([np.mean([a == b for a, b in permutations(each, 2)]) for each in items])
    kappa = value_of(fleiss_kappa(anonymous(items)))
    assert np.isnan(kappa) if by_chance == 1 else kappa == pytest.approx((agreed - by_chance) / (1 - by_chance))


sets = st.frozensets(labels, max_size=3)
distances = [
    ("nominal", labels, nominal),
    ("interval", st.integers(-3, 3), lambda a, b: float((a - b) ** 2)),
    ("jaccard", sets, jaccard),
    ("masi", sets, masi),
]


@pytest.mark.parametrize(("distance", "label", "apart"), distances, ids=[name for name, *_ in distances])
@STEADY
@given(data=st.data())
def test_alpha_is_its_definition_written_out(
    distance: Any, label: st.SearchStrategy[Any], apart: Callable[[Any, Any], float], data: st.DataObject
) -> None:
    items = data.draw(st.lists(st.lists(label, max_size=5), max_size=8))
    ballots = anonymous(items)
    if not len(ballots.item):
        return
    alpha, expected = value_of(krippendorff_alpha(ballots, distance=distance)), naive_alpha(items, apart)
    assert np.isnan(alpha) if expected is None else alpha == pytest.approx(expected, abs=1e-9)


@STEADY
@given(st.lists(st.tuples(labels, labels), min_size=2, max_size=20))
def test_fleiss_kappa_and_alpha_differ_by_the_correction_for_few_votes(said: list[tuple[str, str]]) -> None:
    ballots = anonymous([list(pair) for pair in said])
    fleiss, alpha = fleiss_kappa(ballots), krippendorff_alpha(ballots)
    assert fleiss.observed == pytest.approx(alpha.observed)
    assert fleiss.expected * 2 * len(said) == pytest.approx(alpha.expected * (2 * len(said) - 1))


@STEADY
@given(st.lists(sets, min_size=1, max_size=8, unique=True))
def test_distances_of_sets_are_those_of_their_definitions(found: list[frozenset[str]]) -> None:
    for name, definition in (("jaccard", jaccard), ("masi", masi)):
        expected = [[definition(a, b) for b in found] for a in found]
        np.testing.assert_allclose(set_distances(found, name), expected, atol=1e-12)  # type: ignore[arg-type]


def test_masi_is_that_of_passonneaus_definition_on_known_sets() -> None:
    found = [frozenset(each) for each in ("ab", "abcd", "bc", "ef", "")]
    np.testing.assert_allclose(set_distances(found, "masi")[0], [0, 2 / 3, 8 / 9, 1, 1])


def naive_f1(items: list[dict[str, frozenset[Any]]]) -> float | None:
    """F1 of each pair of annotators in each item, with what is shared and marked summed over all."""
    pairs = [pair for each in items for pair in combinations(each.values(), 2)]
    marked = sum(len(a) + len(b) for a, b in pairs)
    return 2 * sum(len(a & b) for a, b in pairs) / marked if marked else None


spans = st.frozensets(st.tuples(st.integers(0, 2), st.integers(3, 4), st.sampled_from("xy")), max_size=4)


@STEADY
@given(st.lists(st.dictionaries(labels, spans, min_size=2), min_size=1, max_size=6))
def test_span_f1_is_its_definition_written_out(items: list[dict[str, frozenset[Any]]]) -> None:
    found, expected = value_of(span_f1(Ballots.of([list(each.items()) for each in items]))), naive_f1(items)
    assert np.isnan(found) if expected is None else found == pytest.approx(expected)


coefficients = [
    (lambda ballots, weights=None: krippendorff_alpha(ballots, weights), labels),
    (lambda ballots, weights=None: krippendorff_alpha(ballots, weights, "interval"), st.integers(0, 4)),
    (lambda ballots, weights=None: krippendorff_alpha(ballots, weights, "masi"), sets),
    (fleiss_kappa, labels),
    (cohen_kappa, labels),
    (span_f1, spans),
]


@pytest.mark.parametrize(("coefficient", "label"), coefficients)
@STEADY
@given(data=st.data())
def test_drawing_an_item_twice_is_having_it_twice(
    coefficient: Any, label: st.SearchStrategy[Any], data: st.DataObject
) -> None:
    items = data.draw(st.lists(st.tuples(label, label), min_size=1, max_size=6))
    drawn = data.draw(st.lists(st.integers(0, 3), min_size=len(items), max_size=len(items)).filter(any))
    said = [[("one", a), ("other", b)] for a, b in items]
    resampled = coefficient(Ballots.of(said), np.array([drawn], dtype=np.float64))
    repeated = coefficient(Ballots.of([each for each, times in zip(said, drawn, strict=True) for _ in range(times)]))
    np.testing.assert_allclose(resampled.coefficient(), repeated.coefficient(), atol=1e-9)


@STEADY
@given(st.lists(st.tuples(labels, labels), min_size=1, max_size=8), st.integers(1, 3))
def test_many_labels_are_counted_in_pieces_and_none_is_lost(said: list[tuple[str, str]], columns: int) -> None:
    ballots = Ballots.of([[("one", a), ("other", b)] for a, b in said])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("headstart.evaluation.coefficients._COLUMNS", columns)
        pieces = [coefficient(ballots).expected for coefficient in (cohen_kappa, fleiss_kappa, krippendorff_alpha)]
    whole = [coefficient(ballots).expected for coefficient in (cohen_kappa, fleiss_kappa, krippendorff_alpha)]
    np.testing.assert_array_equal(pieces, whole)


def test_huge_and_tiny_numbers_have_an_agreement() -> None:
    items = [[1.0, -1.0], [-1.0, -1.0], [0.5, 1.0], [0.5, 0.5]]
    expected = naive_alpha(items, lambda a, b: float((a - b) ** 2))
    for scale in (1.7e308, 1e-300):
        scaled = [[scale * each for each in item] for item in items]
        assert value_of(krippendorff_alpha(anonymous(scaled), distance="interval")) == pytest.approx(expected)


def test_what_does_not_fit_a_coefficient_is_refused() -> None:
    with pytest.raises(ValueError, match="same two annotators"):
        cohen_kappa(Ballots.of([[("a", 1), ("b", 1)], [("a", 1), ("c", 2)]]))
    with pytest.raises(ValueError, match="same two annotators"):
        cohen_kappa(Ballots.of([[("a", 1), ("b", 1)], [("a", 1), (None, 2)]]))
    with pytest.raises(ValueError, match="same number"):
        fleiss_kappa(anonymous([["a", "b"], ["a", "b", "c"]]))
    with pytest.raises(ValueError, match="finite"):
        krippendorff_alpha(anonymous([[1.0, float("nan")]]), distance="interval")
    with pytest.raises(ValueError, match="sets"):
        krippendorff_alpha(anonymous([["joy", "love"]]), distance="masi")
