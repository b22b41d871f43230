"""Robustness: the same texts with slips of the keyboard, or in other case, and what that costs the score."""

import re
import zlib
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import numpy as np
from pydantic import BaseModel, ConfigDict

from headstart.arrays import Targets
from headstart.evaluation.paired import Gain, compare
from headstart.spec import Metric

MOST = 500  # test rows that are changed; of more, as many drawn at random
_WORD = re.compile(r"\w{4,}")
_EVERY = 5  # one slip in so many words of four letters or more, and one at least


class Change(BaseModel):
    """A change of texts, how many rows it altered, and the score on the changed texts less that on the others."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    altered: int
    effect: Gain


def typos(text: str) -> str:
    """The text with two neighbouring letters swapped in every fifth longer word, from one that its digest tells."""
    words = list(_WORD.finditer(text))
    if not words:
        return text
    draw = zlib.crc32(text.encode("utf-8", "surrogatepass"))
    letters = list(text)
    for word in words[draw % min(_EVERY, len(words)) :: _EVERY]:
        at = word.start() + 1 + draw % (len(word[0]) - 2)
        letters[at], letters[at + 1] = letters[at + 1], letters[at]
    return "".join(letters)


CHANGES: Mapping[str, Callable[[str], str]] = MappingProxyType(
    {"slips of the keyboard": typos, "lower case": str.lower, "capitals": str.upper}
)


def sample(rows: int, seed: int = 0) -> Targets:
    """Which of so many test rows are changed, in order."""
    return np.sort(np.random.default_rng(seed).permutation(rows)[:MOST])


def changes(
    metric: Metric,
    texts: Sequence[str],
    targets: Targets,
    predicted: Targets,
    labels: int,
    answer: Callable[[list[str]], Targets],
) -> tuple[Change, ...]:
    """What each change costs.

    Args:
        metric: The gate's.
        texts: Test rows.
        targets: Their labels, shape (rows,).
        predicted: The answers to the texts as they are, shape (rows,).
        labels: The number of labels.
        answer: Gives the answers to other texts.
    """
    altered = {
        name: [(row, said) for row, text in enumerate(texts) if (said := change(text)) != text]
        for name, change in CHANGES.items()
    }
    answers = answer([text for each in altered.values() for _, text in each])
    found, start = [], 0
    for name, each in altered.items():
        after = predicted.copy()
        after[[row for row, _ in each]] = answers[start : start + len(each)]
        start += len(each)
        found.append(Change(name=name, altered=len(each), effect=compare(metric, targets, after, predicted, labels)))
    return tuple(found)
