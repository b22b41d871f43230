"""Which RayJobs nobody waits for any more: a pure function."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from headstart.jobs.rayjob import HEARTBEAT
from headstart.jobs.raystatus import job_of


class Reaped(NamedTuple):
    """A job that is due to be deleted, and the sentence that says why. Versions tell whether it changed meanwhile."""

    name: str
    why: str
    uid: str
    version: str


def reapable(
    objects: Iterable[Mapping[str, Any]], now: datetime, silent: timedelta, keep: timedelta
) -> Iterator[Reaped]:
    """The jobs that nobody waits for: their watcher has been silent for too long, or they ended long ago.

    A job that was submitted without a watcher has no heartbeat, and goes on.

    Args:
        objects: RayJobs of ours.
        now: The time.
        silent: How old a heartbeat may be.
        keep: For how long a job that has ended is kept.
    """
    for each in objects:
        metadata = each["metadata"]
        if "deletionTimestamp" in metadata:
            continue
        job, heartbeat = job_of(each), (metadata.get("annotations") or {}).get(HEARTBEAT, "")
        ended = job.finished or (job.submitted if job.state.is_final else "")
        why = ""
        if ended and now - datetime.fromisoformat(ended) > keep:
            why = f"{job.state} since {ended}"
        elif not job.state.is_final and _older(heartbeat, now, silent):
            why = f"nobody has watched it since {heartbeat}"
        if why:
            yield Reaped(job.id, why, metadata.get("uid", ""), metadata.get("resourceVersion", ""))


def _older(time: str, now: datetime, age: timedelta) -> bool:
    try:
        return bool(time) and now - datetime.fromisoformat(time) > age
    except (ValueError, TypeError):  # no time, or one without a zone: somebody else wrote it
        return False
