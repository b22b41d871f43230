"""headstart models promote, rollback, tag, delete, folder, pull, verify and gc, through the real command line."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from headstart.blobs import Blobs
from headstart.cli import main
from headstart.registry import Registry, catalog
from headstart.stores.memory import MemoryStore
from tests.support.drafts import CONTENTS, draft


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    """Four versions of a model; the second is the champion."""
    registry, source = Registry(tmp_path / "registry"), Blobs(MemoryStore())
    for number in range(1, 5):
        registry.publish(draft(source, {**CONTENTS, "head": f"head {number}".encode()}), source, f"tx{number}")
    registry.move("intents", "champion", 1, "first")
    registry.move("intents", "champion", 2, "better")
    return registry


def models(registry: Registry, *arguments: str, code: int = 0) -> Result:
    result = CliRunner().invoke(main, ["models", *arguments, "--registry", registry.uri])
    assert result.exit_code == code, result.output + repr(result.exception)
    return result


def said(registry: Registry, *arguments: str, code: int = 0) -> Any:
    return json.loads(models(registry, *arguments, "--json", code=code).stdout)


def test_promote_moves_an_alias_and_the_history_says_why(registry: Registry) -> None:
    assert "intents@champion is version 4, by " in models(registry, "promote", "intents", "--reason", "asked").stdout
    assert said(registry, "promote", "intents@3", "--alias", "canary")["version"] == 3
    assert registry.aliases("intents") == {"canary": 3, "champion": 4}
    assert registry.history("intents", "champion")[0].reason == "asked"


def test_rollback_leads_back(registry: Registry) -> None:
    assert said(registry, "rollback", "intents")["version"] == 1
    result = models(registry, "rollback", "intents", code=2)
    assert "[registry/no-earlier]" in result.stderr
    assert registry.aliases("intents") == {"champion": 1}


def test_a_tag_is_given_shown_and_taken(registry: Registry) -> None:
    assert models(registry, "tag", "intents@3", "release").stdout == "release: intents version 3\n"
    assert said(registry, "show", "intents@3")["tags"] == ["release"]
    assert "tags        release" in models(registry, "show", "intents@3").stdout
    assert said(registry, "tag", "intents@3", "release", "--remove") == {}
    assert models(registry, "tag", "intents@3", "release", "--remove").stdout == "No version of intents has a tag.\n"


def test_a_version_is_deleted_and_brought_back(registry: Registry) -> None:
    assert models(registry, "delete", "intents@4", "--reason", "leak").stdout == "intents version 4 is deleted.\n"
    assert "[registry/deleted]" in models(registry, "show", "intents@4", code=2).stderr
    assert said(registry, "list") == [{"name": "intents", "versions": [1, 2, 3], "aliases": {"champion": 2}}]
    assert models(registry, "delete", "intents@4", "--undo").stdout == "intents version 4 is there again.\n"
    assert registry.versions("intents") == [1, 2, 3, 4]
    assert [mark["action"] for mark in said(registry, "delete", "intents@3")] == ["delete", "restore", "delete"]


@pytest.mark.parametrize("reference", ["intents", "intents@champion", "intents@", "intents@\u0663"])
def test_only_a_number_names_what_is_deleted(registry: Registry, reference: str) -> None:
    assert "names no version by number" in models(registry, "delete", reference, code=2).stderr
    assert registry.versions("intents") == [1, 2, 3, 4]


def test_the_champion_is_not_deleted(registry: Registry) -> None:
    assert "[registry/in-use]" in models(registry, "delete", "intents@2", code=2).stderr


def test_a_plain_folder_is_laid_out(registry: Registry) -> None:
    folder = Path(models(registry, "folder", "intents@champion").stdout.strip())
    assert {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} == {*CONTENTS, "head"}
    assert said(registry, "folder", "intents@champion") == {"uri": str(folder)}


def test_a_version_is_pulled(registry: Registry, tmp_path: Path) -> None:
    out = models(registry, "pull", "intents@3", str(tmp_path / "out")).stdout
    assert out.startswith("intents version 3, 4 files, ")
    assert (tmp_path / "out" / "head").read_bytes() == b"head 3"
    assert said(registry, "pull", "intents@3", str(tmp_path / "out"))["version"] == 3


def test_verify_says_that_all_is_well_or_what_is_not_by_its_exit_status_too(registry: Registry) -> None:
    assert "4 versions, 7 files" in models(registry, "verify").stdout
    assert said(registry, "verify")["findings"] == []
    blob = Path(registry.uri) / registry.get("intents", 1).files[0].blob
    blob.chmod(0o644)
    blob.write_bytes(b"damaged")
    result = models(registry, "verify", code=1)
    assert ": 1 problems" in result.stdout
    assert str(blob) in result.stdout
    assert said(registry, "verify", code=1)["findings"][0]["where"] == str(blob)


def test_gc_changes_nothing_unless_told_to(registry: Registry) -> None:
    out = models(registry, "gc", "--keep-last", "1", "--grace", "0").stdout
    assert "Would delete intents versions 1, 3" in out
    assert "Nothing was changed: --apply does it." in out
    assert registry.versions("intents") == [1, 2, 3, 4]


def test_gc_deletes_by_the_rule_and_frees_the_space(registry: Registry) -> None:
    registry.tag("intents", 3, "release")
    result = said(registry, "gc", "--keep-last", "1", "--grace", "0", "--apply")
    assert result["versions"] == {"intents": [1]}
    assert len(result["blobs"]) == 1
    assert registry.versions("intents") == [2, 3, 4]
    assert said(registry, "verify")["findings"] == []


def test_gc_by_default_leaves_what_is_younger_than_a_week(registry: Registry) -> None:
    result = said(registry, "gc", "--keep-last", "1", "--apply")
    assert (result["versions"], result["blobs"]) == ({"intents": [1, 3]}, [])
    registry.restore("intents", 3, "")


@pytest.mark.parametrize("option", [["--younger-than", "3"], ["--model", "intents"]])
def test_a_part_of_a_rule_alone_is_wrong_use(registry: Registry, option: list[str]) -> None:
    assert "Give --keep-last N." in models(registry, "gc", *option, code=2).stderr


def test_a_young_version_is_kept_where_the_rule_says_so(registry: Registry) -> None:
    assert said(registry, "gc", "--keep-last", "1", "--younger-than", "1")["versions"] == {}
    source = Blobs(MemoryStore())
    registry.publish(draft(source, name="other"), source, "tx-other")
    assert said(registry, "gc", "--keep-last", "1", "--model", "other")["versions"] == {}


@pytest.mark.parametrize("command", [["verify"], ["gc"], ["gc", "--keep-last", "1"]])
def test_a_place_without_a_registry_is_not_taken_for_one_in_order(tmp_path: Path, command: list[str]) -> None:
    place = tmp_path / "mistyped"
    assert "[registry/not-found]" in models(Registry(place), *command, code=2).stderr
    assert not place.exists()


@pytest.mark.parametrize("command", [["verify"], ["gc", "--apply"]])
@pytest.mark.parametrize("data", [b'{"format":2}', b'{"form'])
def test_a_registry_of_another_format_is_neither_verified_nor_collected(
    registry: Registry, command: list[str], data: bytes
) -> None:
    registry.store.put("registry.json", data)
    assert "no registry of format 1" in models(registry, *command, code=1).stderr


def test_a_rule_for_a_model_that_is_not_there_is_wrong_use(registry: Registry) -> None:
    assert "there is no model 'nope'" in models(registry, "gc", "--keep-last", "1", "--model", "nope", code=2).stderr


@pytest.mark.parametrize(
    "option", [["--keep-last", "1", "--younger-than", "nan"], ["--grace", "nan"], ["--grace", "inf"]]
)
def test_days_are_a_finite_number(registry: Registry, option: list[str]) -> None:
    assert "is no finite number" in models(registry, "gc", *option, code=2).stderr


@pytest.mark.parametrize("folder", ["s3://bucket/model", ""])
def test_a_version_is_pulled_into_a_folder_of_this_machine_alone(
    registry: Registry, folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    assert "Name a folder" in models(registry, "pull", "intents", folder, code=2).stderr
    assert not list(here.iterdir())


@pytest.mark.parametrize(
    "place", ["models/intents/aliases", "models/intents/aliases/champion", "catalog/changes", "catalog/snapshots"]
)
def test_what_a_file_browser_leaves_in_a_registry_is_passed_over(registry: Registry, place: str) -> None:
    catalog.snapshot(registry.store)
    folder = Path(registry.uri) / place
    (folder / ".DS_Store").write_bytes(b"not ours")
    assert "champion" in models(registry, "list").stdout
    assert registry.aliases("intents") == {"champion": 2}
    models(registry, "promote", "intents@3")
    models(registry, "verify")
