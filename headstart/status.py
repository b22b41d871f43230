"""What a workspace says of the newest work on each model: one small record a name, which monitoring reads.

``status/<name>.json`` is replaced when a run or a step begins, once a minute while it works, and when it ends. Whoever
writes last is the one that is seen: it tells how things stand, and nothing is computed from it. So it is written as
far as the store takes it, and a run never fails for it.
"""

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from headstart import origin
from headstart.digest import canonical_json
from headstart.errors import HeadstartError, StoreError
from headstart.progress import Progress
from headstart.spec import Spec
from headstart.store import Store

FOLDER = "status/"
STATES = ("running", "succeeded", "failed", "stopped")
_BEAT_SECONDS = 60.0


class StepStatus(BaseModel):
    """A step that has its result: how long it took when it was done, in seconds, and when it was last finished."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    seconds: float
    finished: str
    found: bool


class Status(BaseModel):
    """How things stand. Times are ISO 8601 in UTC, and empty where there is none.

    ``state`` is that of the newest work: a run, or one step of a pipeline; ``seen`` is its last sign of life, ``error``
    the code of what it failed for, ``queued`` the seconds from its submission as a job to its start. ``succeeded`` is
    when the whole job last ended well, ``promoted`` and ``version`` what came of it. ``checked`` is the last look
    whether a retraining is due, ``retrainings`` counts those that were done, by ``<reason>/<promoted or kept>``.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)  # an older Headstart may read what a newer one wrote

    name: str
    run: str = ""
    job: str = ""
    state: Literal["running", "succeeded", "failed", "stopped"] = "running"
    step: str = ""
    started: str = ""
    seen: str = ""
    error: str = ""
    queued: float | None = None
    steps: Mapping[str, StepStatus] = {}
    succeeded: str = ""
    promoted: bool | None = None
    version: int | None = None
    checked: str = ""
    due: bool = False
    retrained: str = ""
    retrainings: Mapping[str, int] = {}


def key(name: str) -> str:
    """Where the record of a model is."""
    return f"{FOLDER}{name}.json"


def parse(name: str, data: bytes | None) -> Status:
    """A record from its bytes; an empty one where there is none that can be read."""
    try:
        return Status.model_validate_json(data or b"")
    except ValidationError:
        return Status(name=name)


def update(store: Store, name: str, change: Callable[[Status], Mapping[str, object]]) -> None:
    """Change fields of a record, as far as the store takes it.

    Args:
        store: The workspace's.
        name: The model.
        change: Gives the fields to change, from the record as it is.
    """
    with contextlib.suppress(StoreError):
        found = parse(name, store.get(key(name)))
        changed = found.model_copy(update=dict(change(found)))
        store.put(key(name), canonical_json(changed.model_dump(mode="json")))


class Keeper:
    """Passes progress on, and keeps the record of a model meanwhile."""

    def __init__(self, store: Store, spec: Spec, told: Progress) -> None:
        self._store = store
        self._told = told
        self._last = time.monotonic()
        self._fields: dict[str, object] = {}
        self._steps: dict[str, StepStatus] = {}
        self._name = spec.name

    def started(self, step: str) -> None:
        """See :meth:`headstart.progress.Progress.started`."""
        self.write(step=step)
        self._told.started(step)

    def advanced(self, step: str, done: float, total: float, note: str) -> None:
        """See :meth:`headstart.progress.Progress.advanced`."""
        if time.monotonic() - self._last >= _BEAT_SECONDS:
            self.write(step=step)
        self._told.advanced(step, done, total, note)

    def finished(self, step: str, summary: str, seconds: float, reused: bool) -> None:
        """See :meth:`headstart.progress.Progress.finished`."""
        self._steps[step] = StepStatus(seconds=seconds, finished=now(), found=reused)
        self._told.finished(step, summary, seconds, reused)

    def decided(self, promoted: bool) -> None:
        """Note what the gate said."""
        self._fields["promoted"] = promoted

    def published(self, version: int) -> None:
        """Note what was published."""
        self._fields["version"] = version

    def write(self, **fields: object) -> None:
        """Write the record, with these fields from now on."""
        self._last = time.monotonic()
        self._fields |= fields
        steps = dict(self._steps)
        update(self._store, self._name, lambda old: self._fields | {"seen": now(), "steps": {**old.steps, **steps}})


@contextlib.contextmanager
def kept(store: Store, spec: Spec, told: Progress, whole: bool = False) -> Iterator[Keeper]:
    """Keep the record of the spec's model while the block works on it, and say how it ended.

    Args:
        store: The workspace's.
        spec: What is done.
        told: Hears of each step.
        whole: Whether the end of the block is the end of the whole job.
    """
    keeper = Keeper(store, spec, told)
    job = origin.job()
    begun = {"run": origin.run_id(spec), "job": job, "state": "running", "step": "", "error": "", "started": now()}
    keeper.write(**begun, queued=_queued(store, job))
    try:
        yield keeper
    except HeadstartError as error:
        keeper.write(state="failed", error=error.code)
        raise
    except Exception as error:
        keeper.write(state="failed", error=type(error).__name__)
        raise
    except BaseException:
        keeper.write(state="stopped")
        raise
    keeper.write(state="succeeded", **({"succeeded": now()} if whole else {}))


def now() -> str:
    """The time as records say it: ISO 8601, UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _queued(store: Store, job: str) -> float | None:
    """Seconds since the work was submitted as a job, whose spec was stored then."""
    with contextlib.suppress(StoreError):
        submitted = store.stat(f"jobs/{job}/spec.json") if job else None
        return round(max(0.0, time.time() - submitted.modified), 1) if submitted else None
    return None
