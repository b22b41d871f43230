"""What a shell completes."""

from collections.abc import Iterator

import click
import pytest
from click.shell_completion import BashComplete

from headstart.cli import main

_PLACES = ("SOURCE", "SOURCE...", "SPEC", "FILE", "FOLDER", "DESTINATION", "URI")


def _commands(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    if isinstance(command, click.Group):
        for name, each in command.commands.items():
            yield from _commands(each, (*path, name))
    else:
        yield path, command


def _completed(line: str) -> list[str]:
    """The kinds of what Bash is told to complete at the end of a line."""
    *arguments, incomplete = line.split(" ")
    complete = BashComplete(main, {}, "headstart", "_HEADSTART_COMPLETE")
    return [each.type for each in complete.get_completions(arguments, incomplete)]


def test_whatever_may_be_a_file_is_completed_from_files() -> None:
    wrong = [
        f"{' '.join(path)}: {parameter.name}"
        for path, command in _commands(main)
        for parameter in command.params
        if parameter.metavar in _PLACES
        and {each.type for each in parameter.shell_complete(click.Context(command), "")}.isdisjoint({"file", "dir"})
    ]
    assert wrong == []


@pytest.mark.parametrize(
    "line", ["import exp", "import one.csv two", "import --out wo", "run sp", "score m@champion in", "predict m te"]
)
def test_a_half_written_name_of_a_file_is_completed(line: str) -> None:
    assert _completed(line) == ["file"]
