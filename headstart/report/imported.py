"""The report of an import: what became of every record, on one page that needs nothing from outside."""

from jinja2 import Environment, PackageLoader, StrictUndefined

from headstart.dataset import Dataset
from headstart.labels.reasons import REASONS
from headstart.spec import SPLITS
from headstart.version import __version__
from headstart.workspace import Workspace


def folder(dataset: Dataset, name: str) -> str:
    """Where in a workspace an import's report and rejected records are."""
    return f"imports/{name}-{dataset.digest[:8]}"


def publish(dataset: Dataset, workspace: Workspace, name: str) -> None:
    """Write the report, and the rejected records where there are any, to where people find them."""
    here = folder(dataset, name)
    workspace.store.put(f"{here}/report.html", render(dataset).encode())
    if dataset.reconciliation.rejects:
        workspace.store.upload(workspace.blobs.fetch(dataset.reconciliation.rejects), f"{here}/rejected.jsonl")


def render(dataset: Dataset) -> str:
    """The page as HTML; every text from data is escaped."""
    environment = Environment(
        loader=PackageLoader("headstart.report", "."), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    return environment.get_template("imported.html").render(
        dataset=dataset,
        account=dataset.reconciliation,
        passport=dataset.passport,
        reasons=REASONS,
        splits=SPLITS,
        version_of_headstart=__version__,
    )
