"""Each promise of the registry's page is held by tests that exist, and that make test runs."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_promise_names_tests_that_exist() -> None:
    page = (ROOT / "docs/registry.md").read_text()
    promises = [line for line in page.partition("## What is not promised")[0].splitlines() if line.startswith("| ")][1:]
    assert len(promises) >= 8
    for promise in promises:
        file = ""
        named = re.findall(r"`([^`]+)`", promise.split(" | ")[1])
        assert any(each.startswith("tests/") for each in named), promise
        for each in named:
            if each.startswith("tests/"):
                file = each
                continue
            tree = ast.parse((ROOT / file).read_text())
            defined = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
            defined |= {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
            assert each in defined, f"there is no {each} in {file}"
