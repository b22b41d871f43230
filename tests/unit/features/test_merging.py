"""Many small shards become few; no row is ever missing on the way, and nothing is computed again."""

import contextlib
import threading

import numpy as np
import pytest

from headstart.arrays import Array
from headstart.backbone import Backbone
from headstart.context import Context
from headstart.features import Features, features, merging
from headstart.features.extraction import cut
from headstart.features.shard import Halves, Part, Shard, binary
from headstart.features.shard import stored as stored_vectors
from headstart.features.space import Space
from tests.support import tiny
from tests.support.rows import Told, rows_of

pytestmark = pytest.mark.slow

TEXTS = [text for text, _ in tiny.texts(24)]
FEW = 5  # shards that are many in these tests
MANY = merging.MANY


@pytest.fixture
def nightly(on: Context, backbone: Backbone, monkeypatch: pytest.MonkeyPatch) -> Array:
    """The features of rows that came night after night, one shard each."""
    with monkeypatch.context() as patch:
        patch.setattr(merging, "MANY", 1000)
        for night in range(0, len(TEXTS), 3):
            features(rows_of(TEXTS[night : night + 3]), backbone, on)
    monkeypatch.setattr(merging, "MANY", FEW)
    return stored(on, backbone).layer(1)


def stored(on: Context, backbone: Backbone, told: Told | None = None) -> Features:
    return features(rows_of(TEXTS), backbone, on, told or Told())


def space_of(on: Context, backbone: Backbone) -> Space:
    space = Space.of(backbone, on.workspace)
    assert space.refresh() == []
    return space


def files(on: Context, folder: str) -> int:
    return len([info for info in on.workspace.store.list("features/") if f"/{folder}/" in info.key])


def test_small_shards_become_one_with_the_same_vectors(on: Context, backbone: Backbone, nightly: Array) -> None:
    assert files(on, "rows") == 8
    merging.merge(space_of(on, backbone))
    assert (files(on, "rows"), files(on, "vectors")) == (1, 3)
    told = Told()
    np.testing.assert_array_equal(stored(on, backbone, told).layer(1), nightly)
    assert told.rows == []


def test_nights_are_merged_by_the_run_that_makes_them_many(on: Context, backbone: Backbone, nightly: Array) -> None:
    features(rows_of([*TEXTS, "one more message"]), backbone, on)
    assert files(on, "rows") == 1


def test_what_one_extraction_leaves_is_not_merged_at_once() -> None:
    for rows in (1, 10_000, 1_000_000):
        small = [item for item in cut([50] * rows, 256) if len(item) < merging._SMALL]
        assert len(small) < MANY


def test_few_and_large_shards_are_left_as_they_are(
    on: Context, backbone: Backbone, nightly: Array, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("MANY", 9), ("_SMALL", 3)):
        with monkeypatch.context() as patch:
            patch.setattr(merging, name, value)
            merging.merge(space_of(on, backbone))
        assert files(on, "rows") == 8


def test_a_merged_shard_has_no_more_rows_than_a_shard_may_have(
    on: Context, backbone: Backbone, nightly: Array, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(merging, "SHARD_ROWS", 7)
    merging.merge(space := space_of(on, backbone))
    assert sorted(len(shard.ids) for shard in space.shards.values()) == [6, 6, 6, 6]


def test_a_row_that_is_stored_twice_is_kept_once(on: Context, backbone: Backbone, nightly: Array) -> None:
    space = space_of(on, backbone)
    one, other, *_ = space.shards.values()
    parts = {part: np.concatenate([vectors(space, each, part) for each in (one, other)]) for part in one.files}
    space.add(binary(b"".join([*one.ids.to_pylist(), *other.ids.to_pylist()])), parts)
    merging.merge(space)
    (merged,) = space.shards.values()
    assert len(merged.ids) == len(set(merged.ids.to_pylist())) == len(TEXTS)
    np.testing.assert_array_equal(stored(on, backbone).layer(1), nightly)


def vectors(space: Space, shard: Shard, part: Part) -> Halves:
    return stored_vectors(space.workspace.blobs.fetch(shard.files[part]))


class Killed(BaseException):
    """Nothing of ours catches it, as nothing catches a kill."""


@pytest.mark.parametrize("after", range(0, 40, 3))
def test_whenever_a_merging_is_killed_every_row_is_still_there(
    on: Context, backbone: Backbone, nightly: Array, after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    space, done = space_of(on, backbone), 0

    def counted(name: str) -> None:
        whole = getattr(space.workspace.store, name)

        def change(*what: object) -> object:
            nonlocal done
            if done == after:
                raise Killed
            done += 1
            return whole(*what)

        patch.setattr(space.workspace.store, name, change)

    with monkeypatch.context() as patch:
        counted("put")
        counted("delete")
        with contextlib.suppress(Killed):
            merging.merge(space)
    told = Told()
    np.testing.assert_array_equal(stored(on, backbone, told).layer(1), nightly)
    assert told.rows == []


def test_who_reads_while_others_merge_gets_every_row_and_computes_none(
    on: Context, backbone: Backbone, nightly: Array
) -> None:
    told = Told()
    reading = stored(on, backbone, told)  # sees the shards as they are now
    merging.merge(space_of(on, backbone))
    np.testing.assert_array_equal(reading.layer(1), nightly)
    assert told.rows == []


def test_two_who_merge_at_once_do_no_harm(on: Context, backbone: Backbone, nightly: Array) -> None:
    spaces = [space_of(on, backbone) for _ in range(2)]
    both = [threading.Thread(target=merging.merge, args=(space,)) for space in spaces]
    for each in both:
        each.start()
    for each in both:
        each.join()
    told = Told()
    np.testing.assert_array_equal(stored(on, backbone, told).layer(1), nightly)
    assert told.rows == []
    assert files(on, "rows") == 1
