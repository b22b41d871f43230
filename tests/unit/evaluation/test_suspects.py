"""Suspect labels: those that were changed are found, and honest ones mostly left alone."""

import numpy as np

from headstart.arrays import softmax
from headstart.evaluation.suspects import rather, suspects


def noisy(rows: int, share: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Probabilities that know the truth, labels of which a share was changed, and which ones were."""
    generator = np.random.default_rng(seed)
    truth = generator.integers(0, 4, rows)
    probabilities = softmax(np.eye(4)[truth] * 3 + generator.normal(size=(rows, 4)))
    changed = generator.random(rows) < share
    return probabilities, np.where(changed, (truth + 1) % 4, truth), changed


def test_most_changed_labels_are_found_with_the_right_one_and_few_others() -> None:
    probabilities, targets, changed = noisy(2000, 0.05)
    found, better = rather(probabilities, targets)
    assert changed[found].mean() > 0.6
    assert changed[found].sum() > 0.6 * changed.sum()
    assert ((targets[found] - better) % 4 == 1)[changed[found]].mean() > 0.95
    assert changed[found[:20]].all()


def test_labels_that_agree_with_the_model_are_not_suspect() -> None:
    probabilities, _, _ = noisy(500, 0)
    found, _ = rather(probabilities, probabilities.argmax(axis=1))
    assert len(found) == 0


def test_a_label_without_rows_makes_no_suspects() -> None:
    probabilities = np.array([[0.1, 0.2, 0.7]] * 10)
    found, _ = rather(probabilities, np.arange(10) % 2)
    assert len(found) == 0 or (probabilities[found].argmax(axis=1) == 2).all()
    assert 2 not in rather(probabilities, np.arange(10) % 2)[1]


def test_what_is_shown_says_where_the_row_stands() -> None:
    probabilities, targets, _ = noisy(300, 0.2)
    texts, places = [f"text {row}" for row in range(300)], [f"line {row}" for row in range(300)]
    found = suspects(probabilities, targets, texts, places, ("a", "b", "c", "d"))
    assert (found.count > 20, len(found.rows), found.of) == (True, 20, 300)
    for each in found.rows:
        assert each.text.removeprefix("text ") == each.place.removeprefix("line ")
        assert each.label != each.rather
