"""The page on the Python interface: ``headstart.__all__``, and what its functions and methods take and give.

Definitions are read from the source. So no class has to be imported that would load torch, and signatures
are as they were written on every version of Python.
"""

import ast
import importlib.util
import inspect
import re
from collections.abc import Sequence
from pathlib import Path

import headstart
from docs.pages.markdown import block, prose

_Function = ast.FunctionDef | ast.AsyncFunctionDef

_GIVEN = (
    ("headstart.runs", "Run"),
    ("headstart.evidence", "Evidence"),
    ("headstart.predictor", "Predictor"),
    ("headstart.arrays", "Computed"),
    ("headstart.tasks.prediction", "Prediction"),
    ("headstart.registry.record", "Version"),
    ("headstart.registry.record", "Lineage"),
    ("headstart.evaluation.estimate", "Estimate"),
    ("headstart.registry.aliases", "AliasMove"),
    ("headstart.registry.record", "Draft"),
    ("headstart.registry.policy", "Policy"),
    ("headstart.values", "Value"),
    ("headstart.progress", "Progress"),
    ("headstart.client", "Handle"),
    ("headstart.asynchronous", "AsyncHandle"),
    ("headstart.jobs.job", "Job"),
    ("headstart.jobs.job", "State"),
    ("headstart.jobs.result", "Result"),
    ("headstart.jobs.result", "Outcome"),
    ("headstart.jobs.result", "Decided"),
    ("headstart.jobs.result", "Released"),
    ("headstart.jobs.result", "Figure"),
)


def lines() -> list[str]:
    """Every public name."""
    named = {name: getattr(headstart, name) for name in headstart.__all__ if not name.startswith("__")}
    public = sorted(named, key=lambda name: inspect.isclass(named[name]))  # what one calls first, stands first
    return [
        "# The Python interface",
        "",
        *prose(headstart.__doc__),
        "`headstart.__version__` is the version.",
        "",
        *(line for name in public for line in _described(named[name].__module__, name, "## headstart.")),
        "## What they take and give",
        "",
        *(line for module, name in _GIVEN for line in _described(module, name, "### ")),
    ]


def _described(module: str, name: str, heading: str) -> list[str]:
    """A function, or a class with its fields and its public methods."""
    found = _definition(module, name)
    if isinstance(found, ast.FunctionDef):
        return [f"{heading}{name}", "", *block("python", _signature(found, name)), *prose(ast.get_docstring(found))]
    methods = [each for each in found.body if isinstance(each, _Function)]
    made = [_signature(each, name) for each in methods if each.name == "__init__"]
    # The fields of the spec have a page of their own.
    fields = ["See [the spec](spec.md) for its fields.", ""] if name == "Spec" else _fields(found)
    return [
        f"{heading}{name}",
        "",
        *(block("python", made[0]) if made else []),
        *prose(ast.get_docstring(found)),
        *fields,
        *(line for each in methods if not each.name.startswith("_") for line in _method(each, name)),
    ]


def _definition(module: str, name: str) -> ast.ClassDef | ast.FunctionDef:
    spec = importlib.util.find_spec(module)
    source = Path(spec.origin).read_text(encoding="utf-8") if spec and spec.origin else ""
    for node in ast.parse(source).body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and node.name == name:
            return node
    raise LookupError(f"{module} defines no {name}")


def _fields(found: ast.ClassDef) -> list[str]:
    """A class without a constructor of its own, with its fields: a dataclass or a record."""
    rows = [
        f"    {ast.unparse(each)}"
        for each in found.body
        if isinstance(each, ast.AnnAssign) and not ast.unparse(each.annotation).startswith("ClassVar")
    ]
    bases = ", ".join(ast.unparse(each) for each in found.bases)
    head = f"class {found.name}({bases}):" if bases else f"class {found.name}:"
    return block("python", "\n".join([head, *rows])) if rows else []


def _method(method: _Function, owner: str) -> list[str]:
    marks = [ast.unparse(each) for each in method.decorator_list]
    if {"property", "cached_property"} & set(marks):
        signature = f"{owner}.{method.name}: {_annotation(method.returns)}"
    else:
        signature = _signature(method, f"{owner}.{method.name}", bound="staticmethod" not in marks)
    return [*block("python", signature), *prose(ast.get_docstring(method))]


def _signature(function: _Function, name: str, bound: bool = True) -> str:
    """A function as it is called: without ``self`` or ``cls``, and with ``await`` where that is needed."""
    arguments = function.args
    positional = [*arguments.posonlyargs, *arguments.args]
    defaults: Sequence[ast.expr | None] = [*[None] * (len(positional) - len(arguments.defaults)), *arguments.defaults]
    said = [_argument(each, default) for each, default in zip(positional, defaults, strict=True)]
    said = said[1:] if bound and positional and positional[0].arg in ("self", "cls") else said
    named = [
        _argument(each, default) for each, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    ]
    said += ["*", *named] if named else []
    gives = "" if function.name == "__init__" else f" -> {_annotation(function.returns)}"
    name = f"await {name}" if isinstance(function, ast.AsyncFunctionDef) else name
    flat = f"{name}({', '.join(said)}){gives}"
    return flat if len(flat) <= 100 else "\n".join([f"{name}(", *(f"    {each}," for each in said), f"){gives}"])


def _argument(argument: ast.arg, default: ast.expr | None) -> str:
    typed = f"{argument.arg}: {_annotation(argument.annotation)}" if argument.annotation else argument.arg
    return f"{typed} = {ast.unparse(default)}" if default else typed


def _annotation(annotation: ast.expr | None) -> str:
    """A type as it is written, without the quotes of a forward reference."""
    return re.sub(r"^'(.*)'$", r"\1", ast.unparse(annotation)) if annotation else "None"
