"""Copies between registries: what arrives is what left, nothing is replaced, and twice is once."""

import io
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from headstart.blobs import Blobs
from headstart.digest import canonical_json
from headstart.errors import HeadstartError, IntegrityError, StoreError, UsageError
from headstart.registry import Registry, archive, leases, references, signing
from headstart.registry.hooks import Hook
from headstart.registry.keys import TrustedKey
from headstart.registry.policy import Policy
from headstart.registry.transfer import transfer
from headstart.stores.local import LocalStore
from headstart.stores.memory import MemoryStore
from tests.support.drafts import CONTENTS, bytes_of, draft
from tests.support.keys import key_pair
from tests.support.quick_folder import quick_folder
from tests.support.wrapped_store import LoggedStore, WrappedStore

pytestmark = pytest.mark.slow

_COPIED = ("versions/", "provenance/", "signatures/", "aliases/", "marks/")


@pytest.fixture
def folder() -> Iterator[Path]:
    with quick_folder() as folder:
        yield folder


@pytest.fixture(autouse=True)
def _cold_cache(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEADSTART_CACHE", str(folder / "cache"))


def publish(registry: Registry, tx: str, name: str = "intents", content: bytes = b"") -> int:
    source = Blobs(MemoryStore())
    files = dict(CONTENTS) | {"head.safetensors": content or tx.encode()}
    return registry.publish(draft(source, files, name), source, tx).version


@pytest.fixture
def source(folder: Path) -> Registry:
    """Two models, of which one has three versions, a deleted one among them, tags, signatures and an alias."""
    registry = Registry(folder / "source", Policy(signing_key=key_pair(folder).private))
    for number in (1, 2, 3):
        publish(registry, f"tx{number}")
    publish(registry, "other", "sentiment")
    registry.move("intents", "champion", 1, "first", "c" * 64)
    registry.move("intents", "champion", 3, "better")
    registry.tag("intents", 1, "release", "shipped")
    registry.delete("intents", [2], "broken")
    return registry


@pytest.fixture
def target(folder: Path) -> Registry:
    return Registry(folder / "target")


def kept(registry: Registry, *models: str) -> dict[str, bytes]:
    """What a registry keeps of models for ever, by key."""
    return {
        info.key: registry.store.get(info.key) or b""
        for info in registry.store.list("models/")
        if info.key.split("/", 2)[2].startswith(_COPIED) and (not models or info.key.split("/")[1] in models)
    }


def test_what_arrives_is_what_left_byte_for_byte(source: Registry, target: Registry) -> None:
    done = transfer(source, target)
    assert done.versions == ("intents@1", "intents@2", "intents@3", "sentiment@1")
    assert kept(target) == kept(source)
    assert target.catalog() == source.catalog()
    for name, held in source.catalog().items():
        for number in held.versions:
            assert bytes_of(target.store, target.get(name, number)) == bytes_of(source.store, source.get(name, number))
    assert target.verify().findings == ()
    assert list(leases.held(target.store)) == []


def test_history_tags_and_deletions_come_along(source: Registry, target: Registry) -> None:
    transfer(source, target)
    assert target.history("intents", "champion") == source.history("intents", "champion")
    assert target.tags("intents") == {"release": (1,)}
    assert target.versions("intents") == [1, 3]
    with pytest.raises(UsageError, match="broken"):
        target.get("intents", 2)


def test_a_signature_holds_where_it_arrives(source: Registry, target: Registry, folder: Path) -> None:
    transfer(source, target)
    signing.verify(target.store, target.get("intents", 3), (TrustedKey(folder / "key.pub"),))


def test_a_second_transfer_does_nothing(source: Registry, target: Registry) -> None:
    transfer(source, target)
    before = {info.key: info for info in target.store.list("models/")} | {
        info.key: info for info in target.store.list("blobs/")
    }
    done = transfer(source, target)
    assert (done.versions, done.entries, done.there) == ((), 0, 4)
    after = {info.key: info for info in target.store.list("models/")} | {
        info.key: info for info in target.store.list("blobs/")
    }
    assert after == before


def test_what_is_new_follows(source: Registry, target: Registry, folder: Path) -> None:
    transfer(source, target)
    publish(source, "tx4")
    source.move("intents", "champion", 4, "better still")
    newer = key_pair(folder, "newer")
    signing.sign(source.store, source.get("intents", 1), newer.private)
    done = transfer(source, target)
    assert (done.versions, done.entries, done.there) == (("intents@4",), 1, 4)
    assert kept(target) == kept(source)
    signing.verify(target.store, target.get("intents", 1), (TrustedKey(newer.public),))


def test_a_model_may_come_alone_and_without_its_aliases(source: Registry, target: Registry) -> None:
    transfer(source, target, ["intents"], with_aliases=False)
    assert target.models() == ["intents"]
    assert target.aliases("intents") == {}
    transfer(source, target, ["intents"])
    assert target.aliases("intents") == {"champion": 3}


def test_a_registry_that_has_published_on_its_own_is_not_overwritten(source: Registry, target: Registry) -> None:
    publish(target, "own")
    before = kept(target)
    with pytest.raises(UsageError) as caught:
        transfer(source, target, ["intents"])
    assert caught.value.code == "registry/diverged"
    assert caught.value.where.endswith("models/intents/versions/00000001.json")
    assert kept(target) == before


@pytest.mark.parametrize("also_here", [False, True])
def test_an_alias_that_was_moved_on_its_own_is_not_moved_back(
    source: Registry, target: Registry, also_here: bool
) -> None:
    transfer(source, target)
    target.move("intents", "champion", 1, "rolled back")
    if not also_here:  # the target is only ahead
        assert transfer(source, target).entries == 0
        assert target.aliases("intents") == {"champion": 1}
        return
    source.move("intents", "champion", 1, "rolled back here, too")
    with pytest.raises(UsageError) as caught:
        transfer(source, target)
    assert caught.value.code == "registry/diverged"
    assert target.history("intents", "champion")[0].reason == "rolled back"


@pytest.mark.parametrize("damage", ["blob", "record", "missing"])
def test_what_is_damaged_in_the_source_does_not_arrive(source: Registry, target: Registry, damage: str) -> None:
    version = source.get("intents", 3)
    if damage == "blob":
        source.store.put(version.files[-1].blob, b"xyz")
    elif damage == "missing":
        source.store.delete(version.files[-1].blob)
    else:
        source.store.put("models/intents/versions/00000003.json", b"{")
    with pytest.raises(IntegrityError):
        transfer(source, target, ["intents"])
    assert 3 not in target.versions("intents")
    assert target.aliases("intents") == {}


def test_the_files_of_a_deleted_version_may_be_gone(source: Registry, target: Registry) -> None:
    source.store.delete(references.record(source.store, "intents", 2).files[-1].blob)
    transfer(source, target)
    assert target.versions("intents") == [1, 3]
    assert target.verify().findings == ()


class Dying(WrappedStore):
    """Fails at its n-th write, as a machine does that loses its network for good."""

    def __init__(self, inner: LocalStore, left: int) -> None:
        super().__init__(inner)
        self.left = left

    def around(self, operation: str, key: str, call: Callable[[], object]) -> object:  # type: ignore[override]
        if operation in ("put", "create", "upload", "delete"):
            self.left -= 1
            if self.left < 0:
                raise StoreError("store/unreachable", "gone.", remedy="x.", where=key)
        return call()


def dying(registry: Registry, left: int) -> Registry:
    registry.store = Dying(LocalStore(Path(registry.uri)), left)
    registry.blobs = Blobs(registry.store)
    return registry


def test_a_transfer_that_died_anywhere_goes_on_and_was_never_half_seen(source: Registry, folder: Path) -> None:
    whole = kept(source)
    finished, point = False, 0
    while not finished:
        target = Registry(folder / f"target{point}")
        target.prepare()
        try:
            transfer(source, dying(target, point))
            finished = True
        except StoreError:
            point += 3
        seen = Registry(target.uri)
        for name in seen.models():
            for number in seen.versions(name):  # what is visible is whole, signed, and not deleted in the source
                bytes_of(seen.store, seen.get(name, number))
                assert number in source.versions(name)
                assert signing.signers(seen.store, seen.get(name, number))
            for alias, number in seen.aliases(name).items():
                seen.resolve(f"{name}@{alias}")
                assert number in source.versions(name)
        transfer(source, seen)
        assert kept(seen) == whole
        assert seen.verify().findings == ()
    assert point > 30


def test_a_collector_at_work_on_the_same_file_is_waited_for(source: Registry, target: Registry) -> None:
    blob = source.get("intents", 3).files[0].blob
    target.store.put("gc/condemned/run.json", canonical_json([blob]))
    with pytest.raises(HeadstartError) as caught:
        transfer(source, target, ["intents"])
    assert caught.value.code == "registry/contended"
    assert target.versions("intents") == []
    target.store.delete("gc/condemned/run.json")
    transfer(source, target, ["intents"])
    assert target.versions("intents") == [1, 3]


def test_the_lease_comes_before_the_look_at_what_is_condemned_and_the_record_last(
    source: Registry, target: Registry
) -> None:
    target.prepare()
    logged = LoggedStore(target.store)
    target.store, target.blobs = logged, Blobs(logged)
    transfer(source, target, ["sentiment"])
    order = [
        logged.log.index(("create", "leases/other.json")),
        logged.log.index(("list", "gc/condemned/")),
        min(logged.log.index(("stat", key)) for key in logged.done("stat", "blobs/")),
        max(logged.log.index(("upload", key)) for key in logged.done("upload", "blobs/")),
        logged.log.index(("create", "models/sentiment/versions/00000001.json")),
        logged.log.index(("delete", "leases/other.json")),
    ]
    assert order == sorted(order)
    beside = max(logged.log.index(("put", key)) for key in logged.done("put", "models/sentiment/signatures/"))
    assert beside < order[-2]  # whoever sees the version sees its signature


def test_an_alias_comes_along_only_to_a_version_that_may_be_used(source: Registry, folder: Path) -> None:
    stranger = key_pair(folder, "stranger")
    target = Registry(folder / "target", Policy(trusted=(TrustedKey(stranger.public),)))
    with pytest.raises(IntegrityError) as caught:
        transfer(source, target)
    assert caught.value.code == "signature/untrusted"
    assert target.aliases("intents") == {}


def test_hooks_of_the_target_hear_of_what_arrives(source: Registry, folder: Path) -> None:
    heard = folder / "heard"
    program = f"echo $HEADSTART_NAME $HEADSTART_VERSION $HEADSTART_ALIAS >> {heard}"
    hook = Hook(events=("publish", "promote"), command=("sh", "-c", program))
    transfer(source, Registry(folder / "target", Policy(hooks=(hook,))))
    assert heard.read_text().splitlines() == [
        "intents 1",
        "intents 2",
        "intents 3",
        "intents 1 champion",
        "intents 3 champion",
        "sentiment 1",
    ]


@pytest.mark.parametrize("names", [["none"], ["intents", "none"]])
def test_a_model_that_is_not_there_is_told(source: Registry, target: Registry, names: list[str]) -> None:
    with pytest.raises(UsageError, match=r"'none'.*intents, sentiment"):
        transfer(source, target, names)
    assert target.models() == []


def test_a_place_without_models_is_told(target: Registry, folder: Path) -> None:
    with pytest.raises(UsageError, match="no models"):
        transfer(Registry(folder / "empty"), target)


# ---------------------------------------------------------------- as one file


def test_an_archive_carries_everything(source: Registry, target: Registry, folder: Path) -> None:
    path = folder / "models.tar"
    with archive.written(path) as filled:
        transfer(source, filled)
    with archive.read(path) as unpacked:
        transfer(unpacked, target)
    assert kept(target) == kept(source)
    assert sorted(each.name for each in folder.iterdir() if "models.tar" in each.name) == ["models.tar"]


def test_an_export_that_was_interrupted_goes_on_and_leaves_no_archive(source: Registry, folder: Path) -> None:
    path = folder / "models.tar"
    Registry(folder / "models.tar.part").prepare()
    with pytest.raises(StoreError), archive.written(path) as filled:
        transfer(source, dying(filled, 12))
    assert not path.exists()
    with archive.written(path) as filled:
        done = transfer(source, filled)
    assert done.there + len(done.versions) == 4
    with archive.read(path) as unpacked:
        assert kept(unpacked) == kept(source)


def _member(
    name: str, data: bytes = b"x", kind: bytes = tarfile.REGTYPE, link: str = ""
) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.size, info.type, info.linkname = len(data), kind, link
    return info, data


@pytest.mark.parametrize(
    "members",
    [
        [_member("../outside")],
        [_member("/outside")],
        [_member("a/../../outside")],
        [_member("link", b"", tarfile.SYMTYPE, "/etc")],
        [_member("link", b"", tarfile.LNKTYPE, "/etc/passwd")],
        [_member("pipe", b"", tarfile.FIFOTYPE)],
        [_member("models/\x1b[31m")],
    ],
)
def test_a_hostile_archive_is_refused(
    folder: Path, target: Registry, members: list[tuple[tarfile.TarInfo, bytes]]
) -> None:
    path = folder / "models.tar"
    with tarfile.open(path, "w") as made:
        for info, data in members:
            made.addfile(info, io.BytesIO(data))
    with pytest.raises(UsageError) as caught, archive.read(path) as unpacked:
        transfer(unpacked, target)
    assert caught.value.code == "registry/bad-archive"
    assert not (folder / "outside").exists()


@pytest.mark.parametrize("data", [b"", b"x" * 2000, None])
def test_a_file_that_is_no_archive_is_refused(folder: Path, target: Registry, data: bytes | None) -> None:
    path = folder / "models.tar"
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(UsageError) as caught, archive.read(path) as unpacked:
        transfer(unpacked, target)
    assert caught.value.code in ("registry/bad-archive", "registry/not-found")


def test_an_archive_that_was_cut_or_changed_is_refused(source: Registry, folder: Path, target: Registry) -> None:
    path = folder / "models.tar"
    with archive.written(path) as filled:
        transfer(source, filled)
    whole = path.read_bytes()
    blob = whole.index(b"weights weights")
    for damaged in (whole[: len(whole) // 2], whole[:blob] + b"W" + whole[blob + 1 :]):
        path.write_bytes(damaged)
        with pytest.raises(HeadstartError), archive.read(path) as unpacked:
            transfer(unpacked, target)
        assert target.aliases("intents") == {}


def test_an_archive_is_told_to_no_hook_of_this_machine(
    source: Registry, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "hooks.json").write_text('[{"events": ["publish"], "command": ["touch", "%s"]}]' % (folder / "heard"))
    monkeypatch.setenv("HEADSTART_HOOKS", str(folder / "hooks.json"))
    with archive.written(folder / "models.tar") as filled:
        transfer(source, filled)
    assert not (folder / "heard").exists()
