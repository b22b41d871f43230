"""The verdict as a value: the answer, the evidence it rests on, and what later steps use."""

from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict

from headstart.digest import digest_of
from headstart.evaluation.estimate import Estimate
from headstart.evaluation.learning_curve import LearningCurve
from headstart.evaluation.transferability import Transferability
from headstart.spec import Metric
from headstart.values import Value

Answer = Literal["do-not-transfer", "head-is-enough", "fine-tune", "label-more-first", "cannot-tell"]
Advised = Literal["bag-of-words", "head", "lp-ft"]
"""How far a run tunes under ``auto``."""

ANSWERS: dict[Answer, str] = {
    "do-not-transfer": "Do not transfer",
    "head-is-enough": "A head is enough",
    "fine-tune": "Fine-tune",
    "label-more-first": "Label more first",
    "cannot-tell": "Cannot tell",
}


class _Evidence(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Contender(_Evidence):
    """A way to solve the task: its cross-validated score, and the paired gain over the best control, if it is none."""

    name: str
    score: Estimate
    gain: Estimate | None


class LayerFound(_Evidence):
    """What the closed forms say of a backbone's layer, and in which share of the folds it was chosen."""

    backbone: str
    layer: int
    scores: Transferability
    chosen: float


class ShortTrainings(_Evidence):
    """Short trainings on ``rows`` rows each, judged on ``judged`` rows in all, and the same rows' head and control.

    ``tuned`` starts from the head (LP-FT); ``scratch`` is the same network from random weights, in fewer runs
    (``scratch_runs``). Gains are paired, run by run. ``cut`` says why a slow machine trained on less than the budget
    pays for elsewhere, and is empty where it did not.
    """

    rows: int
    cut: str
    judged: int
    epochs: int
    runs: int
    scratch_runs: int
    tuned: Estimate
    head: Estimate
    control: Estimate
    scratch: Estimate
    tuned_over_head: Estimate
    tuned_over_control: Estimate
    scratch_over_head: Estimate


class Bet(_Evidence):
    """The way that is likeliest to be the better one today, what it stands against, and how probable that is.

    ``over`` is the best control (or, where that is likeliest, what transfers), and what knows no text where nothing is
    known to beat that.
    """

    way: str
    over: str
    probability: float

    def __str__(self) -> str:
        sure = f"{self.probability:.0%}" if self.probability < 0.995 else "more than 99%"
        return f"{self.way} is better than {self.over} with a probability of {sure}"


class Option(_Evidence):
    """A way to go and what it costs: in seconds where that was measured, and in words."""

    name: str
    seconds: float | None
    cost: str


class LabelFound(_Evidence):
    """A label: its rows, its F1 over all folds, and what the last doubling of the rows brought it."""

    label: str
    rows: int
    f1: float
    gained: float
    starved: bool


class Verdict(Value):
    """The answer, its evidence, and the backbone, layer and strategy that later steps use under ``auto``.

    ``backbone`` is an identity; ``strategy`` is None where it was not measured whether tuning gains. ``rows`` of the
    ``of`` training and validation rows were looked at, on ``folds`` folds. ``head`` is the probe whose backbone, layer
    and strength are chosen within each fold; ``learned`` is the gain of the best contender over what knows no text.
    ``bet`` is what to go on with today, whatever the answer asks for.
    ``short`` is None where no short training was done, and ``not_tuned`` says why. Costs are measured, so that the same
    assessment done twice may have two digests, but one identity, unless a machine was too slow for it (``short.cut``).
    """

    kind: ClassVar[str] = "verdict"

    answer: Answer
    reason: str
    bet: Bet
    negative_transfer: bool
    metric: Metric
    backbone: str
    backbone_name: str
    layer: int
    strategy: Advised | None
    rows: int
    of: int
    folds: int
    controls: tuple[Contender, ...]
    probes: tuple[Contender, ...]
    head: Contender
    learned: Estimate
    layers: tuple[LayerFound, ...]
    short: ShortTrainings | None
    not_tuned: str
    curve: LearningCurve
    labels: tuple[LabelFound, ...]
    options: tuple[Option, ...]

    @property
    def identity(self) -> str:
        """The digest of everything but the costs, and but why nothing was tuned, which tells the speed."""
        return digest_of(self.model_dump(mode="json", exclude={"options", "not_tuned"}))

    @property
    def is_open(self) -> bool:
        """Whether the answer asks for more evidence instead of naming a way."""
        return self.answer in ("label-more-first", "cannot-tell")

    @property
    def best_control(self) -> Contender:
        """The control with the best score."""
        return max(self.controls, key=lambda each: each.score.value)

    def summary(self) -> str:
        """One line for people."""
        gain = self.head.gain.signed() if self.head.gain else ""
        answer = ANSWERS[self.answer]
        over = self.best_control.name
        told = f"{answer.lower()}: frozen features {self.metric} {self.head.score}, {gain} over {over}"
        return f"{told}; today {self.bet}" if self.is_open else told
