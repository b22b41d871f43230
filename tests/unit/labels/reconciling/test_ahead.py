"""Items made in a thread of their own."""

import threading
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.labels.reconciling.ahead import ahead
from tests.support.steady import STEADY


@STEADY
@given(st.lists(st.none() | st.integers()))
def test_the_items_are_the_same_in_the_same_order(items: list[int | None]) -> None:
    assert list(ahead(items)) == items


def test_an_error_comes_after_the_items_before_it() -> None:
    def items() -> Iterator[int]:
        yield 1
        yield 2
        raise ValueError("no third")

    found: list[int] = []
    with pytest.raises(ValueError, match="no third"):
        found.extend(ahead(items()))
    assert found == [1, 2]


def test_items_are_made_while_earlier_ones_are_dealt_with() -> None:
    is_made = threading.Event()

    def items() -> Iterator[int]:
        yield 1
        is_made.set()
        yield 2

    for item in ahead(items()):
        assert item == 2 or is_made.wait(timeout=60)


def test_no_more_are_made_than_a_few_and_none_once_nobody_wants_them() -> None:
    made = []

    def items() -> Iterator[int]:
        for number in range(1000):
            made.append(number)
            yield number

    for item in ahead(items()):
        if item == 3:
            break
    assert len(made) < 20
    assert not [thread for thread in threading.enumerate() if thread.name == "ahead"]
