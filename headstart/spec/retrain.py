"""The retrain section."""

import re
from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator

from headstart.spec.section import Count, Section, Uri


def _checked_age(age: str) -> str:
    """A whole number and h or d, for example 30d."""
    if not re.fullmatch(r"[1-9][0-9]{0,4}[hd]", age):
        raise ValueError("an age is a whole number and h or d, for example 30d")
    return age


class RetrainSpec(Section):
    """When ``headstart retrain`` and the pipeline ``retrain`` do the job again.

    Another backbone, spec or Headstart is always reason enough; these keys are about labels.
    """

    new_labels: Count = 1
    """How many labels must be new, changed or gone since the last retraining."""
    drift: Uri | None = None
    """Where scorings of the model go: what ``headstart score`` is given as ``--out``. If texts have drifted in the last
    one since the last retraining, fewer such labels are enough, too; one it takes in any case."""
    max_age: Annotated[str, AfterValidator(_checked_age)] | None = None
    """How old the last retraining may get before fewer such labels are enough; one it takes in any case."""

    @property
    def longest(self) -> timedelta | None:
        """The greatest age, if there is one."""
        if self.max_age is None:
            return None
        return timedelta(hours=int(self.max_age[:-1]) * {"h": 1, "d": 24}[self.max_age[-1]])
