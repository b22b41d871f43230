"""headstart import."""

import json
import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from headstart.cli import main
from headstart.dataset import Dataset
from headstart.workspace import Workspace
from tests.support import exports
from tests.support.exports import lines, maps


def _import(source: object, out: object, *options: str) -> Result:
    result = CliRunner().invoke(main, ["import", str(source), "--out", str(out), *options])
    assert result.exit_code == 0, result.output
    return result


def _imported(source: object, out: object, *options: str) -> Dataset:
    """The dataset that the command says it stored, read back from the workspace."""
    found = re.search(r"^Dataset ([0-9a-f]{64}) in ", _import(source, out, *options).stdout, re.MULTILINE)
    assert found
    return Workspace.open(str(out)).load(Dataset, found[1])


def _files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_the_account_is_said_and_adds_up(tmp_path: Path) -> None:
    result = _import(exports.EXAMPLE, tmp_path / "work")
    source, aside, task, account, *_ = result.stdout.splitlines()
    assert "24 predictions" in aside
    assert task == "text-classification: only 2 of 485 records have several labels"
    assert source.startswith("support-tickets.json: label-studio (")
    assert source.endswith("; text from 'text', label from 'intent'")
    assert account.startswith("505 records = 449 rows + 20 merged + 36 rejected; 10 labels; ")
    rejected = re.findall(
        r"^  rejected +(\d+)  .+; first: support-tickets.json, task \d+$", result.stdout, re.MULTILINE
    )
    assert sum(map(int, rejected)) == 36
    assert re.search(r"^  outvoted +5 ", result.stdout, re.MULTILINE)


def test_the_rejected_records_are_where_the_command_says(tmp_path: Path) -> None:
    result = _import(exports.EXAMPLE, tmp_path / "work")
    found = re.search(r"^Rejected records, to be mended: (.+)$", result.stdout, re.MULTILINE)
    assert found
    assert len(Path(found[1]).read_text().splitlines()) == 36


def test_what_data_says_moves_no_cursor_and_adds_no_line(tmp_path: Path) -> None:
    rows = maps(lines())
    disputed = {"text": "\x1b[2Jgone\r\nDataset 0 in nowhere \u202e"}
    rows += [disputed | {"label": f"label{number}\x1b[31m\n"} for number in range(2)]
    said = _import(exports.jsonl_file(tmp_path / "rows.jsonl", rows), tmp_path / "work").stdout
    assert not {"\x1b", "\r", "\u202e"} & set(said)
    assert [line[:2] for line in said.splitlines() if "\\x1b[31m" in line] == ["  "]
    assert len(re.findall("^Dataset ", said, re.MULTILINE)) == 1


def test_a_clean_export_says_nothing_of_rejection(tmp_path: Path) -> None:
    result = _import(exports.csv_file(tmp_path / "rows.csv", maps(lines())), tmp_path / "work")
    assert "60 records = 60 rows + 0 merged + 0 rejected" in result.stdout
    assert [line.split()[0] for line in result.stdout.splitlines()[3:]] == ["Report:", "Dataset"]


def test_the_dataset_is_in_the_workspace(tmp_path: Path) -> None:
    dataset = _imported(exports.EXAMPLE, tmp_path / "work")
    workspace = Workspace.open(str(tmp_path / "work"))
    assert sum(len(dataset.read(workspace, split)) for split in dataset.counts) == 449


def test_json_is_the_dataset_and_nothing_else(tmp_path: Path) -> None:
    result = _import(exports.EXAMPLE, tmp_path / "work", "--json")
    said = json.loads(result.stdout)
    dataset = Dataset.model_validate(said)
    assert dataset.reconciliation.records == 505
    assert Workspace.open(str(tmp_path / "work")).load(Dataset, dataset.digest) == dataset


def test_importing_again_finds_the_same_dataset_and_writes_nothing(tmp_path: Path) -> None:
    first = _import(exports.EXAMPLE, tmp_path / "work")
    files = _files(tmp_path)
    assert _import(exports.EXAMPLE, tmp_path / "work").stdout == first.stdout
    assert _files(tmp_path) == files


def test_the_fields_are_those_that_the_options_name(tmp_path: Path) -> None:
    rows = [
        {"text": f"no {number}", "title": f"message {number}", "label": "no", "queue": f"q{number % 3}"}
        for number in range(60)
    ]
    path = exports.csv_file(tmp_path / "rows.csv", rows)
    assert _imported(path, tmp_path / "work", "--text", "title", "--label", "queue").labels == ("q0", "q1", "q2")


def test_the_format_is_the_one_that_the_option_names(tmp_path: Path) -> None:
    path = exports.csv_file(tmp_path / "rows.txt", maps(lines()))
    (source,) = _imported(path, tmp_path / "work", "--format", "csv").reconciliation.sources
    assert (source.format, source.reason) == ("csv", "the spec says so")


def test_rows_of_a_group_stay_together_where_the_option_asks(tmp_path: Path) -> None:
    grouped = _imported(exports.EXAMPLE, tmp_path / "work", "--group-by", "customer")
    assert grouped.content != _imported(exports.EXAMPLE, tmp_path / "work").content


def test_contested_texts_are_dropped_where_the_option_asks(tmp_path: Path) -> None:
    dataset = _imported(exports.EXAMPLE, tmp_path / "work", "--on-conflict", "drop")
    # The six of contradictory repeats, the three of one against one and the five of two against one.
    assert exports.counts_by_reason(dataset)["conflict"] == 6 + 3 + 5
    assert dataset.reconciliation.adds_up()


@pytest.mark.parametrize("form", ["folder", "glob", "list"])
def test_several_files_are_one_dataset(tmp_path: Path, form: str) -> None:
    (tmp_path / "in").mkdir()
    exports.csv_file(tmp_path / "in" / "a.csv", maps(lines()))
    exports.jsonl_file(tmp_path / "in" / "b.jsonl", maps(lines(prefix="note")))
    first, *more = {"folder": ["in"], "glob": ["in/*.*"], "list": ["in/a.csv", "in/b.jsonl"]}[form]
    dataset = _imported(tmp_path / first, tmp_path / "work", *(str(tmp_path / each) for each in more))
    assert [each.name for each in dataset.reconciliation.sources] == ["a.csv", "b.jsonl"]
    assert dataset.reconciliation.rows == 120


def _say(arguments: Sequence[str]) -> Result:
    return CliRunner().invoke(main, ["import", *arguments])


def test_a_conflict_is_an_error_where_the_option_asks_and_nothing_is_written(tmp_path: Path) -> None:
    result = _say([str(exports.EXAMPLE), "--out", str(tmp_path / "work"), "--on-conflict", "error"])
    assert result.exit_code == 2
    assert result.stderr.startswith("error [data/conflict] support-tickets.json, task ")
    assert _files(tmp_path) == []


def test_the_help_names_every_option() -> None:
    said = _say(["--help"]).stdout
    assert all(
        f"--{option}" in said for option in ("out", "format", "text", "label", "group-by", "on-conflict", "json")
    )
