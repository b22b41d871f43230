"""Elliptic key pairs for signatures, in PEM files."""

from pathlib import Path
from typing import NamedTuple

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec


class Pair(NamedTuple):
    private: Path
    public: Path


def key_pair(folder: Path, name: str = "key", curve: ec.EllipticCurve | None = None, password: bytes = b"") -> Pair:
    """A new key pair, ``name.pem`` and ``name.pub``."""
    key = ec.generate_private_key(curve or ec.SECP256R1())
    hidden = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    folder.mkdir(parents=True, exist_ok=True)
    pair = Pair(folder / f"{name}.pem", folder / f"{name}.pub")
    pem = serialization.Encoding.PEM
    pair.private.write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, hidden))
    pair.public.write_bytes(key.public_key().public_bytes(pem, serialization.PublicFormat.SubjectPublicKeyInfo))
    return pair
