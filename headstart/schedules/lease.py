"""One at a time, over any store: a lock that outlives nobody who was killed.

Holders are numbered. To take the lock is to create the next number, which of two only one can; to keep it is to
touch it again and again; to give it back is to say so beside it. Who died or froze stops touching, and after the
lease's time by the store's own clock the next number may be taken. A holder that froze and wakes up later finds the
next number and knows that it has lost the lock: what it guards must therefore also bear a rare second worker.
"""

import contextlib
import json
import threading
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime

from headstart import numbered
from headstart.errors import HeadstartError, StoreError
from headstart.store import Store, store_time

SECONDS = 120.0
_ATTEMPTS = 5


class Held:
    """A lock that is held, until it is lost."""

    def __init__(self, store: Store, folder: str, number: int) -> None:
        self._store = store
        self._folder = folder
        self.number = number

    def touch(self) -> None:
        """Keep the lock for another while.

        Raises:
            StoreError: The store cannot be reached.
        """
        self._store.put(_key(self._folder, self.number, "beat"), b"")

    def require(self) -> None:
        """Go on only as the holder.

        Raises:
            HeadstartError: The lock was lost: this process was frozen for longer than the lease.
        """
        if numbered.newest(self._store, self._folder) != self.number:
            problem = "this process stood still for so long that another one took over."
            raise HeadstartError("retrain/locked", problem, remedy="Leave it to the other.", where=self._folder)

    def release(self) -> None:
        """Give the lock back."""
        self._store.put(_key(self._folder, self.number, "done"), b"")


@contextlib.contextmanager
def hold(store: Store, name: str, seconds: float = SECONDS) -> Iterator[Held]:
    """Hold the lock of a name for as long as the block lasts.

    Args:
        store: Where everybody who may want the lock finds it.
        name: What is locked.
        seconds: How long a holder that shows no sign of life keeps it.

    Raises:
        HeadstartError: Somebody else holds it.
        StoreError: The store cannot be reached.
    """
    held = _take(store, f"locks/{name}", seconds)
    ended = threading.Event()
    keeper = threading.Thread(target=_keep, args=(held, ended, seconds / 4), daemon=True)
    keeper.start()
    try:
        yield held
    finally:
        ended.set()
        keeper.join()
        with contextlib.suppress(StoreError):  # it ends by itself, and must not hide what went wrong inside
            held.release()


def _take(store: Store, folder: str, seconds: float) -> Held:
    mine = json.dumps({"nonce": uuid.uuid4().hex, "since": datetime.now(UTC).isoformat(timespec="seconds")}).encode()
    for _ in range(_ATTEMPTS):
        newest = numbered.newest(store, folder)
        left = _left(store, folder, newest, seconds)
        if left > 0:
            since = _since(store, folder, newest)
            problem = f"another process has been at it since {since}."
            remedy = f"Wait for it; if it was killed, the lock ends in {left:.0f} s."
            raise HeadstartError("retrain/locked", problem, remedy=remedy, where=folder)
        held = Held(store, folder, newest + 1)
        if not store.create(_key(folder, held.number, "json"), mine):
            continue  # another was faster
        if numbered.newest(store, folder) == held.number:
            _forget(store, folder, held.number)
            return held
        store.delete(_key(folder, held.number, "json"))  # a number that was held and forgotten meanwhile
    problem = "others kept taking the lock first."
    raise HeadstartError("retrain/locked", problem, remedy="Wait for them.", where=folder)


def _keep(held: Held, ended: threading.Event, pause: float) -> None:
    while not ended.wait(pause):
        with contextlib.suppress(StoreError):  # the next one may get through, and else the lease ends
            held.touch()


def _left(store: Store, folder: str, number: int, seconds: float) -> float:
    """For how many seconds the lock is still held; none where it is free."""
    if not number:
        return 0.0
    touched = {info.key: info.modified for info in store.list(f"{folder}/{number:08d}.")}
    if _key(folder, number, "done") in touched:
        return 0.0
    now = store_time(store)
    # A time that is yet to come is of a clock that has been set back since; who lives has touched the lock again.
    return max((time for time in touched.values() if time <= now + seconds), default=0.0) + seconds - now


def _since(store: Store, folder: str, number: int) -> str:
    try:
        return str(json.loads(store.get(_key(folder, number, "json")) or b"")["since"])
    except (ValueError, LookupError, TypeError):
        return "a while ago"


def _forget(store: Store, folder: str, number: int) -> None:
    """Remove what earlier holders left."""
    for info in list(store.list(f"{folder}/")):
        held = info.key.rpartition("/")[2].partition(".")[0]
        if held.isdecimal() and int(held) < number:
            store.delete(info.key)


def _key(folder: str, number: int, suffix: str) -> str:
    return f"{folder}/{number:08d}.{suffix}"
