"""headstart doctor: what this machine and its stores can do, as lines and as JSON, and what is in the way."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from headstart.cli import main
from headstart.stores import memory
from headstart.stores.memory import MemoryStore


def doctor(folder: Path, *arguments: str) -> Result:
    stores = ["--workspace", str(folder / "work"), "--registry", str(folder / "registry")]
    return CliRunner().invoke(main, ["doctor", *stores, *arguments])


def test_it_says_what_there_is(tmp_path: Path) -> None:
    result = doctor(tmp_path)
    assert result.exit_code == 0, result.output
    for name in ("headstart", "cores", "memory", "engine", "accelerator", "ray", "cache", "workspace", "registry"):
        assert any(line.split()[1] == name for line in result.stdout.splitlines()), name
    assert f"{tmp_path / 'registry'} on a local folder: of 16 writers at once one wins" in result.stdout
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_json_says_the_same(tmp_path: Path) -> None:
    result = doctor(tmp_path, "--json")
    checks = {check["name"]: check for check in json.loads(result.stdout)}
    assert checks["registry"]["state"] == "good"
    assert set(checks["cores"]) == {"name", "state", "found", "remedy"}


class Liar(MemoryStore):
    def create(self, key: str, data: bytes) -> bool:
        self.put(key, data)
        return True


def test_a_store_that_lies_is_in_the_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "named", Liar)
    result = doctor(tmp_path, "--registry", "memory://liar")
    assert result.exit_code == 1
    assert "✗ registry" in result.stdout
    assert "16 of 16 concurrent conditional writes" in result.stdout
    assert "Use a store with atomic If-None-Match" in result.stdout


def test_a_store_that_nobody_knows_and_a_limit_that_is_none_are_in_the_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEADSTART_CACHE_GB", "much")
    result = doctor(tmp_path, "--registry", "ftp://x/y", "--json")
    assert result.exit_code == 1
    states = {check["name"]: check["state"] for check in json.loads(result.stdout)}
    assert (states["registry"], states["cache"], states["workspace"]) == ("bad", "bad", "good")
