"""What a user may ask for: frozen models, one file a section, one place for each default.

A spec is YAML or JSON. Two lines are complete (``name`` and ``data``); everything else is derived or has
its default in its section. Relative paths in a spec file are relative to that file; a workspace and a registry
that it does not name are in the current folder.
"""

from headstart.spec.assess import AssessSpec
from headstart.spec.calibration import CalibrationSpec
from headstart.spec.data import SPLITS, DataSpec, FieldsSpec, Format, Split, SplitSpec
from headstart.spec.gate import GateSpec, Metric, RegistrySpec
from headstart.spec.retrain import RetrainSpec
from headstart.spec.search import HeadFamily, SearchSpec
from headstart.spec.section import NAME_PATTERN, Section
from headstart.spec.spec import Spec, TaskName, require_spec
from headstart.spec.tune import ComputeSpec, StrategyName, TuneSpec, seconds_allowed

__all__ = [
    "NAME_PATTERN",
    "SPLITS",
    "AssessSpec",
    "CalibrationSpec",
    "ComputeSpec",
    "DataSpec",
    "FieldsSpec",
    "Format",
    "GateSpec",
    "HeadFamily",
    "Metric",
    "RegistrySpec",
    "RetrainSpec",
    "SearchSpec",
    "Section",
    "Spec",
    "Split",
    "SplitSpec",
    "StrategyName",
    "TaskName",
    "TuneSpec",
    "require_spec",
    "seconds_allowed",
]
