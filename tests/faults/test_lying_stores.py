"""Stores that cannot keep the promise of a commit are refused by name, before anything is published."""

from pathlib import Path

import pytest

from headstart.adapters.s3 import S3Store
from headstart.blobs import Blobs
from headstart.errors import StoreError
from headstart.registry import Registry
from headstart.stores.memory import MemoryStore
from tests.support.drafts import draft
from tests.support.endpoint import endpoint
from tests.support.servers import rclone


def test_a_server_that_overwrites_what_it_must_not_is_refused_by_name_and_keeps_nothing(tmp_path: Path) -> None:
    (tmp_path / "bucket").mkdir()
    source = Blobs(MemoryStore())
    with rclone(tmp_path) as address, endpoint(address):
        store = S3Store("s3://bucket/models")
        assert store.create("key", b"one") is True
        assert store.get("key") == b"one"
        store.delete("key")
        with pytest.raises(StoreError) as caught:
            Registry("s3://bucket/models").publish(draft(source), source, "tx")
        assert not any(info.key.startswith(("models/", "blobs/", "registry.json")) for info in store.list(""))
    assert caught.value.code == "store/unsupported"
    assert f"the S3 server at {address}, which calls itself" in caught.value.problem
    assert "concurrent conditional writes" in caught.value.problem
    assert "local folder" in caught.value.remedy
    assert caught.value.where == "s3://bucket/models"
