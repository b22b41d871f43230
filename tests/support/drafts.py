"""What a publisher brings, small enough for tests: a few files and made-up lineage."""

from collections.abc import Mapping

from headstart.blobs import Blobs
from headstart.digest import sha256
from headstart.evaluation.estimate import Estimate
from headstart.registry import Draft, Lineage, Version
from headstart.store import Store

CONTENTS: Mapping[str, bytes] = {
    "config.json": b'{"labels": 2}',
    "model.safetensors": b"weights " * 500,
    "onnx/head.safetensors": b"head",
}


def draft(source: Blobs, contents: Mapping[str, bytes] = CONTENTS, name: str = "intents") -> Draft:
    """A draft of a version with these files, which are put into ``source``."""
    return Draft(
        name=name,
        task="text-classification",
        labels=("parcel", "refund"),
        metrics={"macro_f1": Estimate(value=0.9, low=0.85, high=0.95)},
        lineage=Lineage(
            dataset="d" * 64,
            passport="e" * 64,
            rows={"train": 80, "validation": 10, "test": 10},
            backbone="b" * 64,
            backbone_source="org/tiny",
            backbone_revision="main",
            licence="mit",
            verdict="v" * 64,
            head="h" * 64,
            strategy="lp-ft",
            model="m" * 64,
            decision="c" * 64,
            spec={"name": name},
            code="s" * 64,
            headstart="0.1.0",
        ),
        files=tuple(source.add_bytes(data, path) for path, data in contents.items()),
    )


def bytes_of(store: Store, version: Version) -> dict[str, bytes]:
    """Every file of a version, verified, from the store itself: no cache helps."""
    found = {file.path: store.get(file.blob) for file in version.files}
    assert {path: data and sha256(data) for path, data in found.items()} == {
        file.path: file.sha256 for file in version.files
    }
    return {path: data for path, data in found.items() if data is not None}
