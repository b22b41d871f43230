"""The bag of words as a model: it answers as the control does, from its files alone."""

from pathlib import Path

import numpy as np
import pytest

from headstart.arrays import softmax
from headstart.bag import Bag
from headstart.blobs import Blobs
from headstart.errors import IntegrityError
from headstart.evaluation.controls import Labeled, bag_of_words
from headstart.store import open_store
from tests.support import tiny

ROWS = tiny.texts(240)
TEXTS = [text for text, _ in ROWS]
TARGETS = np.array([sorted(tiny.WORDS).index(label) for _, label in ROWS])
PIECES = [f"{stem}{number:05d}" for number, stem in enumerate(["zor", "miv"] * 60)]


def labeled(texts: list[str], targets: np.ndarray) -> Labeled:
    return Labeled(texts, targets, [str(row) for row in range(len(texts))])


def heard(done: int, total: int) -> None:
    """Progress that nobody looks at."""


def answers(bag: Bag, texts: list[str]) -> np.ndarray:
    return bag.compute(texts, heard).outputs.argmax(axis=1)


@pytest.mark.parametrize(
    ("texts", "targets"),
    [(TEXTS, TARGETS), (TEXTS, TARGETS % 2), (PIECES, np.arange(120) % 2), (TEXTS, TARGETS % 2 * 2)],
    ids=["three labels", "two labels", "pieces of words", "a label without rows"],
)
def test_it_answers_as_the_control_does(texts: list[str], targets: np.ndarray) -> None:
    known, unseen = labeled(texts[:80], targets[:80]), texts[80:]
    expected = bag_of_words(known, unseen, "macro_f1")
    np.testing.assert_array_equal(answers(Bag.fit(known, 3, "macro_f1"), unseen), expected)


def test_one_label_alone_is_the_answer() -> None:
    bag = Bag.fit(labeled(["a b", "b c", "c d"], np.ones(3, dtype=np.int64)), 3, "accuracy")
    assert answers(bag, ["a b", "never seen"]).tolist() == [1, 1]


def test_a_label_without_rows_is_next_to_impossible() -> None:
    bag = Bag.fit(labeled(TEXTS, TARGETS % 2 * 2), 3, "accuracy")
    assert softmax(bag.compute(TEXTS, heard).outputs)[:, 1].max() < 1e-9


def test_its_files_hold_all_that_it_knows(tmp_path: Path) -> None:
    bag = Bag.fit(labeled(PIECES, np.arange(120) % 2), 2, "accuracy")
    blobs = Blobs(open_store(str(tmp_path / "blobs")))
    with blobs.checkout(bag.files(blobs)) as folder:
        read = Bag.read(folder)
        assert not {each.suffix for each in folder.iterdir()} - {".json", ".safetensors"}
    before, after = (each.compute([*PIECES, "", "\x00 中文 😀"], heard) for each in (bag, read))
    np.testing.assert_array_equal(before.outputs, after.outputs)
    np.testing.assert_array_equal(before.features, after.features)


def test_the_same_rows_make_the_same_bytes(tmp_path: Path) -> None:
    blobs = Blobs(open_store(str(tmp_path / "blobs")))
    first, second = (Bag.fit(labeled(TEXTS, TARGETS), 3, "accuracy").files(blobs) for _ in range(2))
    assert first == second


def test_texts_of_which_it_knows_no_word_and_no_texts_at_all_are_answered() -> None:
    bag = Bag.fit(labeled(TEXTS, TARGETS), 3, "accuracy")
    found = bag.compute(["xyzzy", ""], heard)
    assert np.isfinite(found.outputs).all()
    assert not found.features.any()
    assert bag.compute([], heard).outputs.shape == (0, 3)


def test_features_of_two_bags_of_other_rows_can_be_compared() -> None:
    """Landmarks are of a bag of the training rows, and what is published knows the validation rows as well."""
    some, more = (
        Bag.fit(labeled(TEXTS[:count], TARGETS[:count]), 3, "accuracy").compute(TEXTS[200:], heard).features
        for count in (180, 200)
    )
    same = (some * more).sum(axis=1)
    others = some @ more.T
    assert np.median(same) > 0.99
    assert (others.argmax(axis=1) == np.arange(len(same))).all()


def test_a_damaged_bag_is_refused(tmp_path: Path) -> None:
    bag = Bag.fit(labeled(TEXTS, TARGETS), 3, "accuracy")
    blobs = Blobs(open_store(str(tmp_path / "blobs")))
    with blobs.checkout(bag.files(blobs)) as folder:
        terms = folder / "vocabulary.json"
        for data in (b"", b"[]", b'{"words": ["a"]}'):
            terms.unlink()
            terms.write_bytes(data)
            with pytest.raises(IntegrityError, match="no readable bag of words"):
                Bag.read(folder)
