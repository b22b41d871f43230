"""A bag of words as a model, for texts whose labels no pretrained model tells better than their words do.

It is the control of every verdict, TF-IDF and logistic regression, in a folder as other models are: numbers in
safetensors, terms in JSON, and no network. Terms are words and pairs of words of the rows that it was made from.
"""

from collections.abc import Callable, Mapping, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import TypeAdapter
from safetensors import SafetensorError
from safetensors.numpy import load_file, save

from headstart.arrays import Array, Computed, Targets, unit
from headstart.blobs import Blobs, File
from headstart.digest import canonical_json
from headstart.errors import IntegrityError
from headstart.evaluation.controls import Labeled, Settings, chosen, classifier, vectorizer
from headstart.spec import Metric

_TENSORS, _TERMS = "bag-of-words.safetensors", "vocabulary.json"
_SAID = TypeAdapter(dict[str, tuple[str, ...]])
_WIDTH = 512  # of the features
_NEVER = -30.0  # in nats: the output of a label that no row had
_BLOCK = 2048  # texts that are counted at once


class Bag:
    """A bag of words in memory.

    Args:
        terms: What is counted, by the name of the vectorizer's part, in the order of the columns.
        tensors: ``bias``, shape (labels,), and of each part ``<name>.idf``, shape (terms,), and
            ``<name>.weight``, shape (labels, terms); float32.
    """

    def __init__(self, terms: Mapping[str, Sequence[str]], tensors: Mapping[str, Array]) -> None:
        self._terms, self._tensors = terms, tensors
        self._vectorizer = vectorizer("pieces" in terms, len(tensors["bias"]), terms)
        parts = dict(self._vectorizer.transformer_list)
        for name, each in parts.items():
            each.idf_ = tensors[f"{name}.idf"]
        self._weight = np.concatenate([tensors[f"{name}.weight"] for name in parts], axis=1).T
        self._hashed = _hashed([f"{name} {term}" for name in parts for term in terms[name]])

    @classmethod
    def fit(cls, known: Labeled, labels: int, metric: Metric) -> "Bag":
        """The bag of words that the verdict and the evaluation compare with, on these rows."""
        settings = chosen(known, metric)
        present = np.unique(known.targets)
        counted = vectorizer(settings.pieces, len(present))
        weight, bias = _fitted(settings, counted.fit_transform(known.texts), known.targets, present, labels)
        tensors, start = {"bias": bias}, 0
        for name, each in counted.transformer_list:
            end = start + len(each.vocabulary_)
            tensors[f"{name}.idf"] = each.idf_.astype(np.float32)
            tensors[f"{name}.weight"] = np.ascontiguousarray(weight[:, start:end])
            start = end
        return cls({name: each.get_feature_names_out().tolist() for name, each in counted.transformer_list}, tensors)

    @classmethod
    def read(cls, folder: Path) -> "Bag":
        """The bag of words of a model folder.

        Raises:
            IntegrityError: It is missing or damaged.
        """
        try:
            return cls(_SAID.validate_json((folder / _TERMS).read_bytes()), load_file(folder / _TENSORS))
        except (OSError, ValueError, LookupError, SafetensorError):
            remedy = "Pull the version again."
            raise IntegrityError(
                "integrity/record", "no readable bag of words.", remedy=remedy, where=str(folder)
            ) from None

    def files(self, blobs: Blobs) -> tuple[File, ...]:
        """What :meth:`read` reads."""
        terms = {name: list(each) for name, each in self._terms.items()}
        return blobs.add_bytes(save(dict(self._tensors)), _TENSORS), blobs.add_bytes(canonical_json(terms), _TERMS)

    def compute(self, texts: Sequence[str], report: Callable[[int, int], None]) -> Computed:
        """What it makes of texts, in their order.

        The features, shape (texts, 512), are the counts hashed with signs, which keeps their cosines in the mean
        (Weinberger et al. 2009, https://arxiv.org/abs/0902.2206). The softmax of the outputs is each label's
        probability against the others, scaled to sum up to 1.
        """
        features, outputs = [np.zeros((0, _WIDTH), np.float32)], [np.zeros((0, self._weight.shape[1]), np.float32)]
        for start in range(0, len(texts), _BLOCK):
            block = list(texts[start : start + _BLOCK])
            counts = self._vectorizer.transform(block)
            features.append(unit((counts @ self._hashed).toarray().astype(np.float32)))
            outputs.append(-np.logaddexp(0, -(counts @ self._weight + self._tensors["bias"])).astype(np.float32))
            report(start + len(block), len(texts))
        return Computed(np.concatenate(features), np.concatenate(outputs))


def _fitted(settings: Settings, counts: Any, targets: Targets, present: Targets, labels: int) -> tuple[Array, Array]:
    """Weights (labels, terms) and biases (labels,): what speaks for each label against all others."""
    weight, bias = np.zeros((labels, counts.shape[1]), np.float32), np.full(labels, _NEVER, np.float32)
    if len(present) == 1:
        bias[present] = -_NEVER
        return weight, bias
    found = classifier(settings, len(present)).fit(counts, targets)
    if len(present) == 2:
        weight[present], bias[present] = (
            np.vstack([-found.coef_, found.coef_]),
            [-found.intercept_[0], found.intercept_[0]],
        )
    else:
        for label, each in zip(present, found.estimators_, strict=True):
            weight[label], bias[label] = each.coef_[0], each.intercept_[0]
    return weight, bias


def _hashed(terms: Sequence[str]) -> Any:
    """A sparse matrix (terms, width) that sends each term to a place, with a sign: the same in every bag of words."""
    import scipy.sparse

    drawn = np.frombuffer(b"".join(blake2b(each.encode(), digest_size=8).digest() for each in terms), "<u8")
    place, sign = drawn % _WIDTH, np.where(drawn >> 63, 1.0, -1.0).astype(np.float32)
    return scipy.sparse.csr_array((sign, (np.arange(len(terms)), place.astype(np.int64))), shape=(len(terms), _WIDTH))
