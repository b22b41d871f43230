"""Softmax regression for a path of penalties and several weightings of the rows at once.

The objective is that of scikit-learn's LogisticRegression: the rows' weighted losses in nats, plus half the penalty
times the squared weights without the intercepts. It is minimised by L-BFGS (Liu and Nocedal 1989), whose first guess at
the inverse Hessian is diagonal in the features' eigenbasis: column j of label k curves like the mean square of the
column times sum_i p_ik (1 - p_ik) (after Boehning 1992, who bounds the latter). Along the path from strong to weak
penalties each solution starts on the line through the last two, and what L-BFGS knows of the loss's curvature goes
along: only the penalty's share of it changes, and that is known.

Logits lie as (weightings, labels, rows), so that both products with the features are one GEMM and softmax runs along
memory that is contiguous in rows.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch

_PAIRS = 20
_ITERATIONS = 500  # for one penalty
_GAP = 2e-5  # stop when the estimated distance to the least objective is this part of it; less costs twice the time
_DECREASE = 1e-4
_BACKTRACKS = 10
_ROUNDING = 4 * torch.finfo(torch.float32).eps
_LEAST_CURVATURE = 1e-6  # of the rows' weight, so that an intercept of perfectly told labels has a step

Pair = tuple[torch.Tensor, torch.Tensor]


class Loss:
    """The weighted loss of every row as a function of logits.

    Args:
        columns: Features and a column of ones, shape (rows, columns), float32.
        targets: Label numbers (rows,), int64.
        labels: The number of labels.
        row_weights: What each row counts for under each weighting, shape (weightings, rows), float32.
    """

    def __init__(self, columns: torch.Tensor, targets: torch.Tensor, labels: int, row_weights: torch.Tensor) -> None:
        self.columns, self.labels, self.row_weights = columns, labels, row_weights
        self._right = (slice(None), targets, torch.arange(len(targets)))

    def logits(self, weights: torch.Tensor) -> torch.Tensor:
        """Shape (weightings, labels, rows), of weights (weightings, labels, columns)."""
        found: torch.Tensor = (weights.flatten(0, 1) @ self.columns.T).unflatten(0, weights.shape[:2])
        return found

    def value(self, logits: torch.Tensor) -> torch.Tensor:
        """The sum over rows for each weighting, shape (weightings,), float64."""
        losses = logits.logsumexp(1) - logits[self._right]
        return (losses.double() * self.row_weights).sum(1)

    def gradient(self, logits: torch.Tensor) -> Pair:
        """The gradient (weightings, labels, columns), and sum_i p_ik (1 - p_ik) with shape (weightings, labels)."""
        p = logits.softmax(1)
        curvature = ((p - p * p) @ self.row_weights[:, :, None])[:, :, 0]
        p[self._right] -= 1
        p *= self.row_weights[:, None]
        return (p.flatten(0, 1) @ self.columns).unflatten(0, p.shape[:2]), curvature


@dataclass(frozen=True)
class _Point:
    weights: torch.Tensor
    logits: torch.Tensor

    def towards(self, other: "_Point", share: torch.Tensor) -> "_Point":
        """The point at a share of the way for each weighting; beyond the other where it is above one."""
        share = share[:, None, None].to(self.weights.dtype)
        logits = torch.lerp(self.logits, other.logits, share)
        return _Point(torch.lerp(self.weights, other.weights, share), logits)

    def along(self, direction: "_Point", step: torch.Tensor) -> "_Point":
        """The point after a step for each weighting."""
        step = step[:, None, None].to(self.weights.dtype)
        return _Point(self.weights + step * direction.weights, self.logits + step * direction.logits)


@dataclass(frozen=True)
class _Objective:
    loss: Loss
    penalty: torch.Tensor  # (columns,), zero for the intercept
    spread: torch.Tensor  # (columns,), the mean square of each column

    def value(self, at: _Point) -> torch.Tensor:
        penalty = 0.5 * (self.penalty * at.weights**2).sum((1, 2), dtype=torch.float64)
        return self.loss.value(at.logits) + penalty

    def gradient(self, at: _Point) -> Pair:
        """The gradient, and the diagonal that stands for the Hessian."""
        gradient, curvature = self.loss.gradient(at.logits)
        curvature = curvature.clamp_min(_LEAST_CURVATURE * float(self.loss.row_weights.sum(1).max()))
        return gradient + self.penalty * at.weights, curvature[:, :, None] * self.spread + self.penalty


def path(loss: Loss, penalties: Sequence[float]) -> Iterator[torch.Tensor]:
    """The minimiser for each penalty, strong ones first: weights of shape (weightings, labels, columns).

    Each has an objective within some 1e-5 of the least one, relatively.
    """
    rows, columns = loss.columns.shape
    spread = (loss.columns**2).mean(0)
    shape = (len(loss.row_weights), loss.labels)
    at = _Point(torch.zeros(*shape, columns), torch.zeros(*shape, rows))
    solved: list[tuple[float, _Point]] = []
    pairs: list[Pair] = []
    for penalty in penalties:
        penalised = torch.full((columns,), penalty)
        penalised[-1] = 0
        objective = _Objective(loss, penalised, spread)
        at = _minimise(objective, _start(objective, solved, penalty) if solved else at, pairs)
        solved = [*solved[-1:], (penalty, at)]
        yield at.weights


def _start(objective: _Objective, solved: Sequence[tuple[float, _Point]], penalty: float) -> _Point:
    """The last solution, or the point on the line through the last two where that is better."""
    last = solved[-1][1]
    if len(solved) < 2 or solved[0][0] == solved[1][0]:
        return last
    logs = torch.tensor([each for each, _ in solved] + [penalty]).log()
    share = ((logs[2] - logs[0]) / (logs[1] - logs[0])).expand(len(last.weights))
    ahead = solved[0][1].towards(last, share)
    better = objective.value(ahead) < objective.value(last)
    return last.towards(ahead, better)


def _minimise(objective: _Objective, at: _Point, pairs: list[Pair]) -> _Point:
    """L-BFGS from a point; the pairs are the loss's alone, and the list is kept up to date for the next penalty."""
    value = objective.value(at)
    gradient, diagonal = objective.gradient(at)
    for _ in range(_ITERATIONS):
        gap = _dot(gradient, gradient / diagonal).double() / 2
        if bool((gap <= _GAP * value).all()):
            break
        weights = -_times_inverse(gradient, diagonal, pairs, objective.penalty)
        direction = _Point(weights, objective.loss.logits(weights))
        step, reached, value = _search(objective, at, value, direction, _dot(gradient, weights).double())
        if not step.any():
            break
        before, moved = gradient, reached.weights - at.weights
        at = reached
        gradient, diagonal = objective.gradient(at)
        pairs.append((moved, gradient - before - objective.penalty * moved))
        del pairs[:-_PAIRS]
    return at


def _times_inverse(
    gradient: torch.Tensor, diagonal: torch.Tensor, pairs: Sequence[Pair], penalty: torch.Tensor
) -> torch.Tensor:
    """The gradient times L-BFGS's inverse Hessian, by the recursion over pairs of steps and changes."""
    found, used = gradient.clone(), []
    for moved, change in reversed(pairs):
        curved = change + penalty * moved
        bend = _dot(moved, curved)
        # A weighting that did not move, or whose change is rounding, has nothing to say.
        inverse = torch.where(bend > _ROUNDING * _dot(curved, curved / diagonal), 1 / bend, 0.0)
        share = inverse * _dot(moved, found)
        found -= share[:, None, None] * curved
        used.append((moved, curved, inverse, share))
    found /= diagonal
    for moved, curved, inverse, share in reversed(used):
        found += (share - inverse * _dot(curved, found))[:, None, None] * moved
    return found


def _search(
    objective: _Objective, start: _Point, value: torch.Tensor, direction: _Point, slope: torch.Tensor
) -> tuple[torch.Tensor, _Point, torch.Tensor]:
    """The step of each weighting that lowers its objective enough, where it leads, and the objective there.

    Logits are linear in the step, so trying one takes no product with the features. A weighting for which none is
    found stays where it is.
    """
    step = torch.ones_like(value)
    for _ in range(_BACKTRACKS):
        reached = start.along(direction, step)
        found = objective.value(reached)
        failed = ~(found <= value + _DECREASE * step * slope + _ROUNDING * value)
        if not failed.any():
            return step, reached, found
        lowest = -slope * step**2 / (2 * (found - value - slope * step))  # of the parabola through what is known
        step = torch.where(failed, lowest.nan_to_num(0).clamp(0.1 * step, 0.5 * step), step)
    step = torch.where(failed, 0.0, step)
    reached = start.along(direction, step)
    return step, reached, objective.value(reached)


def _dot(one: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
    """Inner products over labels and columns, shape (weightings,)."""
    products: torch.Tensor = torch.linalg.vecdot(one.flatten(1), other.flatten(1))
    return products
