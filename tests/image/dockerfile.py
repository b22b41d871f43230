"""A Dockerfile as stages of instructions."""

import re
from pathlib import Path
from typing import NamedTuple


class Stage(NamedTuple):
    """A stage: what it starts from, and its instructions with their arguments."""

    base: str
    instructions: list[tuple[str, str]]

    def all(self, name: str) -> list[str]:
        """The arguments of each instruction of a name."""
        return [arguments for instruction, arguments in self.instructions if instruction == name]


def stages(path: Path) -> dict[str, Stage]:
    """The stages by name, in order."""
    text = re.sub(r"^\s*#.*\n", "", path.read_text(), flags=re.MULTILINE)
    found: dict[str, Stage] = {}
    stage = Stage("", [])
    for line in filter(str.strip, re.sub(r"\\\n", " ", text).splitlines()):
        name, arguments = line.split(maxsplit=1)
        if name == "FROM":
            base, _, called = arguments.split()
            stage = found[called] = Stage(base, [])
        else:
            stage.instructions.append((name, arguments))
    return found
