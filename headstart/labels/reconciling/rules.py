"""What each task takes for a label, and how several annotators' votes become one answer, or a tie.

In tasks whose answer has parts (several labels, spans), each part is a question of its own that annotators answer by
yes or no: it is taken where more than half of them say yes, and half is a tie. Numbers are averaged.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import fsum
from types import MappingProxyType
from typing import NamedTuple, cast

from headstart.labels.records import Kind, Names, Span, Value
from headstart.spec import TaskName


class Settled(NamedTuple):
    """The answer, or None where votes are tied, and how many votes are for another one."""

    value: Value | None
    outvoted: int


@dataclass(frozen=True)
class Rule:
    """A task's rule.

    ``problem`` gives the reason why a vote on a text cannot be an answer, or None. ``is_exact`` says that an answer is
    about the very characters of the text, so that only identical texts share it.
    """

    kind: Kind
    problem: Callable[[Value, str], str | None]
    settle: Callable[[Sequence[Value]], Settled]
    is_exact: bool = False


def _one_name_problem(value: Value, text: str) -> str | None:
    names = cast("Names", value)
    return None if len(names) == 1 else "several-labels" if names else "not-labeled"


def _spans_problem(value: Value, text: str) -> str | None:
    spans = sorted(cast("tuple[Span, ...]", value))
    if any(not 0 <= span.start < span.end <= len(text) for span in spans):
        return "bad-span"
    if any(first.end > second.start for first, second in pairwise(spans)):
        return "overlapping-spans"
    return None


def _no_problem(value: Value, text: str) -> str | None:
    return None


def _most(votes: Sequence[Value]) -> Settled:
    (first, count), *others = Counter(votes).most_common()
    if others and others[0][1] == count:
        return Settled(None, 0)
    return Settled(first, len(votes) - count)


def _by_parts(votes: Sequence[Value]) -> Settled:
    said = [frozenset(cast("Names | tuple[Span, ...]", vote)) for vote in votes]
    yes = Counter(part for parts in said for part in parts)
    taken = {part for part, count in yes.items() if 2 * count > len(votes)}
    # Where most see something and no two the same, nothing is no answer either.
    if any(2 * count == len(votes) for count in yes.values()) or (
        not taken and 2 * said.count(frozenset()) <= len(votes)
    ):
        return Settled(None, 0)
    return Settled(cast("Value", tuple(sorted(taken))), sum(parts != taken for parts in said))


def _mean(votes: Sequence[Value]) -> Settled:
    numbers = cast("Sequence[float]", votes)
    mean = fsum(numbers) / len(numbers) if len(set(numbers)) > 1 else numbers[0]  # not a rounding error beside it
    return Settled(mean, sum(vote != mean for vote in votes))


RULES: Mapping[TaskName, Rule] = MappingProxyType(
    {
        "text-classification": Rule("names", _one_name_problem, _most),
        "image-classification": Rule("names", _one_name_problem, _most),
        "multi-label": Rule("names", _no_problem, _by_parts),
        "token-classification": Rule("spans", _spans_problem, _by_parts, is_exact=True),
        "regression": Rule("number", _no_problem, _mean),
        "pair-regression": Rule("number", _no_problem, _mean),
    }
)
