"""What people call the fields of a table, from the surest names to mere hints.

Names are compared by their words: ``reviewText``, ``review_text`` and ``Review text`` are one.
"""

import re
from collections.abc import Iterator, Sequence

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
    "gold_label",
    "score",
    "rating",
    "stars",
    "overall",
    "polarity",
    "stance",
    "topics",
    "intents",
    "emotions",
    "genre",
    "genres",
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
SPLIT_NAMES = ("split",)
ROW_NAMES = "row names"
"""What the column of R's names of rows is called, which R does not name."""

_ID_ENDS = ("id", "idx", "uid", "guid", "uuid", "number", "no", "nr")
_ID_NAMES = ("id", "index", "idx", "uid", "guid", "uuid", "key", "unnamed_0", "row_names")

# Parts of a text that records are sometimes about, where nothing is called a text.
_PARTS = (
    "description",
    "abstract",
    "summary",
    "headline",
    "title",
    "post",
    "article",
    "passage",
    "statement",
    "narrative",
    "transcript",
    "feedback",
    "email",
    "query",
    "prompt",
    "input",
)
_TEXT_ENDS = ("text", "sentence", "message", "utterance", "content", "body", "tweet")
_NUMBER_ENDS = ("score", "rating", "stars")
_NAME_ENDS = ("label", "labels", "category", "class", "intent", "sentiment", "emotion", "topic", "tags", *_NUMBER_ENDS)
_SAYS_WHICH = ("name", "text", "id", "index", "code")  # what a label is given by: class_index
_NO_LABEL = frozenset({"confidence", "predicted", "prediction", "model", "prob", "probability", "weight", "agreement"})
_PAIRED = ("sentence", "sent", "text", "question", "string", "utterance", "document", "doc", "statement", "phrase")
_MORE_PAIRS = (
    ("context", "hypothesis"),
    ("text", "hypothesis"),
    ("question", "sentence"),
    ("question", "passage"),
    ("query", "passage"),
    ("query", "document"),
    ("claim", "evidence"),
)
_SIDES = (("1", "2"), ("a", "b"), ("first", "second"), ("one", "two"), ("left", "right"))
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_]+")
_NUMBER_SIGN = re.compile(r"#\s*$")  # "Sentence #" counts sentences

Words = tuple[str, ...]


def key(name: str) -> str:
    """A name as names are compared."""
    return "_".join(_words(name))


def exact(names: Sequence[str], usual: Sequence[str]) -> str | None:
    """The field whose name is the most usual one."""
    known: dict[str, str] = {}
    for name in names:
        known.setdefault(key(name), name)
    return next((known[each] for each in map(key, usual) if each in known), None)


def texts(names: Sequence[str]) -> list[str]:
    """The fields that may be the text, where none is called exactly so: the likelier ones alone."""
    part = exact(names, _PARTS)
    return called_text(names) or ([part] if part else [])


def called_text(names: Sequence[str]) -> list[str]:
    """The fields that are called some text, such as ``comment_text``."""
    return [name for name in names if _words(name)[-1:] and _words(name)[-1] in _TEXT_ENDS]


def labels(names: Sequence[str], is_number: bool | None) -> list[str]:
    """The fields that may be the label, where none is called exactly so: the likelier ones alone.

    Args:
        names: The fields.
        is_number: Whether the task takes numbers; None where that is open.
    """
    words = {name: found for name in names if (found := _words(name)) and not _NO_LABEL.intersection(found)}
    by_end = [name for name, found in words.items() if len(found) > 1 and found[-1] in _NAME_ENDS]
    if is_number is not None and len(by_end) > 1:
        by_end = [name for name in by_end if (words[name][-1] in _NUMBER_ENDS) == is_number] or by_end
    if by_end:
        return by_end
    for which in _SAYS_WHICH:
        by_start = [name for name, said in words.items() if said[-1] == which and said[:-1] in _label_words()]
        if by_start:
            return by_start
    return [name for name, said in words.items() if len(said) > 1 and said[0] == "is"]


def pairs(names: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The pairs of fields whose names say that they are two texts to compare, the likelier first."""
    known: dict[Words, str] = {}
    for name in names:
        known.setdefault(_words(name), name)
    for kind in _PAIRED:
        for one, two in _SIDES:
            for sides in (((kind, one), (kind, two)), ((one, kind), (two, kind))):
                if all(side in known for side in sides):
                    yield known[sides[0]], known[sides[1]]
    for first, second in (*PAIR_NAMES, *_MORE_PAIRS):
        if _words(first) in known and _words(second) in known:
            yield known[_words(first)], known[_words(second)]


def is_id(name: str) -> bool:
    """Whether a name says that it identifies the record, or it says nothing."""
    words = _words(name)
    return not words or key(name) in _ID_NAMES or words[-1] in _ID_ENDS


def is_aside(name: str) -> bool:
    """Whether a name says that it holds neither text nor label."""
    return is_id(name) or exact([name], (*ANNOTATOR_NAMES, *SPLIT_NAMES, *IMAGE_NAMES)) is not None


def _words(name: str) -> Words:
    return tuple(word.lower() for word in _WORD.findall(_NUMBER_SIGN.sub(" number", name)))


def _label_words() -> set[Words]:
    return {_words(name) for name in LABEL_NAMES}
