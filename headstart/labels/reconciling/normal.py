"""The form in which texts are compared: so that what people take for the same text is the same."""

import unicodedata
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

_INVISIBLE = {"Zs", "Zl", "Zp", "Cc", "Cf"}  # Unicode's categories of spaces, controls and zero-width characters
_SPACE, _LAST_ASCII = 0x20, 0x7E


def normalise(text: str) -> str:
    """The text as it is compared: NFKC and case-folded, runs of white space collapsed, ends trimmed."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(unicodedata.normalize("NFKC", folded).split())  # folding can undo the normal form


def is_visible(text: str) -> bool:
    """Whether there is anything to be seen in the text."""
    return any(unicodedata.category(character) not in _INVISIBLE for character in text)


def normalised(texts: pa.StringArray) -> pa.StringArray:
    """:func:`normalise` for many texts; those in ASCII with single spaces take no Python each."""
    lowered = pc.ascii_lower(texts)
    odd = _odd(lowered)
    if not odd.any():
        return lowered
    mask = pa.array(odd)
    values: Sequence[str] = pc.filter(texts, mask).to_pylist()
    return pc.replace_with_mask(lowered, mask, pa.array(map(normalise, values), pa.string()))


def _odd(texts: pa.StringArray) -> npt.NDArray[np.bool]:
    """Which texts in small letters may not be in normal form yet: those with more than ASCII and single spaces."""
    count = len(texts)
    if not count:
        return np.zeros(0, dtype=bool)
    offsets = np.frombuffer(texts.buffers()[1], np.int32)[texts.offset : texts.offset + count + 1]
    data = texts.buffers()[2]
    held = np.frombuffer(data, np.uint8)[offsets[0] : offsets[-1]] if data else np.empty(0, np.uint8)
    starts, ends = offsets[:-1] - offsets[0], offsets[1:] - offsets[0]
    space = held == _SPACE
    suspect = held - np.uint8(_SPACE) > _LAST_ASCII - _SPACE  # what is below a space wraps around
    suspect[1:] |= space[1:] & space[:-1]
    odd = np.zeros(count, dtype=bool)
    odd[np.searchsorted(starts, np.flatnonzero(suspect), side="right") - 1] = True
    # Two spaces may be the end of one text and the start of the next: then both are looked at, which harms neither.
    filled = ends > starts
    odd[filled] |= space[starts[filled]] | space[ends[filled] - 1]
    return odd


def visible(texts: pa.StringArray) -> npt.NDArray[np.bool]:
    """:func:`is_visible` for many texts, shape (texts,)."""
    seen: npt.NDArray[np.bool] = pc.match_substring_regex(texts, "[!-~]").to_numpy(zero_copy_only=False)
    for index in np.flatnonzero(~seen):
        seen[index] = is_visible(texts[index].as_py())
    return seen
