"""Errors: codes that never change, words that mend, and a way across processes."""

import ast
import copy
import pickle
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import headstart
from headstart import errors
from headstart.errors import CODES, HeadstartError, UsageError

SOURCES = Path(headstart.__file__).parent


def kinds(kind: type[HeadstartError] = HeadstartError) -> list[type[HeadstartError]]:
    return [kind, *(deeper for child in kind.__subclasses__() for deeper in kinds(child))]


def raised_codes() -> Iterator[tuple[str, str]]:
    """Every literal code in the sources, with where it stands."""
    for path in SOURCES.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id.endswith("Error"):
                first = node.args[0] if node.args else None
                if isinstance(first, ast.Constant) and re.fullmatch(r"[a-z]+(/[a-z-]+)?", str(first.value)):
                    yield str(first.value), f"{path.relative_to(SOURCES)}:{node.lineno}"


def test_every_code_in_the_sources_is_documented() -> None:
    assert {(code, where) for code, where in raised_codes() if code not in CODES} == set()


def test_every_documented_code_is_used_somewhere() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in SOURCES.rglob("*.py") if path.name != "errors.py")
    assert [code for code in CODES if f'"{code}"' not in text] == []


@pytest.mark.parametrize("code", CODES)
def test_a_code_is_a_slug_with_a_sentence(code: str) -> None:
    assert re.fullmatch(r"[a-z]+(/[a-z-]+)?", code)
    assert re.fullmatch(r"[A-Z].*\.", CODES[code])


def test_the_table_of_codes_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        CODES["new/code"] = "No."  # type: ignore[index]


def test_an_undocumented_code_is_refused() -> None:
    with pytest.raises(KeyError, match="made/up"):
        HeadstartError("made/up", "x.", remedy="y.")


def test_an_error_says_code_place_problem_and_remedy_in_this_order() -> None:
    error = HeadstartError("usage", "It is wrong.", remedy="Mend it.", where="spec.yaml, line 3")
    assert str(error) == "[usage] spec.yaml, line 3: It is wrong. Mend it."


def test_an_error_without_a_place_names_none() -> None:
    assert str(HeadstartError("usage", "It is wrong.", remedy="Mend it.")) == "[usage] It is wrong. Mend it."


@pytest.mark.parametrize("kind", kinds())
@pytest.mark.parametrize("travel", [copy.copy, copy.deepcopy, lambda error: pickle.loads(pickle.dumps(error))])  # noqa: S301
def test_an_error_survives_the_way_between_processes(kind: type[HeadstartError], travel: object) -> None:
    error = kind("usage", "Überall.", remedy="Mend it.", where="a/b")
    arrived = travel(error)  # type: ignore[operator]
    assert type(arrived) is kind
    assert vars(arrived) == vars(error)
    assert (str(arrived), arrived.args) == (str(error), error.args)


@pytest.mark.parametrize("kind", kinds())
def test_only_wrong_use_ends_with_status_two(kind: type[HeadstartError]) -> None:
    assert kind.exit_status == (2 if issubclass(kind, UsageError) else 1)


def test_every_error_of_the_module_is_in_the_tree() -> None:
    found = {kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, Exception)}
    assert found == set(kinds())
