"""Unusual texts: few ordinary ones, and most of what lies elsewhere."""

import numpy as np
import pytest

from headstart.arrays import Array, unit
from headstart.evaluation.novelty import FLAGGED, Landmarks, unusual


def ordinary(rows: int, seed: int) -> tuple[Array, np.ndarray]:
    """Features around five centres."""
    generator = np.random.default_rng(seed)
    centres = np.random.default_rng(99).normal(size=(5, 32))
    targets = generator.integers(0, 5, rows)
    return unit((centres[targets] + generator.normal(size=(rows, 32))).astype(np.float32)), targets


def test_ordinary_texts_are_flagged_as_seldom_as_promised_and_others_mostly() -> None:
    landmarks = Landmarks.of(*ordinary(500, 0))
    elsewhere = unit(np.random.default_rng(5).normal(size=(500, 32)).astype(np.float32))
    shares = []
    for seed in range(1, 60):
        found = unusual(landmarks.nearness(ordinary(100, seed)[0]))
        assert found is not None
        shares.append(found.of(landmarks.nearness(ordinary(2000, 1000 + seed)[0])).mean())
        assert found.of(landmarks.nearness(elsewhere)).mean() > 0.9
    assert np.mean(shares) <= FLAGGED + 0.01


def test_too_few_rows_tell_nothing() -> None:
    assert unusual(np.ones(18, np.float32)) is None
    assert unusual(np.ones(19, np.float32)) is not None
    assert Landmarks.of(*ordinary(50, 0)).nearness(np.zeros((0, 32), np.float32)).shape == (0,)


def test_a_labels_own_direction_is_as_near_as_can_be() -> None:
    x, targets = ordinary(500, 0)
    landmarks = Landmarks.of(x, targets)
    means = np.stack([x[targets == label].mean(axis=0) for label in range(5)])
    assert landmarks.nearness(means) == pytest.approx(np.ones(5), abs=1e-5)
