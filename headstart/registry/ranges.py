"""Sets of version numbers, as records hold them: ten thousand in a row take one pair."""

from collections.abc import Iterable

Ranges = tuple[tuple[int, int], ...]


def ranges_of(numbers: Iterable[int]) -> Ranges:
    """Numbers as pairs of the first and the last of each row without a gap, in order."""
    found: list[tuple[int, int]] = []
    for number in sorted(set(numbers)):
        if found and number == found[-1][1] + 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return tuple(found)


def numbers_in(ranges: Ranges) -> list[int]:
    """The numbers of pairs, in order."""
    return sorted({number for first, last in ranges for number in range(first, last + 1)})
