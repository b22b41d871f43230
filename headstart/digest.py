"""Canonical JSON and sha256: how every value gets the name it is found by."""

import hashlib
import json
from pathlib import Path

from headstart.errors import IntegrityError


def canonical_json(value: object) -> bytes:
    """Encode JSON data so that equal values give equal bytes (sorted keys, no spaces, UTF-8).

    Raises:
        ValueError: ``value`` holds NaN or an infinity, which JSON cannot say.
        TypeError: ``value`` is not JSON data.
    """
    _check_keys(value)
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode()


def _check_keys(value: object) -> None:
    if isinstance(value, dict):
        for key, each in value.items():
            if not isinstance(key, str):
                raise TypeError(f"key {key!r} is no string")
            _check_keys(each)
    elif isinstance(value, list | tuple):
        for each in value:
            _check_keys(each)


def digest_of(value: object) -> str:
    """The sha256 of ``value``'s canonical JSON, in hexadecimal."""
    return sha256(canonical_json(value))


def sha256(data: bytes) -> str:
    """The sha256 of ``data``, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def sha256_file(path: Path) -> str:
    """The sha256 of a file's bytes, in hexadecimal, read in constant memory."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def verify(actual: str, expected: str, where: str) -> None:
    """Compare two digests.

    Raises:
        IntegrityError: They differ, so the bytes at ``where`` are not those that were written.
    """
    if actual != expected:
        raise IntegrityError(
            "integrity/digest",
            f"sha256 is {actual}, expected {expected}.",
            remedy="The stored bytes are damaged: restore them from a copy, or delete them to have them made again.",
            where=where,
        )
