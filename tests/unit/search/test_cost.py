"""What trials cost: more of anything costs more, and small data is told from large."""

from hypothesis import given
from hypothesis import strategies as st

from headstart.search import Trial, bundled, cost, next_trials
from headstart.search.space import Space
from headstart.spec import SearchSpec
from tests.unit.search.candidates import candidate

SPACE = Space(tuple(range(7)), ("mean",), ("ridge", "lda", "centroid", "linear", "mlp"))
SIZES = {"rows": 2000, "width": 384, "labels": 10, "folds": 5}


def bundles() -> list[tuple[Trial, ...]]:
    first = next_trials(SearchSpec(), SPACE, 0, [])
    return bundled([*first, *next_trials(SearchSpec(), SPACE, 1, [candidate(0.5, layer=layer) for layer in (2, 3)])])


@given(st.sampled_from(sorted(SIZES)), st.integers(2, 10))
def test_more_of_anything_costs_more(what: str, times: int) -> None:
    assert cost.seconds(bundles(), **(SIZES | {what: SIZES[what] * times})) > cost.seconds(bundles(), **SIZES)


def test_thousands_of_rows_are_work_of_seconds_and_a_million_is_not() -> None:
    assert 1 < cost.seconds(bundles(), **SIZES) < 30
    assert cost.seconds(bundles(), **(SIZES | {"rows": 1_000_000, "folds": 1})) > 100
    assert cost.seconds([], **SIZES) == 0
