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


def choose_text(wanted: str, names: Sequence[str], where: str) -> str:
    """The field that holds the text: the one that is asked for, or else the conventional one.

    Raises:
        DataError: The field is not there, or none could be derived.
    """
    return _choose("text", wanted, names, TEXT_NAMES, _other(names, LABEL_NAMES), where)


def choose_label(wanted: str, names: Sequence[str], text: str, where: str) -> str:
    """The field that holds the label, given the one that holds the text.

    Raises:
        DataError: The field is not there, or none could be derived.
    """
    rest = [name for name in names if name != text]
    return _choose("label", wanted, names if wanted != "auto" else rest, LABEL_NAMES, _only(rest, len(names)), where)


def unknown(kind: str, wanted: str, names: Sequence[str], where: str) -> DataError:
    """The error for a field that is not there."""
    return _error(f"there is no field {wanted!r} for the {kind}.", names, where)


def _choose(
    kind: str, wanted: str, names: Sequence[str], conventional: Sequence[str], left: str | None, where: str
) -> str:
    if wanted != "auto":
        if wanted in names:
            return wanted
        raise unknown(kind, wanted, names, where)
    lowered = {name.strip().lower(): name for name in names}
    for candidate in conventional:
        if candidate in lowered:
            return lowered[candidate]
    if left is not None:
        return left
    raise _error(f"no field is known to hold the {kind}.", names, where)


def _other(names: Sequence[str], conventional: Sequence[str]) -> str | None:
    """Of two fields the one that is left when the other has a conventional name."""
    return _only([name for name in names if name.strip().lower() not in conventional], len(names))


def _only(left: Sequence[str], fields: int) -> str | None:
    return left[0] if len(left) == 1 and fields == 2 else None


def _error(problem: str, names: Sequence[str], where: str) -> DataError:
    shown = ", ".join(map(repr, list(names)[:20]))
    remedy = f"Name the field to use; there are: {shown}." if shown else "The file has no other field; export it again."
    return DataError("data/unknown-field", problem, remedy=remedy, where=where)
