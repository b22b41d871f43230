"""COCO: one JSON object of images, of annotations that say of which image they are, and of the categories they have.

It is read for what an image shows: its label is the set of its annotations' categories. Where in the image that is
(boxes, segmentations, keypoints) is left aside. CVAT, Datumaro, Label Studio, Roboflow and FiftyOne write it too, among
them with annotations that are categories alone; in panoptic ones the segments have the categories.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from headstart.errors import DataError
from headstart.labels.formats.coco_labels import Said, key_of, names_of, said_of
from headstart.labels.images import fields as image_fields
from headstart.labels.images.lookup import first_of
from headstart.labels.records import Ask, Reading, Record, Reject, is_clean, printable
from headstart.labels.sources.files import SourceFile, UnseenImage
from headstart.labels.tables.json_file import document

_KEYS = ("images", "annotations", "categories")
_START = 1 << 16  # bytes, within which one of the keys stands
_FIRST = re.compile(rb'[{,]\s*"(?:images|annotations|categories|info|licenses)"\s*:\s*[\[{]')
# The name of the file has that of the images' folder: instances_train2017.json.
_SUBSET = re.compile(r"(?:instances|labels|person_keypoints|stuff|panoptic|captions|image_info)_(.+)")
# Label Studio exports images in images/, but in several versions says where on its own machine they were: absolute,
# upwards from some folder of its own, or below the project's number; where it tells them by a prefix of its own.
_ELSEWHERE = re.compile(r"[\\/]|[A-Za-z]:[\\/]|\.\.[\\/]|.*[\\/][0-9a-f]{8}-[^\\/]*$")


def recognise(file: SourceFile) -> str | None:
    """A JSON object that has images, annotations and categories."""
    start = file.start(_START).lstrip()
    if start.startswith(b"{") and _FIRST.search(start) and all(file.contains(f'"{key}"'.encode()) for key in _KEYS):
        return "it is a JSON object with images, annotations and categories"
    return None


def read(file: SourceFile, ask: Ask) -> Reading:
    """One record an image, with the categories of its annotations."""
    images, annotations, categories = _load(file)
    fields = list(dict.fromkeys(name for image in images if isinstance(image, dict) for name in image))
    image_fields.check(ask, fields, file.name)
    name = image_fields.choose("image", ask.fields.image, "file_name", fields, file.name)
    texts = (part for each in categories if isinstance(each, dict) for part in each if isinstance(each[part], str))
    label = image_fields.choose("label", ask.fields.label, "name", list(dict.fromkeys(texts)), file.name)
    files = _files(images, name)
    aside: Counter[str] = Counter()
    said = said_of(annotations, names_of(categories, label, file.name), files.keys() - {None}, aside)
    # Nobody knows which image annotations are about where several share an id.
    shared = {key for key, found in files.items() if len(found) > 1}
    ends = Counter(_end(str(image.get(name))) for image in images if isinstance(image, dict))
    words = f"image from {name!r}, label from {label!r} of its categories"
    return Reading(words, "names", _Images(file, ask, name, said, shared, ends).records(images), aside)


def _load(file: SourceFile) -> list[list[Any]]:
    found = document(file)
    lists: list[list[Any]] = []
    for key in _KEYS:
        each = found.get(key) if isinstance(found, dict) else None
        if not isinstance(each, list):
            raise _unreadable(f"it has no list of {key}", file.name)
        lists.append(each)
    return lists


def _unreadable(problem: str, where: str) -> DataError:
    return DataError("data/unreadable", f"{problem}.", remedy="Export it as COCO again.", where=where)


def _files(images: Sequence[Any], name: str) -> dict[str | None, set[str]]:
    """What the images of each id are called."""
    files: dict[str | None, set[str]] = defaultdict(set)
    for image in images:
        if isinstance(image, dict):
            files[key_of(image.get("id"))].add(repr(image.get(name)))
    return files


def _end(reference: str) -> str:
    """The name of the file, without its folders."""
    return reference.replace("\\", "/").rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class _Images:
    """How entries of the list of images become records."""

    file: SourceFile
    ask: Ask
    name: str
    said: Mapping[str | None, Said]
    shared: Set[str | None]
    ends: Mapping[str, int]

    def records(self, images: Sequence[Any]) -> Iterator[Record | Reject]:
        seen: set[str | None] = {None}
        for number, image in enumerate(images, start=1):
            if not isinstance(image, dict):
                yield Reject(f"{self.file.name}, image number {number}", "not-an-object", image)
                continue
            key = key_of(image.get("id"))
            place = printable(f"{self.file.name}, image {key if key else f'number {number}'}")
            is_its_own = key not in seen and key not in self.shared
            yield self._record(image, key, place) if is_its_own else Reject(place, "bad-id", image)
            seen.add(key)

    def _record(self, image: dict[str, Any], key: str | None, place: str) -> Record | Reject:
        said = self.said.get(key, Said())
        if said.unknown:
            return Reject(place, "unknown-label", {"image": image, "annotations": said.unknown})
        reference = image.get(self.name)
        if not isinstance(reference, str) or not reference.strip():
            return Reject(place, "no-image", image)
        group, time = image_fields.group(image, self.ask), image_fields.time(image, self.ask)
        texts = [text for by, names in said.names.items() for text in (by or "", *names)]
        if not all(map(is_clean, (reference, group or "", *texts))):
            return Reject(place, "broken-unicode", repr(image))
        if self.ask.time and time is None:
            return Reject(place, "bad-time", image)
        try:
            data = first_of(self.file.image, self._references(reference))
        except UnseenImage as unseen:
            return Reject(place, unseen.reason, image)
        return Record(place, reference, said.votes, self.file.split, group, image=data, time=time)

    def _references(self, reference: str) -> Iterator[str]:
        """The image's own, and where tools lay images that they name without the folder."""
        subset = _SUBSET.fullmatch(PurePosixPath(self.file.name).stem)
        yield reference
        for folder in ("images", *((f"images/{subset[1]}", subset[1]) if subset else ()), "data"):
            yield f"{folder}/{reference}"
        end = _end(reference)
        if self.ends[end] == 1 and _ELSEWHERE.match(reference):  # else it could be another one's
            yield from (f"images/{end}", end)
