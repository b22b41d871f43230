"""The figures of a training as gauges of Ray: its nodes export them to Prometheus, from which its dashboard draws."""

from collections.abc import Mapping
from typing import Any

from headstart.compute import Hear, TrainJob

_TAGS = ("model", "training")


def gauged(job: TrainJob, hear: Hear) -> Hear:
    """What hears figures, and gives them to Ray too: ``train_loss`` becomes ``ray_headstart_train_loss``, and so on.

    Ray exports a gauge with its latest value for as long as the process lives that set it.

    Args:
        job: Says how they are tagged.
        hear: Hears them first.
    """
    from ray.util.metrics import Gauge

    tags = {"model": job.title or job.name, "training": job.name}
    gauges: dict[str, Any] = {}

    def hear_and_set(figures: Mapping[str, float]) -> None:
        hear(figures)
        for name, value in figures.items():
            if name not in gauges:
                gauges[name] = Gauge(f"headstart_{name}", "The latest of a training.", _TAGS)
            gauges[name].set(float(value), tags)

    return hear_and_set
