"""A workspace and a backbone in it, for every test of the feature store."""

from pathlib import Path

import pytest

from headstart.backbone import Backbone, ingest
from headstart.backbone_source import locate
from headstart.compute import InlineCompute
from headstart.context import Context
from headstart.workspace import Workspace


@pytest.fixture
def on(tmp_path: Path) -> Context:
    return Context(Workspace.open(str(tmp_path / "work")), InlineCompute())


@pytest.fixture
def backbone(on: Context, tiny_backbone: Path) -> Backbone:
    return ingest(locate(str(tiny_backbone)), on.workspace)
