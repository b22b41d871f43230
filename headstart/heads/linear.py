"""Multinomial logistic regression: a whole grid of strengths and label weightings in one solver."""

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from headstart.arrays import Array, Targets
from headstart.heads.fitted import Fitted, Setting, linear_head
from headstart.heads.spectrum import Doubles, spectrum

if TYPE_CHECKING:
    from headstart.heads import multinomial

CLOSED_FORM = False
TRAINABLE = True
_MOST = 8
_ONE = 10.0  # the C of a population of one
_BALANCES = (0.0, 1.0)


def settings(most: int) -> tuple[Setting, ...]:
    """Inverse strengths C from 0.3 to 100, and both balances where there is room for half as many C.

    ``balance`` 0 counts every row alike; 1 counts a row inversely to the rows of its label, as scikit-learn's
    ``class_weight="balanced"`` does.
    """
    balances = _BALANCES if most >= _MOST else _BALANCES[:1]
    count = min(most // len(balances), _MOST)
    strengths = np.geomspace(0.3, 100, count) if count > 1 else (_ONE,)
    return tuple({"c": float(c), "balance": balance} for c, balance in itertools.product(strengths, balances))


def fit(x: Array, targets: Targets, labels: int, settings: Sequence[Setting], seed: int) -> list[Fitted]:
    """One head for each C and ``balance`` (0 where a setting has none).

    The objective is scikit-learn's, ``LogisticRegression(C=c)``. Every C is solved for every balance among the
    settings.
    """
    from headstart.heads import multinomial

    found = spectrum(x)
    return _heads(found.projected(x), found.basis, found.mean, targets, labels, settings, multinomial.Solver())


class OnEigenbasis:
    """As :func:`fit`, for features whose scatter is about diagonal; on others it is slower, and as exact.

    Each call starts from what the last one has found, which helps where most rows are the same.
    """

    def __init__(self) -> None:
        from headstart.heads import multinomial

        self._solver = multinomial.Solver()

    def __call__(self, x: Array, targets: Targets, labels: int, settings: Sequence[Setting], seed: int) -> list[Fitted]:
        """One head for each setting."""
        mean = x.mean(axis=0, dtype=np.float64)
        return _heads((x - mean).astype(np.float32), None, mean, targets, labels, settings, self._solver)


def _heads(
    centred: Array,
    basis: Doubles | None,
    mean: Doubles,
    targets: Targets,
    labels: int,
    settings: Sequence[Setting],
    solver: "multinomial.Solver",
) -> list[Fitted]:
    """Heads for features of which ``centred`` are those less their mean, in the basis, if there is one."""
    present = np.unique(targets)
    solved = _solved(centred, targets, settings, solver)
    heads: list[Fitted] = []
    for setting in settings:
        weight, bias = solved[setting["c"], setting.get("balance", 0.0)]
        weight = weight if basis is None else weight @ basis.T
        bias = bias - weight @ mean
        heads.append(linear_head(weight, bias - bias.mean(), present, labels))
    return heads


def _solved(
    centred: Array, targets: Targets, settings: Sequence[Setting], solver: "multinomial.Solver"
) -> dict[tuple[float, float], tuple[Doubles, Doubles]]:
    """For each C and balance the weights (present, columns) and intercepts (present,) of the labels that occur."""
    import torch

    from headstart.heads import losses

    present, position, counts = np.unique(targets, return_inverse=True, return_counts=True)
    balances = sorted({setting.get("balance", 0.0) for setting in settings})
    strengths = sorted({setting["c"] for setting in settings})
    shares = (len(centred) / (len(present) * counts))[position]
    # Where labels are equally frequent, all balances come to the same, and are solved once.
    row_weights, number_of = np.unique([shares**balance for balance in balances], axis=0, return_inverse=True)
    columns = torch.from_numpy(np.column_stack([centred, np.ones(len(centred), np.float32)]))
    where, weights = torch.from_numpy(position), torch.from_numpy(row_weights.astype(np.float32))
    loss: losses.Loss
    if len(present) == 2:
        loss, penalties = losses.Logistic(columns, where, weights), [1 / c for c in strengths]
    else:
        loss = losses.Softmax(columns, where, len(present), weights)
        penalties = [penalty(c, len(present)) for c in strengths]
    found: dict[tuple[float, float], tuple[Doubles, Doubles]] = {}
    for c, solved in zip(strengths, solver.path(loss, penalties), strict=True):
        for balance, number in zip(balances, number_of.ravel(), strict=True):
            each = solved[number].double().numpy()
            each = np.vstack([-each, each]) / 2 if len(present) == 2 else each
            found[c, balance] = each[:, :-1], each[:, -1]
    return found


def penalty(c: float, labels: int) -> float:
    """What half the squared weights are multiplied by.

    For two labels scikit-learn penalises the difference of their weights, whose square is twice the sum of theirs.
    """
    return (2 if labels == 2 else 1) / c
