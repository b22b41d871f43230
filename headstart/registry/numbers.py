"""Which versions a model has, in three requests however many there are.

Every hundredth publisher writes down which numbers there are; a reader takes the newest such snapshot and lists only
what came after. A snapshot says nothing that a listing does not, and one that is damaged or missing costs time only.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from headstart.digest import canonical_json
from headstart.registry.log import entry_name
from headstart.registry.ranges import Ranges, numbers_in, ranges_of
from headstart.registry.record import check_name, version_key, version_number
from headstart.store import Store

STRIDE = 100


class Snapshot(BaseModel):
    """The numbers up to one, as it was when that was published."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal[1] = 1
    upto: int
    numbers: Ranges


def numbers(store: Store, name: str) -> list[int]:
    """The numbers of a model's versions, lowest first, deleted ones too; what is no version's record does not count."""
    snapshot = newest(store, name)
    return numbers_in(snapshot.numbers) + listed(store, name, snapshot.upto)


def latest(store: Store, name: str) -> int:
    """The highest version number of a model, 0 where there is none."""
    return max(numbers(store, name), default=0)


def listed(store: Store, name: str, after: int = 0) -> list[int]:
    """The numbers above one, as a listing has them."""
    prefix = f"models/{check_name(name)}/versions/"
    infos = store.list(prefix, version_key(name, after) if after else "")
    return sorted(number for info in infos if (number := version_number(info.key)))


def newest(store: Store, name: str) -> Snapshot:
    """The newest snapshot; an empty one where there is none, or it cannot be read."""
    info = next(store.list(snapshots(name)), None)
    try:
        return Snapshot.model_validate_json((info and store.get(info.key)) or b"")
    except ValidationError:
        return Snapshot(upto=0, numbers=())


def take(store: Store, name: str, upto: int) -> None:
    """Write the snapshot that is due when ``upto`` was published, if one is."""
    if upto % STRIDE == 0:
        there = [number for number in numbers(store, name) if number <= upto]
        snapshot = Snapshot(upto=upto, numbers=ranges_of(there))
        store.put(snapshots(name) + entry_name(upto), canonical_json(snapshot.model_dump(mode="json")))


def snapshots(name: str) -> str:
    """What the keys of a model's snapshots begin with."""
    return f"models/{check_name(name)}/index/"
