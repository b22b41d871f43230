"""From the schedules that are wanted and those that there are to what has to be done: a pure function.

Kubeflow has no call that changes a recurring run. So one that differs is created anew before the old one goes, and
what an interrupted apply has left behind twice is reduced to one by the next.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from headstart.digest import digest_of

_MARK = re.compile(r"^headstart: group=(\S+) digest=([0-9a-f]{64})$", re.MULTILINE)


@dataclass(frozen=True)
class Recurring:
    """A recurring run as Kubeflow is to hold it. Either ``cron``, with six fields, or ``seconds`` says when.

    ``version`` is the id of a pipeline's version, or None for the latest at each run; ``told`` is for people.
    """

    name: str
    pipeline: str
    version: str | None
    experiment: str
    cron: str | None
    seconds: int | None
    parameters: Mapping[str, Any]
    service_account: str | None
    told: str
    enabled: bool = True

    @property
    def digest(self) -> str:
        """What decides whether one that there is must be replaced; whether it is paused can be changed in place."""
        said = {name: value for name, value in vars(self).items() if name not in ("enabled", "told")}
        return digest_of(said)

    def description(self, group: str) -> str:
        """The description that Kubeflow shows, with the mark by which it is known again."""
        return f"{self.told}\n\nheadstart: group={group} digest={self.digest}"


@dataclass(frozen=True)
class Found:
    """A recurring run that there is. ``group`` and ``digest`` are those of its mark, empty where it has none."""

    id: str
    name: str
    enabled: bool
    description: str = ""

    @property
    def group(self) -> str:
        """Whose it is; empty where we did not make it."""
        mark = _MARK.search(self.description)
        return mark[1] if mark else ""

    @property
    def digest(self) -> str:
        """What it was made from; empty where we did not make it."""
        mark = _MARK.search(self.description)
        return mark[2] if mark else ""


@dataclass(frozen=True)
class Change:
    """One thing to do: ``create`` has the recurring run, the others the id of one."""

    what: Literal["create", "resume", "pause", "delete"]
    name: str
    why: str
    id: str = ""
    recurring: Recurring | None = None


def plan(wanted: Sequence[Recurring], found: Sequence[Found], group: str) -> tuple[Change, ...]:
    """What has to be done, in this order: first what is new, last what goes.

    Args:
        wanted: The schedules, each name once.
        found: All recurring runs that there are; those of other groups, and those of nobody, stay as they are.
        group: Whose the wanted ones are.
    """
    mine = [each for each in found if each.group == group]
    changes = [change for each in wanted for change in _for(each, [old for old in mine if old.name == each.name])]
    names = {each.name for each in wanted}
    changes += [
        Change("delete", each.name, "it is not in the file", each.id) for each in mine if each.name not in names
    ]
    order = ("create", "resume", "pause", "delete")
    return tuple(sorted(changes, key=lambda change: order.index(change.what)))


def _for(wanted: Recurring, there: Sequence[Found]) -> Iterator[Change]:
    fitting = [each for each in there if each.digest == wanted.digest]
    kept = min(fitting, key=lambda each: (each.enabled != wanted.enabled, each.id), default=None)
    if kept is None:
        why = "it says something else" if there else "there is none"
        yield Change("create", wanted.name, why, recurring=wanted)
    elif kept.enabled != wanted.enabled:
        what: Literal["resume", "pause"] = "resume" if wanted.enabled else "pause"
        yield Change(what, wanted.name, f"the file says paused: {str(not wanted.enabled).lower()}", kept.id)
    for each in there:
        if each is not kept:
            why = "there are two of it" if kept is not None else "it is replaced"
            yield Change("delete", each.name, why, each.id)
