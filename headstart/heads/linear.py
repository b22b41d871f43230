"""Multinomial logistic regression: a whole grid of strengths and label weightings in one solver."""

import itertools
from collections.abc import Sequence

import numpy as np

from headstart.arrays import Array, Targets
from headstart.heads.fitted import Fitted, Setting, linear_head
from headstart.heads.spectrum import spectrum

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
    import torch

    from headstart.heads import multinomial

    present, position, counts = np.unique(targets, return_inverse=True, return_counts=True)
    balances = sorted({setting.get("balance", 0.0) for setting in settings})
    strengths = sorted({setting["c"] for setting in settings})
    shares = (len(x) / (len(present) * counts))[position]
    row_weights = np.stack([shares**balance for balance in balances]).astype(np.float32)
    found = spectrum(x)
    columns = np.column_stack([found.projected, np.ones(len(x))]).astype(np.float32)
    loss = multinomial.Loss(
        torch.from_numpy(columns), torch.from_numpy(position), len(present), torch.from_numpy(row_weights)
    )
    penalties = [penalty(c, len(present)) for c in strengths]
    heads: dict[tuple[float, float], Fitted] = {}
    for c, solved in zip(strengths, multinomial.path(loss, penalties), strict=True):
        for balance, each in zip(balances, solved.double().numpy(), strict=True):
            weight = each[:, :-1] @ found.basis.T
            bias = each[:, -1] - weight @ found.mean
            heads[c, balance] = linear_head(weight, bias - bias.mean(), present, labels)
    return [heads[setting["c"], setting.get("balance", 0.0)] for setting in settings]


def penalty(c: float, labels: int) -> float:
    """What half the squared weights are multiplied by.

    For two labels scikit-learn penalises the difference of their weights, whose square is twice the sum of theirs.
    """
    return (2 if labels == 2 else 1) / c
