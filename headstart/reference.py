"""What a version keeps of the rows that it was judged on, so that texts it answers later can be compared with them.

The test rows, and not those that it learned from: a tuned backbone has pulled these together, and any head is surer of
them than of new ones, so that a fresh draw of the very same kind would look drifted.
"""

from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
from safetensors.numpy import load, save

from headstart.arrays import Computed
from headstart.blobs import Blobs, File
from headstart.evaluation.drift import Seen
from headstart.values import Value
from headstart.workspace import Workspace

NAME = "headstart-reference.safetensors"
"""A version's file: features, answers and their probabilities of test rows."""


class Reference(Value):
    """The file that tells drift; of a model's test rows."""

    kind: ClassVar[str] = "reference"

    file: File

    def summary(self) -> str:
        """One line for people."""
        return f"{self.file.size / 1e3:.0f} kB of test rows to compare later texts with"


def keep(computed: Computed, workspace: Workspace) -> Reference:
    """Keep what a model, as it is published, makes of test rows; of many rows some."""
    seen = Seen.of(computed).sample()
    tensors: dict[str, npt.NDArray[Any]] = {
        "features": np.ascontiguousarray(seen.features),
        "answers": seen.answers.astype(np.int32),
        "confidence": seen.confidence,
    }
    reference = Reference(file=workspace.blobs.add_bytes(save(tensors), NAME))
    workspace.save(reference)
    return reference


def find(files: Iterable[File]) -> File | None:
    """The reference among a version's files; None where it was published without one, by an older Headstart."""
    return next((each for each in files if each.path == NAME), None)


def read(file: File, blobs: Blobs) -> Seen:
    """What the model made of the rows.

    Raises:
        IntegrityError: The file is missing or damaged.
    """
    tensors = load(blobs.read(file))
    return Seen(tensors["features"], tensors["answers"].astype(np.int64), tensors["confidence"])
