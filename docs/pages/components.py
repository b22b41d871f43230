"""The README of a Kubeflow component: what it does, what it takes and gives, and how a pipeline uses it."""

import inspect
import re
from collections.abc import Iterable
from typing import Any

from docs.pages.markdown import block, marked, paragraphs, table
from headstart import components


def lines(name: str) -> list[str]:
    """The page of one component."""
    component = getattr(components, name)
    spec = component.component_spec
    inputs, outputs = spec.inputs or {}, spec.outputs or {}
    told = [part for part in paragraphs(component.python_func.__doc__) if not _is_section(part)]
    meanings = _meanings(component.python_func.__doc__)
    # What Kubeflow itself gives is no argument of a pipeline's author.
    given = [each for each, kind in inputs.items() if kind.type != "PipelineTaskFinalStatus"]
    call = f"task = {name}({', '.join(f'{each}=...' for each in given)})"
    return [
        f"# {name}",
        "",
        *(line for part in told for line in (marked(part), "")),
        *block("python", "\n".join([f"from headstart.components import {name}", "", call, 'task.outputs["Output"]'])),
        *table(["input", "type", "meaning"], _rows(inputs.items(), meanings)),
        *table(["output", "type", "meaning"], _rows(outputs.items(), meanings)),
        f"Image: `{spec.implementation.container.image}`.",
    ]


def _rows(parameters: Iterable[tuple[str, Any]], meanings: dict[str, str]) -> list[tuple[str, str, str]]:
    return [
        (f"`{name}`", f"`{each.type.removeprefix('system.').partition('@')[0]}`", meanings[name])
        for name, each in parameters
    ]


def _is_section(paragraph: str) -> bool:
    return paragraph.startswith(("Args:", "Returns:"))


def _meanings(docstring: str) -> dict[str, str]:
    """What a docstring says of each argument, and of the result under KFP's name for it."""
    found = {}
    for part in filter(_is_section, paragraphs(docstring)):
        title, _, body = part.partition("\n")
        items = re.split(r"\n(?=\S)", inspect.cleandoc(f"\n{body}"))
        if title == "Returns:":
            found["Output"] = marked(body)
        else:
            found |= {name: marked(text) for name, _, text in (item.partition(": ") for item in items)}
    return found
