"""Temperature scaling: probabilities that mean what they say (Guo et al. 2017)."""

import numpy as np

from headstart.arrays import Outputs, Targets, softmax

_LOG_RANGE = (-6.0, 6.0)
BINS = 15


def log_loss(outputs: Outputs, targets: Targets) -> float:
    """Mean negative log-likelihood of the targets, in nats."""
    chosen = softmax(outputs)[np.arange(len(targets)), targets]
    return float(-np.log(np.maximum(chosen, 1e-300)).mean())


def temperature(outputs: Outputs, targets: Targets) -> float:
    """The number that outputs are divided by so that their log loss on these rows is least."""
    from scipy.optimize import minimize_scalar

    found = minimize_scalar(lambda log: log_loss(outputs / np.exp(log), targets), bounds=_LOG_RANGE, method="bounded")
    return float(np.exp(found.x))


def expected_calibration_error(outputs: Outputs, targets: Targets) -> float:
    """Mean gap between confidence and accuracy over :data:`BINS` bins of equal width, weighted by rows."""
    probabilities = softmax(outputs)
    confidence, correct = probabilities.max(axis=1), probabilities.argmax(axis=1) == targets
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    gaps = np.bincount(bins, weights=confidence - correct, minlength=BINS)
    return float(np.abs(gaps).sum() / len(targets))
