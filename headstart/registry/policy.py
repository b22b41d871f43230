"""What a client does beside storing: it signs, asks for signatures, and tells hooks.

A platform says so in the environment, which comes before what a spec says: a spec may come from somebody who must not
weaken it.
"""

import logging
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from headstart.registry import hooks, keys, outbox, provenance, signing
from headstart.registry.aliases import AliasMove
from headstart.registry.hooks import Hook
from headstart.registry.keys import TrustedKey
from headstart.registry.record import Version
from headstart.spec import RegistrySpec
from headstart.store import Store

SIGNING_KEY, REQUIRE_SIGNATURE = "HEADSTART_SIGNING_KEY", "HEADSTART_REQUIRE_SIGNATURE"
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Policy:
    """The key to sign with, if there is one; the keys of which one must have signed, if any; and the hooks to tell."""

    signing_key: Path | None = None
    trusted: tuple[TrustedKey, ...] = ()
    hooks: tuple[Hook, ...] = ()

    @classmethod
    def here(cls, spec: RegistrySpec | None = None) -> "Policy":
        """What holds on this machine, and for this spec.

        ``HEADSTART_REQUIRE_SIGNATURE`` lists keys with the character between them that ``PATH`` has.

        Raises:
            UsageError: The hooks' file or a key's date cannot be read.
        """
        spec_key, spec_trusted = (spec.signing_key, spec.require_signature) if spec else (None, ())
        key = os.environ.get(SIGNING_KEY) or spec_key
        listed = [each for each in os.environ.get(REQUIRE_SIGNATURE, "").split(os.pathsep) if each]
        return cls(
            signing_key=Path(key).expanduser() if key else None,
            trusted=keys.parse_all(listed or spec_trusted),
            hooks=hooks.configured(),
        )

    def publish(self, store: Store, make: Callable[[], Version]) -> Version:
        """Publish by ``make``, and then state where the version comes from, sign it and tell hooks.

        What is missing after a crash is made up for when the same version is published again.
        """
        key = signing.ready(self.signing_key) if self.signing_key else ""
        outbox.enlist(store, self.hooks)
        version = make()
        provenance.attach(store, version)
        if self.signing_key and key not in signing.signers(store, version):
            signing.sign(store, version, self.signing_key)
        self.tell(store, outbox.Log(version.name))
        return version

    def move(self, store: Store, version: Version, make: Callable[[], AliasMove]) -> AliasMove:
        """Point an alias at a version by ``make``, if the version may be used, and then tell hooks.

        Raises:
            IntegrityError: The version lacks a signature that counts.
        """
        self.admit(store, version)
        outbox.enlist(store, self.hooks)
        moved = make()
        self.tell(store, outbox.Log(version.name, moved.alias))
        return moved

    def admit(self, store: Store, version: Version) -> None:
        """See that a version may be used: that it is signed, where signatures are asked for.

        Raises:
            IntegrityError: It lacks a signature that counts.
        """
        if self.trusted:
            signing.verify(store, version, self.trusted)

    def tell(self, store: Store, log: outbox.Log) -> None:
        """Tell hooks what of a log they have not had; who does not take it is named in this program's log."""
        warn(outbox.deliver(store, self.hooks, log))


def warn(told: Sequence[outbox.Told]) -> None:
    """Say in the log which hooks did not take an event."""
    for each in told:
        if each.failure:
            _log.warning(
                "%s did not take an event: %s. It is kept for the hook: headstart models deliver",
                each.hook,
                each.failure,
            )
