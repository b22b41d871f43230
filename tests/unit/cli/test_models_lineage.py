"""headstart models lineage: the tree, the page and the JSON say where a version comes from."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from headstart.blobs import Blobs
from headstart.cli import main
from headstart.registry import Registry
from headstart.registry.policy import Policy
from headstart.stores.memory import MemoryStore
from tests.support.drafts import CONTENTS, draft
from tests.support.keys import key_pair

HOSTILE = "<script>alert(1)</script>\u202e\x1b[31m"
KNOWN = {
    "sources": ("tickets.json (label-studio)", f"{HOSTILE}.csv (csv)"),
    "commit": "0" * 40,
    "image": "registry.example/headstart@sha256:" + "1" * 64,
    "runs": {"folder": "s3://work/runs/intents-1", "kubeflow": "2f7c", "ray": "raysubmit1"},
}


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    registry = Registry(tmp_path / "registry", Policy(signing_key=key_pair(tmp_path).private))
    source = Blobs(MemoryStore())
    plain = draft(source)
    registry.publish(plain, source, "tx1")
    registry.publish(plain.model_copy(update={"lineage": plain.lineage.model_copy(update=KNOWN)}), source, "tx2")
    registry.move("intents", "champion", 2, HOSTILE, "c" * 64)
    registry.move("intents", "champion", 1, "rolled back")
    return registry


def lineage(registry: Registry, *arguments: str, code: int = 0) -> Result:
    result = CliRunner().invoke(main, ["models", "lineage", *arguments, "--registry", registry.uri])
    assert result.exit_code == code, result.output + repr(result.exception)
    return result


def test_the_tree_names_everything_that_a_version_was_made_of(registry: Registry) -> None:
    said = lineage(registry, "intents@2").stdout
    for part in (
        "intents version 2, text-classification",
        "model  lp-ft, 2 labels  mmmmmmmmmmmm\n",
        "backbone  org/tiny at main, licence mit  bbbbbbbbbbbb\n",
        "dataset  80 train, 10 validation, 10 test  dddddddddddd\n",
        "split  eeeeeeeeeeee\n",
        "source  tickets.json (label-studio)\n",
        "decision  macro_f1 0.900 [0.850, 0.950]  cccccccccccc\n",
        "code  Headstart 0.1.0  ssssssssssss\n",
        f"commit  {'0' * 40}\n",
        f"image  registry.example/headstart@sha256:{'1' * 64}\n",
        "run  folder s3://work/runs/intents-1\n",
        "run  kubeflow 2f7c\n",
        "run  ray raysubmit1\n",
        "provenance  ",
        "signature  by key ",
        "alias  champion was this version",
    ):
        assert part in said
    assert all(f"file  {path}" in said for path in CONTENTS)


def test_what_an_old_version_does_not_know_is_left_out(registry: Registry) -> None:
    said = lineage(registry, "intents@1").stdout
    assert "commit" not in said
    assert "image" not in said
    assert "alias  champion is this version" in said


def test_what_could_move_the_terminal_is_spelled_out(registry: Registry) -> None:
    said = lineage(registry, "intents@2").stdout
    assert "\\u202e\\x1b[31m.csv" in said
    assert "\x1b" not in said
    assert "\u202e" not in said


def test_json_has_the_record_the_tree_and_the_statement(registry: Registry) -> None:
    said: Any = json.loads(lineage(registry, "intents@2", "--json").stdout)
    version = registry.get("intents", 2)
    assert said["lineage"] == version.said()["lineage"]
    assert said["metrics"]["macro_f1"] == {"value": 0.9, "low": 0.85, "high": 0.95}
    assert said["tree"]["kind"] == "version"
    assert said["provenance"]["predicateType"] == "https://slsa.dev/provenance/v1"
    assert len(said["signed_by"]) == 1


def test_the_page_needs_nothing_from_outside_and_escapes_what_it_shows(registry: Registry, tmp_path: Path) -> None:
    page = tmp_path / "lineage.html"
    assert lineage(registry, "intents@2", "--html", str(page)).stdout == f"{page}\n"
    text = page.read_text()
    assert "<script" not in text
    assert "&lt;script&gt;" in text
    assert "src=" not in text
    assert "href=" not in text
    for part in ("d" * 64, "b" * 64, "between 0.850 and 0.950", "slsa.dev/provenance", "raysubmit1"):
        assert part in text


def test_a_page_that_cannot_be_written_is_told(registry: Registry, tmp_path: Path) -> None:
    assert "[store/unreachable]" in lineage(registry, "intents", "--html", str(tmp_path / "no/x.html"), code=1).stderr


def test_a_damaged_statement_is_told(registry: Registry) -> None:
    registry.store.put("models/intents/provenance/00000002.json", b"{}")
    assert "[integrity/record]" in lineage(registry, "intents@2", code=1).stderr
