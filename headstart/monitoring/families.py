"""The metrics that there are, and the text format in which Prometheus reads them.

https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format (version 0.0.4).
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Family(NamedTuple):
    """What is said of a metric."""

    type: Literal["gauge", "counter"]
    help: str
    labels: tuple[str, ...] = ("model",)


class Sample(NamedTuple):
    """One value of a metric, with the values of its labels in their order."""

    name: str
    labels: tuple[str, ...]
    value: float


_RUN = "of the newest work on the model: a run, or a step of a pipeline"
_STANDS = ("model", "alias")
FAMILIES: Mapping[str, Family] = MappingProxyType(
    {
        "headstart_run_info": Family("gauge", f"1; names the run and the job {_RUN}.", ("model", "run", "job")),
        "headstart_run_state": Family("gauge", f"1 for the state {_RUN}, 0 for the others.", ("model", "state")),
        "headstart_run_error": Family("gauge", f"1 where it failed; the code of the error {_RUN}.", ("model", "code")),
        "headstart_run_started_timestamp_seconds": Family("gauge", f"The start {_RUN}."),
        "headstart_run_seen_timestamp_seconds": Family("gauge", f"The last sign of life, once a minute, {_RUN}."),
        "headstart_run_queued_seconds": Family("gauge", f"From submission as a job to start, {_RUN}."),
        "headstart_run_succeeded_timestamp_seconds": Family("gauge", "When the whole job last ended well."),
        "headstart_step_seconds": Family(
            "gauge", "How long the step took when it was last done, not found.", ("model", "step")
        ),
        "headstart_step_finished_timestamp_seconds": Family(
            "gauge", "When the step last had its result, done or found.", ("model", "step")
        ),
        "headstart_gate_promoted": Family("gauge", "Whether the gate's last decision was to promote: 1 or 0."),
        "headstart_retrain_checked_timestamp_seconds": Family("gauge", "The last look whether a retraining is due."),
        "headstart_retrain_due": Family("gauge", "1 from a check that finds a reason until the retraining is done."),
        "headstart_retrain_done_timestamp_seconds": Family("gauge", "The end of the last retraining."),
        "headstart_retrainings_total": Family(
            "counter",
            "Retrainings that were done, by their first reason and whether the model was promoted.",
            ("model", "reason", "result"),
        ),
        "headstart_model_versions": Family("gauge", "How many versions the registry has, without deleted ones."),
        "headstart_alias_version": Family("gauge", "The number of the version that the alias points at.", _STANDS),
        "headstart_alias_moves_total": Family("counter", "How often the alias was moved.", _STANDS),
        "headstart_alias_moved_timestamp_seconds": Family("gauge", "When the alias was last moved.", _STANDS),
        "headstart_alias_published_timestamp_seconds": Family(
            "gauge", "When the version that the alias points at was published.", _STANDS
        ),
        "headstart_alias_score": Family(
            "gauge", "The test score of the version that the alias points at.", ("model", "alias", "metric")
        ),
        "headstart_exporter_up": Family("gauge", "Whether the store could be read: 1 or 0.", ("source",)),
        "headstart_exporter_models_left_out": Family(
            "gauge", "Models of which no more than their number of versions is told.", ("source",)
        ),
        "headstart_exporter_seconds": Family("gauge", "How long it took to read the stores.", ()),
    }
)


def text(samples: Iterable[Sample]) -> str:
    """Samples in the text format, grouped by metric as it asks for."""
    by_name: dict[str, list[Sample]] = {}
    for each in samples:
        by_name.setdefault(each.name, []).append(each)
    lines = []
    for name, family in FAMILIES.items():
        if name in by_name:
            lines += [f"# HELP {name} {family.help}", f"# TYPE {name} {family.type}"]
            lines += [_line(family, each) for each in by_name.pop(name)]
    if by_name:
        raise KeyError(f"undocumented metrics {sorted(by_name)}")
    return "".join(f"{line}\n" for line in lines)


def _line(family: Family, sample: Sample) -> str:
    pairs = ",".join(f'{name}="{_escaped(value)}"' for name, value in zip(family.labels, sample.labels, strict=True))
    return f"{sample.name}{{{pairs}}} {sample.value!r}" if pairs else f"{sample.name} {sample.value!r}"


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
