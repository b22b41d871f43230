"""The events of a registry, and which of them a hook has had: each is told at least once, in order.

The registry's own logs are the outbox. A version's record and a move of an alias are each made by one conditional
write, which is the event as well: there is no moment between the two at which a crash could lose it. For each hook the
registry keeps how far it has been told::

    hooks/<hook>/since.json       where each log stood when the hook was first seen: nothing before is told
    hooks/<hook>/<log>.json       the number of the last version or move that the hook took

A position is written after the hook took the event. So whoever dies in between leaves the event to be told again, by
the next publication or move or by ``headstart models deliver``; writers that overtake each other do so, too. Events
have an id by which a receiver knows those that it has had.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from headstart.digest import canonical_json, digest_of
from headstart.registry import aliases, numbers
from headstart.registry.aliases import AliasMove
from headstart.registry.delivery import send
from headstart.registry.hooks import Happening, Hook
from headstart.registry.record import (
    FORMAT,
    check_name,
    parse,
    parse_version,
    version_key,
    version_number,
)
from headstart.store import Store

_ID_LENGTH = 32
_MOVE = ("models", "name", "aliases", "alias", "00000000.json")  # the shape of a move's key


class _Since(BaseModel):
    """Where each log stood when a hook was first seen; ``hook`` is for people."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal[1] = FORMAT
    hook: str
    positions: Mapping[str, int]


class _Position(BaseModel):
    """The number of the last entry of a log that a hook took."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal[1] = FORMAT
    position: int


@dataclass(frozen=True)
class Log:
    """The versions of a model, or the moves of one of its aliases."""

    model: str
    alias: str = ""

    @property
    def key(self) -> str:
        """Its name in the registry."""
        return f"{check_name(self.model)}@{check_name(self.alias)}" if self.alias else check_name(self.model)

    @property
    def happening(self) -> Happening:
        """What its events are."""
        return "promote" if self.alias else "publish"


@dataclass(frozen=True)
class Event:
    """Something that happened: ``id`` is the same however often it is told, ``at`` ISO 8601 in UTC."""

    id: str
    happening: Happening
    number: int
    at: str
    data: dict[str, Any]

    def body(self) -> bytes:
        """The event as hooks are told it."""
        said = {"type": f"headstart.{self.happening}", "timestamp": self.at, "data": self.data | {"id": self.id}}
        return canonical_json(said)


@dataclass(frozen=True)
class Told:
    """An event that a hook was told; ``failure`` says why it did not take it, and is empty where it did."""

    hook: str
    event: Event
    failure: str = ""


def enlist(store: Store, hooks: Sequence[Hook]) -> None:
    """Let hooks hear of everything that happens from now on; to be called before it happens.

    Raises:
        UsageError: A hook cannot be told.
    """
    for hook in hooks:
        hook.ready()
        since = f"hooks/{hook.id}/since.json"
        if store.stat(since) is None:
            positions = {log.key: _newest(store, log) for log in logs(store)}
            store.create(since, _said(_Since(hook=hook.title, positions=positions)))


def deliver(store: Store, hooks: Sequence[Hook], log: Log) -> list[Told]:
    """Tell hooks what of a log they have not had; who does not take an event is told no later one of that log."""
    told = []
    for hook in hooks:
        if log.happening not in hook.events:
            continue
        for event in _events(store, log, _position(store, hook, log)):
            failure = send(hook, event.id, event.body(), event.data)
            told.append(Told(hook.title, event, failure))
            if failure:
                break
            store.put(f"hooks/{hook.id}/{log.key}.json", _said(_Position(position=event.number)))
    return told


def deliver_all(store: Store, hooks: Sequence[Hook]) -> list[Told]:
    """Tell hooks what of all logs they have not had."""
    enlist(store, hooks)
    return [told for log in logs(store) for told in deliver(store, hooks, log)]


def logs(store: Store) -> list[Log]:
    """Every log, from one listing."""
    found: dict[Log, None] = {}
    for info in store.list("models/"):
        parts = info.key.split("/")
        if version_number(info.key):
            found[Log(parts[1])] = None
        elif parts[2:3] == ["aliases"] and len(parts) == len(_MOVE):
            found[Log(parts[1], parts[3])] = None
    return list(found)


def _newest(store: Store, log: Log) -> int:
    """The number of the newest entry of a log."""
    if not log.alias:
        return numbers.latest(store, log.model)
    move = aliases.current(store, log.model, log.alias)
    return move.sequence if move else 0


def _said(record: BaseModel) -> bytes:
    return canonical_json(record.model_dump(mode="json"))


def _position(store: Store, hook: Hook, log: Log) -> int:
    """The number of the last entry of a log that a hook has had, or that was there before the hook was."""
    own = f"hooks/{hook.id}/{log.key}.json"
    data = store.get(own)
    if data is not None:
        return parse(_Position, data, f"{store.uri}/{own}").position
    since = f"hooks/{hook.id}/since.json"
    data = store.get(since)
    positions = {} if data is None else parse(_Since, data, f"{store.uri}/{since}").positions
    return positions.get(log.key, 0)  # a log that began later is told from its start


def _events(store: Store, log: Log, after: int) -> Iterator[Event]:
    if log.alias:
        moves = aliases.log(store, log.model, log.alias)
        while move := moves.at(after + 1):
            yield moved(store, log.model, move, moves.at(after))
            after += 1
        return
    for number in numbers.numbers(store, log.model):
        if number > after and (data := store.get(version_key(log.model, number))) is not None:
            yield _published(store, log.model, number, data)


def moved(store: Store, model: str, move: AliasMove, earlier: AliasMove | None) -> Event:
    """The event that a move of an alias is; ``earlier`` is the move before it, if there was one."""
    return Event(
        id=digest_of(["promote", move.nonce])[:_ID_LENGTH],
        happening="promote",
        number=move.sequence,
        at=move.at,
        data={
            "registry": store.uri,
            "name": model,
            "alias": move.alias,
            "version": move.version,
            "previous": earlier.version if earlier else None,
            "by": move.by,
            "reason": move.reason,
            "decision": move.decision,
        },
    )


def _published(store: Store, model: str, number: int, record: bytes) -> Event:
    version = parse_version(model, number, record, f"{store.uri}/{version_key(model, number)}")
    return Event(
        id=digest_of(["publish", model, version.tx])[:_ID_LENGTH],
        happening="publish",
        number=number,
        at=version.created,
        data={
            "registry": store.uri,
            "name": model,
            "alias": "",
            "version": number,
            "task": version.task,
            "metrics": {metric: estimate.model_dump() for metric, estimate in version.metrics.items()},
        },
    )
