"""The controls: fair, strong, and deaf to no script."""

import numpy as np
import pytest

from headstart.evaluation import metrics
from headstart.evaluation.controls import CONTROLS, Labeled, bag_of_words, guess, majority
from tests.support import tiny


def labeled(texts: list[str], targets: np.ndarray) -> Labeled:
    return Labeled(texts, targets, [str(row) for row in range(len(texts))])


@pytest.mark.parametrize("texts", [["😀", "😡"] * 20, ["中文", "日本語"] * 20, ["\x00", "\u200b"] * 20])
def test_the_bag_of_words_reads_any_script(texts: list[str]) -> None:
    targets = np.arange(40) % 2
    np.testing.assert_array_equal(bag_of_words(labeled(texts, targets), texts[:4], "macro_f1"), targets[:4])


def test_the_bag_of_words_tells_texts_apart_by_their_words() -> None:
    rows = tiny.texts(150)
    targets = np.array([sorted(tiny.WORDS).index(label) for _, label in rows])
    texts = [text for text, _ in rows]
    answers = bag_of_words(labeled(texts[:100], targets[:100]), texts[100:], "accuracy")
    assert (answers == targets[100:]).mean() > 0.9


def test_pieces_of_words_are_read_where_words_are_never_seen_twice() -> None:
    generator = np.random.default_rng(0)
    targets = np.arange(120) % 2
    stems = [("zor" if target else "miv") for target in targets]
    texts = [f"{stem}{generator.integers(10**6)}" for stem in stems]
    answers = bag_of_words(labeled(texts[:80], targets[:80]), texts[80:], "accuracy")
    assert (answers == targets[80:]).all()


def test_one_label_alone_is_answered() -> None:
    assert bag_of_words(labeled(["a", "b", "c"], np.ones(3, dtype=np.int64)), ["d"], "macro_f1").tolist() == [1]


def test_what_knows_no_text_answers_by_frequency() -> None:
    known = labeled(["x"] * 100, np.repeat([0, 1], [90, 10]))
    assert set(majority(known, ["y"] * 5, "accuracy")) == {0}
    assert 0.02 < guess(known, ["y"] * 1000, "accuracy").mean() < 0.2


def test_guessing_has_more_macro_f1_than_the_majority_where_labels_are_many() -> None:
    targets = np.random.default_rng(0).integers(0, 20, 600)
    known = labeled(["x"] * 600, targets)
    scores = {
        name: metrics.score("macro_f1", targets, CONTROLS[name](known, ["y"] * 600, "macro_f1"), 20)
        for name in ("majority", "guess")
    }
    assert scores["guess"] > scores["majority"] + 0.02
