"""Which field holds the text and which the label, where the user did not say."""

from collections.abc import Sequence

from headstart.errors import DataError

TEXT_NAMES = (
    "text",
    "sentence",
    "message",
    "utterance",
    "content",
    "body",
    "comment",
    "review",
    "question",
    "document",
    "tweet",
)
LABEL_NAMES = (
    "label",
    "category",
    "intent",
    "class",
    "target",
    "sentiment",
    "emotion",
    "topic",
    "tag",
    "annotation",
    "choice",
)


def choose(wanted: str, kind: str, names: Sequence[str], where: str) -> str:
    """The field to use for ``kind`` ("text" or "label"): the one the user named, or the conventional one.

    Where only two fields exist and one is conventional, the other is what remains.

    Raises:
        DataError: The named field is not there, or none could be derived.
    """
    if wanted != "auto":
        if wanted in names:
            return wanted
        raise _unknown(f"there is no field {wanted!r} for data.fields.{kind}.", names, where)
    mine, other = (TEXT_NAMES, LABEL_NAMES) if kind == "text" else (LABEL_NAMES, TEXT_NAMES)
    lowered = {name.strip().lower(): name for name in names}
    for candidate in mine:
        if candidate in lowered:
            return lowered[candidate]
    rest = [name for name in names if name.strip().lower() not in other]
    if len(names) == 2 and len(rest) == 1:
        return rest[0]
    raise _unknown(f"no field is known to hold the {kind}.", names, where)


def _unknown(problem: str, names: Sequence[str], where: str) -> DataError:
    shown = ", ".join(map(repr, list(names)[:20])) or "none"
    remedy = f"Name one of the fields under data.fields: {shown}."
    return DataError("data/unknown-field", problem, remedy=remedy, where=where)
