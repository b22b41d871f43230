"""Retention: what is kept is kept, and nothing else."""

from hypothesis import given
from hypothesis import strategies as st

from headstart.registry.upkeep import Retention, needless

NUMBERS = st.integers(min_value=1, max_value=12)


@given(
    st.integers(min_value=1, max_value=13),
    st.floats(min_value=0, max_value=100),
    st.dictionaries(NUMBERS, st.floats(min_value=0, max_value=100)),
    st.sets(NUMBERS),
    st.sets(NUMBERS),
)
def test_a_version_is_needless_where_no_reason_keeps_it(
    keep: int, young: float, ages: dict[int, float], aliased: set[int], tagged: set[int]
) -> None:
    found = needless(Retention(keep_last=keep, younger_than=young), ages, aliased, tagged)
    for number, age in ages.items():
        newer = sum(other > number for other in ages)
        kept = newer < keep or number in aliased or number in tagged or age < young
        assert (number in found) == (not kept)
    assert found == sorted(set(found))
    assert set(found) <= set(ages)


def test_the_rule_is_said_in_words() -> None:
    assert Retention(keep_last=5).said() == "the last 5, and aliased and tagged ones are kept"
    assert "younger than 30 days" in Retention(keep_last=5, younger_than=30 * 24 * 3600).said()
