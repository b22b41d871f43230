"""Features extracted by Ray workers and kept on S3 are those that this process extracts into a folder."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from headstart.adapters.ray_compute import RayCompute
from headstart.backbone import Backbone, ingest
from headstart.backbone_source import locate
from headstart.cache import cache_folder
from headstart.compute import InlineCompute, Shared
from headstart.context import Context
from headstart.digest import sha256
from headstart.features import extraction, features
from headstart.workspace import Workspace
from tests.support import tiny
from tests.support.rows import Told, rows_of

TEXTS = [text for text, _ in tiny.texts(120)]


@pytest.fixture(scope="module")
def ray() -> Iterator[RayCompute]:
    with RayCompute() as compute:
        yield compute


def opened(uri: str, backbone: Path, compute: RayCompute | None = None) -> tuple[Context, Backbone]:
    on = Context(Workspace.open(uri), compute or InlineCompute())
    return on, ingest(locate(str(backbone)), on.workspace)


def loads(item: int, shared: Shared) -> tuple[int, int]:
    """How often this worker loaded the model, and how often it had it."""
    info = extraction._loaded.cache_info()
    return info.misses, info.hits


@pytest.mark.slow
def test_workers_write_what_this_process_would_write(
    ray: RayCompute, tmp_path: Path, tiny_backbone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extraction, "_LEAST_ROWS", 20)
    on, backbone = opened(str(tmp_path / "here"), tiny_backbone)
    here = features(rows_of(TEXTS), backbone, on)
    monkeypatch.setattr(extraction, "FEW_ROWS", 0)
    monkeypatch.setattr(InlineCompute, "map", None)  # this process could not compute if it tried
    on, backbone = opened(str(tmp_path / "there"), tiny_backbone, ray)
    there = features(rows_of(TEXTS), backbone, on, told := Told())
    assert len(told.rows) == 6, "a shard each"
    for layer in range(3):
        np.testing.assert_allclose(there.layer(layer), here.layer(layer), atol=1e-3)
    workers = ray.map(loads, range(8), {}, told)
    assert all(loaded <= 1 for loaded, _ in workers), "a worker keeps the model for its next shard"
    assert sum(found for _, found in set(workers)) >= 1


def test_on_s3_one_layer_costs_the_download_of_that_layer_once(
    bucket: str, tmp_path: Path, tiny_backbone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEADSTART_CACHE", str(tmp_path / "cache"))
    on, backbone = opened(f"{bucket}/work", tiny_backbone)
    found = features(rows_of(TEXTS), backbone, on).layer(1)
    (shard,) = [info for info in on.workspace.store.list("features/") if "/rows/" in info.key]
    vectors = [info for info in on.workspace.store.list("features/") if "/vectors/" in info.key]
    cached = {path.name for path in cache_folder().rglob("*") if path.is_file()}
    assert len(cached & {info.key.rpartition("/")[2] for info in vectors}) == 1
    assert shard.key.rpartition("/")[2].removesuffix(".arrow") in cached
    again = features(rows_of(TEXTS), backbone, on, told := Told())
    assert told.rows == []
    np.testing.assert_array_equal(again.layer(1), found)


def test_on_s3_a_damaged_shard_is_computed_again(
    bucket: str, tmp_path: Path, tiny_backbone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEADSTART_CACHE", str(tmp_path / "cache"))
    on, backbone = opened(f"{bucket}/work", tiny_backbone)
    features(rows_of(TEXTS), backbone, on)
    for info in list(on.workspace.store.list("features/")):
        if "/vectors/" in info.key:
            data = bytearray(on.workspace.store.get(info.key) or b"")
            data[-1] ^= 1
            on.workspace.store.put(info.key, bytes(data))
    found = features(rows_of(TEXTS), backbone, on, told := Told())
    assert told.rows == []
    with pytest.warns(RuntimeWarning, match="damaged"):
        assert found.layer(1).shape == (120, backbone.width)
    assert set(told.rows) == {120}
    for info in on.workspace.store.list("features/"):
        if "/vectors/" in info.key:
            assert sha256(on.workspace.store.get(info.key) or b"") == info.key.rpartition("/")[2]
