"""What commands share: options, and the log that keeps other programs' noise."""

import contextlib
import json
import math
import sys
import traceback
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import click
from click.shell_completion import CompletionItem

from headstart import logs
from headstart.errors import UsageError
from headstart.origin import run_id
from headstart.progress import Progress
from headstart.spec import Spec
from headstart.spec.section import checked_duration, seconds
from headstart.store import Moved, unheard

F = TypeVar("F", bound=Callable[..., object])

RUN = "headstart.run"
"""Where a command's context keeps the id of the run that it works on, for lines that are told at its end."""


def files(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """What a shell completes where a file, a folder or an address may stand: the files that it sees."""
    return [CompletionItem(incomplete, type="file")]


uri_option = partial(click.option, metavar="URI", shell_complete=files)
"""An option that takes a folder or an address."""


class Finite(click.FloatRange):
    """A number within limits; nan and infinity are within none."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The number."""
        number = super().convert(value, param, ctx)
        if not math.isfinite(number):
            self.fail(f"{value} is no finite number.", param, ctx)
        return number


as_json = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
settings = click.option(
    "--set",
    "overrides",
    multiple=True,
    metavar="KEY=VALUE",
    help="Set a key of the spec to a YAML value, for example tune.epochs=3.",
)
registry = uri_option(
    "--registry",
    "uri",
    default=".headstart/registry",
    show_default=True,
    envvar="HEADSTART_REGISTRY",
    show_envvar=True,
    help="The registry: a folder or s3://bucket/prefix.",
)
text_field = click.option(
    "--text",
    default="auto",
    show_default=True,
    metavar="FIELD",
    help="The field that holds the text; auto takes the one that the model learned from, or derives it.",
)
reference = click.argument("reference", metavar="NAME[@ALIAS|@NUMBER]")


def spec_argument(function: F) -> F:
    """The SPEC argument: a YAML or JSON file."""
    return click.argument("spec_path", metavar="SPEC", type=click.Path(path_type=Path))(function)


def tell(message: str, spec: Spec) -> None:
    """Say something about a run on standard error, in the form that its log has."""
    click.echo(logs.line(message, run_id(spec)) if logs.as_json() else message, err=True)


def duration(text: str, option: str) -> int:
    """The seconds of an option's value: a whole number and s, m or h.

    Raises:
        UsageError: It is something else.
    """
    try:
        return seconds(checked_duration(text))
    except ValueError as error:
        raise UsageError(
            "usage", f"{text!r} is no length of time.", remedy=f"{str(error).capitalize()}.", where=option
        ) from None


def say_json(value: object) -> None:
    """Print a value as indented JSON."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))


@contextlib.contextmanager
def counting(what: str, size: int | None) -> Iterator[Moved]:
    """A bar of the bytes that were moved, on a terminal; elsewhere nothing."""
    if not sys.stderr.isatty():
        yield unheard
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, TextColumn, TransferSpeedColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=size)
        yield lambda moved: bar.advance(task, moved)


def log_of(spec: Spec) -> Path:
    """The file that keeps the noise of a run: in its workspace where that is a folder, else in the cache."""
    from headstart.cache import cache_folder
    from headstart.origin import run_folder
    from headstart.store import open_store

    return (
        open_store(spec.workspace).local_path(f"{run_folder(spec)}/run.log")
        or cache_folder() / run_folder(spec) / "run.log"
    )


@contextlib.contextmanager
def working(spec: Spec) -> Iterator[Progress]:
    """A display of progress on standard error; all that is told, by us and by other programs, goes to the log."""
    from headstart import display

    log = log_of(spec)
    click.get_current_context().meta[RUN] = run_id(spec)
    try:
        with display.quiet(log) as (_, err), display.progress(err, run_id(spec)) as progress:
            try:
                yield display.Logged(progress, sys.stderr)
            except BaseException:
                traceback.print_exc()
                raise
    except BaseException:
        tell(f"Log: {log}", spec)
        raise
