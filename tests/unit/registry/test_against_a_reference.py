"""The whole interface against a reference of a few lines: whatever is done in whatever order, both answer the same."""

import uuid
from collections.abc import Callable

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from headstart.blobs import Blobs
from headstart.errors import HeadstartError
from headstart.registry import Registry, catalog, references
from headstart.registry.upkeep import Retention
from headstart.stores.memory import MemoryStore
from tests.support.drafts import bytes_of, draft

pytestmark = pytest.mark.slow

MODELS = st.sampled_from(["intents", "i"])
ALIASES = st.sampled_from(["champion", "c"])
TAGS = st.sampled_from(["kept"])
NUMBERS = st.integers(min_value=1, max_value=3)
CONTENTS = st.sampled_from([b"one", b"two", b"three"])


class Reference:
    """What a registry is: contents by number, and what points at them."""

    def __init__(self) -> None:
        self.contents: dict[str, list[bytes]] = {}
        self.gone: set[tuple[str, int]] = set()
        self.stacks: dict[tuple[str, str], list[int]] = {}
        self.tags: set[tuple[str, str, int]] = set()

    def there(self, name: str) -> list[int]:
        return [n for n in range(1, len(self.contents.get(name, [])) + 1) if (name, n) not in self.gone]

    def aliases(self, name: str) -> dict[str, int]:
        return {alias: stack[-1] for (model, alias), stack in sorted(self.stacks.items()) if model == name}

    def move(self, name: str, alias: str, number: int) -> None:
        stack = self.stacks.setdefault((name, alias), [])
        if number in stack[-2:-1]:
            stack.pop()
        elif stack[-1:] != [number]:
            stack.append(number)

    def tagged(self, name: str) -> set[int]:
        return {number for model, _, number in self.tags if model == name}


class Registries(RuleBasedStateMachine):
    """A registry and its reference, to which the same is done."""

    @initialize()
    def empty(self) -> None:
        self.registry = Registry(f"memory://{uuid.uuid4().hex}")
        self.source = Blobs(MemoryStore())
        self.reference = Reference()
        self.txs: dict[str, tuple[str, int]] = {}
        for content in (b"one", b"two", b"three"):
            self.publish("intents", content)
        for number in (1, 2):
            self.move("intents", "champion", number)

    def both(self, allowed: bool, call: Callable[[], object]) -> bool:
        """Do it to the registry, which refuses it exactly where the reference does not allow it."""
        try:
            call()
        except HeadstartError:
            assert not allowed
            return False
        assert allowed
        return True

    @rule(name=MODELS, content=CONTENTS)
    def publish_one(self, name: str, content: bytes) -> None:
        self.publish(name, content)

    def publish(self, name: str, content: bytes) -> None:
        tx = uuid.uuid4().hex
        version = self.registry.publish(draft(self.source, {"model": content}, name), self.source, tx)
        self.reference.contents.setdefault(name, []).append(content)
        self.txs[tx] = (name, version.version)
        assert version.version == len(self.reference.contents[name])

    @rule(data=st.data())
    def publish_again(self, data: st.DataObject) -> None:
        if self.txs:
            tx = data.draw(st.sampled_from(sorted(self.txs)))
            name, number = self.txs[tx]
            again = draft(self.source, {"model": self.reference.contents[name][number - 1]}, name)
            assert self.registry.publish(again, self.source, tx).version == number

    @rule(name=MODELS, alias=ALIASES, number=NUMBERS)
    def move_one(self, name: str, alias: str, number: int) -> None:
        self.move(name, alias, number)

    @rule(numbers=st.permutations([1, 2, 3]))
    def move_often(self, numbers: list[int]) -> None:
        for number in numbers:
            self.move("intents", "champion", number)

    def move(self, name: str, alias: str, number: int) -> None:
        allowed = number in self.reference.there(name)
        if self.both(allowed, lambda: self.registry.move(name, alias, number, "")):
            self.reference.move(name, alias, number)

    @rule(name=MODELS, alias=ALIASES)
    def roll_back(self, name: str, alias: str) -> None:
        stack = self.reference.stacks.get((name, alias), [])
        allowed = len(stack) > 1 and (name, stack[-2]) not in self.reference.gone
        if self.both(allowed, lambda: self.registry.rollback(name, alias, "")):
            stack.pop()

    @rule(name=MODELS, number=NUMBERS, tag=TAGS, away=st.booleans())
    def tag(self, name: str, number: int, tag: str, away: bool) -> None:
        change = self.registry.untag if away else self.registry.tag
        if self.both(number in self.reference.there(name), lambda: change(name, number, tag)):
            (self.reference.tags.discard if away else self.reference.tags.add)((name, tag, number))

    @rule(name=MODELS, number=NUMBERS)
    def delete(self, name: str, number: int) -> None:
        published = number <= len(self.reference.contents.get(name, []))
        allowed = published and number not in self.reference.aliases(name).values()
        if self.both(allowed, lambda: self.registry.delete(name, [number], "")):
            self.reference.gone.add((name, number))

    @rule(name=MODELS, number=NUMBERS)
    def restore(self, name: str, number: int) -> None:
        contents = self.reference.contents.get(name, [])
        if number <= len(contents) and (name, number) in self.reference.gone:
            kept = all(
                self.registry.blobs.holds(file) for file in references.record(self.registry.store, name, number).files
            )
            if self.both(kept, lambda: self.registry.restore(name, number, "")):
                self.reference.gone.discard((name, number))

    @rule(keep=st.integers(min_value=1, max_value=3))
    def expire(self, keep: int) -> None:
        expected = {}
        for name in self.reference.contents:
            there = self.reference.there(name)
            kept = {*there[-keep:], *self.reference.aliases(name).values(), *self.reference.tagged(name)}
            if needless := [number for number in there if number not in kept]:
                expected[name] = needless
        assert self.registry.expire(Retention(keep_last=keep), apply=True) == expected
        self.reference.gone |= {(name, number) for name, numbers in expected.items() for number in numbers}

    @rule(apply=st.booleans())
    def collect(self, apply: bool) -> None:
        self.registry.collect(0, apply=apply)

    @rule()
    def write_down(self) -> None:
        catalog.snapshot(self.registry.store)

    @invariant()
    def the_same(self) -> None:
        there = {name: self.reference.there(name) for name in self.reference.contents}
        found = {name: (held.versions, held.aliases) for name, held in self.registry.catalog().items()}
        assert found == {
            name: (numbers, self.reference.aliases(name)) for name, numbers in sorted(there.items()) if numbers
        }
        for name, numbers in there.items():
            assert self.registry.versions(name) == numbers
            for number in numbers:
                content = bytes_of(self.registry.store, self.registry.get(name, number))
                assert content == {"model": self.reference.contents[name][number - 1]}
            tagged = {(name, tag, number) for tag, held in self.registry.tags(name).items() for number in held}
            assert tagged == {each for each in self.reference.tags if each[0] == name}
        assert self.registry.verify().findings == ()


TestRegistries = Registries.TestCase
TestRegistries.settings = settings(max_examples=60, stateful_step_count=30)
