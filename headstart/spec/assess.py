"""The assess section."""

from typing import Annotated, Literal

from pydantic import Field

from headstart.spec.section import Duration, Section, seconds


class AssessSpec(Section):
    """The verdict: whether to transfer, and how far."""

    budget: Literal["auto"] | Duration = "auto"
    """About how long short trainings on a part of the rows may take, which show what tuning would gain; ``auto`` is a
    fifteenth of a second a row, from 20 to 60 s. It is reckoned on two common cores, so that every machine trains on
    the same rows and the seconds differ. Where it pays for too few rows they are left out."""
    target: Literal["gate"] | Annotated[float, Field(gt=0.0, le=1.0)] = "gate"
    """The score to reach, for which the learning curve says how many labels it takes; ``gate`` is ``gate.min``, if that
    is above 0."""

    def budget_seconds(self, rows: int) -> float:
        """The budget for data of so many rows."""
        return min(60.0, max(20.0, rows / 15)) if self.budget == "auto" else seconds(self.budget)
