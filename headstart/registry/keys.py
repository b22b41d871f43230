"""The keys of signatures: those that are trusted, and until when."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from headstart.digest import sha256
from headstart.errors import UsageError
from headstart.extras import extra_of

_RETIRED = re.compile(r"(?P<path>.+)@(?P<date>\d{4}-\d{2}-\d{2})")
_CURVES = ("secp256r1", "secp384r1", "secp521r1")  # those that model signatures are made with


@dataclass(frozen=True)
class TrustedKey:
    """A public key in a PEM file. After ``retired``, a day in UTC, no signature that arrives counts any more."""

    path: Path
    retired: date | None = None

    @classmethod
    def parse(cls, text: str) -> "TrustedKey":
        """A key as a spec or the environment names it: ``PATH``, or ``PATH@YYYY-MM-DD`` for one that retired that day.

        Raises:
            UsageError: The date is none.
        """
        found = _RETIRED.fullmatch(text)
        if found is None:
            return cls(Path(text).expanduser())
        try:
            return cls(Path(found["path"]).expanduser(), date.fromisoformat(found["date"]))
        except ValueError:
            remedy = "Write PATH or PATH@YYYY-MM-DD, the day on which the key retired."
            raise UsageError("signature/bad-key", f"{found['date']} is no date.", remedy=remedy, where=text) from None

    @property
    def id(self) -> str:
        """The key's name.

        Raises:
            UsageError: The file is no public key that signatures can be made with.
        """
        return _id_of(self.path, private=False)

    def counts(self, arrived: float) -> bool:
        """Whether a signature counts that came to the store at this time, in seconds by the store's clock."""
        return self.retired is None or datetime.fromtimestamp(arrived, UTC).date() <= self.retired


def parse_all(texts: Iterable[str]) -> tuple[TrustedKey, ...]:
    """Several keys; see :meth:`TrustedKey.parse`."""
    return tuple(map(TrustedKey.parse, texts))


def private_key_id(path: Path) -> str:
    """The name of the key that a private key belongs to.

    Raises:
        UsageError: The file is no private key to sign with, or is encrypted; or the ``signing`` extra is missing.
    """
    return _id_of(path, private=True)


def _id_of(path: Path, *, private: bool) -> str:
    """The sha256 over the public key in PEM, which a signature names its key by, cut to 32 hexadecimal digits."""
    try:
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric import ec
    except ModuleNotFoundError as error:
        raise extra_of(error) or error from error
    kind = "private" if private else "public"
    try:
        data = path.read_bytes()
        key = (
            serialization.load_pem_private_key(data, None).public_key()
            if private
            else serialization.load_pem_public_key(data)
        )
    except OSError as error:
        raise _no_key(path, f"the {kind} key cannot be read: {error.strerror}.") from None
    except (ValueError, TypeError, UnsupportedAlgorithm):  # TypeError: it is encrypted
        raise _no_key(path, f"no {kind} key in PEM, or an encrypted one.") from None
    if not isinstance(key, ec.EllipticCurvePublicKey) or key.curve.name not in _CURVES:
        raise _no_key(path, "no elliptic key on the curve P-256, P-384 or P-521.")
    pem = key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return sha256(pem)[:32]


def _no_key(path: Path, problem: str) -> UsageError:
    remedy = "Make a key with: openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256"
    return UsageError("signature/bad-key", problem, remedy=remedy, where=str(path))
