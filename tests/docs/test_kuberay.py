"""The guide to KubeRay, which no machine of tests has: its file is one, its commands are commands, its states all states."""

import re
import shlex
from pathlib import Path

import click
import pytest

from headstart.cli import main
from headstart.jobs import State
from headstart.jobs.cluster import ClusterSpec

GUIDE = (Path(__file__).parents[2] / "docs/guides/kuberay.md").read_text()
COMMANDS = re.findall(r"^headstart (.+)$", "\n".join(re.findall(r"```bash\n(.*?)```", GUIDE, re.DOTALL)), re.MULTILINE)


def test_the_guides_file_describes_a_cluster(tmp_path: Path) -> None:
    (text,) = re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL)
    (tmp_path / "cluster.yaml").write_text(text)
    found = ClusterSpec.load(tmp_path / "cluster.yaml")
    assert (found.workers.gpus, found.secrets) == (1, ("headstart-s3",))


def test_every_key_that_the_guide_names_is_one() -> None:
    (table,) = re.findall(r"\| to \| set \|\n(.*?)\n\n", GUIDE, re.DOTALL)
    named = set(re.findall(r"`([a-z_]+)`", table))
    assert "queue" in named
    assert named <= set(ClusterSpec.model_fields)


@pytest.mark.parametrize("line", COMMANDS)
def test_every_command_is_one_of_the_command_line(line: str) -> None:
    arguments = shlex.split(line)
    command: click.Command = main
    while isinstance(command, click.Group):
        command = command.commands[arguments.pop(0)]
    command.make_context(command.name, arguments)


def test_every_state_is_explained() -> None:
    (table,) = re.findall(r"\| state \| in KubeRay \|\n(.*?)\n\n", GUIDE, re.DOTALL)
    assert re.findall(r"^\| (\w+) \|", table, re.MULTILINE) == [str(state) for state in State]
