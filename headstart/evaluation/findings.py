"""What else the judging of a candidate found: neighbours, mistakes, suspect labels, and how it bears changed texts."""

from pydantic import BaseModel, ConfigDict

from headstart.evaluation.mistakes import Mistake
from headstart.evaluation.neighbours import Neighbours
from headstart.evaluation.robustness import Change
from headstart.evaluation.suspects import Suspects


class Findings(BaseModel):
    """``suspects`` are of the training rows; all else is of the test rows."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    neighbours: Neighbours
    mistakes: tuple[Mistake, ...]
    suspects: Suspects
    changes: tuple[Change, ...]
