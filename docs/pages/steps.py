"""The page on the steps: their inputs and results, from ``headstart.steps.STEPS``."""

import inspect
from typing import get_type_hints

from docs.pages.markdown import block, first, marked, table, wrapped
from headstart import steps
from headstart.values import Value


def lines() -> list[str]:
    """Every step in the order of a run."""
    hints = {name: get_type_hints(step) for name, step in steps.STEPS.items()}
    maker = {each["return"]: name for name, each in hints.items()}
    page = [
        "# The steps",
        "",
        marked(steps.__doc__),
        "",
        "A step is a function of the spec and of the results of earlier steps. It leaves its result in the workspace.",
        "[`headstart step`](cli.md#headstart-step) runs one, given its inputs' digests, and prints its result's.",
        "",
        *table(
            ["step", "what it makes", "result"],
            [
                (f"[`{name}`](#{name})", first(step.__doc__), f"`{hints[name]['return'].__name__}`")
                for name, step in steps.STEPS.items()
            ],
        ),
    ]
    for name, step in steps.STEPS.items():
        inputs = {each: kind for each, kind in hints[name].items() if each != "return" and issubclass(kind, Value)}
        result = hints[name]["return"]
        given = [f"--input {each}=DIGEST" for each in inputs]
        page += [
            f"## {name}",
            "",
            first(step.__doc__),
            "",
            *block("text", wrapped([f"headstart step {name} --spec URI", *given])),
            *table(
                ["input", "type", "comes from"],
                [
                    ("`spec`", "[`Spec`](spec.md)", "the user"),
                    *(
                        (f"`{each}`", f"`{kind.__name__}`", f"[`{maker[kind]}`](#{maker[kind]})")
                        for each, kind in inputs.items()
                    ),
                ],
            ),
            f"Result: `{result.__name__}`. {first(inspect.getdoc(result))}",
            "",
        ]
    return page
