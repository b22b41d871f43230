"""One part of a scoring: some thousand texts of one file, answered by one worker and written as one Parquet file."""

import functools
import io
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from headstart.compute import Shared
from headstart.errors import IntegrityError
from headstart.evaluation.disagreement import Answers, Tally
from headstart.registry import Registry
from headstart.store import Store, open_store

if TYPE_CHECKING:
    from headstart.predictor import Predictor

SCHEMA = pa.schema(
    [
        pa.field("source", pa.string(), nullable=False),
        pa.field("row", pa.int64(), nullable=False),
        pa.field("text", pa.string(), nullable=False),
        pa.field("label", pa.string(), nullable=False),
        pa.field("probability", pa.float64(), nullable=False),
    ]
)
_MODELS = 2  # that a worker process holds: one, and its shadow


@dataclass(frozen=True)
class Part:
    """Texts of the file ``source`` from its ``first`` one on, counted from 1; the result goes to ``key``."""

    key: str
    source: str
    first: int
    texts: tuple[str, ...]


def answer(part: Part, shared: Shared) -> Mapping[str, int]:
    """Write a part's answers, and give the number of rows of each label.

    Args:
        part: What to answer.
        shared: ``registry`` and ``reference`` of the model, and ``out``, the URI to write to.
    """
    found = model(shared["registry"], shared["reference"]).predict(part.texts)
    table = pa.table(
        {
            "source": [part.source] * len(part.texts),
            "row": list(range(part.first, part.first + len(part.texts))),
            "text": list(part.texts),
            "label": [each.label for each in found],
            "probability": [each.probability for each in found],
        },
        schema=SCHEMA,
    )
    buffer = io.BytesIO()
    pq.write_table(table, buffer)
    open_store(shared["out"]).put(part.key, buffer.getvalue())
    return Counter(each.label for each in found)


def answered(part: Part, store: Store) -> Mapping[str, int] | None:
    """The number of rows of each label of a part that was written before, or None where it was not, or not whole."""
    found = _read(part, store)
    return None if found is None else Counter(found.labels)


def compare(part: Part, shared: Shared) -> Tally:
    """Where two models differ on a part that both have answered.

    Args:
        part: The part.
        shared: ``ours`` and ``others``, the URIs that the answers were written to.
    """
    ours, others = (_read(part, open_store(shared[which])) for which in ("ours", "others"))
    if ours is None or others is None:
        remedy = "Score again: it is written anew."
        raise IntegrityError("integrity/record", "a part is missing or damaged.", remedy=remedy, where=part.key)
    return Tally.of(part.source, part.first, part.texts, ours, others)


@functools.lru_cache(maxsize=_MODELS)
def model(registry: str, reference: str) -> "Predictor":
    """A model; a worker process answers many parts with it."""
    return Registry(registry).load(reference)


def _read(part: Part, store: Store) -> Answers | None:
    data = store.get(part.key)
    if data is None:
        return None
    try:
        table = pq.read_table(io.BytesIO(data), columns=["label", "probability"])
    except (pa.ArrowException, OSError):
        return None
    if table.num_rows != len(part.texts):
        return None
    return Answers(table["label"].to_pylist(), np.asarray(table["probability"], dtype=np.float64))
