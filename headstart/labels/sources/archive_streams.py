"""Single compressed files, as streams: gzip, bzip2 and xz, to their very end."""

import bz2
import contextlib
import gzip
import lzma
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO, Protocol

from headstart.labels.sources.archive_rules import CHUNK, Meter, reading

_XZ_MEMORY = 128 << 20  # xz -9 needs 65 MiB; a header may ask for 4 GiB


class Stream(Protocol):
    """What bytes are read from."""

    def read(self, size: int, /) -> bytes:
        """Up to ``size`` bytes; fewer only at the end."""


class _Decoder(Protocol):
    """What :class:`bz2.BZ2Decompressor` and :class:`lzma.LZMADecompressor` share."""

    @property
    def eof(self) -> bool:
        """Whether the stream has ended."""

    @property
    def needs_input(self) -> bool:
        """Whether nothing more comes without more bytes."""

    @property
    def unused_data(self) -> bytes:
        """What follows the stream's end."""

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        """Up to ``max_length`` unpacked bytes."""


class _Unpacked:
    """One or several compressed streams after one another.

    The standard library's files take what follows the first stream for padding if it is none, so that a
    damaged second stream, and all its records, would be lost without a word.
    """

    def __init__(self, packed: BinaryIO, decoder: Callable[[], _Decoder]) -> None:
        self._packed = packed
        self._new = decoder
        self._decoder = decoder()

    def read(self, size: int, /) -> bytes:
        """Up to ``size`` bytes."""
        while True:
            data = b""
            if self._decoder.eof:
                data = self._next_stream()
                if not data:
                    return b""
            elif self._decoder.needs_input:
                data = self._packed.read(CHUNK)
                if not data:
                    raise EOFError
            if unpacked := self._decoder.decompress(data, size):
                return unpacked

    def _next_stream(self) -> bytes:
        """The start of the stream that follows, past the zeros that may pad the one before; empty at the end."""
        data = self._decoder.unused_data
        while not (data := data.lstrip(b"\0")):
            data = self._packed.read(CHUNK)
            if not data:
                return b""
        self._decoder = self._new()
        return data


class _Whole:
    """A stream that gives as much as it was asked for, counted, and whose damage is a refusal."""

    def __init__(self, stream: Stream, meter: Meter) -> None:
        self._stream = stream
        self._meter = meter

    def read(self, size: int, /) -> bytes:
        """``size`` bytes, or what is left."""
        parts: list[bytes] = []
        while size:
            with reading():
                part = self._stream.read(size)
            if not part:
                break
            self._meter.count(len(part))
            parts.append(part)
            size -= len(part)
        return b"".join(parts)


def _xz() -> lzma.LZMADecompressor:
    return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_XZ_MEMORY)


_OPEN: Mapping[str, Callable[[BinaryIO], Stream]] = MappingProxyType(
    {
        "": lambda packed: packed,
        "gz": lambda packed: gzip.GzipFile(fileobj=packed),
        "bz2": lambda packed: _Unpacked(packed, bz2.BZ2Decompressor),
        "xz": lambda packed: _Unpacked(packed, _xz),
    }
)


@contextlib.contextmanager
def opened(path: Path, packing: str, meter: Meter) -> Iterator[Stream]:
    """The unpacked bytes of a file that is packed as ``gz``, ``bz2`` or ``xz``, or not at all (an empty string).

    Reading raises ArchiveError where the file is damaged, or unpacks to more than the meter allows.
    """
    with reading():
        packed = path.open("rb")
    with packed:
        yield _Whole(_OPEN[packing](packed), meter)
