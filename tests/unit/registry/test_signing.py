"""Signatures: what was changed, moved, left out or signed by a stranger is neither loaded nor promoted."""

import contextlib
import datetime
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from headstart.blobs import Blobs
from headstart.digest import canonical_json
from headstart.errors import HeadstartError, IntegrityError, UsageError
from headstart.registry import Registry, Version, provenance, signing
from headstart.registry.keys import TrustedKey
from headstart.registry.policy import REQUIRE_SIGNATURE, SIGNING_KEY, Policy
from headstart.spec import RegistrySpec, Spec
from headstart.stores.memory import MemoryStore
from tests.support.drafts import draft
from tests.support.keys import Pair, key_pair

pytestmark = pytest.mark.slow

RECORD = "models/intents/versions/00000001.json"
COMMAND = Path(sys.executable).parent / "model_signing"


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    return key_pair(tmp_path / "keys")


@pytest.fixture
def other(tmp_path: Path) -> Pair:
    return key_pair(tmp_path / "keys", "other")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "registry"


def publish(folder: Path, pair: Pair | None, tx: str = "tx", content: bytes = b"weights") -> Version:
    source = Blobs(MemoryStore())
    registry = Registry(folder, Policy(signing_key=pair.private if pair else None))
    return registry.publish(draft(source, {"model.safetensors": content, "config.json": b"{}"}), source, tx)


def asking(folder: Path, *pairs: Pair) -> Registry:
    """The registry, for who asks for a signature by one of these keys."""
    return Registry(folder, Policy(trusted=tuple(TrustedKey(pair.public) for pair in pairs)))


def signatures(folder: Path) -> list[Path]:
    return sorted((folder / "models/intents/signatures").rglob("*.sig"))


def rewrite(path: Path, data: bytes) -> None:
    path.chmod(0o644)
    path.write_bytes(data)


def refused(registry: Registry, code: str, words: str = "", reference: str = "intents@1") -> None:
    """Whoever would use the version is told the same."""
    uses: list[Callable[[], object]] = [
        lambda: registry.pull(reference, Path(registry.uri).parent / "pulled"),
        lambda: registry.load(reference),
        lambda: registry.move("intents", "champion", int(reference.partition("@")[2]), "better"),
    ]
    for use in uses:
        with pytest.raises(HeadstartError) as caught:
            use()
        assert caught.value.code == code
        assert re.search(words, caught.value.problem)
    assert registry.aliases("intents") == {}
    assert not (Path(registry.uri).parent / "pulled").exists()


def test_a_version_signed_by_a_trusted_key_is_pulled_and_promoted(folder: Path, pair: Pair, tmp_path: Path) -> None:
    publish(folder, pair)
    registry = asking(folder, pair)
    registry.move("intents", "champion", 1, "better")
    registry.pull("intents@champion", tmp_path / "pulled")
    assert (tmp_path / "pulled/model.safetensors").read_bytes() == b"weights"


@pytest.mark.parametrize("curve", [ec.SECP256R1(), ec.SECP384R1(), ec.SECP521R1()])
def test_openssfs_own_command_verifies_a_pulled_folder(folder: Path, tmp_path: Path, curve: ec.EllipticCurve) -> None:
    pair = key_pair(tmp_path / "keys", "curved", curve)
    publish(folder, pair)
    Registry(folder).pull("intents", tmp_path / "pulled")
    (signature,) = [path for path in signatures(folder) if path.name.endswith(".model.sig")]
    command = [COMMAND, "verify", "key", tmp_path / "pulled", "--signature", signature, "--public_key", pair.public]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0
    (tmp_path / "pulled/config.json").write_bytes(b"{ }")
    assert subprocess.run(command, capture_output=True, check=False).returncode != 0


def test_openssfs_own_command_verifies_the_record_and_the_provenance(folder: Path, pair: Pair, tmp_path: Path) -> None:
    publish(folder, pair)
    for part in ("versions", "provenance"):
        (tmp_path / "said" / part).mkdir(parents=True)
        name = f"{part}/00000001.json"
        (tmp_path / "said" / name).write_bytes((folder / "models/intents" / name).read_bytes())
    (signature,) = [path for path in signatures(folder) if path.name.endswith(".record.sig")]
    command = [COMMAND, "verify", "key", tmp_path / "said", "--signature", signature, "--public_key", pair.public]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0


def test_a_signature_by_openssfs_own_command_counts(folder: Path, pair: Pair, tmp_path: Path) -> None:
    version = publish(folder, pair)
    registry = asking(folder, pair)
    registry.pull("intents", tmp_path / "pulled")
    (signature,) = [path for path in signatures(folder) if path.name.endswith(".model.sig")]
    signature.unlink()
    with pytest.raises(IntegrityError):
        signing.verify(registry.store, version, registry.policy.trusted)
    command = [COMMAND, "sign", "key", tmp_path / "pulled", "--signature", signature, "--private_key", pair.private]
    subprocess.run(command, capture_output=True, check=True)
    assert signing.verify(registry.store, version, registry.policy.trusted).trusted == pair.public


def test_a_version_without_a_signature_is_refused(folder: Path, pair: Pair) -> None:
    publish(folder, None)
    refused(asking(folder, pair), "signature/missing", "not signed")


def test_a_version_signed_by_a_stranger_is_refused(folder: Path, pair: Pair, other: Pair) -> None:
    publish(folder, other)
    refused(asking(folder, pair), "signature/untrusted", r"key\.pub has not signed it")


def test_a_strangers_signature_under_a_trusted_name_is_refused(folder: Path, pair: Pair, other: Pair) -> None:
    publish(folder, other)
    for path in signatures(folder):
        path.rename(path.with_name(path.name.replace(TrustedKey(other.public).id, TrustedKey(pair.public).id)))
    refused(asking(folder, pair), "signature/mismatch", "key")


def test_the_signature_of_other_files_is_refused(folder: Path, pair: Pair) -> None:
    publish(folder, pair)
    second = publish(folder, None, "tx2", b"hostile")
    _move_signatures(folder, second)
    refused(asking(folder, pair), "signature/mismatch", r"model\.safetensors", "intents@2")


def test_the_signature_of_another_version_with_the_same_files_is_refused(folder: Path, pair: Pair) -> None:
    # An old version that is published again as the newest: its files were signed, its number and figures were not.
    publish(folder, pair)
    second = publish(folder, None, "tx2")
    _move_signatures(folder, second)
    refused(asking(folder, pair), "signature/mismatch", "versions/", "intents@2")


def _move_signatures(folder: Path, version: Version) -> None:
    store = Registry(folder).store
    record = provenance.record_bytes(store, version)
    for path in signatures(folder):
        key, part, _ = path.name.split(".")
        target = signing.signature_key(version, record, key, "model" if part == "model" else "record")
        store.put(target, path.read_bytes())


@pytest.mark.parametrize("field", ["metrics", "lineage", "labels", "created"])
def test_an_edited_record_is_refused(folder: Path, pair: Pair, field: str) -> None:
    publish(folder, pair)
    said = json.loads((folder / RECORD).read_bytes())
    change = {
        "metrics": {"macro_f1": {"value": 1.0, "low": 1.0, "high": 1.0}},
        "lineage": said["lineage"] | {"licence": "apache-2.0"},
        "labels": ["refund", "parcel"],
        "created": "2020-01-01T00:00:00+00:00",
    }
    rewrite(folder / RECORD, canonical_json(said | {field: change[field]}))
    refused(asking(folder, pair), "signature/missing")
    _move_signatures(folder, Registry(folder).get("intents", 1))
    refused(asking(folder, pair), "signature/mismatch", "versions/00000001.json")


def test_an_edited_provenance_is_refused(folder: Path, pair: Pair) -> None:
    publish(folder, pair)
    path = folder / "models/intents/provenance/00000001.json"
    rewrite(path, path.read_bytes().replace(b'"mit"', b'"gpl"'))
    refused(asking(folder, pair), "signature/mismatch", "provenance/00000001.json")


def test_a_tampered_file_of_a_signed_version_is_refused(folder: Path, pair: Pair, tmp_path: Path) -> None:
    version = publish(folder, pair)
    rewrite(folder / version.files[0].blob, b"hostile")
    with pytest.raises(IntegrityError) as caught:
        asking(folder, pair).pull("intents", tmp_path / "pulled")
    assert caught.value.code == "integrity/digest"


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"\xff",
        b"{}",
        b"[]",
        b"null",
        b'{"verificationMaterial": {}}',
        b'{"mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json", "verificationMaterial": {"publicKey": {}, "tlogEntries": []}, "dsseEnvelope": {"payload": "", "payloadType": "x", "signatures": []}}',
    ],
)
def test_a_damaged_signature_is_an_error_of_ours_and_prints_nothing(
    folder: Path, pair: Pair, damage: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    version = publish(folder, pair)
    for path in signatures(folder):
        rewrite(path, damage)
    with pytest.raises(IntegrityError) as caught:
        asking(folder, pair).policy.admit(Registry(folder).store, version)
    assert caught.value.code == "signature/mismatch"
    assert capfd.readouterr() == ("", "")


def test_no_flipped_byte_of_what_was_signed_passes(folder: Path, pair: Pair) -> None:
    version = publish(folder, pair)
    registry = asking(folder, pair)
    (path,) = [path for path in signatures(folder) if path.name.endswith(".record.sig")]
    whole = path.read_bytes()
    passed = []
    for flip in range(0, len(whole), 17):
        rewrite(path, whole[:flip] + bytes([whole[flip] ^ 1]) + whole[flip + 1 :])
        with contextlib.suppress(IntegrityError):
            registry.policy.admit(registry.store, version)
            passed.append(json.loads(path.read_bytes())["dsseEnvelope"])
    before = json.loads(whole)["dsseEnvelope"]  # around it, names of fields that nobody reads may change
    assert all((each["payload"], each["signatures"]) == (before["payload"], before["signatures"]) for each in passed)


def test_only_half_of_a_signature_is_none(folder: Path, pair: Pair) -> None:
    # Killed between its two parts.
    publish(folder, pair)
    (record,) = [path for path in signatures(folder) if path.name.endswith(".record.sig")]
    record.unlink()
    refused(asking(folder, pair), "signature/missing")
    publish(folder, pair)
    asking(folder, pair).move("intents", "champion", 1, "better")


# ---------------------------------------------------------------- keys come and go


def test_one_of_several_trusted_keys_is_enough(folder: Path, pair: Pair, other: Pair) -> None:
    publish(folder, pair)
    asking(folder, other, pair).move("intents", "champion", 1, "better")
    asking(folder, pair, other).move("intents", "champion", 1, "better")


def test_a_version_is_signed_again_by_a_newer_key(folder: Path, pair: Pair, other: Pair) -> None:
    version = publish(folder, pair)
    refused(asking(folder, other), "signature/untrusted")
    store = Registry(folder).store
    signing.sign(store, version, other.private)
    assert sorted(signing.signers(store, version)) == sorted([TrustedKey(each.public).id for each in (pair, other)])
    asking(folder, other).move("intents", "champion", 1, "better")
    asking(folder, pair).move("intents", "champion", 1, "better")


@pytest.mark.parametrize(("days", "counts"), [(0, True), (1, True), (-1, False)])
def test_a_retired_key_counts_for_what_came_before(folder: Path, pair: Pair, days: int, counts: bool) -> None:
    version = publish(folder, pair)
    retired = datetime.datetime.now(datetime.UTC).date() + datetime.timedelta(days=days)
    registry = Registry(folder, Policy(trusted=(TrustedKey.parse(f"{pair.public}@{retired}"),)))
    if counts:
        signing.verify(registry.store, version, registry.policy.trusted)
    else:
        refused(registry, "signature/untrusted", f"retired on {retired}")


def test_a_retired_key_beside_a_newer_one_does_not_matter(folder: Path, pair: Pair, other: Pair) -> None:
    version = publish(folder, pair)
    signing.sign(Registry(folder).store, version, other.private)
    keys = (TrustedKey.parse(f"{pair.public}@2020-01-01"), TrustedKey(other.public))
    assert signing.verify(Registry(folder).store, version, keys).trusted == other.public


@pytest.mark.parametrize("text", ["key.pub@2026-13-01", "key.pub@2026-02-30"])
def test_a_date_that_is_none_is_told(text: str) -> None:
    with pytest.raises(UsageError, match=r"signature/bad-key.*no date"):
        TrustedKey.parse(text)


def test_a_path_may_have_an_at_sign() -> None:
    assert TrustedKey.parse("keys@home/a.pub") == TrustedKey(Path("keys@home/a.pub"))


@pytest.mark.parametrize("kind", ["missing", "empty", "encrypted", "curve", "public", "folder"])
def test_a_key_that_cannot_sign_is_told_before_anything_is_published(folder: Path, tmp_path: Path, kind: str) -> None:
    pair = key_pair(
        tmp_path, "bad", ec.SECP256K1() if kind == "curve" else None, b"secret" if kind == "encrypted" else b""
    )
    if kind == "missing":
        pair.private.unlink()
    elif kind == "empty":
        pair.private.write_bytes(b"")
    elif kind == "public":
        pair.private.write_bytes(pair.public.read_bytes())
    elif kind == "folder":
        pair = pair._replace(private=tmp_path)
    with pytest.raises(UsageError) as caught:
        publish(folder, pair)
    assert (caught.value.code, caught.value.where) == ("signature/bad-key", str(pair.private))
    assert Registry(folder).models() == []


# ---------------------------------------------------------------- who says what is asked for


def test_the_environment_names_keys_and_comes_before_the_spec(
    pair: Pair, other: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = RegistrySpec(signing_key=str(other.private), require_signature=(str(other.public),))
    assert Policy.here(spec) == Policy(other.private, (TrustedKey(other.public),))
    monkeypatch.setenv(SIGNING_KEY, str(pair.private))
    monkeypatch.setenv(REQUIRE_SIGNATURE, f"{pair.public}{os.pathsep}{other.public}@2026-01-31")
    keys = (TrustedKey(pair.public), TrustedKey(other.public, datetime.date(2026, 1, 31)))
    assert Policy.here(spec) == Policy.here() == Policy(pair.private, keys)


def test_without_either_nothing_is_signed_and_nothing_asked_for(folder: Path) -> None:
    version = publish(folder, None)
    assert Policy.here(RegistrySpec()) == Policy()
    assert signing.signers(Registry(folder).store, version) == []
    Registry(folder).move("intents", "champion", 1, "better")


def test_keys_in_a_spec_are_relative_to_its_file(tmp_path: Path) -> None:
    path = tmp_path / "spec.yaml"
    path.write_text(
        "name: x\ndata: y.csv\nregistry: {signing_key: k.pem, require_signature: [k.pub@2026-01-31, /k.pub]}"
    )
    spec = Spec.load(path).registry
    assert spec.signing_key == str(tmp_path / "k.pem")
    assert spec.require_signature == (str(tmp_path / "k.pub@2026-01-31"), "/k.pub")


@pytest.mark.parametrize("missing", ["cryptography.hazmat.primitives", "model_signing"])
def test_signing_without_the_extra_names_it(
    folder: Path, pair: Pair, missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(UsageError) as caught:
        publish(folder, pair)
    assert caught.value.code == "install/extra"
    assert "headstart[signing]" in caught.value.remedy
    assert Registry(folder).models() == []
