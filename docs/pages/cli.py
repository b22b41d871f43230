"""The page on the command line: the tree of commands, walked."""

from collections.abc import Iterator
from pathlib import Path

import click

from docs.pages.markdown import block, marked, paragraphs, table, wrapped
from headstart.cli import main

_STATUSES = (
    ("0", "Done. A run whose model the gate does not promote is done, too."),
    ("1", "The run failed, with an [error](errors.md) of exit status 1. A stack trace is a bug in Headstart."),
    (
        "2",
        "Wrong use: an [error](errors.md) of exit status 2, or a command, argument or option is unknown or missing.",
    ),
    ("130", "Interrupted (Ctrl-C). The same command again goes on after the last finished step."),
    ("143", "Terminated (SIGTERM), by which a container is stopped. It goes on like one that was interrupted."),
)


def lines() -> list[str]:
    """Every command with its arguments and options."""
    commands = list(_commands(click.Context(main, info_name="headstart")))
    index = [
        (f"[`{each.command_path}`](#{each.command_path.replace(' ', '-')})", marked(paragraphs(each.command.help)[0]))
        for each in commands
    ]
    return [
        "# The command line",
        "",
        marked(main.help),
        "",
        *table(["command", "what it does"], index),
        "Every command describes itself with `--help`; `headstart --version` says the version.",
        "Results go to standard output; progress, notes and errors go to standard error.",
        "",
        "## Exit statuses",
        "",
        *table(["status", "meaning"], _STATUSES),
        *(line for each in commands for line in _section(each)),
    ]


def _commands(ctx: click.Context) -> Iterator[click.Context]:
    """Every command that is no group of others."""
    command = ctx.command
    if not isinstance(command, click.Group):
        yield ctx
        return
    for name in command.list_commands(ctx):
        yield from _commands(click.Context(command.commands[name], parent=ctx, info_name=name))


def _section(ctx: click.Context) -> list[str]:
    arguments = [each for each in ctx.command.params if isinstance(each, click.Argument)]
    options = [each for each in ctx.command.params if isinstance(each, click.Option)]
    usage = [
        ctx.command_path,
        *(each.make_metavar(ctx) for each in arguments),
        *(_usage(each, ctx) for each in options),
    ]
    return [
        f"## {ctx.command_path}",
        "",
        *block("text", wrapped(usage)),
        *(line for each in paragraphs(ctx.command.help) for line in (marked(each), "")),
        *table(["option", "meaning", "default"], [_row(each, ctx) for each in options]),
    ]


def _usage(option: click.Option, ctx: click.Context) -> str:
    named = _named(option, ctx)
    return (named if option.required else f"[{named}]") + ("..." if option.multiple else "")


def _named(option: click.Option, ctx: click.Context) -> str:
    name = max(option.opts, key=len)
    return name if option.is_flag else f"{name} {option.make_metavar(ctx)}"


def _row(option: click.Option, ctx: click.Context) -> tuple[str, str, str]:
    again = " May be repeated." if option.multiple else ""
    variable = f" Environment variable: `{option.envvar}`." if option.envvar else ""
    return f"`{_named(option, ctx)}`", f"{marked(option.help)}{again}{variable}", _default(option)


def _default(option: click.Option) -> str:
    if option.required:
        return "required"
    # Where there is none, click has a mark of its own for it, which is not the same in all its versions.
    stated = isinstance(option.default, str | int | float | Path) and not option.is_flag
    return f"`{option.default}`" if stated else ""
