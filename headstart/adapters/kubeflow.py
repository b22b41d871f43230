"""The API of Kubeflow Pipelines, through kfp's own client: pipelines, their versions, recurring runs and runs."""

import contextlib
import json
import logging
import os
import tempfile
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from headstart.errors import HeadstartError, UsageError
from headstart.hush import hushed
from headstart.schedules.plan import Change, Found, Recurring

_PAGE = 100
_NEVER = 1970  # the year of a time that the API has not set
_TOKEN_PATH = "KF_PIPELINES_SA_TOKEN_PATH"  # noqa: S105 (a variable of kfp's that names a file)


@dataclass(frozen=True)
class Started:
    """A run that was started: its id, and the name that the UI shows."""

    id: str
    name: str


@dataclass(frozen=True)
class Run:
    """A run as the API says it. Times are ISO 8601, or empty; ``tasks`` are the states of its tasks as they changed."""

    id: str
    name: str
    description: str
    state: str
    error: str
    created: str
    finished: str
    tasks: tuple[tuple[str, str, str], ...]


class Kubeflow:
    """One installation, as one user sees it.

    Args:
        endpoint: The address of the API; by default what ``KF_PIPELINES_ENDPOINT`` says, or the cluster that this
            process runs in. Where ``KF_PIPELINES_SA_TOKEN_PATH`` names a file, the token in it is sent along.
        namespace: The profile's namespace, where there are several users.

    Raises:
        HeadstartError: It cannot be reached.
    """

    def __init__(self, endpoint: str | None = None, namespace: str | None = None) -> None:
        self._namespace = namespace
        self._where = endpoint or os.environ.get("KF_PIPELINES_ENDPOINT") or "the cluster"
        warnings.filterwarnings("ignore", module=r"kfp\.client")  # for good: to undo it is not safe among threads
        with self._asking():
            import kfp
            from kfp.client import ServiceAccountTokenVolumeCredentials

            credentials = ServiceAccountTokenVolumeCredentials() if os.environ.get(_TOKEN_PATH) else None
            self._client: Any = kfp.Client(host=endpoint, credentials=credentials)

    def recurring_runs(self) -> list[Found]:
        """All recurring runs of the namespace."""
        return [_found(each) for each in self._pages(self._client.list_recurring_runs, "recurring_runs", self._scope())]

    def pipeline(self, name: str) -> str:
        """The id of a pipeline.

        Raises:
            UsageError: There is none of this name.
        """
        found = self.find_pipeline(name)
        if found is None:
            remedy = "Upload it: headstart pipelines upload."
            raise UsageError("kubeflow/not-found", f"there is no pipeline {name!r}.", remedy=remedy, where=self._where)
        return found

    def find_pipeline(self, name: str) -> str | None:
        """The id of a pipeline, if there is one of this name: the namespace's own before one that all share."""
        named = {"predicates": [{"operation": "EQUALS", "key": "display_name", "stringValue": name}]}
        for scope in ([self._scope()] if self._namespace else []) + [{}]:
            found = self._pages(self._client.list_pipelines, "pipelines", scope | {"filter": json.dumps(named)})
            first = next(iter(found), None)
            if first is not None:
                return str(first.pipeline_id)
        return None

    def versions(self, pipeline: str) -> dict[str, str]:
        """The ids of a pipeline's versions by name, newest first."""
        listed = self._pages(
            self._client.list_pipeline_versions,
            "pipeline_versions",
            {"pipeline_id": pipeline, "sort_by": "created_at desc"},
        )
        return {each.display_name: each.pipeline_version_id for each in listed}

    def version(self, pipeline: str, name: str) -> str:
        """The id of a pipeline's version.

        Raises:
            UsageError: There is none of this name.
        """
        versions = self.versions(pipeline)
        if name not in versions:
            remedy = f"Versions: {', '.join(list(versions)[:5]) or 'none'}."
            raise UsageError("kubeflow/not-found", f"there is no version {name!r}.", remedy=remedy, where=self._where)
        return versions[name]

    def find_experiment(self, name: str) -> str | None:
        """The id of an experiment, if there is one of this name."""
        with self._asking(), contextlib.suppress(ValueError):  # kfp's way to say that there is none
            return str(self._client.get_experiment(experiment_name=name, namespace=self._namespace).experiment_id)
        return None

    def experiment(self, name: str) -> str:
        """The id of an experiment, which is made if there is none."""
        with self._asking():
            return str(self._client.create_experiment(name, namespace=self._namespace).experiment_id)

    def perform(self, change: Change, group: str) -> None:
        """Do one thing of a plan."""
        recurring = self._client.recurring_runs
        with self._asking():
            if change.recurring is not None:
                body = self._body(change.recurring, group)
                recurring.recurring_run_service_create_recurring_run(recurring_run=body)
            elif change.what == "resume":
                self._client.enable_recurring_run(change.id)
            elif change.what == "pause":
                self._client.disable_recurring_run(change.id)
            else:
                self._client.disable_recurring_run(change.id)  # nothing starts while it goes
                # Its running runs would go with it.
                recurring.recurring_run_service_delete_recurring_run(change.id, propagation_policy="ORPHAN")

    def describe(self, id_: str) -> dict[str, Any]:
        """A recurring run as the API says it, as JSON data."""
        with self._asking():
            said: dict[str, Any] = self._client.get_recurring_run(id_).to_dict()
        return {key: value for key, value in said.items() if value is not None}

    def run(self, id_: str) -> Started:
        """Start a run as a recurring run would, now."""
        models = self._client.api_models
        with self._asking():
            said = self._client.get_recurring_run(id_)
            body = models.V2beta1Run(
                experiment_id=said.experiment_id,
                display_name=f"{said.display_name} by hand",
                pipeline_version_reference=said.pipeline_version_reference,
                runtime_config=said.runtime_config,
                service_account=said.service_account,
            )
            made = self._client.runs.run_service_create_run(run=body)
        return Started(str(made.run_id), str(made.display_name))

    def start(self, experiment: str, pipeline: str, name: str, description: str, parameters: dict[str, Any]) -> None:
        """Start a run of the latest version of a pipeline, both given by their ids."""
        models = self._client.api_models
        body = models.V2beta1Run(
            experiment_id=experiment,
            display_name=name,
            description=description,
            pipeline_version_reference=models.V2beta1PipelineVersionReference(pipeline_id=pipeline),
            runtime_config=models.V2beta1RuntimeConfig(parameters=parameters),
        )
        with self._asking():
            self._client.runs.run_service_create_run(run=body)

    def runs(self, experiment: str, name: str = "") -> list[Run]:
        """The runs of an experiment, the oldest first; those of one name, or all."""
        named = {"predicates": [{"operation": "EQUALS", "key": "display_name", "stringValue": name}]}
        given = self._scope() | {"experiment_id": experiment, "sort_by": "created_at asc"}
        given |= {"filter": json.dumps(named)} if name else {}
        return [_run(each) for each in self._pages(self._client.list_runs, "runs", given)]

    def details(self, id_: str) -> Run:
        """A run with its tasks."""
        with self._asking():
            return _run(self._client.get_run(id_))

    def terminate(self, id_: str) -> None:
        """Have a run ended."""
        with self._asking():
            self._client.terminate_run(id_)

    def create_pipeline(self, name: str, description: str) -> str:
        """Make a pipeline without versions; gives its id."""
        body = self._client.api_models.V2beta1Pipeline(
            display_name=name, name=name, description=description, namespace=self._namespace
        )
        with self._asking():
            return str(self._client.pipelines.pipeline_service_create_pipeline(pipeline=body).pipeline_id)

    def upload_version(self, pipeline: str, name: str, text: str) -> None:
        """Make a version of a pipeline from its intermediate representation."""
        with self._asking(), tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "pipeline.yaml"
            path.write_text(text, encoding="utf-8")
            self._client.upload_pipeline_version(str(path), pipeline_version_name=name, pipeline_id=pipeline)

    def _scope(self) -> dict[str, str]:
        return {"namespace": self._namespace} if self._namespace else {}

    def _pages(self, call: Callable[..., Any], field: str, arguments: dict[str, str]) -> Iterator[Any]:
        token = ""
        while True:
            with self._asking():
                page = call(page_size=_PAGE, page_token=token, **arguments)
            yield from getattr(page, field) or ()
            token = page.next_page_token or ""
            if not token:
                return

    def _body(self, recurring: Recurring, group: str) -> Any:
        # kfp's own create_recurring_run refuses a pipeline without a version, which means the latest one.
        models = self._client.api_models
        trigger = (
            models.V2beta1Trigger(cron_schedule=models.V2beta1CronSchedule(cron=recurring.cron))
            if recurring.cron
            else models.V2beta1Trigger(
                periodic_schedule=models.V2beta1PeriodicSchedule(interval_second=str(recurring.seconds))
            )
        )
        return models.V2beta1RecurringRun(
            display_name=recurring.name,
            description=recurring.description(group),
            experiment_id=recurring.experiment,
            pipeline_version_reference=models.V2beta1PipelineVersionReference(
                pipeline_id=recurring.pipeline, pipeline_version_id=recurring.version
            ),
            runtime_config=models.V2beta1RuntimeConfig(parameters=dict(recurring.parameters)),
            service_account=recurring.service_account,
            max_concurrency="1",
            no_catchup=True,
            trigger=trigger,
            mode="ENABLE" if recurring.enabled else "DISABLE",
            namespace=self._namespace,
        )

    @contextlib.contextmanager
    def _asking(self) -> Iterator[None]:
        """Say what goes wrong in our words, and leave unsaid what the client prints: links into a UI."""
        import kfp_server_api
        from urllib3.exceptions import HTTPError

        logging.getLogger("urllib3.connectionpool").setLevel(logging.ERROR)
        try:
            with hushed():
                yield
        except kfp_server_api.ApiException as error:
            remedy = "Check the names, and that you may do this in the namespace."
            problem = f"it answered {error.status} {error.reason}: {_told(error)}"
            raise HeadstartError("kubeflow/refused", problem, remedy=remedy, where=self._where) from None
        except (HTTPError, OSError) as error:
            problem = f"it cannot be reached: {_why(error)}."
            remedy = "Check the endpoint, KF_PIPELINES_ENDPOINT, and that the API's port is forwarded."
            raise HeadstartError("kubeflow/unreachable", problem, remedy=remedy, where=self._where) from None


def _found(said: Any) -> Found:
    return Found(
        id=said.recurring_run_id,
        name=said.display_name,
        enabled=said.mode == "ENABLE" if said.mode else said.status == "ENABLED",
        description=said.description or "",
    )


def _run(said: Any) -> Run:
    changes = [
        (_at(change.update_time), task.display_name or "", change.state or "")
        for task in (said.run_details.task_details or () if said.run_details else ())
        for change in task.state_history or ()
    ]
    return Run(
        id=said.run_id,
        name=said.display_name or "",
        description=said.description or "",
        state=said.state or "",
        error=(said.error.message or "") if said.error else "",
        created=_at(said.created_at),
        finished=_at(said.finished_at) if said.finished_at and said.finished_at.year > _NEVER else "",
        tasks=tuple(sorted(changes)),
    )


def _at(time: Any) -> str:
    return "" if time is None else str(time.isoformat())


def _why(error: BaseException) -> str:
    """The system's word for a failure of the network, which libraries wrap in errors of their own."""
    inner: object = error
    while isinstance(inner, BaseException):
        if isinstance(inner, OSError) and inner.strerror:
            return inner.strerror
        inner = getattr(inner, "reason", None) or inner.__cause__ or inner.__context__
    return type(error).__name__


def _told(error: Any) -> str:
    """The first words of what the API says."""
    body = str(error.body or "").strip()
    return f"{body.splitlines()[0][:300]}" if body else "no reason."
