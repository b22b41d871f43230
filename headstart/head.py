"""Head: the winner of the search on frozen features, as tensors that a model can start from."""

import tempfile
from pathlib import Path
from typing import ClassVar

import numpy as np
from safetensors.numpy import load_file, save_file

from headstart.blobs import File
from headstart.digest import digest_of
from headstart.heads.fitted import Fitted
from headstart.search.candidate import Candidate
from headstart.search.judging import JudgedBy
from headstart.spec import Metric
from headstart.values import Value
from headstart.workspace import Workspace


class Head(Value):
    """The best head: what it is, how it was chosen, and everything that was tried, best first.

    ``file`` holds the winner fitted on the training rows, ``refitted`` the same fitted on training and validation rows,
    where the spec wants that. ``judged`` counts the rows that candidates were judged on. ``pass_seconds`` is what one
    forward pass of the backbone over the rows takes, where that is known. It and the seconds of candidates
    give the same search done twice two digests, but one identity.
    """

    kind: ClassVar[str] = "head"

    backbone: str
    metric: Metric
    judged_by: JudgedBy
    judged: int
    pass_seconds: float | None
    chosen: Candidate
    tried: tuple[Candidate, ...]
    file: File
    refitted: File | None

    @property
    def identity(self) -> str:
        """The digest of what the head computes."""
        files = [file.sha256 for file in (self.file, self.refitted) if file]
        return digest_of([self.backbone, self.chosen.view.model_dump(mode="json"), files])

    def summary(self) -> str:
        """One line for people."""
        best = self.chosen
        return f"{best}, best of {len(self.tried)}: {self.metric} {best.score:.3f} by {self.judged_by}"

    def read(self, workspace: Workspace, refitted: bool = False) -> Fitted:
        """The head's tensors, its outputs calibrated.

        Args:
            workspace: Where they are.
            refitted: Those that know the validation rows as well, where there are any.

        Raises:
            IntegrityError: The file is missing or damaged.
        """
        return load_file(workspace.blobs.fetch(self.refitted if refitted and self.refitted else self.file))


def store(head: Fitted, workspace: Workspace) -> File:
    """Write a head's tensors to the workspace as safetensors."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "head.safetensors"
        save_file({name: np.ascontiguousarray(tensor) for name, tensor in head.items()}, path)
        return workspace.blobs.add(path, "head.safetensors")
