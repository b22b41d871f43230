"""The page on security names tests, and they are there."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", (ROOT / "docs/security.md").read_text())))


@pytest.mark.parametrize(("path", "name"), NAMED)
def test_a_test_that_the_page_names_exists(path: str, name: str) -> None:
    tree = ast.parse((ROOT / path).read_text())
    assert name in {each.name for each in ast.walk(tree) if isinstance(each, ast.FunctionDef)}


def test_every_answer_names_its_test() -> None:
    rows = re.findall(r"^\| .*\|$", (ROOT / "docs/security.md").read_text(), re.MULTILINE)
    answers = [row for row in rows if not row.startswith("| question")]
    assert answers
    assert all(re.search(r"\| `tests/[\w/]+\.py::\w+` \|$", row) for row in answers)
