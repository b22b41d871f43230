"""The feature store's size, and what a pruning removes."""

import os
import time
from pathlib import Path

import pytest

from headstart.backbone import Backbone, ingest
from headstart.backbone_source import locate
from headstart.context import Context
from headstart.errors import UsageError
from headstart.features import features, upkeep
from headstart.workspace import Workspace
from tests.support import tiny
from tests.support.rows import Told, rows_of

TEXTS = [text for text, _ in tiny.texts(20)]
DAY = 86400


@pytest.fixture
def other(on: Context, tmp_path: Path) -> Backbone:
    return ingest(locate(str(tiny.save_backbone(tmp_path / "other", layers=1))), on.workspace)


def grown_old(workspace: Workspace, backbone: Backbone, days: float) -> None:
    """Set what is stored for a backbone back in time."""
    then = time.time() - days * DAY
    for about in Path(workspace.uri).glob("features/*/about.json"):
        if backbone.identity in about.read_text():
            for path in about.parent.rglob("*"):
                os.utime(path, (then, then))


def test_what_is_stored_is_told_by_backbone(on: Context, backbone: Backbone, other: Backbone) -> None:
    assert upkeep.holdings(on.workspace) == []
    features(rows_of(TEXTS), backbone, on, layers=[0, 2])
    features(rows_of(TEXTS[:10]), backbone, on, poolings=["mean", "max"])
    features(rows_of(TEXTS[:5]), other, on)
    mine, theirs = sorted(upkeep.holdings(on.workspace), key=lambda each: -each.rows)
    assert (mine.backbone, mine.rows, mine.layers, mine.poolings) == (backbone.name, 20, (0, 1, 2), ("max", "mean"))
    assert (theirs.identity, theirs.rows, theirs.layers) == (other.identity, 5, (0, 1))
    on_disk = sum(path.stat().st_size for path in Path(on.workspace.uri, "features").rglob("*") if path.is_file())
    assert mine.bytes + theirs.bytes == on_disk


def test_pruning_removes_what_was_not_used_for_days_and_nothing_else(
    on: Context, backbone: Backbone, other: Backbone
) -> None:
    kept = features(rows_of(TEXTS), backbone, on).layer(1)
    features(rows_of(TEXTS), other, on)
    grown_old(on.workspace, other, 8)
    assert upkeep.prune(on.workspace, unused_days=9) == []
    assert [each.identity for each in upkeep.prune(on.workspace, unused_days=7)] == [other.identity]
    assert [each.identity for each in upkeep.holdings(on.workspace)] == [backbone.identity]
    again = features(rows_of(TEXTS), backbone, on, told := Told())
    assert told.rows == []
    assert (again.layer(1) == kept).all()
    features(rows_of(TEXTS), other, on, told)
    assert set(told.rows) == {20}, "what was removed is computed again"


def test_a_use_keeps_features_however_long_ago_they_were_computed(on: Context, backbone: Backbone) -> None:
    features(rows_of(TEXTS), backbone, on)
    grown_old(on.workspace, backbone, 100)
    features(rows_of(TEXTS), backbone, on)
    assert upkeep.prune(on.workspace, unused_days=7) == []


def test_pruning_by_name_removes_that_backbone_and_a_name_that_there_is_not_is_refused(
    on: Context, backbone: Backbone, other: Backbone
) -> None:
    features(rows_of(TEXTS), backbone, on)
    features(rows_of(TEXTS), other, on)
    with pytest.raises(UsageError, match=f"{backbone.name}"):
        upkeep.prune(on.workspace, backbone="no-such")
    upkeep.prune(on.workspace, backbone="other")
    assert [each.identity for each in upkeep.holdings(on.workspace)] == [backbone.identity]


def test_features_that_are_pruned_while_they_are_read_are_computed_again(on: Context, backbone: Backbone) -> None:
    found = features(rows_of(TEXTS), backbone, on, told := Told())
    expected = found.layer(1)
    upkeep.prune(on.workspace, unused_days=0)
    told.rows.clear()
    again = found.layer(1)
    assert abs(again - expected).max() < 1e-3
    assert set(told.rows) == {20}


def test_what_is_no_space_of_ours_is_left_alone(on: Context, backbone: Backbone) -> None:
    old = f"features/{'0' * 64}/{'1' * 64}.json"
    on.workspace.store.put(old, b"{}")
    features(rows_of(TEXTS), backbone, on)
    upkeep.prune(on.workspace, unused_days=0)
    assert [info.key for info in on.workspace.store.list("features/")] == [old]
