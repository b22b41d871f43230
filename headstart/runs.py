"""A run: the seven steps over one spec, in one workspace, continued wherever it stopped."""

from collections.abc import Mapping
from dataclasses import dataclass

from headstart import events, status, steps
from headstart.adapters.ray_compute import RayCompute
from headstart.compute import Compute
from headstart.context import Context
from headstart.evidence import Evidence
from headstart.origin import run_folder
from headstart.progress import Progress, Silent
from headstart.registry import Version
from headstart.report import card, imported, leaderboard, page
from headstart.spec import Spec
from headstart.workspace import Receipt, Workspace


@dataclass(frozen=True)
class Run(Evidence):
    """What a run made. ``report`` is where its page is; ``receipts`` say how long each step took.

    ``reused`` says that nothing was left to do.
    """

    version: Version
    report: str
    receipts: Mapping[str, Receipt]
    reused: bool

    @property
    def standing(self) -> str:
        """How the version stands to the alias, in words."""
        return self.decision.standing(self._reference, self.spec.registry.alias)

    @property
    def _reference(self) -> str:
        return f"{self.version.name}@{self.version.version}"

    def __repr__(self) -> str:
        """One line: all that a run carries would fill a notebook."""
        return f"<Run of {self._reference}, {self.standing}: {self.report}>"


def run(spec: Spec, progress: Progress | None = None, compute: Compute | None = None) -> Run:
    """Do the whole job, from label export to registered version; steps that are done are not done again.

    Args:
        spec: What to do.
        progress: Hears of each step; by default nobody does.
        compute: Where work runs; by default Ray, on the cluster that RAY_ADDRESS names or on this machine.

    Raises:
        HeadstartError: Something that the user can mend; what is finished stays finished.
    """
    workspace = Workspace.open(spec.workspace)
    if compute is None:
        with RayCompute() as started:
            return run(spec, progress, started)
    watched = _Watching(progress or Silent())
    with status.kept(workspace.store, spec, watched, whole=True) as keeper:
        on = Context(workspace, compute, keeper, events=events.configured(spec))
        dataset = steps.import_labels(spec, on)
        imported.publish(dataset, workspace, spec.name)
        backbones = steps.fetch_backbone(spec, on)
        verdict = steps.assess_transfer(spec, dataset, backbones, on)
        head = steps.search_heads(spec, dataset, backbones, verdict, on)
        model = steps.fine_tune(spec, dataset, backbones, verdict, head, on)
        decision = steps.evaluate(spec, dataset, backbones, head, model, on)
        keeper.decided(decision.promote)
        version = steps.register(spec, dataset, backbones, verdict, head, model, decision, on)
        keeper.published(version.version)
        made = (spec, dataset, backbones, verdict, head, model, decision)
        key = f"{run_folder(spec)}/report.html"
        workspace.store.put(f"{run_folder(spec)}/leaderboard.parquet", leaderboard.parquet(head))
        workspace.store.put(f"{run_folder(spec)}/report.md", card.render(Evidence(*made)).encode())
        workspace.store.put(key, page.render(Evidence(*made), version, list(on.receipts.values())).encode())
    return Run(*made, version, f"{workspace.uri}/{key}", on.receipts, reused=not watched.worked)


class _Watching:
    """Passes everything on, and remembers whether any step had to work."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self.worked = False

    def started(self, step: str) -> None:
        self._progress.started(step)

    def advanced(self, step: str, done: float, total: float, note: str) -> None:
        self._progress.advanced(step, done, total, note)

    def finished(self, step: str, summary: str, seconds: float, reused: bool) -> None:
        self.worked = self.worked or not reused
        self._progress.finished(step, summary, seconds, reused)
