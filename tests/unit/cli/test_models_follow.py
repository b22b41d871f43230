"""headstart models watch and deliver, as programs that run until they are stopped."""

import contextlib
import json
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest
from click.testing import CliRunner, Result

from headstart.blobs import Blobs
from headstart.cli import main
from headstart.registry import Registry
from headstart.registry.hooks import VARIABLE
from headstart.stores.memory import MemoryStore
from tests.support.drafts import draft

HEADSTART = Path(sys.executable).parent / "headstart"


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    """A registry with two versions and no alias."""
    registry = Registry(tmp_path / "registry")
    source = Blobs(MemoryStore())
    for number in (1, 2):
        registry.publish(draft(source, {"model": b"%d" % number}), source, f"tx{number}")
    return registry


@contextlib.contextmanager
def watching(registry: Registry, *options: str) -> Iterator[subprocess.Popen[str]]:
    command = [HEADSTART, "models", "watch", "intents@champion", "--registry", registry.uri, "--every", "0.1", *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate()


def line(stream: IO[str] | None) -> str:
    assert stream is not None
    return stream.readline()


def run(*arguments: str, code: int = 0, **environment: str) -> Result:
    result = CliRunner().invoke(main, ["models", *arguments], env=environment)
    assert result.exit_code == code, result.output + repr(result.exception)
    return result


def test_where_the_alias_points_is_said_and_then_every_move(registry: Registry) -> None:
    registry.move("intents", "champion", 1, "first")
    registry.move("intents", "champion", 2, "second")
    with watching(registry) as process:
        assert "intents@champion = 2 after version 1, by " in line(process.stdout)
        registry.move("intents", "champion", 1, "third")
        registry.move("intents", "champion", 2, "fourth")
        assert line(process.stdout).endswith(": third\n")
        assert line(process.stdout).endswith(": fourth\n")


def test_an_alias_that_is_not_there_yet_is_waited_for(registry: Registry) -> None:
    with watching(registry, "--json") as process:
        registry.move("intents", "champion", 1, "first")
        said = json.loads(line(process.stdout))
        assert (said["type"], said["data"]["version"], said["data"]["previous"]) == ("headstart.promote", 1, None)


def test_a_command_runs_for_the_newest_version_and_again_until_it_works(registry: Registry, tmp_path: Path) -> None:
    registry.move("intents", "champion", 1, "first")
    program = f"import os, sys; print('run', os.environ['HEADSTART_VERSION'], file=sys.stderr); sys.exit(not os.path.exists({str(tmp_path / 'ready')!r}))"
    command = f"{shlex.quote(sys.executable)} -c {shlex.quote(program)}"
    with watching(registry, "--exec", command) as process:
        assert line(process.stderr) == "run 1\n"
        assert "for version 1: it ended with status 1; it is run again" in line(process.stderr)
        (tmp_path / "ready").touch()
        registry.move("intents", "champion", 2, "second")
        rest = ""
        while not rest.endswith("run 2\n"):
            rest = line(process.stderr)
        assert "= 1" in line(process.stdout)
        assert "= 2" in line(process.stdout)


def test_a_store_that_is_away_is_survived(registry: Registry) -> None:
    registry.move("intents", "champion", 1, "first")
    aliases = Path(registry.uri) / "models/intents/aliases"
    with watching(registry) as process:
        assert "= 1" in line(process.stdout)
        aliases.rename(aliases.with_name("away"))
        aliases.symlink_to(aliases)  # a loop: the system refuses to read below it
        assert "Looking again" in line(process.stderr)
        aliases.unlink()
        aliases.with_name("away").rename(aliases)
        registry.move("intents", "champion", 2, "second")
        assert "= 2" in line(process.stdout)


@pytest.mark.parametrize("reference", ["intents", "intents@", "intents@3", "intents@../x", "../x@champion"])
def test_what_names_no_alias_is_refused(registry: Registry, reference: str) -> None:
    assert "[registry/bad-name]" in run("watch", reference, "--registry", registry.uri, code=2).stderr


def test_a_command_that_is_none_is_refused(registry: Registry) -> None:
    assert "[usage]" in run("watch", "intents@champion", "--exec", "'", "--registry", registry.uri, code=2).stderr


def test_events_that_a_hook_has_not_had_are_delivered(registry: Registry, tmp_path: Path) -> None:
    hooks = tmp_path / "hooks.json"
    gate = tmp_path / "ready"
    program = f"import os, sys; sys.exit(not os.path.exists({str(gate)!r}))"
    hooks.write_text(json.dumps([{"events": ["promote"], "command": [sys.executable, "-c", program]}]))
    arguments = ("deliver", "--registry", registry.uri)
    assert run(*arguments, HEADSTART_HOOKS=str(hooks)).stdout == "Every hook has had every event.\n"
    registry.move("intents", "champion", 1, "first")
    failed = run(*arguments, code=1, HEADSTART_HOOKS=str(hooks))
    assert "not taken: it ended with status 1" in failed.stdout
    assert "[hook/undelivered]" in failed.stderr
    gate.touch()
    (told,) = json.loads(run(*arguments, "--json", HEADSTART_HOOKS=str(hooks)).stdout)
    assert (told["event"], told["data"]["alias"], told["failure"]) == ("promote", "champion", "")
    assert json.loads(run(*arguments, "--json", HEADSTART_HOOKS=str(hooks)).stdout) == []


def test_without_hooks_there_is_nothing_to_deliver(registry: Registry) -> None:
    assert VARIABLE not in os.environ
    assert f"environment variable {VARIABLE}" in run("deliver", "--registry", registry.uri, code=2).stderr
