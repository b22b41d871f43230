"""Which strategy to use. Pure functions of what is known before anything trains."""

from dataclasses import dataclass, replace

from headstart.errors import SpecError
from headstart.heads import FAMILIES
from headstart.spec import HeadFamily, StrategyName, TuneSpec
from headstart.training.strategy import BAG, STRATEGIES, Strategy

FEW_A_LABEL = 16
"""Training rows a label below which ``auto`` lets lower blocks move less."""


@dataclass(frozen=True)
class Facts:
    """What a strategy is chosen by: training rows, labels, the best head's family, and what the verdict advises."""

    rows: int
    labels: int
    family: HeadFamily
    advised: StrategyName | None = None


def choose(tune: TuneSpec, facts: Facts) -> Strategy:
    """The strategy that the spec names, or the one that ``auto`` finds, with the reason.

    Raises:
        SpecError: The head has no weights, and the strategy would train them.
    """
    if tune.strategy == "auto":
        return _found(facts)
    chosen = STRATEGIES[tune.strategy]
    if chosen.trains and not FAMILIES[facts.family].TRAINABLE:
        problem = f"the best head, {facts.family}, has no weights to tune from."
        remedy = f"Leave {facts.family} out of search.heads, or set tune.strategy to auto or head."
        raise SpecError("tune/no-weights", problem, remedy=remedy, where="tune.strategy")
    return replace(chosen, layers=tune.layers) if chosen.layers else chosen


def _found(facts: Facts) -> Strategy:
    if facts.advised != BAG and not FAMILIES[facts.family].TRAINABLE:
        return replace(STRATEGIES["head"], why=f"the best head, {facts.family}, has no weights to tune from")
    if facts.advised is not None:
        return replace(STRATEGIES[facts.advised], why=f"the verdict advises it: {STRATEGIES[facts.advised].why}")
    each = facts.rows / facts.labels
    if each < FEW_A_LABEL:
        why = f"with {each:.0f} rows a label, lower blocks, which are more general, move less (Howard and Ruder 2018)"
        return replace(STRATEGIES["layer-decay"], why=why)
    return STRATEGIES["lp-ft"]


def cheaper(dear: Strategy, layers: int) -> Strategy:
    """What to do instead of a strategy that does not fit into the budget: the highest blocks, or else nothing."""
    name: StrategyName = "head" if dear.layers else "top-k"
    why = f"an epoch of {dear.name} does not fit into the budget: {STRATEGIES[name].why}"
    return replace(STRATEGIES[name], why=why, layers=layers if name == "top-k" else None)
