"""Context.once: what was made is found, what is asked for anew is made, and the first of two counts."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

import pytest

from headstart import context
from headstart.compute import InlineCompute, Report
from headstart.context import Context
from headstart.errors import ComputeError, IntegrityError
from headstart.stores.local import LocalStore
from headstart.stores.memory import MemoryStore
from headstart.values import Value
from headstart.workspace import Workspace
from tests.support.wrapped_store import InterruptedStore


class Number(Value):
    kind: ClassVar[str] = "number"
    n: int

    def summary(self) -> str:
        return f"the number {self.n}"


class Parity(Value):
    """Later steps see only whether it is odd."""

    kind: ClassVar[str] = "parity"
    n: int

    @property
    def identity(self) -> str:
        return f"parity {self.n % 2}"


@dataclass
class Heard:
    """A progress that remembers what it was told."""

    told: list[tuple[object, ...]] = field(default_factory=list)

    def started(self, step: str) -> None:
        self.told.append(("started", step))

    def advanced(self, step: str, done: float, total: float, note: str) -> None:
        self.told.append(("advanced", step, done, total, note))

    def finished(self, step: str, summary: str, seconds: float, reused: bool) -> None:
        self.told.append(("finished", step, summary, reused))


@dataclass
class Making:
    """Makes numbers, and counts how often."""

    n: int = 1
    times: int = 0

    def __call__(self, report: Report) -> Number:
        self.times += 1
        return Number(n=self.n)


@pytest.fixture
def workspace() -> Workspace:
    return Workspace(MemoryStore())


@pytest.fixture
def on(workspace: Workspace) -> Context:
    return Context(workspace, InlineCompute())


def test_a_step_is_made_once(on: Context) -> None:
    make = Making()
    assert on.once("count", Number, ["a"], make) == Number(n=1)
    assert on.once("count", Number, ["a"], make) == Number(n=1)
    assert make.times == 1


def test_another_process_with_the_same_workspace_finds_it(tmp_path: Path) -> None:
    make = Making()
    for _ in range(2):
        Context(Workspace(LocalStore(tmp_path)), InlineCompute()).once("count", Number, ["a"], make)
    assert make.times == 1


@pytest.mark.parametrize("inputs", [["b"], ["a", "a"], [], [{"a": 1}], [1], [Number(n=1)]])
def test_other_inputs_make_another_result(on: Context, inputs: list[object]) -> None:
    make = Making()
    on.once("count", Number, ["a"], make)
    on.once("count", Number, inputs, make)
    assert make.times == 2


def test_another_step_makes_another_result(on: Context) -> None:
    make = Making()
    on.once("count", Number, ["a"], make)
    on.once("recount", Number, ["a"], make)
    assert make.times == 2


def test_other_code_makes_another_result(on: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    make = Making()
    on.once("count", Number, ["a"], make)
    monkeypatch.setattr(context, "code_digest", lambda: "other code")
    on.once("count", Number, ["a"], make)
    assert make.times == 2


def test_a_value_is_known_by_its_identity_not_by_its_record(on: Context) -> None:
    make = Making()
    on.once("count", Number, [Parity(n=1)], make)
    on.once("count", Number, [Parity(n=3)], make)
    assert make.times == 1
    on.once("count", Number, [Parity(n=2)], make)
    assert make.times == 2


def test_a_step_that_fails_leaves_nothing_and_runs_again(on: Context) -> None:
    def fail(report: Report) -> Number:
        raise ComputeError("compute/failed", "no.", remedy="x.")

    with pytest.raises(ComputeError):
        on.once("count", Number, ["a"], fail)
    assert list(on.workspace.store.list("")) == []
    assert on.receipts == {}
    assert on.once("count", Number, ["a"], Making()) == Number(n=1)


def test_a_result_that_no_longer_stands_is_made_anew_and_kept(on: Context) -> None:
    on.once("count", Number, ["a"], Making(1))
    assert on.once("count", Number, ["a"], Making(2), holds=lambda value: value.n != 1) == Number(n=2)
    assert on.once("count", Number, ["a"], Making(3)) == Number(n=2)


def test_whether_it_stands_is_asked_only_of_what_was_found(on: Context) -> None:
    asked: list[int] = []

    def holds(value: Number) -> bool:
        asked.append(value.n)
        return True

    on.once("count", Number, ["a"], Making(1), holds)
    assert asked == []
    on.once("count", Number, ["a"], Making(2), holds)
    assert asked == [1]


def test_where_another_process_was_first_its_result_counts() -> None:
    plain = MemoryStore()

    def rival() -> None:
        Context(Workspace(plain), InlineCompute()).once("count", Number, ["a"], Making(7))

    on = Context(Workspace(InterruptedStore(plain, "create", "steps/", rival)), InlineCompute())
    assert on.once("count", Number, ["a"], Making(8)) == Number(n=7)
    assert on.receipts["count"].digest == Number(n=7).digest


def test_the_receipt_says_what_came_of_what(on: Context) -> None:
    value = on.once("count", Number, [Number(n=5), "a"], Making())
    receipt = on.receipts["count"]
    assert (receipt.step, receipt.kind, receipt.digest) == ("count", "number", value.digest)
    assert receipt.inputs[0] == Number(n=5).digest
    assert receipt.seconds >= 0
    assert receipt.finished.endswith("+00:00")


def test_a_found_result_has_the_receipt_of_when_it_was_made(on: Context) -> None:
    on.once("count", Number, ["a"], Making())
    later = Context(on.workspace, InlineCompute())
    later.once("count", Number, ["a"], Making())
    assert later.receipts == on.receipts


def test_progress_hears_of_the_work_and_then_that_it_was_reused(workspace: Workspace) -> None:
    def make(report: Report) -> Number:
        report(1, 2, "half")
        return Number(n=1)

    heard = Heard()
    on = Context(workspace, InlineCompute(), heard)
    for _ in range(2):
        on.once("count", Number, ["a"], make)
    assert heard.told == [
        ("started", "count"),
        ("advanced", "count", 1, 2, "half"),
        ("finished", "count", "the number 1", False),
        ("finished", "count", "the number 1", True),
    ]


def test_a_damaged_result_is_not_returned(on: Context) -> None:
    value = on.once("count", Number, ["a"], Making())
    on.workspace.store.put(f"values/number/{value.digest}.json", b'{"n":2}')
    with pytest.raises(IntegrityError):
        on.once("count", Number, ["a"], Making())


@pytest.mark.parametrize("prefix", ["values/", "steps/"])
def test_what_was_deleted_is_made_again(on: Context, prefix: str) -> None:
    # The remedy that errors name: "delete them to have them made again".
    value = on.once("count", Number, ["a"], Making())
    for info in list(on.workspace.store.list(prefix)):
        on.workspace.store.delete(info.key)
    assert on.once("count", Number, ["a"], Making()) == value


def test_a_step_that_was_killed_before_its_receipt_runs_again(on: Context) -> None:
    on.workspace.save(Number(n=1))
    make = Making()
    on.once("count", Number, ["a"], make)
    assert make.times == 1
