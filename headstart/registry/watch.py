"""Following an alias: one small read for each look, whatever the registry's size."""

from collections.abc import Callable, Iterator

from headstart.errors import StoreError
from headstart.registry import aliases
from headstart.registry.outbox import Event, moved
from headstart.store import Store


def follow(
    store: Store, model: str, alias: str, wait: Callable[[], None], troubled: Callable[[StoreError], None]
) -> Iterator[list[Event]]:
    """Where an alias points, then its moves as they happen, without an end.

    Moves are numbered, so to look is to read the record of the next one, which mostly is not there.

    Args:
        store: The registry's store.
        model: The model's name.
        alias: The alias; it need not exist yet.
        wait: Waits between two looks.
        troubled: Hears of a look that failed; the next one makes up for it.

    Yields:
        After each look that worked, the moves since the last one, oldest first: at first the newest alone, often none.

    Raises:
        IntegrityError: A move's record is damaged.
    """
    seen: int | None = None
    while True:
        try:
            found, seen = _look(store, model, alias, seen)
        except StoreError as error:
            troubled(error)
        else:
            yield found
        wait()


def _look(store: Store, model: str, alias: str, seen: int | None) -> tuple[list[Event], int]:
    """The moves after the number ``seen``, or the newest where none was seen; and the number of the newest."""
    moves = aliases.log(store, model, alias)
    if seen is None:
        newest = moves.newest()
        if newest is None:
            return [], 0
        return [moved(store, model, newest, moves.at(newest.sequence - 1))], newest.sequence
    found = []
    while move := moves.at(seen + 1):
        found.append(moved(store, model, move, moves.at(seen)))
        seen += 1
    return found, seen
