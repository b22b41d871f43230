"""The leak audit: what stands on both sides of a split though it is in different records.

Exact and normalised repeats are no leaks any more: reconciliation merges them or takes them out of the earlier split.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from headstart.labels.reconciling.near_duplicates import across
from headstart.labels.reconciling.normal import normalise
from headstart.passport import Leak
from headstart.spec import SPLITS
from headstart.split import TEST, TRAIN, VALIDATION, Places

THRESHOLD = 0.8  # of Jaccard similarity between sets of three successive characters
MOST_TEXTS, SAMPLE = 50_000, 20_000  # of more texts than the one, so many as the other says are compared
_EXAMPLES = 10
SHOWN = 200  # characters of a text
_LEAST_LABEL = 4  # characters: shorter names are in many words
_TELLING, _OFTEN = 0.95, 0.5  # a name in the text tells its label, and stands in as many of the label's texts


def sample(places: Places, seed: int = 0) -> npt.NDArray[np.intp]:
    """The rows that texts are compared of: all, or of very many some of each split.

    Of the rows that judge and choose up to half of the sample, for each of them counts; the rest are rows that train.
    """
    if len(places) <= MOST_TEXTS:
        return np.arange(len(places))
    generator = np.random.default_rng(seed)
    held = np.flatnonzero(places != TRAIN)
    held = np.sort(generator.permutation(held)[: SAMPLE // 2])
    train = np.flatnonzero(places == TRAIN)
    train = np.sort(generator.permutation(train)[: SAMPLE - len(held)])
    return np.sort(np.concatenate([held, train]))


def near_duplicates(texts: Sequence[str], places: Places, of: int) -> Leak | None:
    """Rows that judge or choose and are almost a row of another split.

    Args:
        texts: The texts that are compared.
        places: Their splits.
        of: How many rows there are in all.
    """
    pairs = [pair for pair in across(texts, places, THRESHOLD) if _is_held(places, pair)]
    if not pairs:
        return None
    held = {one if places[one] >= places[other] else other for one, other, _ in pairs}
    looked = "" if len(texts) == of else f" among {len(texts)} rows drawn at random of {of}"
    words = (
        f"rows for {_called(places, held)} that are almost a row of another split, by {THRESHOLD:.0%} or more{looked}"
    )
    likest = sorted(pairs, key=lambda pair: -pair[2])[:_EXAMPLES]
    examples = tuple(
        (SPLITS[places[one]], texts[one][:SHOWN], SPLITS[places[other]], texts[other][:SHOWN], f"{similarity:.2f}")
        for one, other, similarity in likest
    )
    return Leak(
        kind="near-duplicate",
        count=len(held),
        of=int((places != TRAIN).sum()),
        words=words,
        examples=examples,
    )


def groups(names: Sequence[str | None], places: Places) -> Leak | None:
    """Groups whose rows the source itself publishes in several splits."""
    splits: dict[str, set[int]] = {}
    for name, place in zip(names, places.tolist(), strict=True):
        if name is not None:
            splits.setdefault(name, set()).add(place)
    parted = sorted(name for name, each in splits.items() if len(each) > 1)
    if not parted:
        return None
    examples = tuple((name, *(SPLITS[place] for place in sorted(splits[name]))) for name in parted[:_EXAMPLES])
    words = "groups that the source publishes in several splits"
    return Leak(kind="group", count=len(parted), of=len(splits), words=words, examples=examples)


def labels_in_text(texts: Sequence[str], labels: Sequence[str]) -> Leak | None:
    """Labels whose name stands in most of their own texts and in hardly any other: a model may just read it."""
    normal = [f" {normalise(text)} " for text in texts]
    rows = Counter(labels)
    telling = list(_telling(normal, labels, rows))
    if not telling:
        return None
    return Leak(
        kind="label-in-text",
        count=len(telling),
        of=len(rows),
        words="labels whose name stands in their own texts and in hardly any other",
        examples=tuple(
            (label, f"{own:.0%} of its texts", f"{other:.1%} of the others")
            for label, own, other in telling[:_EXAMPLES]
        ),
    )


def _telling(
    normal: Sequence[str], labels: Sequence[str], rows: Mapping[str, int]
) -> Iterator[tuple[str, float, float]]:
    named = Counter(label for text, label in zip(normal, labels, strict=True) if normalise(label) in text)
    for label, own in named.items():
        name, others = normalise(label), len(normal) - rows[label]
        if len(name) < _LEAST_LABEL or own < _OFTEN * rows[label] or not others:
            continue
        found = sum(name in text for text in normal)
        if own >= _TELLING * found:
            yield label, own / rows[label], (found - own) / others


def _is_held(places: Places, pair: tuple[int, int, float]) -> bool:
    return bool(max(places[pair[0]], places[pair[1]]) > TRAIN)


def _called(places: Places, held: set[int]) -> str:
    kinds = {int(places[row]) for row in held}
    return "test" if kinds == {TEST} else "validation" if kinds == {VALIDATION} else "test or validation"
