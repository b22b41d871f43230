"""The worst mistakes: wrong answers only, from the surest, each with its nearest training row."""

import numpy as np

from headstart.evaluation.mistakes import mistakes


def test_the_surest_wrong_answer_stands_first() -> None:
    probabilities = np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4], [0.99, 0.01]])
    found = mistakes(
        probabilities,
        np.array([1, 1, 1, 0]),
        ["one", "two", "three", "four"],
        ["line 1", "line 2", "line 3", "line 4"],
        ("a", "b"),
        [("near one", 0), ("near two", 1), ("near three", 1), ("near four", 0)],
        np.array([0.5, 0.6, 0.7, 0.8], np.float32),
    )
    assert [(each.place, each.text, each.label, each.said, each.probability) for each in found] == [
        ("line 1", "one", "b", "a", 0.9),
        ("line 3", "three", "b", "a", 0.6),
    ]
    assert [(each.near, each.near_label, each.cosine) for each in found] == [
        ("near one", "a", 0.5),
        ("near three", "b", 0.7),
    ]
