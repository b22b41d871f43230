"""Fixtures that every kind of test shares."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# Before anything imports torch or Ray: no downloads, quiet, and no more threads than a small machine has.
os.environ.update(
    HF_HUB_OFFLINE="1",
    RAY_USAGE_STATS_ENABLED="0",
    TOKENIZERS_PARALLELISM="false",
    OMP_NUM_THREADS="1" if "PYTEST_XDIST_WORKER" in os.environ else "2",
)

from tests.support import shared_data, tiny
from tests.support.servers import S3Server, s3_server

# The same examples in every run, however slow the machine: what fails here fails everywhere, and again.
settings.register_profile("steady", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")


@pytest.fixture(autouse=True, scope="session")
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test reads or fills the user's cache."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEADSTART_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session")
def tiny_backbone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a real, small BERT of random weights and its tokenizer."""
    return tiny.save_backbone(tmp_path_factory.mktemp("tiny-bert"))


@pytest.fixture(scope="session")
def tiny_export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A CSV of labeled texts that a bag of words can tell apart."""
    return tiny.save_export(tmp_path_factory.mktemp("export") / "messages.csv")


@pytest.fixture(scope="session")
def s3() -> Iterator[S3Server]:
    """A real S3 server over HTTP, with the environment pointing at it for the whole session."""
    with s3_server() as server:
        yield server


@pytest.fixture
def bucket(s3: S3Server) -> str:
    """A bucket of the test's own, as an ``s3://`` URI."""
    return s3.make_bucket()


@pytest.fixture(scope="session")
def banking77() -> Path:
    """The folder of Banking77's published files."""
    return shared_data.folder("banking77")
