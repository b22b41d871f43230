"""Random input that is the same on every machine and in every run."""

from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

STEADY = settings(
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 9)
    | st.just(10**400)
    | st.floats()
    | st.text(max_size=6)
    | st.sampled_from(["\ud83d", "a", "label", "text", "start", "[1]"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


def mostly(shape: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """The right shape most of the time, anything else now and then."""
    return st.integers(0, 5).flatmap(lambda dice: shape if dice else ANYTHING)


def one_of(*values: Any) -> st.SearchStrategy[Any]:
    """One of some values, most of the time."""
    return mostly(st.sampled_from(values))


def damaged(data: st.DataObject, content: bytes) -> bytes:
    """The content with a few bytes replaced, inserted or removed."""
    harmed = bytearray(content)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, max(len(harmed) - 1, 0)))
        harmed[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    return bytes(harmed)
