"""OpenLineage: a START and a COMPLETE or FAIL event for each step, with the values that went in and came out.

Values are datasets named by where they are stored, as OpenLineage names files and objects; a backbone, which is stored
in a list of candidates, as if it were stored by itself. The job of a step is
``<model>.<step>``; the parent of its run is the run of the spec in its workspace, the same in every pod.

The service is told as far as it listens: a run never fails for it. After the first event that it did not take, a
run tells it no more.
"""

import contextlib
import logging
import os
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from openlineage.client import OpenLineageClient
from openlineage.client.event_v2 import InputDataset, Job, OutputDataset, Run, RunEvent, RunState
from openlineage.client.facet_v2 import (
    DatasetFacet,
    OutputDatasetFacet,
    RunFacet,
    dataset_version_dataset,
    documentation_dataset,
    error_message_run,
    job_type_job,
    output_statistics_output_dataset,
    parent_run,
    processing_engine_run,
    set_producer,
    tags_run,
)
from openlineage.client.uuid import generate_new_uuid

from headstart.backbone import Backbones
from headstart.dataset import Dataset
from headstart.errors import HeadstartError
from headstart.origin import run_folder, run_id
from headstart.registry import Version
from headstart.registry.record import version_key
from headstart.spec import SPLITS, Spec
from headstart.values import Value
from headstart.version import __version__
from headstart.workspace import record_key

PRODUCER = f"urn:headstart:{__version__}"
set_producer(PRODUCER)  # of facets, too
_log = logging.getLogger(__name__)


class OpenLineage:
    """Tells the service that the environment names.

    Args:
        spec: The run's spec.
    """

    def __init__(self, spec: Spec) -> None:
        self._spec = spec
        self._namespace = os.environ.get("OPENLINEAGE_NAMESPACE") or "default"
        self._client = OpenLineageClient()
        self._listens = True

    @contextlib.contextmanager
    def working(self, step: str, inputs: Sequence[Value]) -> Iterator[Callable[[Value], None]]:
        """Tell of a step that begins, and of what came of it."""
        run = str(generate_new_uuid())
        read = [
            *self._outside(step),
            *(InputDataset(*self._place(each), facets=_facets(each)) for each in _singly(inputs)),
        ]
        made: list[Value] = []
        self._tell(step, RunState.START, run, read)
        try:
            yield made.append
        except BaseException as error:
            self._tell(step, RunState.FAIL, run, read, facets={"errorMessage": _failure(error)})
            raise
        written = [
            OutputDataset(*self._place(each), facets=_facets(each), outputFacets=_statistics(each))
            for each in _singly(made)
        ]
        self._tell(step, RunState.COMPLETE, run, read, written)

    def _tell(
        self,
        step: str,
        state: RunState,
        run: str,
        inputs: list[InputDataset],
        outputs: Sequence[OutputDataset] = (),
        facets: dict[str, RunFacet] | None = None,
    ) -> None:
        spec = self._spec
        parent = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{spec.workspace}/{run_folder(spec)}"))
        common: dict[str, RunFacet] = {
            "parent": parent_run.ParentRunFacet(
                run=parent_run.Run(runId=parent), job=parent_run.Job(namespace=self._namespace, name=spec.name)
            ),
            # The id that logs, the registry's lineage and metrics have; OpenLineage's own is a UUID.
            "tags": tags_run.TagsRunFacet(
                tags=[tags_run.TagsRunFacetFields(key="headstart_run", value=run_id(spec), source="HEADSTART")]
            ),
            "processing_engine": processing_engine_run.ProcessingEngineRunFacet(version=__version__, name="Headstart"),
        }
        kind = job_type_job.JobTypeJobFacet(processingType="BATCH", integration="HEADSTART", jobType="STEP")
        event = RunEvent(
            eventType=state,
            eventTime=datetime.now(UTC).isoformat(),
            run=Run(runId=run, facets=common | (facets or {})),
            job=Job(namespace=self._namespace, name=f"{spec.name}.{step}", facets={"jobType": kind}),
            inputs=inputs,
            outputs=list(outputs),
            producer=PRODUCER,
        )
        if not self._listens:
            return
        try:
            self._client.emit(event)
        except Exception as error:  # whatever it is, it is the service's trouble and not the run's
            self._listens = False
            _log.warning("OpenLineage did not take an event, and is told no more of this run: %s", error)

    def _outside(self, step: str) -> list[InputDataset]:
        """What a step reads that is no value: the export, or pretrained models."""
        named = {
            "import_labels": [source for source, _ in self._spec.data.sources()],
            "fetch_backbone": list(self._spec.backbones),
        }
        return [InputDataset(*_named(each)) for each in named.get(step, ())]

    def _place(self, value: Value) -> tuple[str, str]:
        if isinstance(value, Version):
            return _named(f"{self._spec.registry.uri}/{version_key(value.name, value.version)}")
        return _named(f"{self._spec.workspace}/{record_key(value.kind, value.digest)}")


def _singly(values: Iterable[Value]) -> list[Value]:
    """The values, each candidate for a backbone as one of its own: later steps read one of them."""
    return [one for each in values for one in (each.candidates if isinstance(each, Backbones) else (each,))]


def _named(place: str) -> tuple[str, str]:
    """Namespace and name of a path, a URI, or a model on the hub (``org/model``)."""
    parts = urlsplit(place)
    if "://" in place:
        return f"{parts.scheme}://{parts.netloc}", parts.path.lstrip("/") or "/"
    if place.startswith("package:"):
        return "pypi", place.removeprefix("package:")
    if place.startswith(("/", ".", "~")):
        return "file", str(Path(place).expanduser())
    return "hf://models", place


def _facets(value: Value) -> dict[str, DatasetFacet]:
    return {
        "version": dataset_version_dataset.DatasetVersionDatasetFacet(datasetVersion=value.identity),
        "documentation": documentation_dataset.DocumentationDatasetFacet(description=value.summary()),
    }


def _statistics(value: Value) -> dict[str, OutputDatasetFacet]:
    if not isinstance(value, Dataset):
        return {}
    rows = sum(value.rows(split) for split in SPLITS)
    return {"outputStatistics": output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet(rowCount=rows)}


def _failure(error: BaseException) -> RunFacet:
    said = str(error) if isinstance(error, HeadstartError) else type(error).__name__
    return error_message_run.ErrorMessageRunFacet(message=said, programmingLanguage="PYTHON")
