"""Decision: what a candidate's test rows showed, and whether it takes over."""

from collections.abc import Mapping
from statistics import NormalDist
from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from headstart.digest import digest_of
from headstart.evaluation.estimate import Estimate
from headstart.evaluation.findings import Findings
from headstart.evaluation.kept import Kept
from headstart.evaluation.paired import Gain
from headstart.evaluation.promises import Calibration
from headstart.evaluation.reliability import Reliability
from headstart.evaluation.roc import Roc
from headstart.evaluation.slices import Slice
from headstart.spec import GateSpec
from headstart.values import Value

FROZEN, TUNED = "frozen backbone and head", "tuned model"
CONTROL, CHAMPION = "TF-IDF and logistic regression", "champion"


class Scored(BaseModel):
    """A contender on the test rows; the metrics by name, and the gain over the control in the gate's metric."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    scores: Mapping[str, Estimate]
    gain: Estimate | None = None


class LabelScore(BaseModel):
    """How the candidate does on one label: the test ``rows`` that have it, how often it was ``said``, its scores."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    label: str
    rows: int
    said: int
    hits: int
    f1: Estimate
    precision: Estimate
    recall: Estimate


class Against(BaseModel):
    """The comparison with the standing version, on the test rows that it has not seen.

    ``seen`` counts the rows left out because it was trained or chosen on them, ``how`` says how that is known. ``gain``
    is None where too few rows remain.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: str
    seen: int
    how: str
    gain: Gain | None


class TestUse(BaseModel):
    """Which test rows were read (the digest of their ids), and for how many candidates by now, this one included."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rows: str
    candidates: int

    @property
    def optimism(self) -> float:
        """By how many standard errors the best of so many equal candidates looks better than it is (Blom 1958)."""
        return (
            NormalDist().inv_cdf((self.candidates - 0.375) / (self.candidates + 0.25)) if self.candidates > 1 else 0.0
        )


class Cost(BaseModel):
    """What answers cost: seconds for 1000 test rows, measured on ``machine``, and the bytes of the model's files."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    seconds: float
    machine: str
    size: int


class Decision(Value):
    """Promote or keep, why, and the numbers behind it; kept on rejection too.

    ``candidate`` is the digest of the model that was judged, ``candidate_name`` what kind it is, and ``reference`` the
    digest of what is kept of the test rows, to compare later texts with. ``confusion`` has the true label as row;
    ``roc`` is there where there are two labels. The time that answers took gives the same decision made twice two
    digests, but one identity.
    """

    kind: ClassVar[str] = "decision"

    promote: bool
    reason: str
    gate: GateSpec
    candidate: str
    candidate_name: str
    test_rows: int
    test_use: TestUse
    contenders: tuple[Scored, ...]
    against: Against | None
    labels: tuple[LabelScore, ...]
    slices: tuple[Slice, ...]
    confusion: tuple[tuple[int, ...], ...]
    roc: Roc | None
    reliability: Reliability
    calibration: Calibration
    kept: Kept
    findings: Findings
    reference: str
    cost: Cost

    @property
    def champion(self) -> str:
        """The version that stood against the candidate as ``name@version``, or empty."""
        return self.against.version if self.against else ""

    @property
    def gain(self) -> Gain | None:
        """What the candidate gains over the champion, where they could be compared."""
        return self.against.gain if self.against else None

    @property
    def identity(self) -> str:
        """The digest of all but what was measured with a clock."""
        return digest_of(self.said() | {"cost": None})

    def standing(self, version: str, alias: str) -> str:
        """How a version that this released, as ``name@number``, stands to the alias; it may be the champion itself."""
        if self.promote:
            return f"now {alias}"
        return f"still {alias}" if version == self.champion else f"not {alias}"

    def summary(self) -> str:
        """One line for people."""
        return f"{'promote' if self.promote else 'do not promote'} the {self.candidate_name}: {self.reason}"

    def scored(self, name: str) -> Scored:
        """The contender of this name."""
        return next(each for each in self.contenders if each.name == name)
