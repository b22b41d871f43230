"""Tar archives, read as one stream: old, POSIX and GNU headers.

Python's tarfile is not used: it keeps every member in memory, reads an extended header of any size, takes an
archive that ends between two members for whole, and leaves what follows the end unread.
"""

from collections.abc import Iterator

from headstart.labels.sources.archive_rules import CHUNK, ArchiveError, Member
from headstart.labels.sources.archive_streams import Stream

BLOCK = 512
_LONGEST_HEADER = 1 << 20  # bytes of an extended header: names are short, but macOS puts file attributes there
_FILES, _FOLDER, _LABEL = (b"0", b"\0", b"7"), b"5", b"V"
_PATH, _SIZE, _SPARSE = b"path", b"size", b"GNU.sparse."
_SIZE_DIGITS = 20
_LONG_NAME, _LONG_LINK, _POSIX, _GLOBAL = b"L", b"K", b"x", b"g"
_REFUSED = {
    b"1": "is a hard link",
    b"2": "is a symbolic link",
    b"3": "is a device",
    b"4": "is a device",
    b"6": "is a named pipe",
    b"S": "is a sparse file",
    b"M": "continues a file of another volume",
}


def is_header(block: bytes) -> bool:
    """Whether a tar archive can start with this block: its checksum tells, which no other file has by chance."""
    return len(block) == BLOCK and bool(block[0]) and _sums_up(block)


def members(stream: Stream) -> Iterator[Member]:
    """Every member, in order, up to the end of the stream: archives that were joined are one.

    Raises:
        ArchiveError: The archive is damaged or truncated, or a member is neither a file nor a folder.
    """
    said: dict[bytes, bytes] = {}  # what extended headers say of the next member
    ended = False
    while block := stream.read(BLOCK):
        if not any(block):
            ended = True
            continue
        if len(block) < BLOCK:
            raise ArchiveError("is truncated")
        if not _sums_up(block):
            raise ArchiveError("is damaged: a header does not match its checksum")
        ended = False
        kind, size = block[156:157], _number(block[124:136])
        if kind in (_LONG_NAME, _LONG_LINK, _POSIX, _GLOBAL):
            said |= _extended(kind, _body(stream, size))
        elif kind != _LABEL:
            content = _Content(stream, int(said.get(_SIZE, size)))
            yield _member(b"S" if _SPARSE in said else kind, _name(block, said), content)
            content.skip()
            said = {}
    if not ended:
        raise ArchiveError("is truncated")


class _Content:
    """The bytes of one member, and the zeros that fill its last block."""

    def __init__(self, stream: Stream, size: int) -> None:
        self._stream = stream
        self._left = size
        self._padding = -size % BLOCK
        self.size = size

    def chunks(self) -> Iterator[bytes]:
        """What has not been taken yet."""
        while self._left:
            chunk = self._stream.read(min(self._left, CHUNK))
            if not chunk:
                raise ArchiveError("is truncated")
            self._left -= len(chunk)
            yield chunk

    def skip(self) -> None:
        """Go to the next header."""
        for _ in self.chunks():
            pass
        if len(self._stream.read(self._padding)) < self._padding:
            raise ArchiveError("is truncated")


def _member(kind: bytes, name: str, content: _Content) -> Member:
    is_folder = kind == _FOLDER or (kind in _FILES and name.endswith("/"))
    if not is_folder and kind not in _FILES:
        raise ArchiveError(_REFUSED.get(kind, f"is of a type that is not known, {kind!r}"), member=name)
    if is_folder and content.size:
        raise ArchiveError("is a folder with content", member=name)
    return Member(name, is_folder, content.chunks)


def _body(stream: Stream, size: int) -> bytes:
    if size > _LONGEST_HEADER:
        raise ArchiveError(f"has a header of {size} bytes")
    body = stream.read(size + -size % BLOCK)
    if len(body) < size + -size % BLOCK:
        raise ArchiveError("is truncated")
    return body[:size]


def _extended(kind: bytes, body: bytes) -> dict[bytes, bytes]:
    if kind == _LONG_NAME:
        return {_PATH: body.partition(b"\0")[0]}
    if kind == _POSIX:
        return dict(_records(body))
    return {}  # the target of a link, which is refused by itself, or remarks on the archive as a whole


def _records(body: bytes) -> Iterator[tuple[bytes, bytes]]:
    """What matters of what a POSIX header says: lines of their own length, a key and a value."""
    at = 0
    while at < len(body):
        length, space, _ = body[at : at + 16].partition(b" ")
        if not space or not length.isdigit():
            raise ArchiveError("is damaged: an extended header has no length")
        end = at + int(length)
        key, equals, value = body[at + len(length) + 1 : end].partition(b"=")
        if end > len(body) or not equals or not value.endswith(b"\n"):
            raise ArchiveError("is damaged: an extended header has no value")
        value = value[:-1]
        if key == _SIZE and not (value.isdigit() and len(value) <= _SIZE_DIGITS):
            raise ArchiveError("is damaged: a size is no number")
        if key in (_PATH, _SIZE):
            yield key, value
        elif key.startswith(_SPARSE):
            yield _SPARSE, value
        at = end


def _name(block: bytes, said: dict[bytes, bytes]) -> str:
    name = said.get(_PATH)
    if not name:
        name = block[:100].partition(b"\0")[0]
        prefix = block[345:500].partition(b"\0")[0]
        if block[257:263] == b"ustar\0" and prefix:
            name = prefix + b"/" + name
    # What is not UTF-8 becomes half characters, which the check of names refuses.
    return name.decode(errors="surrogateescape")


def _sums_up(block: bytes) -> bool:
    """Whether a header's checksum is right; some writers took bytes for signed numbers."""
    try:
        said = _number(block[148:156])
    except ArchiveError:
        return False
    rest = block[:148] + b" " * 8 + block[156:]
    return said in (sum(rest), sum(rest) - 256 * sum(byte > 127 for byte in rest))


def _number(field: bytes) -> int:
    if field[0] & 0x80:  # GNU's way to say what needs more digits
        if field[0] != 0x80:
            raise ArchiveError("is damaged: a size is negative")
        return int.from_bytes(field[1:], "big")
    digits = field.strip(b" \0")
    if digits.strip(b"01234567"):
        raise ArchiveError("is damaged: a number is not octal")
    return int(digits or b"0", 8)
