"""Aliases: a log of moves, of which the newest counts."""

import re
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime

from headstart.digest import canonical_json
from headstart.errors import HeadstartError
from headstart.registry.record import AliasMove, check_name, move_key, parse
from headstart.store import Store
from headstart.user import user

_ATTEMPTS = 1000


def history(store: Store, name: str, alias: str) -> Iterator[AliasMove]:
    """The moves of an alias, newest first."""
    for info in store.list(move_key(name, alias, 0).rpartition("/")[0] + "/"):
        if re.fullmatch(r"[0-9]{8}\.json", info.key.rpartition("/")[2]):
            yield parse(AliasMove, store.get(info.key) or b"", f"{store.uri}/{info.key}")


def current(store: Store, name: str, alias: str) -> AliasMove | None:
    """The newest move of an alias, or None if there never was one."""
    return next(history(store, name, alias), None)


def names(store: Store, name: str) -> list[str]:
    """The aliases of a model."""
    prefix = f"models/{check_name(name)}/aliases/"
    return sorted({info.key.removeprefix(prefix).partition("/")[0] for info in store.list(prefix)})


def move(store: Store, name: str, alias: str, version: int, reason: str, decision: str) -> AliasMove:
    """Point an alias at a version, atomically: readers see the old version or the new one.

    A move that the newest record already says (same version, same decision) is not made twice.

    Raises:
        HeadstartError: Others kept moving the alias first.
    """
    for _ in range(_ATTEMPTS):
        moves = history(store, name, alias)
        newest = next(moves, None)
        if newest is not None and decision:
            for made in (newest, *moves):
                if (made.version, made.decision) == (version, decision):
                    return made
        made = AliasMove(
            alias=alias,
            sequence=newest.sequence + 1 if newest else 1,
            version=version,
            by=user(),
            at=datetime.now(UTC).isoformat(timespec="seconds"),
            reason=reason,
            decision=decision,
            nonce=uuid.uuid4().hex,
        )
        if store.create(move_key(name, alias, made.sequence), canonical_json(made.model_dump(mode="json"))):
            return made
    raise HeadstartError(
        "registry/contended",
        f"{_ATTEMPTS} moves were made by others first.",
        remedy="Move it again.",
        where=f"{name}@{alias}",
    )
