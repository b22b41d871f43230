"""Kubeflow Pipelines in memory: what its API keeps, and a scheduler that starts runs as its controller does."""

import itertools
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from cronsim import CronSim

_NOW = datetime(2026, 11, 27, tzinfo=UTC)
# What robfig/cron v1, which the controller uses, takes in a field; its Sunday is 0 and nothing else.
_CRON = re.compile(r"[\d*,/?A-Z-]+")


class Refused(Exception):  # noqa: N818
    """An answer that is no success: an HTTP status and why."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


@dataclass
class State:
    """Everything, by id, as the API's JSON. ``calls`` is what was asked, ``now`` the controller's clock."""

    pipelines: dict[str, dict[str, Any]] = field(default_factory=dict)
    versions: dict[str, dict[str, Any]] = field(default_factory=dict)
    experiments: dict[str, dict[str, Any]] = field(default_factory=dict)
    recurring: dict[str, dict[str, Any]] = field(default_factory=dict)
    runs: dict[str, dict[str, Any]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    now: datetime = _NOW
    _numbers: Callable[[], int] = field(default_factory=lambda: itertools.count(1).__next__)

    def add(self, kind: str, said: dict[str, Any]) -> dict[str, Any]:
        """Keep something new under an id of its own."""
        number = self._numbers()
        name = {"recurring": "recurring_run_id", "versions": "pipeline_version_id"}.get(kind, f"{kind[:-1]}_id")
        at = (_NOW + timedelta(seconds=number)).isoformat().replace("+00:00", "Z")
        made = said | {name: f"{kind}-{number}", "created_at": at}
        getattr(self, kind)[made[name]] = made
        return made

    def create_recurring(self, said: dict[str, Any]) -> dict[str, Any]:
        """As the API's server checks it."""
        trigger = said.get("trigger") or {}
        if not said.get("display_name"):
            raise Refused(400, "the display name is empty")
        if len(trigger) != 1:
            raise Refused(400, "exactly one trigger")
        if "cron_schedule" in trigger:
            _check_cron(trigger["cron_schedule"]["cron"])
        if not 1 <= int(said.get("max_concurrency", 0)) <= 10:
            raise Refused(400, "max_concurrency is 1 to 10")
        if said.get("experiment_id") not in self.experiments:
            raise Refused(404, "no such experiment")
        self.check_reference(said)
        enabled = said.get("mode") == "ENABLE"
        due = self.now.isoformat()
        return self.add("recurring", said | {"status": "ENABLED" if enabled else "DISABLED", "last": due})

    def check_reference(self, said: dict[str, Any]) -> None:
        """Whether the pipeline, and the version if one is named, are there."""
        reference = said.get("pipeline_version_reference") or {}
        if reference.get("pipeline_id") not in self.pipelines:
            raise Refused(404, "no such pipeline")
        version = reference.get("pipeline_version_id")
        if version is not None and self.versions.get(version, {}).get("pipeline_id") != reference["pipeline_id"]:
            raise Refused(404, "no such version")

    def start(self, said: dict[str, Any], recurring: str | None = None) -> dict[str, Any]:
        """A run; without a version it is of the pipeline's latest one."""
        self.check_reference(said)
        reference = said["pipeline_version_reference"]
        version = reference.get("pipeline_version_id") or self.newest(reference["pipeline_id"])
        return self.add("runs", said | {"recurring_run_id": recurring, "state": "RUNNING", "version": version})

    def one_run(self, id_: str) -> dict[str, Any]:
        """A run that there is."""
        if id_ not in self.runs:
            raise Refused(404, "no such run")
        return self.runs[id_]

    def terminate(self, id_: str) -> None:
        """Have a run end; its controller takes a while to do so."""
        if self.one_run(id_)["state"] not in ("PENDING", "RUNNING"):
            raise Refused(400, "the run has ended")
        self.runs[id_]["state"] = "CANCELING"

    def change(self, id_: str, state: str, task: str = "", error: str = "") -> None:
        """Let the controller move a run on, or one of its tasks."""
        run = self.one_run(id_)
        at = (self.now + timedelta(seconds=self._numbers())).isoformat().replace("+00:00", "Z")
        if not task:
            run["state"] = state
            run |= {"error": {"code": 2, "message": error}} if error else {}
            run |= {"finished_at": at} if state in ("SUCCEEDED", "FAILED", "CANCELED") else {}
            return
        tasks = run.setdefault("run_details", {}).setdefault("task_details", [])
        mine = next((each for each in tasks if each["display_name"] == task), None)
        if mine is None:
            tasks.append(mine := {"display_name": task, "state_history": []})
        mine["state_history"].append({"state": state, "update_time": at})

    def newest(self, pipeline: str) -> str:
        """The version of a pipeline that was made last."""
        mine = [each for each in self.versions.values() if each["pipeline_id"] == pipeline]
        if not mine:
            raise Refused(404, "the pipeline has no version")
        return str(max(mine, key=lambda each: each["created_at"])["pipeline_version_id"])

    def delete_recurring(self, id_: str, policy: str) -> None:
        """What it owns goes with it, unless it is orphaned: Kubernetes collects its running workflows."""
        if self.recurring.pop(id_, None) is None:
            raise Refused(404, "no such recurring run")
        if policy != "ORPHAN":
            for run in self.runs.values():
                if run["recurring_run_id"] == id_ and run["state"] == "RUNNING":
                    run["state"] = "CANCELED"

    def set_mode(self, id_: str, enabled: bool) -> None:
        """Enable or disable a recurring run."""
        if id_ not in self.recurring:
            raise Refused(404, "no such recurring run")
        self.recurring[id_] |= {
            "mode": "ENABLE" if enabled else "DISABLE",
            "status": "ENABLED" if enabled else "DISABLED",
        }

    def pass_time(self, until: datetime) -> None:
        """Let the controller look once: what is due starts, unless as many run as may; then it stays due."""
        self.now = until
        for id_, each in self.recurring.items():
            if each["status"] != "ENABLED":
                continue
            due = _due(each["trigger"], datetime.fromisoformat(each["last"]), until)
            running = sum(run["recurring_run_id"] == id_ and run["state"] == "RUNNING" for run in self.runs.values())
            if not due or running >= int(each["max_concurrency"]):
                continue
            for moment in due[-1:] if each.get("no_catchup") else due:
                self.start({key: each[key] for key in ("pipeline_version_reference", "runtime_config")}, id_)
                each["last"] = moment.isoformat()


def _due(trigger: dict[str, Any], last: datetime, until: datetime) -> list[datetime]:
    if "cron_schedule" in trigger:
        return list(
            itertools.takewhile(lambda moment: moment <= until, CronSim(trigger["cron_schedule"]["cron"], last))
        )
    step = timedelta(seconds=int(trigger["periodic_schedule"]["interval_second"]))
    return [last + step * number for number in range(1, (until - last) // step + 1)]


def _check_cron(expression: str) -> None:
    fields = expression.split()
    if len(fields) != 6 or not all(_CRON.fullmatch(each) for each in fields) or re.search(r"(?<!/)7", fields[5]):
        raise Refused(400, f"no cron expression: {expression}")


def matches(said: dict[str, Any], filtered: str) -> bool:
    """Whether something is what a list's filter asks for; the only operation that clients of these tests use is 1."""
    predicates = json.loads(filtered)["predicates"] if filtered else []
    assert all(each["operation"] in (1, "EQUALS") for each in predicates)
    return all(said.get(each["key"]) == each["stringValue"] for each in predicates)
