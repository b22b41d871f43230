"""Images that may be trusted to be images: of a known kind, of a sensible size, and whole.

They come from whoever labels, so each is decoded once before it counts as a record. Only formats whose decoders are
plain are tried: no SVG and PDF, which are documents, and no EPS, for which Pillow would run Ghostscript.
"""

import io
import re
import warnings

from PIL import Image

from headstart.labels.sources.files import UnseenImage

MOST_BYTES = 64 << 20
MOST_PIXELS = 50_000_000

_DECODED = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")
_MAGIC = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a", b"BM", b"II*\0", b"MM\0*")
# Those that are refused are named too: a folder of photos must account for them.
_SUFFIX = re.compile(r"\.(avif|bmp|gif|hei[cf]|ico|jfif|jp2|jpe|jpe?g|jxl|png|svg|tiff?|webp)$", re.IGNORECASE)
# A progressive JPEG paints the whole image in each of its scans. A few bytes make one, and ten are usual.
_SCAN, _MOST_SCANS = b"\xff\xda", 100


def is_image(name: str) -> bool:
    """Whether a file's name ends as those of images do."""
    return _SUFFIX.search(name) is not None


def starts_as_image(start: bytes) -> bool:
    """Whether a file that starts so may be an image of a kind that is read."""
    return start.startswith(_MAGIC) or (start[:4] == b"RIFF" and start[8:12] == b"WEBP")


def checked(data: bytes) -> bytes:
    """The bytes themselves, if they are an image that can be used.

    Of an animated image or one of several pages only the first is looked at.

    Raises:
        UnseenImage: They are damaged, cut short, too large, or of no known kind.
    """
    if len(data) > MOST_BYTES or (data.startswith(_MAGIC[0]) and data.count(_SCAN) > _MOST_SCANS):
        raise UnseenImage("unreadable-image")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about metadata that is odd
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            _decode(data)
    except UnseenImage:
        raise
    except Exception:  # there is hardly an exception that damaged bytes do not lead Pillow to
        raise UnseenImage("unreadable-image") from None
    return data


def _decode(data: bytes) -> None:
    with Image.open(io.BytesIO(data), formats=_DECODED) as image:
        if image.width * image.height > MOST_PIXELS:
            raise UnseenImage("unreadable-image")
        image.verify()  # checksums, after which the image cannot be used
    with Image.open(io.BytesIO(data), formats=_DECODED) as image:
        image.load()
