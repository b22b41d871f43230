"""Aliases: a log of moves, of which the newest counts."""

import itertools
from collections.abc import Iterable, Iterator
from typing import Literal

from headstart.registry.log import Entry, Log
from headstart.registry.record import FORMAT, check_name
from headstart.store import Store


class AliasMove(Entry):
    """One move of an alias: to which version, who moved it, when (ISO 8601, UTC), why, on which decision."""

    format: Literal[1] = FORMAT
    alias: str
    version: int
    decision: str


def log(store: Store, name: str, alias: str) -> Log[AliasMove]:
    """The moves of an alias."""
    return Log(store, prefix(name, alias), AliasMove)


def prefix(name: str, alias: str) -> str:
    """What the keys of an alias's moves begin with."""
    return f"models/{check_name(name)}/aliases/{check_name(alias)}/"


def history(store: Store, name: str, alias: str) -> Iterator[AliasMove]:
    """The moves of an alias, newest first."""
    return iter(log(store, name, alias))


def current(store: Store, name: str, alias: str) -> AliasMove | None:
    """The newest move of an alias, or None if there never was one."""
    return log(store, name, alias).newest()


def names(store: Store, name: str) -> list[str]:
    """The aliases of a model, by one request each and one more."""
    prefix = f"models/{check_name(name)}/aliases/"
    found, seen = [], ""
    while info := next(store.list(prefix, seen), None):
        alias, slash, _ = info.key.removeprefix(prefix).partition("/")
        seen = f"{prefix}{alias}/:" if slash else info.key  # ":" is behind all digits
        if slash:  # a file beside them is somebody else's
            found.append(alias)
    return sorted(found)


def pointing(store: Store, name: str) -> dict[str, int]:
    """Every alias of a model with the version it points at."""
    current_ = ((alias, current(store, name, alias)) for alias in names(store, name))
    return {alias: move.version for alias, move in current_ if move is not None}


def move(store: Store, name: str, alias: str, version: int, reason: str, decision: str) -> AliasMove:
    """Point an alias at a version, atomically: readers see the old version or the new one.

    A move that this decision has made is not made twice.

    Raises:
        HeadstartError: Others kept moving the alias first.
    """
    moves = log(store, name, alias)
    made: list[AliasMove] = []
    looked_at = 0

    def following(newest: AliasMove | None, entry: Entry) -> AliasMove | None:
        nonlocal looked_at
        if newest is not None and decision:
            new = itertools.takewhile(lambda each: each.sequence > looked_at, moves)
            made.extend(each for each in new if (each.version, each.decision) == (version, decision))
            looked_at = newest.sequence
            if made:
                return None
        said = dict(entry) | {"alias": alias, "version": version, "reason": reason, "decision": decision}
        return AliasMove(**said)

    return moves.append(following, f"{name}@{alias}") or made[0]


def before(moves: Iterable[AliasMove]) -> int | None:
    """The version that an alias pointed at before the one that it points at now; None where there was none.

    A move back to the version before undoes the one that came between: two rollbacks lead back by two versions.

    Args:
        moves: The alias's moves, newest first.
    """
    held: list[int] = []
    for move in reversed(list(moves)):
        if move.version in held[-2:-1]:
            held.pop()
        elif held[-1:] != [move.version]:
            held.append(move.version)
    return held[-2] if len(held) > 1 else None
