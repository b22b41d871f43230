"""The whole job in this process, on the tiny model: seconds, not minutes."""

from pathlib import Path
from typing import Any

from headstart.compute import InlineCompute
from headstart.progress import Progress
from headstart.registry import Version
from headstart.report.card import CARD
from headstart.runs import Run, run
from headstart.spec import Spec


def spec_for(folder: Path, backbone: Path, export: Path | dict[str, str], **changes: Any) -> Spec:
    """A spec whose workspace and registry are under a folder, with no short trainings, a small search and one epoch."""
    said: dict[str, Any] = {
        "name": "messages",
        "data": {"source": str(export) if isinstance(export, Path) else export},
        "backbones": [str(backbone)],
        "assess": {"budget": "1s"},
        "search": {"trials": 8, "heads": ["ridge", "linear"]},
        "tune": {"strategy": "lp-ft", "epochs": 1},
        "workspace": str(folder / "work"),
        "registry": {"uri": str(folder / "registry")},
    }
    return Spec.model_validate(said | changes)


def made_of(version: Version) -> dict[str, str]:
    """The files of a version by their digests, but for the card, which tells how long things took."""
    return {file.path: file.sha256 for file in version.files if file.path != CARD}


def run_inline(spec: Spec, progress: Progress | None = None) -> Run:
    """Run a spec without a cluster."""
    return run(spec, progress, InlineCompute())


class Recorder:
    """Remembers which steps worked and which were found."""

    def __init__(self) -> None:
        self.made: list[str] = []
        self.found: list[str] = []

    def started(self, step: str) -> None:
        """See :class:`headstart.progress.Progress`."""

    def advanced(self, step: str, done: float, total: float, note: str) -> None:
        """See :class:`headstart.progress.Progress`."""
        assert 0 <= done <= total

    def finished(self, step: str, summary: str, seconds: float, reused: bool) -> None:
        """See :class:`headstart.progress.Progress`."""
        assert summary
        (self.found if reused else self.made).append(step)
