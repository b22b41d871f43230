"""CVAT's XML, as it is exported "for images" (version 1.1) from a job, a task or a project.

An image's labels are its tags. What is drawn into it (boxes, polygons, masks and the like) is left aside, and so are
the tracks of the export "for video", which has no images. Images lie in ``images/``, in a project's export in a folder
for each subset, which later versions do for a task as well. A frame of a video has no ending in the XML and ``.PNG`` in
the folder.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any
from xml.etree.ElementTree import Element

from headstart.labels.formats.cvat_xml import elements
from headstart.labels.images import fields as image_fields
from headstart.labels.images.lookup import first_of
from headstart.labels.records import Ask, Reading, Record, Reject, Vote
from headstart.labels.sources import published
from headstart.labels.sources.files import SourceFile, UnseenImage

_TAG = "tag"  # what data.fields.label calls the tags themselves, beside their attributes
_START = 1 << 16  # bytes
_ROOT = re.compile(rb"(?:<\?xml[^>]*>)?\s*(?:<!--.*?-->\s*)*<annotations\s*>", re.DOTALL)
_INSIDE = re.compile(rb"<version>1\.\d+</version>|<meta>|<image\s|<track\s")


def recognise(file: SourceFile) -> str | None:
    """XML of annotations that have a version, images or tracks."""
    start = file.start(_START).lstrip()
    root = _ROOT.match(start)
    if root and _INSIDE.search(start, root.end()):
        return "it is XML of annotations as CVAT writes it"
    return None


def read(file: SourceFile, ask: Ask) -> Reading:
    """One record an image, with its tags."""
    aside: Counter[str] = Counter()
    found = elements(file, aside)
    vocabulary: set[str] = set()
    attributes: dict[str, None] = {}
    subset = ""
    first: list[Element] = []
    for element in found:
        if element.tag == "image":
            first.append(element)
            break
        vocabulary |= _texts(element, "label", "name")
        attributes |= dict.fromkeys(sorted(_texts(element, "attribute", "name")))
        subset = element.findtext("task/subset") or element.findtext("job/subset") or ""
    fields = list(first[0].attrib) if first else []
    image_fields.check(ask, fields, file.name)
    image_fields.choose("image", ask.fields.image, "name", fields, file.name)
    label = image_fields.choose("label", ask.fields.label, _TAG, list(attributes), file.name)
    images = chain(first, (element for element in found if element.tag == "image"))
    words = "image from 'name', label from " + ("its tags" if label == _TAG else f"the attribute {label!r} of its tags")
    return Reading(words, "names", _Images(file, ask, label, vocabulary, subset, aside).records(images), aside)


def _texts(element: Element, tag: str, inner: str) -> set[str]:
    """The texts of the inner elements of all elements with the tag."""
    found = (each.findtext(inner) for each in element.iter(tag))
    return {text.strip() for text in found if text and text.strip()}


@dataclass(frozen=True, slots=True)
class _Images:
    """How images become records.

    ``vocabulary`` has the labels that CVAT knew, or none where it does not say; ``subset`` is that of the only task.
    """

    file: SourceFile
    ask: Ask
    label: str
    vocabulary: set[str]
    subset: str
    aside: Counter[str]

    def records(self, images: Iterator[Element]) -> Iterator[Record | Reject]:
        for number, image in enumerate(images, start=1):
            name = image.get("name", "").strip()
            task = f" of task {image.get('task_id')}" if "task_id" in image.attrib else ""
            place = f"{self.file.name}, image {name or f'number {number}'}{task}"
            yield self._record(image, name, place)

    def _record(self, image: Element, name: str, place: str) -> Record | Reject:
        def reject(reason: str) -> Reject:
            return Reject(place, reason, _content(image))

        tags = [(tag.get("label") or "").strip() for tag in image]
        labels = dict.fromkeys(tags if self.label == _TAG else self._attributes(image))
        self.aside.update("attributes" for _ in self._others(image))
        if not name:
            return reject("no-image")
        if "" in tags:
            return reject("bad-label")
        if self.vocabulary and not self.vocabulary.issuperset(tags):
            return reject("unknown-label")
        time = image_fields.time(image.attrib, self.ask)
        if self.ask.time and time is None:
            return reject("bad-time")
        try:
            data = first_of(self.file.image, _references(name, image.get("subset", self.subset)))
        except UnseenImage as unseen:
            return reject(unseen.reason)
        votes = (Vote(tuple(labels)),) if labels else ()
        split = self.file.split or published.said_by(image.get("subset", ""))
        return Record(place, name, votes, split, image_fields.group(image.attrib, self.ask), image=data, time=time)

    def _attributes(self, image: Element) -> Iterator[str]:
        """The values of the attribute that is the label."""
        for attribute in image.iter("attribute"):
            if attribute.get("name") == self.label and attribute.text and attribute.text.strip():
                yield attribute.text.strip()

    def _others(self, image: Element) -> Iterator[Element]:
        return (each for each in image.iter("attribute") if each.get("name") != self.label)


def _references(name: str, subset: str) -> Iterator[str]:
    """Where an image may lie."""
    for folder in (*((f"images/{subset}/", f"{subset}/") if subset else ()), "images/", ""):
        for ending in ("", *(() if "." in name else (".PNG", ".png"))):
            yield f"{folder}{name}{ending}"


def _content(image: Element) -> dict[str, Any]:
    """The image as an account can show it."""
    tags = [{**tag.attrib, **{each.get("name", ""): each.text for each in tag.iter("attribute")}} for tag in image]
    return {**image.attrib, "tags": tags}
