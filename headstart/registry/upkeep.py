"""Retention: which versions a rule does not keep. Nothing is deleted here; who calls it does that."""

from collections.abc import Iterable, Mapping

from pydantic import BaseModel, ConfigDict, Field

from headstart.registry import aliases, marks
from headstart.registry.record import check_name, version_number
from headstart.store import Store, store_time

_DAY = 24 * 3600.0


class Retention(BaseModel):
    """What is kept: the last versions of each model, and young ones; aliased and tagged ones always.

    ``keep_last`` counts versions, ``younger_than`` is in seconds by the store's clock.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    keep_last: int = Field(ge=1)
    younger_than: float = Field(default=0, ge=0)

    def said(self) -> str:
        """The rule in words."""
        young = f", and those younger than {self.younger_than / _DAY:g} days" if self.younger_than else ""
        return f"the last {self.keep_last}{young}, and aliased and tagged ones are kept"


def needless(
    rule: Retention,
    ages: Mapping[int, float],
    aliased: Iterable[int],
    tagged: Iterable[int],
) -> list[int]:
    """The versions of a model that a rule does not keep, oldest first.

    Args:
        rule: The rule.
        ages: The age of each version that is not deleted, in seconds, by its number.
        aliased: The versions that aliases point at.
        tagged: The versions that have a tag.
    """
    kept = {*sorted(ages)[-rule.keep_last :], *aliased, *tagged}
    return sorted(number for number, age in ages.items() if number not in kept and age >= rule.younger_than)


def needless_versions(store: Store, rule: Retention, names: Iterable[str]) -> dict[str, list[int]]:
    """The versions that a rule does not keep, by model; models of which it keeps all are left out.

    Args:
        store: The registry's store, by whose clock versions age.
        rule: The rule.
        names: The models that it is for.
    """
    now = store_time(store)
    found = {name: _needless_of(store, rule, name, now) for name in names}
    return {name: versions for name, versions in found.items() if versions}


def _needless_of(store: Store, rule: Retention, name: str, now: float) -> list[int]:
    gone = marks.deleted(store, name)
    records = ((version_number(info.key), info) for info in store.list(f"models/{check_name(name)}/versions/"))
    ages = {number: now - info.modified for number, info in records if number and number not in gone}
    tagged = {number for versions in marks.tags(store, name).values() for number in versions}
    return needless(rule, ages, aliases.pointing(store, name).values(), tagged)
