"""Signatures of versions, in the format of OpenSSF model signing, with elliptic keys and without a network.

Each key signs twice. The *model's* signature covers the files by path and digest: it is what the ``model_signing``
command verifies on a folder that was pulled. The *record's* covers the record and the provenance, and with them name,
number, figures and lineage, so that no version passes for another. Both lie beside the version::

    models/<name>/signatures/<the record's sha256>/<key>.model.sig
    models/<name>/signatures/<the record's sha256>/<key>.record.sig

The digests that are signed and compared are those of the record, which every read of a file is verified against;
no file is read again for its signature.
"""

import contextlib
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from headstart.digest import sha256
from headstart.errors import IntegrityError
from headstart.extras import extra_of
from headstart.hush import hushed
from headstart.registry import provenance
from headstart.registry.keys import TrustedKey, private_key_id
from headstart.registry.record import Version, check_name, version_key
from headstart.store import Store

if TYPE_CHECKING:
    from model_signing import hashing

Part = Literal["model", "record"]
PARTS: tuple[Part, ...] = ("model", "record")


@dataclass(frozen=True)
class Signed:
    """A signature that counts: its key's name, where the trusted key is, and where the two signatures are."""

    key: str
    trusted: Path
    files: tuple[str, ...]


def signature_key(version: Version, record: bytes, key: str, part: Part) -> str:
    """Where a signature of a version is."""
    return f"{_folder(version, record)}{key}.{part}.sig"


def ready(private_key: Path) -> str:
    """See that a key can sign, before there is anything that it could not sign; gives the key's name.

    Raises:
        UsageError: The key cannot be used, or the ``signing`` extra is missing.
    """
    with _library():
        import model_signing  # noqa: F401 (an installation may have the keys' package and not this one)
    return private_key_id(private_key)


def sign(store: Store, version: Version, private_key: Path) -> str:
    """Sign a version, in place of what this key has signed before; gives the key's name.

    Raises:
        UsageError: The key cannot be used, or the ``signing`` extra is missing.
        IntegrityError: The record changed meanwhile, or the stored provenance is another version's.
    """
    key = ready(private_key)
    provenance.attach(store, version)
    record = provenance.record_bytes(store, version)
    for part, digests in _signed_digests(store, version, record).items():
        store.put(signature_key(version, record, key, part), _signature(_name(version), digests, private_key))
    return key


def signers(store: Store, version: Version) -> list[str]:
    """The names of the keys that have signed a version, whether anybody trusts them or not."""
    folder = _folder(version, provenance.record_bytes(store, version))
    names = [info.key.removeprefix(folder) for info in store.list(folder)]
    return sorted(name.removesuffix(".record.sig") for name in names if name.endswith(".record.sig"))


def verify(store: Store, version: Version, trusted: Sequence[TrustedKey]) -> Signed:
    """The signature of a version by one of the trusted keys.

    Raises:
        IntegrityError: The version has no signature, none that counts, or one that is not of its files and record.
        UsageError: A trusted key cannot be read, or the ``signing`` extra is missing.
    """
    record = provenance.record_bytes(store, version)
    digests = _signed_digests(store, version, record)
    failures = [f"{key.path.name} has not signed it" for key in trusted]
    for index, key in enumerate(trusted):
        found = tuple(signature_key(version, record, key.id, part) for part in PARTS)
        arrived = [info.modified for info in map(store.stat, found) if info]
        if len(arrived) < len(PARTS):
            continue
        if not key.counts(max(arrived)):
            failures[index] = f"the signature by {key.path.name} came after that key retired on {key.retired}"
            continue
        for part, where in zip(PARTS, found, strict=True):
            _check(store, where, _name(version), digests[part], key.path)
        return Signed(key.id, key.path, tuple(f"{store.uri}/{each}" for each in found))
    others, why = signers(store, version), "; ".join(failures) or "no key is trusted"
    remedy = "Sign it with a trusted key (headstart models sign) if you know where it is from; else do not use it."
    where = f"{_name(version)} in {store.uri}"
    if not others:
        raise IntegrityError("signature/missing", f"it is not signed: {why}.", remedy=remedy, where=where)
    problem = f"signed by {', '.join(others)}, and none counts: {why}."
    raise IntegrityError("signature/untrusted", problem, remedy=remedy, where=where)


def _folder(version: Version, record: bytes) -> str:
    return f"models/{check_name(version.name)}/signatures/{sha256(record)}/"


def _name(version: Version) -> str:
    return f"{version.name}@{version.version}"


def _signed_digests(store: Store, version: Version, record: bytes) -> dict[Part, Mapping[str, str]]:
    """What each signature covers: sha256 by path."""
    stated = store.get(provenance.provenance_key(version.name, version.version)) or b""
    number = version_key(version.name, version.version).rpartition("/")[2]
    return {
        "model": {file.path: file.sha256 for file in version.files},
        "record": {f"versions/{number}": sha256(record), f"provenance/{number}": sha256(stated)},
    }


def _signature(name: str, digests: Mapping[str, str], private_key: Path) -> bytes:
    with _library():
        from model_signing import signing

        with tempfile.TemporaryDirectory(prefix="headstart-") as folder:
            target = Path(folder) / "model.sig"
            config = signing.Config().set_hashing_config(_known(name, digests))
            config.use_elliptic_key_signer(private_key=private_key).sign(name, target)
            return target.read_bytes()


def _check(store: Store, where: str, name: str, digests: Mapping[str, str], public_key: Path) -> None:
    data = store.get(where) or b""
    with _library(), tempfile.TemporaryDirectory(prefix="headstart-") as folder:
        from model_signing import verifying

        source = Path(folder) / "model.sig"
        source.write_bytes(data)
        config = verifying.Config().set_hashing_config(_known(name, digests))
        config.use_elliptic_key_verifier(public_key=public_key)
        try:
            # It warns of old signatures on standard output, which may be for a program to read.
            with hushed():
                config.verify(name, source)
        except Exception as error:  # a hostile file can make the library fail in any way
            reason = str(error).partition("\n")[0].rstrip(".") or type(error).__name__
            problem = f"the signature is not of this version: {reason}."
            remedy = "Do not use the version: its files, its record or its signature were changed."
            raise IntegrityError("signature/mismatch", problem, remedy=remedy, where=f"{store.uri}/{where}") from error


@contextlib.contextmanager
def _library() -> Iterator[None]:
    try:
        yield
    except ModuleNotFoundError as error:
        raise extra_of(error) or error from error


def _known(name: str, digests: Mapping[str, str]) -> "hashing.Config":
    """A way to hash a folder whose digests are known: its files are not read."""
    from model_signing import hashing, manifest
    from model_signing._hashing.hashing import Digest  # it has no public name; the extra pins the series

    kind = manifest.SerializationType.from_args({"method": "files", "hash_type": "sha256", "allow_symlinks": False})
    items = [kind.new_item(path, Digest("sha256", bytes.fromhex(digest))) for path, digest in digests.items()]

    class Known(hashing.Config):
        def __init__(self, known: manifest.Manifest) -> None:
            super().__init__()  # type: ignore[no-untyped-call]
            self._known = known

        def hash(self, model_path: object, *, files_to_hash: object = None) -> manifest.Manifest:
            return self._known

    return Known(manifest.Manifest(name, items, kind))
