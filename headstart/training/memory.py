"""How much of the memory a training may take beside what it cannot do without."""

import os

SHARE = 0.25


def has_room(size: int) -> bool:
    """Whether so many bytes are at most a quarter of the memory that nobody uses now."""
    return size <= SHARE * os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
