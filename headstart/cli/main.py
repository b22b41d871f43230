"""The commands' common root: their names, and what happens to errors."""

import os
from tempfile import gettempdir
from typing import Any

import click

from headstart import logs
from headstart.cli import (
    assess,
    data,
    doctor,
    drill,
    features,
    jobs,
    jobs_reap,
    metrics,
    models,
    output,
    pipelines,
    predict,
    retrain,
    runs,
    schedule,
    score,
)
from headstart.cli.group import Group
from headstart.ending import STATUS, Terminated, terminable
from headstart.errors import NO_ROOM, HeadstartError, StoreError
from headstart.extras import extra_of
from headstart.version import __version__

_INTERRUPTED = 130


class _Root(Group):
    """A group whose commands' errors are said in two lines, without a stack trace."""

    def invoke(self, ctx: click.Context) -> Any:
        if os.environ.get("NO_COLOR"):
            ctx.color = False
        try:
            with terminable():
                logs.check()
                return super().invoke(ctx)
        except HeadstartError as error:
            _say(error, ctx)
            ctx.exit(error.exit_status)
        except OSError as error:
            if error.errno not in NO_ROOM:
                raise
            remedy = f"Make room on the disk, or write to another; temporary files go to {gettempdir()} (TMPDIR)."
            where = str(error.filename or "output")
            full = StoreError("store/unreachable", f"{os.strerror(error.errno)}.", remedy=remedy, where=where)
            _say(full, ctx)
            ctx.exit(full.exit_status)
        except ModuleNotFoundError as error:
            extra = extra_of(error)
            if extra is None:
                raise
            _say(extra, ctx)
            ctx.exit(extra.exit_status)
        except KeyboardInterrupt:
            _say_stopped(ctx)
            ctx.exit(_INTERRUPTED)
        except Terminated:
            _say_stopped(ctx)
            ctx.exit(STATUS)


def _say_stopped(ctx: click.Context) -> None:
    message = "Stopped. Run it again to continue from the last finished step."
    run = ctx.meta.get(output.RUN, "")
    click.echo(logs.line(message, run, "warning") if logs.as_json() else message, err=True)


def _say(error: HeadstartError, ctx: click.Context) -> None:
    if logs.as_json():
        click.echo(logs.of_error(error, ctx.meta.get(output.RUN, "")), err=True)
        return
    where = f"{error.where}: " if error.where else ""
    click.echo(f"{click.style('error', fg='red', bold=True)} [{error.code}] {where}{error.problem}", err=True)
    click.echo(f"  {error.remedy}", err=True)


@click.group(cls=_Root, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="headstart")
def main() -> None:
    """From a label export and a pretrained model to the best model for your task, with the evidence."""


jobs.jobs.add_command(jobs_reap.reap)
for command in (
    runs.demo,
    runs.run,
    retrain.retrain,
    data.import_,
    assess.assess,
    predict.predict,
    score.score,
    models.models,
    jobs.jobs,
    doctor.doctor,
    features.features,
    metrics.metrics,
    drill.drill,
    pipelines.pipelines,
    schedule.schedule,
    runs.step,
):
    main.add_command(command)
