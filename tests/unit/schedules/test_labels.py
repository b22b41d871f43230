"""How many labels differ between two imports."""

from pathlib import Path

import pytest

from headstart import steps
from headstart.compute import InlineCompute
from headstart.context import Context
from headstart.dataset import Dataset
from headstart.schedules.labels import changed
from headstart.spec import Spec
from headstart.workspace import Workspace


def imported(folder: Path, name: str, labels: tuple[str, str]) -> Dataset:
    """An import of its own of 40 rows that have the labels in turn."""
    path = folder / f"{name}.csv"
    path.write_text("text,label\n" + "".join(f"text number {row},{labels[row % 2]}\n" for row in range(40)))
    spec = Spec.model_validate({"name": name, "data": str(path), "workspace": str(folder / "work")})
    return steps.import_labels(spec, Context(Workspace.open(spec.workspace), InlineCompute()))


@pytest.mark.parametrize(("labels", "count"), [(("order", "refund"), 0), (("order", "sefund"), 20), (("a", "b"), 40)])
def test_a_label_that_is_called_otherwise_counts_for_each_of_its_rows(
    tmp_path: Path, labels: tuple[str, str], count: int
) -> None:
    one, other = imported(tmp_path, "one", ("order", "refund")), imported(tmp_path, "other", labels)
    assert changed(one, other, Workspace.open(str(tmp_path / "work"))) == count
