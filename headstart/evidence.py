"""Everything that a run found out, held together for the registry's lineage and for the report."""

from dataclasses import dataclass

from headstart.backbone import Backbone, Backbones
from headstart.dataset import Dataset
from headstart.evaluation.decision import Decision
from headstart.evaluation.verdict import Verdict
from headstart.head import Head
from headstart.model import Model
from headstart.spec import Spec


@dataclass(frozen=True)
class Evidence:
    """The values of a run up to its decision."""

    spec: Spec
    dataset: Dataset
    backbones: Backbones
    verdict: Verdict
    head: Head
    model: Model
    decision: Decision

    @property
    def backbone(self) -> Backbone:
        """The backbone that the verdict chose."""
        return self.backbones.get(self.verdict.backbone)
