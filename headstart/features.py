"""The feature store: what the backbone makes of each text, computed once, found ever after.

A row's features depend on its text and on the backbone alone, so they are stored under both: a changed
label or split recomputes nothing, a new row costs one row, and runs that share a workspace share them.
One forward pass gives every layer.
"""

import json
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file

from headstart.arrays import Array, unit
from headstart.backbone import Backbone
from headstart.blobs import File
from headstart.dataset import Rows
from headstart.digest import canonical_json, digest_of
from headstart.workspace import Workspace

Report = Callable[[int, int], None]

REVISION = 1  # raise it when the computation changes, so that old features are not taken for new ones
TOKEN_BUDGET = 4096  # padded tokens in a batch: large enough for full speed, small enough for the cache
SHARD_ROWS = 2048  # a killed extraction loses at most these


@dataclass(frozen=True)
class Features:
    """Features of rows, in their order: ``vectors`` has shape (rows, layers + 1, width), float32."""

    ids: tuple[str, ...]
    vectors: Array

    def layer(self, number: int) -> Array:
        """The features of one layer scaled to unit length, shape (rows, width)."""
        return unit(self.vectors[:, number])


def features(
    rows: Rows, backbone: Backbone, workspace: Workspace, report: Report = lambda done, total: None
) -> Features:
    """The features of every row, from the store as far as it has them.

    Args:
        rows: The texts, named by their ids.
        backbone: The model.
        workspace: Where features are kept.
        report: Is told how many of the missing rows are done, and how many there are.
    """
    space = f"features/{digest_of([backbone.identity, REVISION])}"
    found = _load(space, set(rows.ids), workspace)
    missing = {row: text for row, text in zip(rows.ids, rows.texts, strict=True) if row not in found}
    if missing:
        found |= _extract(missing, backbone, space, workspace, report)
    return Features(rows.ids, np.stack([found[row] for row in rows.ids]))


def _load(space: str, wanted: set[str], workspace: Workspace) -> dict[str, Array]:
    found: dict[str, Array] = {}
    for info in workspace.store.list(f"{space}/"):
        entry = json.loads(workspace.store.get(info.key) or b"{}")
        if wanted.isdisjoint(entry["rows"]):
            continue
        vectors = load_file(workspace.blobs.fetch(File(**entry["file"])))["vectors"]
        found |= {row: vector for row, vector in zip(entry["rows"], vectors, strict=True) if row in wanted}
    return found


def _extract(
    missing: dict[str, str], backbone: Backbone, space: str, workspace: Workspace, report: Report
) -> dict[str, Array]:
    import torch

    from headstart.encoder import Encoder, Tokenizer, by_length, device, pad

    ids, place = list(missing), device()
    found: dict[str, Array] = {}
    unsaved: list[str] = []
    with workspace.blobs.checkout(backbone.files) as folder, torch.inference_mode():
        tokens = Tokenizer(folder, backbone.max_tokens)(list(missing.values()))
        encoder = Encoder(folder, backbone.pooling).eval().to(place)
        for batch in by_length(tokens, TOKEN_BUDGET):
            vectors = encoder.every_layer(*pad([tokens[index] for index in batch], place)).float().cpu().numpy()
            found |= {ids[index]: vector for index, vector in zip(batch, vectors, strict=True)}
            unsaved += [ids[index] for index in batch]
            report(len(found), len(ids))
            if len(unsaved) >= SHARD_ROWS or len(found) == len(ids):
                _save(space, unsaved, found, workspace)
                unsaved = []
    return found


def _save(space: str, ids: Sequence[str], found: dict[str, Array], workspace: Workspace) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "shard.safetensors"
        save_file({"vectors": np.stack([found[row] for row in ids])}, path)
        file = workspace.blobs.add(path, "vectors.safetensors")
    workspace.store.create(
        f"{space}/{file.sha256}.json", canonical_json({"file": file.model_dump(mode="json"), "rows": list(ids)})
    )
