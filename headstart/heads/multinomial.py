"""Logistic regression for a path of penalties and several weightings of the rows at once.

The objective is that of scikit-learn's LogisticRegression: the rows' weighted losses in nats, plus half the penalty
times the squared weights without the intercepts. It is minimised by L-BFGS (Liu and Nocedal 1989), whose first guess at
the inverse Hessian is diagonal in the features' eigenbasis: column j of label k curves like the mean square of the
column times sum_i p_ik (1 - p_ik) (after Boehning 1992, who bounds the latter). Along the path from strong to weak
penalties each solution starts on the line through the last two, and what L-BFGS knows of the loss's curvature goes
along: only the penalty's share of it changes, and that is known.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import torch

from headstart.heads.losses import Loss, Pair, logits_of

_PAIRS = 20
_ITERATIONS = 500  # for one penalty
_GAP = 1e-5  # stop when the estimated distance to the least objective is this part of it
_DECREASE = 1e-4
_BACKTRACKS = 10
_ROUNDING = 4 * torch.finfo(torch.float32).eps
_LEAST_CURVATURE = 1e-6  # of the rows' weight, so that an intercept of perfectly told labels has a step


@dataclass(frozen=True)
class _Point:
    """Weights (weightings, width, columns), their logits, the sum of losses there, and the probabilities."""

    weights: torch.Tensor
    logits: torch.Tensor
    losses: torch.Tensor
    probabilities: torch.Tensor


@dataclass(frozen=True)
class _Objective:
    loss: Loss
    penalty: torch.Tensor  # (columns,), zero for the intercept
    spread: torch.Tensor  # (columns,), the mean square of each column

    def point(self, weights: torch.Tensor, logits: torch.Tensor) -> _Point:
        return _Point(weights, logits, *self.loss.at(logits))

    def between(self, one: _Point, other: _Point, share: torch.Tensor) -> _Point:
        """The point at a share of the way for each weighting; beyond the other where it is above one."""
        share = share[:, None, None].to(one.weights.dtype)
        return self.point(torch.lerp(one.weights, other.weights, share), torch.lerp(one.logits, other.logits, share))

    def after(self, start: _Point, direction: Pair, step: torch.Tensor) -> _Point:
        """The point after a step for each weighting along a direction: its weights and their logits."""
        step = step[:, None, None].to(start.weights.dtype)
        weights, logits = direction
        return self.point(torch.addcmul(start.weights, weights, step), torch.addcmul(start.logits, logits, step))

    def value(self, at: _Point) -> torch.Tensor:
        return at.losses + 0.5 * (self.penalty * at.weights**2).sum((1, 2), dtype=torch.float64)

    def gradient(self, at: _Point) -> Pair:
        """The gradient, and the diagonal that stands for the Hessian."""
        gradient, curvature = self.loss.gradient(at.probabilities)
        curvature = curvature.clamp_min(_LEAST_CURVATURE * float(self.loss.row_weights.sum(1).max()))
        return gradient + self.penalty * at.weights, curvature[:, :, None] * self.spread + self.penalty


class Solver:
    """Solves paths of penalties, each on much the same rows as the one before, and starts where that has ended."""

    def __init__(self) -> None:
        self._memory = _Memory()
        self._known: dict[float, torch.Tensor] = {}

    def path(self, loss: Loss, penalties: Sequence[float]) -> Iterator[torch.Tensor]:
        """The minimiser for each penalty, strong ones first: weights of shape (weightings, width, columns).

        Each has an objective within some 1e-5 of the least one, relatively.
        """
        rows, columns = loss.columns.shape
        shape = torch.Size((len(loss.row_weights), loss.width, columns))
        if any(each.shape != shape for each in self._known.values()):
            self.__init__()  # type: ignore[misc]
        spread = (loss.columns**2).mean(0)
        solved: list[tuple[float, _Point]] = []
        for penalty in penalties:
            penalised = torch.full((columns,), penalty)
            penalised[-1] = 0
            objective = _Objective(loss, penalised, spread)
            starts = [_ahead(objective, solved, penalty)] if solved else []
            if penalty in self._known:
                weights = self._known[penalty]
                starts.append(objective.point(weights, logits_of(loss, weights)))
            if not starts:
                starts.append(objective.point(torch.zeros(shape), torch.zeros(*shape[:2], rows)))
            at = _minimise(objective, _better(objective, starts[0], starts[-1]), self._memory)
            solved = [*solved[-1:], (penalty, at)]
            self._known[penalty] = at.weights
            yield at.weights


def path(loss: Loss, penalties: Sequence[float]) -> Iterator[torch.Tensor]:
    """The path of a new :class:`Solver`."""
    return Solver().path(loss, penalties)


def _ahead(objective: _Objective, solved: Sequence[tuple[float, _Point]], penalty: float) -> _Point:
    """The last solution, or the point on the line through the last two where that is better."""
    last = solved[-1][1]
    if len(solved) < 2 or solved[0][0] == solved[1][0]:
        return last
    logs = torch.tensor([each for each, _ in solved] + [penalty]).log()
    share = ((logs[2] - logs[0]) / (logs[1] - logs[0])).expand(len(last.weights))
    return _better(objective, last, objective.between(solved[0][1], last, share))


def _better(objective: _Objective, one: _Point, other: _Point) -> _Point:
    """The point with the lesser objective, for each weighting."""
    better = objective.value(other) < objective.value(one)
    if better.all():
        return other
    return objective.between(one, other, better) if better.any() else one


def _minimise(objective: _Objective, at: _Point, memory: "_Memory") -> _Point:
    """L-BFGS from a point, with what is known of the loss; what is learned is known for the next penalty."""
    value = objective.value(at)
    gradient, diagonal = objective.gradient(at)
    memory.penalise(objective.penalty, diagonal)
    for _ in range(_ITERATIONS):
        gap = _dot(gradient, gradient / diagonal).double() / 2
        if bool((gap <= _GAP * value).all()):
            break
        weights = -memory.times_inverse(gradient, diagonal)
        direction = weights, logits_of(objective.loss, weights)
        step, reached, value = _search(objective, at, value, direction, _dot(gradient, weights).double())
        if not step.any():
            break
        before, moved = gradient, reached.weights - at.weights
        at = reached
        gradient, diagonal = objective.gradient(at)
        memory.add(moved, gradient - before, diagonal)
    return at


@dataclass
class _Memory:
    """Steps and how the gradient changed over each: of the loss alone in ``pairs``, of the objective in ``curved``.

    ``curved`` also has the inverse of each pair's curvature, shape (weightings,).
    """

    pairs: list[Pair] = field(default_factory=list)
    curved: list[tuple[torch.Tensor, torch.Tensor, torch.Tensor]] = field(default_factory=list)
    penalty: torch.Tensor = field(default_factory=lambda: torch.zeros(()))

    def penalise(self, penalty: torch.Tensor, diagonal: torch.Tensor) -> None:
        """Go over to another penalty."""
        self.penalty = penalty
        self.curved = [self._curved(moved, change + penalty * moved, diagonal) for moved, change in self.pairs]

    def add(self, moved: torch.Tensor, change: torch.Tensor, diagonal: torch.Tensor) -> None:
        """Learn how the objective's gradient changed over a step; the oldest pair is forgotten."""
        self.pairs.append((moved, change - self.penalty * moved))
        self.curved.append(self._curved(moved, change, diagonal))
        del self.pairs[:-_PAIRS], self.curved[:-_PAIRS]

    def times_inverse(self, gradient: torch.Tensor, diagonal: torch.Tensor) -> torch.Tensor:
        """The gradient times L-BFGS's inverse Hessian, by the recursion over pairs of steps and changes."""
        found, shares = gradient.clone(), []
        for moved, change, inverse in reversed(self.curved):
            shares.append(inverse * _dot(moved, found))
            found.addcmul_(change, shares[-1][:, None, None], value=-1)
        found /= diagonal
        for (moved, change, inverse), share in zip(self.curved, reversed(shares), strict=True):
            found.addcmul_(moved, (share - inverse * _dot(change, found))[:, None, None])
        return found

    @staticmethod
    def _curved(
        moved: torch.Tensor, change: torch.Tensor, diagonal: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        bend = _dot(moved, change)
        # A weighting that did not move, or whose change is rounding, has nothing to say.
        inverse = torch.where(bend > _ROUNDING * _dot(change, change / diagonal), 1 / bend, 0.0)
        return moved, change, inverse


def _search(
    objective: _Objective, start: _Point, value: torch.Tensor, direction: Pair, slope: torch.Tensor
) -> tuple[torch.Tensor, _Point, torch.Tensor]:
    """The step of each weighting that lowers its objective enough, where it leads, and the objective there.

    Logits are linear in the step, so trying one takes no product with the features. A weighting for which none is
    found stays where it is.
    """
    step = torch.ones_like(value)
    for _ in range(_BACKTRACKS):
        reached = objective.after(start, direction, step)
        found = objective.value(reached)
        failed = ~(found <= value + _DECREASE * step * slope + _ROUNDING * value)
        if not failed.any():
            return step, reached, found
        lowest = -slope * step**2 / (2 * (found - value - slope * step))  # of the parabola through what is known
        step = torch.where(failed, lowest.nan_to_num(0).clamp(0.1 * step, 0.5 * step), step)
    step = torch.where(failed, 0.0, step)
    reached = objective.after(start, direction, step)
    return step, reached, objective.value(reached)


def _dot(one: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
    """Inner products over labels and columns, shape (weightings,)."""
    products: torch.Tensor = torch.linalg.vecdot(one.flatten(1), other.flatten(1))
    return products
