"""Ridge regression: its leave-one-out outputs are those of heads fitted without the row."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headstart.arrays import unit
from headstart.errors import DataError
from headstart.heads import ridge
from headstart.heads.fitted import outputs


@given(
    rows=st.integers(2, 14),
    labels=st.integers(2, 4),
    width=st.integers(1, 20),
    strengths=st.lists(st.floats(1e-3, 100), min_size=1, max_size=3),
    seed=st.integers(0, 999),
)
@settings(max_examples=60)
def test_leave_one_out_is_what_heads_fitted_without_each_row_answer(
    rows: int, labels: int, width: int, strengths: list[float], seed: int
) -> None:
    generator = np.random.default_rng(seed)
    x = unit(generator.normal(size=(rows, width)).astype(np.float32))
    targets = generator.integers(0, labels, rows)
    population = [{"strength": strength} for strength in strengths]
    found = ridge.leave_one_out(x, targets, labels, population)
    assert found.shape == (len(strengths), rows, labels)
    for row in range(rows):
        others = np.arange(rows) != row
        for number, head in enumerate(ridge.fit(x[others], targets[others], labels, population, 0)):
            np.testing.assert_allclose(found[number, row], outputs(head, x[[row]])[0], atol=2e-4)


def test_without_its_only_row_there_is_no_head() -> None:
    with pytest.raises(DataError, match="without one of 1 rows") as caught:
        ridge.leave_one_out(np.ones((1, 3), np.float32), np.zeros(1, np.int64), 2, [{"strength": 1.0}])
    assert caught.value.code == "data/too-few-rows"
