"""The log of who read which test rows."""

import json
from pathlib import Path

from headstart.reads import record
from headstart.workspace import Workspace
from tests.support.exports import csv_file, import_export, lines, maps


def test_each_candidate_counts_once_and_says_who_and_when(tmp_path: Path) -> None:
    workspace = Workspace.open(str(tmp_path / "work"))
    dataset = import_export(csv_file(tmp_path / "a.csv", maps(lines())), workspace)
    uses = [record(dataset, candidate, "messages", workspace).candidates for candidate in ("m1", "m2", "m1", "m3")]
    assert uses == [1, 2, 2, 3]
    said = json.loads(workspace.store.get(f"reads/{dataset.passport.rows['test']}/m1.json") or b"")
    assert said["name"] == "messages"
    assert said["by"]
    assert said["at"].endswith("+00:00")


def test_other_test_rows_start_anew(tmp_path: Path) -> None:
    workspace = Workspace.open(str(tmp_path / "work"))
    for number, prefix in enumerate(("one", "other")):
        dataset = import_export(csv_file(tmp_path / f"{number}.csv", maps(lines(prefix=prefix))), workspace)
        assert record(dataset, "m1", "messages", workspace).candidates == 1
