"""Signatures, hooks, watching and copies on a real S3 server, as on a folder."""

import itertools
import sys
from pathlib import Path

import pytest

from headstart.blobs import Blobs
from headstart.errors import IntegrityError
from headstart.registry import Registry, lineage
from headstart.registry.hooks import Hook
from headstart.registry.keys import TrustedKey
from headstart.registry.policy import Policy
from headstart.registry.transfer import transfer
from headstart.registry.watch import follow
from headstart.stores.memory import MemoryStore
from tests.support.drafts import bytes_of, draft
from tests.support.keys import key_pair


def kept(registry: Registry) -> dict[str, bytes]:
    """What a registry keeps of its models for ever."""
    keys = [info.key for info in registry.store.list("models/")]
    return {key: registry.store.get(key) or b"" for key in keys if key.split("/")[2] not in ("index", "published")}


def test_a_signed_version_travels_to_s3_and_back(bucket: str, tmp_path: Path) -> None:
    pair = key_pair(tmp_path)
    policy = Policy(signing_key=pair.private, trusted=(TrustedKey(pair.public),))
    source = Blobs(MemoryStore())
    first, there, back = (
        Registry(f"{bucket}/a", policy),
        Registry(f"{bucket}/b", policy),
        Registry(tmp_path / "c", policy),
    )
    for number in (1, 2):
        first.publish(draft(source, {"model.safetensors": b"%d" % number * 1000}), source, f"tx{number}")
        first.move("intents", "champion", number, "better")
    assert transfer(first, there).versions == ("intents@1", "intents@2")
    assert transfer(there, back).versions == ("intents@1", "intents@2")
    assert kept(back) == kept(there) == kept(first)
    assert back.history("intents", "champion") == first.history("intents", "champion")
    for number in (1, 2):
        assert bytes_of(there.store, there.get("intents", number)) == bytes_of(back.store, back.get("intents", number))
    assert transfer(first, there).there == 2
    there.pull("intents@champion", tmp_path / "pulled")
    assert lineage.said(there.store, there.get("intents", 2))["signed_by"] == [TrustedKey(pair.public).id]
    unsigned = Registry(f"{bucket}/a", Policy())
    unsigned.publish(draft(source, {"model.safetensors": b"3"}), source, "tx3")
    with pytest.raises(IntegrityError, match="not signed"):
        first.move("intents", "champion", 3, "better")


def test_a_move_is_told_and_seen(bucket: str, tmp_path: Path) -> None:
    program = f"open({str(tmp_path / 'heard')!r}, 'a').write(__import__('os').environ['HEADSTART_VERSION'])"
    hook = Hook(events=("promote",), command=(sys.executable, "-c", program))
    registry = Registry(bucket, Policy(hooks=(hook,)))
    source = Blobs(MemoryStore())
    registry.publish(draft(source), source, "tx")
    registry.move("intents", "champion", 1, "first")
    waits = itertools.count()

    def wait() -> None:
        if next(waits) == 0:
            registry.move("intents", "champion", 1, "second")

    looks = follow(Registry(bucket).store, "intents", "champion", wait, lambda error: pytest.fail(str(error)))
    reasons = [[event.data["reason"] for event in next(looks)] for _ in range(3)]
    assert reasons == [["first"], ["second"], []]
    assert (tmp_path / "heard").read_text() == "11"
