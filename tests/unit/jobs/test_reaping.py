"""Which jobs on KubeRay are due to be deleted."""

from datetime import UTC, datetime, timedelta
from typing import Any

from headstart.jobs.rayjob import HEARTBEAT
from headstart.jobs.reaping import reapable
from tests.unit.jobs.test_raystatus import rayjob

NOW = datetime(2026, 11, 27, 6, 0, tzinfo=UTC)


def reaped(*objects: dict[str, Any]) -> list[str]:
    found = reapable(objects, NOW, timedelta(minutes=15), timedelta(hours=24))
    return [each.why for each in found]


def beat(minutes: int) -> dict[str, Any]:
    return {"annotations": {HEARTBEAT: (NOW - timedelta(minutes=minutes)).isoformat()}}


def test_a_job_whose_watcher_fell_silent_is_reaped() -> None:
    assert reaped(rayjob("Running", "RUNNING", **beat(16))) == ["nobody has watched it since 2026-11-27T05:44:00+00:00"]
    assert reaped(rayjob("Initializing", **beat(16)))
    assert not reaped(rayjob("Running", "RUNNING", **beat(14)))


def test_a_job_that_nobody_was_to_watch_goes_on() -> None:
    assert not reaped(rayjob("Running", "RUNNING"))
    assert not reaped(rayjob("Running", "RUNNING", annotations={HEARTBEAT: "yesterday"}))


def test_a_job_that_ended_is_kept_for_a_time() -> None:
    old, new = ({"endTime": f"2026-11-2{day}T05:30:00Z"} for day in (6, 7))
    assert reaped(rayjob("Complete", "SUCCEEDED", status=old, **beat(600))) == [
        "succeeded since 2026-11-26T05:30:00+00:00"
    ]
    assert not reaped(rayjob("Complete", "SUCCEEDED", status=new, **beat(600)))


def test_a_job_that_kuberay_refused_is_reaped_by_its_age() -> None:
    assert reaped(rayjob("ValidationFailed")) == ["failed since 2026-11-26T05:00:00+00:00"]


def test_a_job_that_is_being_deleted_is_left_to_it() -> None:
    assert not reaped(rayjob("Running", "RUNNING", deletionTimestamp="2026-11-27T05:00:00Z", **beat(600)))
