"""The calibration section."""

from typing import Annotated

from pydantic import Field

from headstart.spec.section import Section

Share = Annotated[float, Field(gt=0.0, lt=1.0)]


class CalibrationSpec(Section):
    """What answers promise, as far as the validation rows allow; it travels with the model."""

    coverage: Share = 0.9
    """How often the set of labels that comes with each answer is to hold the true one."""
    precision: Share = 0.95
    """How often an answer that the model does not abstain from is to be right."""
