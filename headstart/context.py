"""What a step runs with: where values are kept, where work runs, and who is told."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeVar

from headstart.compute import Compute, Report
from headstart.digest import digest_of
from headstart.events import Events, Unheard
from headstart.progress import Progress, Silent
from headstart.values import Value
from headstart.version import __version__, code_digest
from headstart.workspace import Receipt, Workspace, step_key

V = TypeVar("V", bound=Value)


@dataclass(frozen=True)
class Context:
    """The surroundings of a run. ``receipts`` collects those of the steps that ran or were found.

    ``events`` hears which step worked on which values.
    """

    workspace: Workspace
    compute: Compute
    progress: Progress = field(default_factory=Silent)
    receipts: dict[str, Receipt] = field(default_factory=dict)
    events: Events = field(default_factory=Unheard)

    def once(
        self,
        step: str,
        kind: type[V],
        inputs: Sequence[object],
        make: Callable[[Report], V],
        holds: Callable[[V], bool] = lambda value: True,
    ) -> V:
        """The result of a step on these inputs: found if it was ever made in this workspace, else made and kept.

        Args:
            step: The step's name.
            kind: The kind of its result.
            inputs: All that decides the result: values, by their identity, and JSON data.
            make: Makes the result; is given a function to report progress to.
            holds: Whether a result that was found still stands in the world outside the workspace.
        """
        names = tuple(each.identity if isinstance(each, Value) else digest_of(each) for each in inputs)
        key = step_key(step, names, code_digest())
        receipt = self.workspace.receipt(step, key)
        if receipt is not None and self.workspace.has(kind, receipt.digest):
            value = self.workspace.load(kind, receipt.digest)
            if holds(value):
                return self._told(value, receipt, reused=True)
        self.progress.started(step)
        started = time.monotonic()
        with self.events.working(step, [each for each in inputs if isinstance(each, Value)]) as told:
            value = make(lambda done, total, note: self.progress.advanced(step, done, total, note))
            self.workspace.save(value)
            told(value)
        made = Receipt(
            step=step,
            kind=kind.kind,
            digest=value.digest,
            inputs=names,
            seconds=round(time.monotonic() - started, 3),
            finished=datetime.now(UTC).isoformat(timespec="seconds"),
            version=__version__,
        )
        settled = self.workspace.replace(step, key, made) if receipt else self.workspace.commit(step, key, made)
        return self._told(self.workspace.load(kind, settled.digest), settled, reused=False)

    def _told(self, value: V, receipt: Receipt, reused: bool) -> V:
        self.receipts[receipt.step] = receipt
        self.progress.finished(receipt.step, value.summary(), receipt.seconds, reused)
        return value
