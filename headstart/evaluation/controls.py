"""Controls: what one gets without transferring anything, so that a transfer has something to beat.

Two learn nothing from the texts (the majority class; labels drawn as often as they occur), and one is as good as models
without transfer are for its price: logistic regression on TF-IDF, whose settings are chosen on the rows to fit on.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

import numpy as np

from headstart.arrays import Targets
from headstart.evaluation import metrics
from headstart.evaluation.folds import Fold, Indices, subsample
from headstart.evaluation.probe import SCORED_ROWS, inner_folds
from headstart.spec import Metric

Control = Literal["majority", "guess", "tfidf"]
NAMES: Mapping[Control, str] = MappingProxyType(
    {
        "majority": "the majority class",
        "guess": "guessing by frequency",
        "tfidf": "TF-IDF and logistic regression",
    }
)
_SEED = 0
_MOST_WEIGHTS = 20_000_000  # terms times labels that words may take, and as many pieces of words


@dataclass(frozen=True)
class Labeled:
    """Texts with their label numbers (rows,), and what keeps rows together."""

    texts: Sequence[str]
    targets: Targets
    groups: Sequence[str]

    def at(self, rows: Sequence[int] | Indices) -> "Labeled":
        """Some of the rows."""
        return Labeled(
            [self.texts[row] for row in rows], self.targets[np.asarray(rows)], [self.groups[row] for row in rows]
        )


@dataclass(frozen=True)
class Settings:
    """Inverse strength, whether labels count alike, and whether pieces of words are read as well as words."""

    c: float = 10.0
    balanced: bool = False
    pieces: bool = False


def majority(known: Labeled, unseen: Sequence[str], metric: Metric) -> Targets:
    """The most frequent label for every text."""
    return np.full(len(unseen), int(np.bincount(known.targets).argmax()), dtype=np.int64)


def guess(known: Labeled, unseen: Sequence[str], metric: Metric) -> Targets:
    """Labels in a random order, each as often as it occurs. Macro F1 of many labels is above the majority's."""
    return np.random.default_rng(_SEED).choice(known.targets, size=len(unseen))


def bag_of_words(known: Labeled, unseen: Sequence[str], metric: Metric) -> Targets:
    """Labels for unseen texts from TF-IDF and logistic regression, one label against the others (liblinear).

    The strength is chosen first, then whether labels are balanced (for macro F1), then whether runs of two to four
    characters help beside words and pairs of words; by the metric on folds of the known rows.
    """
    settings = chosen(known, metric)
    return _predict(known, unseen, [settings])[0]


CONTROLS: Mapping[Control, Callable[[Labeled, Sequence[str], Metric], Targets]] = MappingProxyType(
    {"majority": majority, "guess": guess, "tfidf": bag_of_words}
)


def chosen(known: Labeled, metric: Metric) -> Settings:
    """The settings of the bag of words that do best on folds of the known rows."""
    sample = known.at(subsample(range(len(known.targets)), known.targets, SCORED_ROWS, _SEED))
    folds = inner_folds(sample.targets, sample.groups)
    known_scores: dict[Settings, float] = {}

    def best(tried: Sequence[Settings]) -> Settings:
        missing = [each for each in tried if each not in known_scores]
        known_scores.update(zip(missing, _scores(sample, folds, missing, metric), strict=True))
        return max(tried, key=lambda each: known_scores[each])

    found = best([Settings(c=c) for c in (1.0, 10.0, 100.0)])
    if metric == "macro_f1":
        found = best([found, Settings(found.c, balanced=True)])
    return best([found, Settings(found.c, found.balanced, pieces=True)])


def _scores(sample: Labeled, folds: Sequence[Fold], tried: Sequence[Settings], metric: Metric) -> list[float]:
    """The mean score of each of the settings over the folds."""
    labels = int(sample.targets.max()) + 1
    scores = np.zeros(len(tried))
    for fitted, judged in folds:
        unseen = sample.at(judged)
        answers = _predict(sample.at(fitted), unseen.texts, tried)
        scores += [metrics.score(metric, unseen.targets, each, labels) for each in answers]
    return [float(score) / len(folds) for score in scores]


def _predict(known: Labeled, unseen: Sequence[str], tried: Sequence[Settings]) -> list[Targets]:
    """What each of the settings answers."""
    present = np.unique(known.targets)
    if len(present) == 1:
        return [np.full(len(unseen), present[0], dtype=np.int64)] * len(tried)
    spaces: dict[bool, tuple[Any, Any]] = {}
    answers: list[Targets] = []
    for each in tried:
        if each.pieces not in spaces:
            counted = vectorizer(each.pieces, len(present))
            spaces[each.pieces] = counted.fit_transform(known.texts), counted.transform(unseen)
        fitted, judged = spaces[each.pieces]
        answers.append(classifier(each, len(present)).fit(fitted, known.targets).predict(judged).astype(np.int64))
    return answers


def vectorizer(pieces: bool, labels: int, terms: Mapping[str, Sequence[str]] = MappingProxyType({})) -> Any:
    """What counts words and pairs of words, and with ``pieces`` runs of characters too: parts by name, side by side.

    Args:
        pieces: See :class:`Settings`.
        labels: How many there are: of many, fewer terms are kept, the most frequent.
        terms: What each part is to count, in the order of its columns, where that is known already.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import FeatureUnion

    # Every run of characters but white space is a word, so that no script and no emoji is lost.
    words = {"ngram_range": (1, 2), "token_pattern": r"\w+|[^\w\s]+"}
    of = {"words": words} | ({"pieces": {"analyzer": "char_wb", "ngram_range": (2, 4)}} if pieces else {})
    most = max(1, _MOST_WEIGHTS // labels)
    return FeatureUnion(
        [
            (name, TfidfVectorizer(sublinear_tf=True, max_features=most, vocabulary=terms.get(name), **how))
            for name, how in of.items()
        ]
    )


def classifier(settings: Settings, labels: int) -> Any:
    """Logistic regression, one label against the others."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.multiclass import OneVsRestClassifier

    one = LogisticRegression(
        solver="liblinear",
        C=settings.c,
        class_weight="balanced" if settings.balanced else None,
        max_iter=1000,
        random_state=_SEED,
    )
    return one if labels == 2 else OneVsRestClassifier(one)
