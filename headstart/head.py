"""Head: the winner of the search on frozen features, as tensors that a model can start from."""

import tempfile
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np
from safetensors.numpy import load_file, save_file

from headstart.assess import trainable
from headstart.backbone import Backbone
from headstart.blobs import File
from headstart.compute import Report
from headstart.context import Context
from headstart.dataset import Dataset
from headstart.digest import digest_of
from headstart.features import features
from headstart.heads import FAMILIES
from headstart.heads.fitted import Fitted, scaled
from headstart.search import SEED, Candidate, Trial, first_trials, folds, next_trials, try_trial, winner
from headstart.spec import Metric, SearchSpec
from headstart.values import Value
from headstart.workspace import Workspace


class Head(Value):
    """The best head: what it is, how it was chosen, and everything that was tried, best first."""

    kind: ClassVar[str] = "head"

    backbone: str
    metric: Metric
    judged_by: Literal["cross-validation", "validation"]
    chosen: Candidate
    tried: tuple[Candidate, ...]
    file: File

    @property
    def identity(self) -> str:
        """The digest of what the head computes."""
        return digest_of([self.backbone, self.chosen.layer, self.file.sha256])

    def summary(self) -> str:
        """One line for people."""
        best = self.chosen
        setting = ", ".join(f"{name} {value:.3g}" for name, value in best.setting.items())
        chosen = f"{best.family} ({setting}) on layer {best.layer}, best of {len(self.tried)}"
        return f"{chosen}: {self.metric} {best.score:.3f} by {self.judged_by}"

    def read(self, workspace: Workspace) -> Fitted:
        """The head's tensors, its outputs calibrated.

        Raises:
            IntegrityError: The file is missing or damaged.
        """
        return load_file(workspace.blobs.fetch(self.file))


def search(spec: SearchSpec, metric: Metric, dataset: Dataset, backbone: Backbone, on: Context, report: Report) -> Head:
    """Try heads on the frozen features of the training rows, and fit the best again on all of them."""
    rows, count = trainable(dataset, on), dataset.rows("train")
    stored = features(rows, backbone, on, report)
    judged_by, judging = folds(rows.targets, rows.groups, count)
    shared = {
        "features": [stored.layer(layer) for layer in range(backbone.layers + 1)],
        "targets": rows.targets,
        "labels": len(dataset.labels),
        "folds": judging,
        "metric": metric,
    }

    def try_all(trials: list[Trial]) -> list[Candidate]:
        found = on.compute.search(try_trial, trials, shared, spec.budget_seconds, report) if trials else []
        return [candidate for population in found for candidate in population]

    tried = try_all(first_trials(spec, backbone.layers))
    tried += try_all(next_trials(spec, tried))
    best = winner(tried, sum(len(judge) for _, judge in judging))
    (head,) = FAMILIES[best.family].fit(
        stored.layer(best.layer)[:count], rows.targets[:count], len(dataset.labels), [best.setting], SEED
    )
    return Head(
        backbone=backbone.identity,
        metric=metric,
        judged_by=judged_by,
        chosen=best,
        tried=tuple(sorted(tried, key=lambda each: (-each.score, each.log_loss))),
        file=_store(scaled(head, best.temperature), on.workspace),
    )


def _store(head: Fitted, workspace: Workspace) -> File:
    """Write a head's tensors to the workspace as safetensors."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "head.safetensors"
        save_file({name: np.ascontiguousarray(tensor) for name, tensor in head.items()}, path)
        return workspace.blobs.add(path, "head.safetensors")
