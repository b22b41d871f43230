"""Multinomial logistic regression, by scikit-learn's L-BFGS, warm-started along the path of strengths."""

import warnings
from collections.abc import Sequence

import numpy as np

from headstart.arrays import Array, Targets
from headstart.heads.fitted import Fitted, Setting, linear_head

CLOSED_FORM = False
_MOST = 8
_ITERATIONS = 1000
_TOLERANCE = 1e-6  # of the gradient; at scikit-learn's 1e-4 a warm-started path stops where it started


def settings(most: int) -> tuple[Setting, ...]:
    """Inverse strengths C from 0.3 to 100, weak last so that each start is near its end."""
    return tuple({"c": float(c)} for c in np.geomspace(0.3, 100, min(most, _MOST)))


def fit(x: Array, targets: Targets, labels: int, settings: Sequence[Setting], seed: int) -> list[Fitted]:
    """One head for each C."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(max_iter=_ITERATIONS, tol=_TOLERANCE, warm_start=True)
    heads = []
    with warnings.catch_warnings():
        # An unfinished fit of a weak strength is judged on held-out rows like every other.
        warnings.simplefilter("ignore", ConvergenceWarning)
        for setting in settings:
            model.set_params(C=setting["c"]).fit(x, targets)
            weight, bias = model.coef_, model.intercept_
            if len(model.classes_) == 2:  # scikit-learn keeps one row for two classes
                weight, bias = np.vstack([-weight, weight]) / 2, np.concatenate([-bias, bias]) / 2
            heads.append(linear_head(weight, bias, model.classes_, labels))
    return heads
