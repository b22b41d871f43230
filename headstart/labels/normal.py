"""The form in which texts are compared: so that what people take for the same text is the same."""

import unicodedata
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

_INVISIBLE = {"Zs", "Zl", "Zp", "Cc", "Cf"}  # Unicode's categories of spaces, controls and zero-width characters
_ASCII_SPACES = r"[\t-\r\x1c-\x20]+"  # what str.split takes for white space, of ASCII
_UNEVEN = r"[\t-\r\x1c-\x1f]|  |^ | $"


def normalise(text: str) -> str:
    """The text as it is compared: NFKC and case-folded, runs of white space collapsed, ends trimmed."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(unicodedata.normalize("NFKC", folded).split())  # folding can undo the normal form


def is_visible(text: str) -> bool:
    """Whether there is anything to be seen in the text."""
    return any(unicodedata.category(character) not in _INVISIBLE for character in text)


def normalised(texts: pa.StringArray) -> pa.StringArray:
    """:func:`normalise` for many texts; those in ASCII, which need no tables of Unicode, take no Python each."""
    ascii_ = pc.string_is_ascii(texts)
    lowered = pc.ascii_lower(texts)
    uneven = pc.match_substring_regex(lowered, _UNEVEN)
    if pc.any(pc.and_(ascii_, uneven)).as_py():
        evened = pc.ascii_trim(pc.replace_substring_regex(lowered, _ASCII_SPACES, " "), characters=" ")
        lowered = pc.if_else(uneven, evened, lowered)
    return _replaced(lowered, texts, pc.invert(ascii_))


def visible(texts: pa.StringArray) -> npt.NDArray[np.bool]:
    """:func:`is_visible` for many texts, shape (texts,)."""
    seen = pc.match_substring_regex(texts, "[!-~]").to_numpy(zero_copy_only=False)
    for index in np.flatnonzero(~seen):
        seen[index] = is_visible(texts[index].as_py())
    return seen


def _replaced(done: pa.StringArray, texts: pa.StringArray, wanted: pa.BooleanArray) -> pa.StringArray:
    if not pc.any(wanted).as_py():
        return done
    values: Sequence[str] = pc.filter(texts, wanted).to_pylist()
    return pc.replace_with_mask(done, wanted, pa.array(map(normalise, values), pa.string()))
