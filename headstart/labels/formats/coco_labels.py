"""What a COCO file's annotations say of each of its images."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any

from headstart.errors import DataError
from headstart.labels.records import Vote, printable

_ASIDE = {"bbox": "boxes", "segmentation": "segmentations", "keypoints": "keypoints", "iscrowd": "crowds"}


@dataclass
class Said:
    """The names of an image, by annotator, and the annotations whose category is not known."""

    names: dict[str | None, dict[str, None]] = field(default_factory=lambda: defaultdict(dict))
    unknown: list[Any] = field(default_factory=list)

    @property
    def votes(self) -> tuple[Vote, ...]:
        """One vote an annotator; one for all annotations where the file does not say whose they are."""
        return tuple(Vote(tuple(names), by) for by, names in self.names.items())


def key_of(value: object) -> str | None:
    """An id as a key, None where it is none; some tools write numbers as text, or as 1.0."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int | str) or value == "":
        return None
    return str(value)


def names_of(categories: Sequence[Any], label: str, where: str) -> dict[str, str]:
    """The label of each category by its id; a category without one is as if it were not there.

    Raises:
        DataError: Two categories share an id.
    """
    names: dict[str, str] = {}
    for each in categories:
        key = key_of(each.get("id")) if isinstance(each, dict) else None
        value = each.get(label) if key else None
        if key is None or isinstance(value, bool) or not isinstance(value, str | int) or not str(value).strip():
            continue
        name = str(value).strip()
        if names.setdefault(key, name) != name:
            problem = printable(f"category {key} is both {names[key]!r} and {name!r}.")
            raise DataError("data/unreadable", problem, remedy="Give each category an id of its own.", where=where)
    return names


def said_of(
    annotations: Sequence[Any], names: Mapping[str, str], images: Set[str | None], aside: Counter[str]
) -> dict[str | None, Said]:
    """What is said of each image, by its id; what says nothing of an image is counted in ``aside``."""
    said: dict[str | None, Said] = defaultdict(Said)
    for annotation in annotations:
        if not isinstance(annotation, dict):
            aside["damaged annotations"] += 1
        elif (image := key_of(annotation.get("image_id"))) not in images:
            aside["annotations of unknown images"] += 1
        else:
            aside.update(noun for part, noun in _ASIDE.items() if annotation.get(part))
            _add(annotation, names, said[image], aside)
    return said


def _add(annotation: Mapping[str, Any], names: Mapping[str, str], said: Said, aside: Counter[str]) -> None:
    if "caption" in annotation:  # some tools give these a category 0 that there is not
        aside["captions"] += 1
        return
    by = annotation.get("annotator")
    for category in _categories(annotation):
        name = names.get(key_of(category) or "")
        if name is None:
            said.unknown.append(annotation)
        else:
            said.names[by if isinstance(by, str) and by else None][name] = None


def _categories(annotation: Mapping[str, Any]) -> list[Any]:
    """The ids of an annotation's categories: its own, or those of its segments where it is a panoptic one."""
    segments = annotation.get("segments_info")
    if not isinstance(segments, list):
        return [annotation.get("category_id")]
    return [each.get("category_id") if isinstance(each, dict) else None for each in segments]
