"""Comparing the tensors of two models, one at a time, by what their safetensors files hold."""

import math
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict
from safetensors import SafetensorError, safe_open

from headstart.blobs import File
from headstart.errors import IntegrityError

_SUFFIX = ".safetensors"


class Shape(BaseModel):
    """A tensor's sizes and element type, as safetensors names it (``F32``)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    dtype: str
    sizes: tuple[int, ...]

    def __str__(self) -> str:
        return f"{self.dtype} [{', '.join(map(str, self.sizes))}]"


class TensorChange(BaseModel):
    """A tensor in each model, as far as it is there.

    ``change`` is the Euclidean norm of the difference over the norm before; None where the sizes differ, the tensor was
    zero or is not finite.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    before: Shape | None
    after: Shape | None
    change: float | None


class TensorDifference(BaseModel):
    """The tensors that differ, and how many do not; those in ``same_files`` were not even read."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    changed: tuple[TensorChange, ...]
    equal: int
    same_files: tuple[str, ...]


def compare(before: Iterable[File], after: Iterable[File], fetch: Callable[[File], Path]) -> TensorDifference:
    """Compare the tensors of two models by name.

    Files that both have are equal and are not fetched. Memory holds two tensors at a time.

    Args:
        before: One model's files.
        after: The other's.
        fetch: Gives a file's verified bytes as a local file.

    Raises:
        IntegrityError: A file is no safetensors file.
    """
    old = [file for file in before if file.path.endswith(_SUFFIX)]
    new = [file for file in after if file.path.endswith(_SUFFIX)]
    shared = {file.sha256 for file in old} & {file.sha256 for file in new}
    mine = _tensors([file for file in old if file.sha256 not in shared], fetch)
    theirs = _tensors([file for file in new if file.sha256 not in shared], fetch)
    found = [_compared(name, mine.get(name), theirs.get(name)) for name in sorted({*mine, *theirs})]
    changed = tuple(each for each in found if each.before != each.after or each.change != 0.0)
    same = tuple(file.path for file in new if file.sha256 in shared)
    return TensorDifference(changed=changed, equal=len(found) - len(changed), same_files=same)


def _tensors(files: Iterable[File], fetch: Callable[[File], Path]) -> dict[str, Any]:
    """The open file that holds each tensor, by the tensor's name."""
    found: dict[str, Any] = {}
    for file in files:
        path = fetch(file)
        try:
            opened: Any = safe_open(path, framework="pt")
        except SafetensorError:
            remedy = "Publish the model again from a whole file."
            raise IntegrityError(
                "integrity/record", "not a safetensors file.", remedy=remedy, where=file.path
            ) from None
        found |= dict.fromkeys(opened.keys(), opened)
    return found


def _compared(name: str, before: Any, after: Any) -> TensorChange:
    shapes = [_shape(each.get_slice(name)) if each else None for each in (before, after)]
    change = None
    if before and after and shapes[0] and shapes[1] and shapes[0].sizes == shapes[1].sizes:
        change = _change(before.get_tensor(name), after.get_tensor(name))
    return TensorChange(name=name, before=shapes[0], after=shapes[1], change=change)


def _shape(tensor: Any) -> Shape:
    return Shape(dtype=tensor.get_dtype(), sizes=tuple(tensor.get_shape()))


def _change(before: Any, after: Any) -> float | None:
    """The relative norm of the difference of two torch tensors of equal sizes, in double precision."""
    import torch

    if before.dtype == after.dtype and torch.equal(before, after):
        return 0.0
    old = before.double()
    norm = float(torch.linalg.vector_norm(old))
    change = float(torch.linalg.vector_norm(after.double() - old)) / norm if norm else math.nan
    return change if math.isfinite(change) else None
