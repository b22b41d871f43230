"""Which field holds what, where the user did not say: by the names that people give them."""

from collections.abc import Sequence
from dataclasses import dataclass

from headstart.errors import DataError
from headstart.labels.records import Ask

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
    "labels",
    "category",
    "categories",
    "intent",
    "class",
    "target",
    "sentiment",
    "emotion",
    "topic",
    "tag",
    "tags",
    "annotation",
    "choice",
    "spans",
    "entities",
    "score",
    "rating",
)
PAIR_NAMES = (
    ("sentence1", "sentence2"),
    ("sentence_1", "sentence_2"),
    ("text1", "text2"),
    ("text_1", "text_2"),
    ("text_a", "text_b"),
    ("sentence_a", "sentence_b"),
    ("premise", "hypothesis"),
    ("question1", "question2"),
    ("text", "pair"),
)
IMAGE_NAMES = ("image", "img", "image_path", "file_name", "filename", "image_url")
ANNOTATOR_NAMES = ("annotator", "annotator_id", "annotated_by", "rater", "rater_id", "worker", "worker_id", "coder")


@dataclass(frozen=True, slots=True)
class Chosen:
    """The fields to read; empty where there is none."""

    text: str
    label: str
    pair: str = ""
    image: str = ""
    by: str = ""
    group: str = ""
    time: str = ""

    @property
    def taken(self) -> tuple[str, ...]:
        """The fields that hold content or label."""
        return (self.text, self.label, self.pair, self.image)

    @property
    def read(self) -> tuple[str, ...]:
        """All that are read."""
        return tuple(filter(None, (*self.taken, self.by, self.group, self.time)))

    def __str__(self) -> str:
        content = f"image from {self.image!r}" if self.image else f"text from {self.text!r}"
        parts = [content, f"pair from {self.pair!r}" * bool(self.pair), f"label from {self.label!r}"]
        return ", ".join([*filter(None, parts), *([f"annotator from {self.by!r}"] if self.by else [])])


def choose(names: Sequence[str], where: str, ask: Ask) -> Chosen:
    """The fields to read, out of those that there are.

    Raises:
        DataError: One that the user named is not there, or one could not be derived.
    """
    check_named(names, where, ask)
    image = _choose_image(names, where, ask)
    pair = "" if image else _choose_pair(names, where, ask)
    first = next((one for one, two in _pairs(names) if two == pair), "auto") if pair else "auto"
    text = "" if image else choose_text(first if ask.fields.text == "auto" else ask.fields.text, names, where)
    content = (image,) if image else (text, pair) if pair else (text,)
    label = choose_label(ask.fields.label, names, content, where)
    by = _conventional([name for name in names if name not in (*content, label)], ANNOTATOR_NAMES) or ""
    return Chosen(text, label, pair, image, by, ask.group_by or "", ask.time or "")


def check_named(names: Sequence[str], where: str, ask: Ask) -> None:
    """See that every field that the user named is there.

    Raises:
        DataError: One is not.
    """
    wanted = [(kind, name) for kind, name in ask.fields.model_dump().items() if name != "auto"]
    for kind, name in (*wanted, ("group", ask.group_by), ("time", ask.time)):
        if name is not None and name not in names:
            raise unknown(kind, name, names, where)


def choose_text(wanted: str, names: Sequence[str], where: str) -> str:
    """The field that holds the text: the one that is asked for, or else the conventional one.

    Raises:
        DataError: The field is not there, or none could be derived.
    """
    return _choose("text", wanted, names, TEXT_NAMES, _other(names, LABEL_NAMES), names, where)


def choose_label(wanted: str, names: Sequence[str], content: Sequence[str], where: str) -> str:
    """The field that holds the label, given those that hold the content.

    Raises:
        DataError: The field is not there, or none could be derived.
    """
    rest = [name for name in names if name not in content]
    left = rest[0] if len(rest) == 1 and len(names) == len(content) + 1 else None
    return _choose("label", wanted, rest if wanted == "auto" else names, LABEL_NAMES, left, names, where)


def unknown(kind: str, wanted: str, names: Sequence[str], where: str) -> DataError:
    """The error for a field that is not there."""
    return _error(f"there is no field {wanted!r} for the {kind}.", names, where)


def _choose(
    kind: str,
    wanted: str,
    among: Sequence[str],
    conventional: Sequence[str],
    left: str | None,
    names: Sequence[str],
    where: str,
) -> str:
    if wanted != "auto":
        if wanted in among:
            return wanted
        raise unknown(kind, wanted, names, where)
    found = _conventional(among, conventional) or left
    if found is None:
        raise _error(f"no field is known to hold the {kind}.", names, where)
    return found


def _choose_image(names: Sequence[str], where: str, ask: Ask) -> str:
    if ask.fields.image != "auto":
        return ask.fields.image
    has_text = ask.fields.text != "auto" or _conventional(names, TEXT_NAMES) is not None
    if ask.task not in ("auto", "image-classification") or (ask.task == "auto" and has_text):
        return ""
    return _conventional(names, IMAGE_NAMES) or ""


def _choose_pair(names: Sequence[str], where: str, ask: Ask) -> str:
    if ask.fields.pair != "auto":
        return ask.fields.pair
    if ask.fields.text != "auto":
        return next((two for one, two in _pairs(names) if one == ask.fields.text), "")
    return next((two for _, two in _pairs(names)), "")


def _pairs(names: Sequence[str]) -> list[tuple[str, str]]:
    """The pairs of fields whose names say that they are one."""
    lowered = {name.strip().lower(): name for name in names}
    return [(lowered[one], lowered[two]) for one, two in PAIR_NAMES if one in lowered and two in lowered]


def _conventional(names: Sequence[str], conventional: Sequence[str]) -> str | None:
    lowered = {name.strip().lower(): name for name in names}
    return next((lowered[name] for name in conventional if name in lowered), None)


def _other(names: Sequence[str], conventional: Sequence[str]) -> str | None:
    """Of two fields the one that is left when the other has a conventional name."""
    left = [name for name in names if name.strip().lower() not in conventional]
    return left[0] if len(left) == 1 and len(names) == 2 else None


def _error(problem: str, names: Sequence[str], where: str) -> DataError:
    shown = ", ".join(map(repr, list(names)[:20]))
    remedy = f"Name the field to use; there are: {shown}." if shown else "The file has no other field; export it again."
    return DataError("data/unknown-field", problem, remedy=remedy, where=where)
