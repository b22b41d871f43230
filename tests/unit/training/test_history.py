"""Which epoch is kept, and when enough is enough."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from headstart.training.history import PATIENCE, Epoch, is_exhausted, is_kept


def scored(scores: Sequence[float], losses: Sequence[float] = ()) -> list[Epoch]:
    return [
        Epoch(train_loss=1.0, score=score, log_loss=loss)
        for score, loss in zip(scores, losses or [1.0] * len(scores), strict=True)
    ]


def test_a_later_epoch_is_kept_unless_an_earlier_one_is_clearly_better() -> None:
    assert is_kept(scored([0.90, 0.895]), rows=1000)  # the standard error is 0.0095
    assert not is_kept(scored([0.90, 0.88]), rows=1000)
    assert is_kept(scored([0.90, 0.88]), rows=100)
    assert is_kept(scored([0.5]), rows=1)


@given(scores=st.lists(st.floats(0, 1), min_size=1, max_size=20), rows=st.integers(1, 10_000))
def test_the_best_epoch_is_kept_when_it_comes(scores: list[float], rows: int) -> None:
    best = scores.index(max(scores))
    assert is_kept(scored(scores[: best + 1]), rows)


def test_training_goes_on_while_score_or_loss_improves_and_stops_after() -> None:
    assert not is_exhausted([])
    assert not is_exhausted(scored([0.5] * 6, [6, 5, 4, 3, 2, 1]))
    assert not is_exhausted(scored([0.5] + [0.4] * (PATIENCE - 1)))
    assert is_exhausted(scored([0.5] + [0.4] * PATIENCE))
    assert is_exhausted(scored([0.5] * (PATIENCE + 1)))
