"""A sample of very many texts: each different text once, whatever their order."""

from hypothesis import given
from hypothesis import strategies as st

from headstart.scoring.sample import Sample
from tests.support.steady import STEADY


def sample(texts: list[str], size: int) -> tuple[str, ...]:
    made = Sample(size)
    for text in texts:
        made.add([text])
    return made.texts()


@STEADY
@given(st.lists(st.sampled_from([f"text {number}" for number in range(40)])), st.integers(1, 12), st.randoms())
def test_order_and_repetition_change_nothing(texts: list[str], size: int, random: object) -> None:
    shuffled = sorted(texts * 2, key=lambda _: random.random())  # type: ignore[attr-defined]
    assert set(sample(texts, size)) == set(sample(shuffled, size))
    assert len(sample(texts, size)) == min(size, len(set(texts)))


def test_texts_that_an_import_takes_for_one_row_count_once() -> None:
    assert sample(["My  parcel", "my parcel", "MY PARCEL "], 10) == ("My  parcel",)
