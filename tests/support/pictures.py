"""Images made for a test, each told by its color."""

import io
import struct
import zlib
from pathlib import Path
from typing import Any

from PIL import Image


def picture(color: str = "red", form: str = "PNG", size: tuple[int, int] = (8, 6), **options: Any) -> bytes:
    """An image's bytes."""
    stream = io.BytesIO()
    Image.new("RGB", size, color).save(stream, form, **options)
    return stream.getvalue()


def picture_file(path: Path, color: str = "red", form: str = "PNG") -> bytes:
    """An image in a file, whose folder is made; gives its bytes."""
    data = picture(color, form)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return data


def chunk(kind: bytes, data: bytes) -> bytes:
    """A chunk of a PNG file."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, *chunks: bytes) -> bytes:
    """A gray PNG image that says it has this size, whatever its chunks hold."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(chunks) + chunk(b"IEND", b"")


def square_bomb(side: int) -> bytes:
    """A PNG image of ``side`` by ``side`` black pixels, packed as small as can be."""
    packer = zlib.compressobj(9)
    row = bytes(side + 1)
    body = b"".join([*(packer.compress(row) for _ in range(side)), packer.flush()])
    return png(side, side, chunk(b"IDAT", body))


def tiff(pages: int, *, last: int = 0) -> bytes:
    """A TIFF image of one gray pixel a page; ``last`` is where the last page says that the next one stands."""
    fields = ((256, 1), (257, 1), (258, 8), (259, 1), (262, 1), (273, 8), (277, 1), (278, 1), (279, 1))
    size = 2 + 12 * len(fields) + 4
    data = bytearray(struct.pack("<2sHIBx", b"II", 42, 10, 0x80))
    for page in range(pages):
        data += struct.pack("<H", len(fields))
        for tag, value in fields:
            data += struct.pack("<HHII", tag, 4, 1, value)
        data += struct.pack("<I", 10 + (page + 1) * size if page + 1 < pages else last)
    return bytes(data)
