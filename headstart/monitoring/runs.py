"""What a workspace tells: runs, steps and retrainings, from one record a model."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from headstart import status
from headstart.monitoring.families import Sample
from headstart.status import STATES, Status
from headstart.store import ObjectInfo, Store

MODELS = 500
"""Of so many models details are told, in either store."""
AT_ONCE = 16
_SOURCE = "workspace"


class Runs:
    """Reads the records of a workspace; those that did not change since the last time are not read again.

    Args:
        store: The workspace's.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[str, tuple[ObjectInfo, Status]] = {}

    def samples(self) -> list[Sample]:
        """All samples, from one listing and a read for each record that is new.

        Of more than :data:`MODELS` the newest are told.

        Raises:
            StoreError: The store cannot be read.
        """
        listed = [info for info in self._store.list(status.FOLDER) if info.key.endswith(".json")]
        newest = sorted(listed, key=lambda info: info.modified, reverse=True)[:MODELS]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            self._known = dict(zip((info.key for info in newest), pool.map(self._read, newest), strict=True))
        found = [sample for _, each in self._known.values() for sample in _samples(each)]
        left_out = len(listed) - len(newest)
        return [*found, Sample("headstart_exporter_models_left_out", (_SOURCE,), left_out)]

    def _read(self, info: ObjectInfo) -> tuple[ObjectInfo, Status]:
        known = self._known.get(info.key)
        if known is not None and known[0] == info:
            return known
        name = info.key.removeprefix(status.FOLDER).removesuffix(".json")
        return info, status.parse(name, self._store.get(info.key))


def _samples(found: Status) -> Iterator[Sample]:
    model = (found.name,)
    if found.started:
        yield Sample("headstart_run_info", (*model, found.run, found.job), 1)
        for state in STATES:
            yield Sample("headstart_run_state", (*model, state), int(state == found.state))
    if found.error:
        yield Sample("headstart_run_error", (*model, found.error), 1)
    yield from at("headstart_run_started_timestamp_seconds", model, found.started)
    yield from at("headstart_run_seen_timestamp_seconds", model, found.seen)
    yield from at("headstart_run_succeeded_timestamp_seconds", model, found.succeeded)
    if found.queued is not None:
        yield Sample("headstart_run_queued_seconds", model, found.queued)
    for step, each in sorted(found.steps.items()):
        yield Sample("headstart_step_seconds", (*model, step), each.seconds)
        yield from at("headstart_step_finished_timestamp_seconds", (*model, step), each.finished)
    if found.promoted is not None:
        yield Sample("headstart_gate_promoted", model, int(found.promoted))
    if found.checked:
        yield Sample("headstart_retrain_due", model, int(found.due))
    yield from at("headstart_retrain_checked_timestamp_seconds", model, found.checked)
    yield from at("headstart_retrain_done_timestamp_seconds", model, found.retrained)
    for kind, count in sorted(found.retrainings.items()):
        reason, _, result = kind.partition("/")
        yield Sample("headstart_retrainings_total", (*model, reason, result), count)


def at(name: str, labels: tuple[str, ...], time: str) -> Iterator[Sample]:
    """A sample of a time in ISO 8601, where there is one."""
    if time:
        yield Sample(name, labels, datetime.fromisoformat(time).timestamp())
