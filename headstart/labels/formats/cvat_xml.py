"""CVAT's XML as a stream: an image at a time, without what is drawn into it."""

from collections import Counter
from collections.abc import Iterator, Sequence
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from headstart.errors import DataError
from headstart.labels.sources.files import SourceFile

_DEEPEST = 64
_SHAPES = {
    "box": "boxes",
    "cuboid": "cuboids",
    "ellipse": "ellipses",
    "mask": "masks",
    "points": "points",
    "polygon": "polygons",
    "polyline": "polylines",
    "skeleton": "skeletons",
    "track": "tracks",
}


def elements(file: SourceFile, aside: Counter[str]) -> Iterator[Element]:
    """The ``meta`` element whole, and each ``image`` with its tags; ``aside`` counts all else that is annotated.

    Raises:
        DataError: It is no XML, or other XML than CVAT writes.
    """
    path: list[Element] = []
    try:
        with file.path.open("rb") as stream:
            for event, element in iterparse(stream, events=("start", "end"), forbid_dtd=True):
                if event == "start":
                    path.append(element)
                    _check(path, file.name)
                    continue
                path.pop()
                if len(path) == 1 and element.tag in ("meta", "image"):
                    yield element
                elif path and _is_annotation(path, element):
                    aside[_SHAPES.get(element.tag, "other elements")] += 1
                if path and not _is_kept(path, element):
                    path[-1].remove(element)  # or all of the file would be in memory in the end
    except ParseError as error:
        line, _ = error.position
        raise _unreadable(f"not XML: {str(error).partition(':')[0]}", f"{file.name}, line {line}") from None
    except DefusedXmlException:
        raise _unreadable("it declares a document type, as CVAT never does", file.name) from None
    except (ValueError, LookupError) as error:  # an encoding that there is not
        raise _unreadable(f"not XML: {error}", file.name) from None


def _check(path: Sequence[Element], where: str) -> None:
    if path[0].tag != "annotations":
        raise _unreadable("its outermost element is not <annotations>", where)
    if len(path) > _DEEPEST:
        raise _unreadable("nested too deeply", where)


def _is_annotation(path: Sequence[Element], element: Element) -> bool:
    """Whether it is a track, or is drawn into an image."""
    if len(path) == 1:
        return element.tag != "version"
    return len(path) == 2 and path[1].tag == "image" and element.tag != "tag"


def _is_kept(path: Sequence[Element], element: Element) -> bool:
    """Whether it is a part of the meta element, or of a tag."""
    tags = [*(each.tag for each in path), element.tag]
    return len(tags) > 2 and (tags[1] == "meta" or tags[1:3] == ["image", "tag"])


def _unreadable(problem: str, where: str) -> DataError:
    remedy = "Export it from CVAT again, as 'CVAT for images 1.1'."
    return DataError("data/unreadable", f"{problem}.", remedy=remedy, where=where)
