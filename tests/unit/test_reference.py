"""The reference: generated from the code, committed as it is generated, and complete."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from docs import generate
from docs.pages import errors
from headstart.cli import main, runs
from headstart.errors import CODES
from headstart.spec import Spec

pytestmark = pytest.mark.slow


def commands(command: click.Command = main) -> Iterator[click.Command]:
    if isinstance(command, click.Group):
        for each in command.commands.values():
            yield from commands(each)
    else:
        yield command


def committed(name: str) -> str:
    return (generate.FOLDER / name).read_text(encoding="utf-8")


def python(code: str, **environment: str) -> str:
    """What a program prints that has the generator at hand."""
    command = [sys.executable, "-c", f"from docs import generate; {code}"]
    root = generate.FOLDER.parents[1]
    return subprocess.run(
        command, cwd=root, env=os.environ | environment, capture_output=True, text=True, check=True
    ).stdout


@pytest.mark.parametrize("name", generate.PAGES)
def test_a_committed_page_is_what_the_code_says(name: str) -> None:
    assert committed(name) == generate.page(name), f"docs/reference/{name} is out of date: run `make docs`"


def test_the_charts_readme_is_what_its_values_say() -> None:
    message = "charts/headstart/README.md is out of date: run `make docs`"
    assert generate.CHART_README.read_text(encoding="utf-8") == generate.chart_readme(), message


def test_the_reference_has_no_other_pages() -> None:
    assert sorted(path.name for path in generate.FOLDER.iterdir()) == sorted(generate.PAGES)


@pytest.mark.parametrize("name", generate.PAGES)
def test_every_link_within_the_reference_has_its_target(name: str) -> None:
    for page, anchor in re.findall(r"\]\(([\w.]*)#?([\w-]*)\)", committed(name)):
        headings = re.findall(r"^#+ (.*)$", committed(page or name), flags=re.MULTILINE)
        anchors = {re.sub(r"[^\w -]", "", each).lower().replace(" ", "-") for each in headings}
        assert not anchor or anchor in anchors


def test_the_short_spec_of_the_page_says_the_same_as_the_full_one() -> None:
    short, full = re.findall(r"```yaml\n(.*?)```", committed("spec.md"), flags=re.DOTALL)
    assert short != full
    assert Spec.parse(short) == Spec.parse(full)


def test_every_code_is_raised_somewhere_and_every_code_that_is_raised_is_documented() -> None:
    assert errors.classes_by_code().keys() == CODES.keys()


@pytest.mark.parametrize("command", list(commands()), ids=lambda command: str(command.name))
def test_the_help_of_a_command_names_its_arguments_and_explains_its_options(command: click.Command) -> None:
    context = click.Context(command)
    for parameter in command.params:
        if isinstance(parameter, click.Argument):
            assert re.split(r"\W", parameter.make_metavar(context))[0] in re.split(r"\W", command.help or "")
        else:
            assert isinstance(parameter, click.Option)
            assert parameter.help


def test_an_interrupted_command_ends_with_the_status_that_the_page_says(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(runs, "_run", interrupt)
    assert CliRunner().invoke(main, ["demo"]).exit_code == 130
    assert "| 130 | Interrupted" in committed("cli.md")


def test_a_terminals_width_changes_no_page() -> None:
    assert python("print(generate.page('cli.md'), end='')", COLUMNS="40") == committed("cli.md")


def test_the_pages_load_neither_torch_nor_ray() -> None:
    every = "import sys; [generate.page(name) for name in generate.PAGES]"
    assert python(f"{every}; print({{'torch', 'ray'}} & sys.modules.keys())") == "set()\n"
