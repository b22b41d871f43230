"""Where a run keeps its values: a local folder or an ``s3://`` prefix, shared by everyone who is given it.

Layout::

    blobs/sha256/ab/<digest>        the bytes of every file, once
    values/<kind>/<digest>.json     a value's record
    steps/<step>/<key>.json         the receipt of a finished step: which value came of which inputs
    features/...                    the feature store
    runs/<run>/...                  the receipt, report and logs of a run
    status/<name>.json              how the newest work on a model stands
"""

import json
from collections.abc import Sequence
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from headstart.blobs import Blobs
from headstart.digest import canonical_json, sha256, verify
from headstart.errors import IntegrityError
from headstart.store import Store, open_store
from headstart.values import Value

V = TypeVar("V", bound=Value)


class Receipt(BaseModel):
    """The record of a finished step. ``seconds`` is its wall time; ``finished`` is ISO 8601, UTC."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    step: str
    kind: str
    digest: str
    inputs: tuple[str, ...]
    seconds: float
    finished: str
    version: str


class Workspace:
    """Values by digest, and finished steps by key, over one store."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.blobs = Blobs(store)

    @classmethod
    def open(cls, uri: str) -> "Workspace":
        """The workspace at a URI; it comes into being with the first write."""
        return cls(open_store(uri))

    @property
    def uri(self) -> str:
        """Where the workspace is."""
        return self.store.uri

    def save(self, value: Value) -> None:
        """Store a value's record; its files must be stored before."""
        self.store.create(record_key(value.kind, value.digest), canonical_json(value.said()))

    def load(self, kind: type[V], digest: str) -> V:
        """The value of this kind and digest, verified.

        Raises:
            IntegrityError: There is no such value, or its record is damaged.
        """
        key = record_key(kind.kind, digest)
        data = self.store.get(key)
        where = f"{self.uri}/{key}"
        if data is None:
            raise IntegrityError(
                "integrity/record", f"no {kind.kind} {digest[:12]}.", remedy="Run the step that makes it.", where=where
            )
        verify(sha256(data), digest, where)
        try:
            return kind.model_validate_json(data)
        except ValidationError:
            problem, remedy = f"not a {kind.kind} of this Headstart.", "Run the step that makes it."
            raise IntegrityError("integrity/record", problem, remedy=remedy, where=where) from None

    def has(self, kind: type[Value], digest: str) -> bool:
        """Whether there is a value of this kind and digest."""
        return self.store.stat(record_key(kind.kind, digest)) is not None

    def receipt(self, step: str, key: str) -> Receipt | None:
        """The receipt of a step that finished on these inputs, if one did.

        Raises:
            IntegrityError: The receipt is damaged.
        """
        data = self.store.get(_receipt_key(step, key))
        if data is None:
            return None
        try:
            return Receipt.model_validate_json(data)
        except ValidationError:
            remedy = "Delete it to have the step run again."
            where = f"{self.uri}/{_receipt_key(step, key)}"
            raise IntegrityError("integrity/record", "not a receipt.", remedy=remedy, where=where) from None

    def commit(self, step: str, key: str, receipt: Receipt) -> Receipt:
        """Record that a step finished. Where another process was first, its receipt is the one that counts."""
        if self.store.create(_receipt_key(step, key), canonical_json(receipt.model_dump(mode="json"))):
            return receipt
        return self.receipt(step, key) or receipt

    def replace(self, step: str, key: str, receipt: Receipt) -> Receipt:
        """Record that a step was done anew, because its earlier result no longer stands."""
        self.store.put(_receipt_key(step, key), canonical_json(receipt.model_dump(mode="json")))
        return receipt


def step_key(step: str, inputs: Sequence[str], code: str) -> str:
    """The name of a step's result before it is known: what ran, on what, with which code."""
    return sha256(json.dumps([step, list(inputs), code]).encode())


def record_key(kind: str, digest: str) -> str:
    """Where a value's record is in a workspace."""
    return f"values/{kind}/{digest}.json"


def _receipt_key(step: str, key: str) -> str:
    return f"steps/{step}/{key}.json"
