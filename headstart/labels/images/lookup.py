"""The images that records name: found where they may be looked for, and checked.

An export may come from anybody, and so may what it calls an image. Therefore:

- A name of a file leads into the folder that images may lie in, and never out of it: not by ``..``, a link, or an
  absolute path (:mod:`.confined`).
- A URI of an object store must be under ``data.root``. Whoever reads has that store's credentials and more; whoever
  labels must not be able to use them to look elsewhere, so that not even the rest of the bucket will do.
- A web address is asked for without credentials, and only on the public internet (:mod:`headstart.adapters.web`).
- What is found is an image only if it decodes (:mod:`.check`).
"""

import posixpath
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit

from headstart.errors import DataError
from headstart.labels.images import confined
from headstart.labels.images import names as image_names
from headstart.labels.images.check import MOST_BYTES, checked
from headstart.labels.sources.files import Elsewhere, UnseenImage
from headstart.store import Store, is_key, open_store

_SECONDS = 60.0  # for one image from the web
_PATIENCE = 120.0  # seconds that a host may fail, one time after the other, before it is asked no more


class Images:
    """What gives the images of an export's file; it becomes :attr:`.files.SourceFile.image`.

    A relative name is looked for under ``root``; without one in the file's folder, and in those above it as far as
    ``top``: the images of ``annotations/labels.json`` are mostly in ``images/``.

    Args:
        folder: Where the export's file lies.
        root: The spec's ``data.root``: a folder or a URI of a store.
        top: The outermost folder that the source stands for, such as that of an unpacked archive.
        links: A further folder that links may lead to, as the hub's cache has them.
        elsewhere: Is told of what is looked for.
    """

    def __init__(
        self,
        folder: Path,
        root: str | None = None,
        *,
        top: Path | None = None,
        links: Path | None = None,
        elsewhere: Elsewhere | None = None,
    ) -> None:
        self._root = root
        self._folders = _up(folder, top or folder) if root is None else [Path(root.removeprefix("file://"))]
        self._links = [*self._folders[-1:], *([links] if links else [])]
        self._elsewhere = elsewhere or Elsewhere()
        self._is_inside = root is None and top is not None  # so that what is found there is of the export
        self._lost: dict[str, float] = defaultdict(float)

    def __call__(self, reference: str) -> bytes:
        """The bytes of an image, by what a record calls it.

        Raises:
            UnseenImage: It is not there or may not be read, or is none that can be used.
            StoreError: The object store fails.
        """
        found = image_names.contained(reference)
        if found is None:
            found = self._in_root(reference) if self._store else self._in_folders(reference)
        if found is None and image_names.is_on_the_web(reference):
            found = self._on_the_web(reference)
        if found is None:
            raise UnseenImage("no-image")
        return checked(found)

    @cached_property
    def _store(self) -> Store | None:
        is_store = self._root is not None and image_names.is_uri(self._root) and not self._root.startswith("file://")
        return open_store(self._root) if self._root and is_store else None

    def _in_folders(self, reference: str) -> bytes | None:
        for name in image_names.names(reference):
            for folder in self._folders:
                found = confined.read(name, folder, self._links, MOST_BYTES)
                if found is not None:
                    self._ask(folder / name)
                    return found
        self._ask(None)
        return None

    def _ask(self, path: Path | None) -> None:
        if not self._is_inside:
            self._elsewhere.ask(path)

    def _in_root(self, reference: str) -> bytes | None:
        self._elsewhere.ask(None)
        under = f"{(self._root or '').rstrip('/')}/"
        keys = [reference.removeprefix(under)] if reference.startswith(under) else image_names.names(reference)
        for key in map(posixpath.normpath, keys):
            about = self._store.stat(key) if self._store and is_key(key) else None
            if about and about.size > MOST_BYTES:
                raise UnseenImage("unreadable-image")
            if about and self._store:
                return self._store.get(key)
        return None

    def _on_the_web(self, address: str) -> bytes | None:
        from headstart.adapters.web import content

        self._elsewhere.ask(None)
        host = _host(address)
        if self._lost[host] > _PATIENCE:  # else thousands of images would wait for it
            return None
        started = time.monotonic()
        try:
            found = content(address, MOST_BYTES, _SECONDS)
        except DataError:
            self._lost[host] += time.monotonic() - started
            return None
        self._lost[host] = 0.0
        if found is None:
            raise UnseenImage("unreadable-image")
        return found


def first_of(image: Callable[[str], bytes], references: Iterable[str]) -> bytes:
    """The first image that is there, of several references by which a record's may go.

    Raises:
        UnseenImage: None is there, or it is none that can be used.
    """
    for reference in dict.fromkeys(references):
        try:
            return image(reference)
        except UnseenImage as unseen:
            if unseen.reason != "no-image":
                raise
    raise UnseenImage("no-image")


def _up(folder: Path, top: Path) -> list[Path]:
    """The folder and those above it, as far as the outermost; itself alone where it does not lie in that one."""
    above = [each for each in folder.parents if each == top or top in each.parents]
    return [folder, *above]


def _host(address: str) -> str:
    try:
        return urlsplit(address).netloc
    except ValueError:
        return address
