"""What formats refuse that hold nothing but a text and its spans."""

from collections.abc import Sequence

from headstart.errors import DataError
from headstart.labels.records import Ask
from headstart.labels.tables import fields

DOCUMENT = "document"
"""What records can be grouped by, where the format knows documents."""


def check(ask: Ask, others: Sequence[str], where: str) -> None:
    """Check that what is asked for is spans.

    Args:
        ask: What the spec wants.
        others: The fields of the spec that the format has no choice of.
        where: The file.

    Raises:
        DataError: The task takes something else, or the spec names a field that the format cannot have.
    """
    if ask.kind not in (None, "spans"):
        problem = f"it holds labeled parts of texts, which are no labels for {ask.task}."
        remedy = "Set task to token-classification, or leave it out."
        raise DataError("data/unknown-field", problem, remedy=remedy, where=where)
    for kind in others:
        wanted = getattr(ask.fields, kind)
        if wanted != "auto":
            raise fields.unknown(kind, wanted, (), where)
