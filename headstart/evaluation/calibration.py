"""Temperature scaling: probabilities that mean what they say (Guo et al. 2017)."""

import math

import numpy as np
import numpy.typing as npt

from headstart.arrays import Outputs, Targets

_LOG_RANGE = (-6.0, 6.0)
_GAIN = 1e-9  # nats; stop where no more is left
_STEPS = 60
_MISTAKES = 0.5  # that any number of rows is taken to hide (Jeffreys' rule)
_WORST = -math.log(1e-300)  # nats; a certain mistake costs much, but not infinitely much


def log_loss(outputs: Outputs, targets: Targets) -> float:
    """Mean negative log-likelihood of the targets, in nats."""
    return float(log_losses(outputs, targets).mean())


def log_losses(outputs: Outputs, targets: Targets) -> npt.NDArray[np.float64]:
    """The negative log-likelihood of each row's target, in nats, shape (rows,); none counts for more than 691."""
    shifted = outputs - outputs.max(axis=1, keepdims=True)
    losses = np.log(np.exp(shifted).sum(axis=1, dtype=np.float64)) - shifted[np.arange(len(targets)), targets]
    capped: npt.NDArray[np.float64] = np.minimum(losses, _WORST)
    return capped


def temperature(outputs: Outputs, targets: Targets) -> float:
    """The number from exp(-6) to exp(6) that outputs are divided by so that their log loss on these rows is least.

    To the rows comes half a row more, spread over all of them, for which the label was right that seemed the second
    most likely. Without it, rows that are all answered right would make every probability one. As in Platt 1999, who
    adds a row for each of two labels, it weighs little where there are many rows.

    The loss is convex in the number's inverse b: its slope there is the mean of sum_k p_k z_k - z_y, and its bend the
    variance of z under p. Newton's steps, halved in logarithms where they leave what is known to hold the least.
    """
    shifted = (outputs - outputs.max(axis=1, keepdims=True)).astype(np.float32)
    squared = shifted**2
    right = shifted[np.arange(len(targets)), targets].mean(dtype=np.float64)
    second = np.partition(shifted, -2, axis=1)[:, -2].mean(dtype=np.float64)
    hidden = _MISTAKES / (len(targets) + _MISTAKES)
    chosen = float(right + hidden * (second - right))
    low, high = _LOG_RANGE
    at = 0.0  # the logarithm of b
    for _ in range(_STEPS):
        weights = np.exp(shifted * np.float32(math.exp(at)))
        totals = weights.sum(axis=1, dtype=np.float64)
        means = np.einsum("rk,rk->r", weights, shifted) / totals
        slope = float(means.mean()) - chosen
        bend = float((np.einsum("rk,rk->r", weights, squared) / totals - means**2).mean())
        if slope**2 <= 2 * bend * _GAIN:
            break
        low, high = (low, at) if slope > 0 else (at, high)
        b = math.exp(at)
        ahead = b - slope / bend if bend > 0 else 0.0
        newton = math.log(ahead) if ahead > 0 else -math.inf
        at = newton if low < newton < high else (low + high) / 2
    return math.exp(-at)
