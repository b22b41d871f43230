"""The page on errors: each code with its meaning, and with the classes that the sources raise it as."""

import ast
import inspect
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import headstart
from docs.pages.markdown import first, prose, table
from headstart import errors
from headstart.errors import CODES, HeadstartError

_SOURCES = Path(headstart.__file__).parent
_CLASSES = {
    name: each
    for name, each in vars(errors).items()
    if inspect.isclass(each) and issubclass(each, HeadstartError) and each.__module__ == errors.__name__
}


def lines() -> list[str]:
    """Every class and every code."""
    raised = classes_by_code()
    classes = [
        (f"`{name}`", f"`{each.__base__.__name__}`", str(each.exit_status), first(each.__doc__))
        for name, each in _CLASSES.items()
        if each.__base__
    ]
    codes = [(f"`{code}`", meaning, *_said(raised[code])) for code, meaning in CODES.items()]
    return [
        "# Errors",
        "",
        *prose(errors.__doc__),
        "On the command line an error takes two lines on standard error:",
        "",
        "```text",
        "error [code] place: problem",
        "  remedy",
        "```",
        "",
        "In Python it has the attributes `code`, `where`, `problem` and `remedy`.",
        "",
        "## Codes",
        "",
        *table(["code", "meaning", "class", "exit status"], codes),
        "An argument or option that a command does not know, or misses, ends with exit status 2 and no code.",
        "",
        "## Classes",
        "",
        *table(["class", "is a kind of", "exit status", "meaning"], classes),
    ]


def classes_by_code() -> dict[str, set[str]]:
    """The names of the classes that each code is raised as, somewhere in the package."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in sorted(_SOURCES.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        makers = {name: name for name in _CLASSES} | dict(_helpers(tree))
        for called, code in _calls(tree):
            if called in makers and isinstance(code, ast.Constant) and isinstance(code.value, str):
                found[code.value].add(makers[called])
    return dict(found)


def _helpers(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Functions that make an error with the code they are given as first argument, with its class."""
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef) and function.args.args:
            for called, code in _calls(function):
                if called in _CLASSES and isinstance(code, ast.Name) and code.id == function.args.args[0].arg:
                    yield function.name, called


def _calls(tree: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """Every call of a plain name that has a positional argument, with the first of them."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
            yield node.func.id, node.args[0]


def _said(names: set[str]) -> tuple[str, str]:
    """The classes, and their exit statuses in the same order."""
    ordered = sorted(names)
    statuses = dict.fromkeys(str(_CLASSES[name].exit_status) for name in ordered)
    return ", ".join(f"`{name}`" for name in ordered), ", ".join(statuses)
