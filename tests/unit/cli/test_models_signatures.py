"""headstart models sign and verify-signature, and the environment's keys on every other command."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from headstart.blobs import Blobs
from headstart.cli import main
from headstart.registry import Registry
from headstart.stores.memory import MemoryStore
from tests.support.drafts import draft
from tests.support.keys import Pair, key_pair


@pytest.fixture
def registry(tmp_path: Path) -> str:
    source = Blobs(MemoryStore())
    registry = Registry(tmp_path / "registry")
    registry.publish(draft(source), source, "tx")
    return registry.uri


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    return key_pair(tmp_path)


def run(command: str, registry: str, *arguments: object, code: int = 0, **environment: str) -> Result:
    words = ["models", command, "intents", "--registry", registry, *map(str, arguments)]
    result = CliRunner().invoke(main, words, env=environment)
    assert result.exit_code == code, result.output + repr(result.exception)
    return result


def test_a_version_is_signed_and_its_signature_verified(registry: str, pair: Pair) -> None:
    assert "[signature/missing]" in run("verify-signature", registry, "--key", pair.public, code=1).stderr
    assert "intents version 1 is signed by key" in run("sign", registry, "--key", pair.private).stdout
    assert f"is signed by {pair.public}" in run("verify-signature", registry, "--key", pair.public).stdout


def test_both_say_it_as_json(registry: str, pair: Pair) -> None:
    signed = json.loads(run("sign", registry, "--json", HEADSTART_SIGNING_KEY=str(pair.private)).stdout)
    verified = json.loads(
        run("verify-signature", registry, "--json", HEADSTART_REQUIRE_SIGNATURE=str(pair.public)).stdout
    )
    assert signed == {"name": "intents", "version": 1, "key": verified["key"]}
    assert verified["trusted"] == str(pair.public)
    assert all(Path(each).is_file() for each in verified["signatures"])


def test_a_retired_key_is_named_with_its_day(registry: str, pair: Pair) -> None:
    run("sign", registry, "--key", pair.private)
    failed = run("verify-signature", registry, "--key", f"{pair.public}@2020-01-01", code=1)
    assert "retired on 2020-01-01" in failed.stderr


def test_without_a_key_there_is_nothing_to_trust(registry: str) -> None:
    assert "[signature/bad-key]" in run("verify-signature", registry, code=2).stderr


def test_a_private_key_is_never_shown(registry: str, pair: Pair) -> None:
    swapped = run("verify-signature", registry, "--key", pair.private, code=2)
    assert "[signature/bad-key]" in swapped.stderr
    assert "PRIVATE" not in swapped.output
