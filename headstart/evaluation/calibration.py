"""Temperature scaling: probabilities that mean what they say (Guo et al. 2017)."""

import numpy as np
import numpy.typing as npt

from headstart.arrays import Outputs, Targets, softmax

_LOG_RANGE = (-6.0, 6.0)


def log_losses(outputs: Outputs, targets: Targets) -> npt.NDArray[np.float64]:
    """The negative log-likelihood of each row's target, in nats, shape (rows,)."""
    chosen = softmax(outputs)[np.arange(len(targets)), targets]
    losses: npt.NDArray[np.float64] = -np.log(np.maximum(chosen, 1e-300))
    return losses


def log_loss(outputs: Outputs, targets: Targets) -> float:
    """Mean negative log-likelihood of the targets, in nats."""
    return float(log_losses(outputs, targets).mean())


def temperature(outputs: Outputs, targets: Targets) -> float:
    """The number that outputs are divided by so that their log loss on these rows is least."""
    from scipy.optimize import minimize_scalar

    found = minimize_scalar(lambda log: log_loss(outputs / np.exp(log), targets), bounds=_LOG_RANGE, method="bounded")
    return float(np.exp(found.x))
