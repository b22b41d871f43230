"""Components are paper-thin, and there is one for each step with the step's own inputs."""

import ast
import inspect
from pathlib import Path
from typing import get_type_hints

import pytest

pytest.importorskip("kfp")

from headstart import components
from headstart.components.image import IMAGE
from headstart.steps import STEPS
from headstart.values import Value
from headstart.version import __version__

FOLDER = Path(components.__file__).parent


def function_of(name: str) -> ast.FunctionDef:
    tree = ast.parse((FOLDER / name / "component.py").read_text())
    (function,) = (node for node in tree.body if isinstance(node, ast.FunctionDef))
    return function


def test_there_is_a_component_for_every_step_and_none_besides() -> None:
    assert sorted(components.__all__) == sorted(STEPS)
    assert {path.parent.name for path in FOLDER.glob("*/component.py")} == set(STEPS)


@pytest.mark.parametrize("name", STEPS)
def test_a_component_is_a_docstring_one_import_and_one_call(name: str) -> None:
    docstring, imported, returned = function_of(name).body
    assert isinstance(docstring, ast.Expr)
    assert ast.unparse(imported) == "from headstart import steps"
    assert isinstance(returned, ast.Return)
    assert isinstance(returned.value, ast.Call)
    assert ast.unparse(returned.value.func) == "steps.call"
    assert ast.unparse(returned.value.args[0]) == repr(name)


@pytest.mark.parametrize("name", STEPS)
def test_a_component_takes_the_spec_and_the_digest_of_each_value_that_its_step_takes(name: str) -> None:
    values = [
        argument for argument, kind in get_type_hints(STEPS[name]).items() if _is_value(kind) and argument != "return"
    ]
    taken = {each.arg: ast.unparse(each.annotation) for each in function_of(name).args.args if each.annotation}
    assert {argument for argument, kind in taken.items() if kind == "str"} == {"spec", *values}
    (returned,) = (node for node in function_of(name).body if isinstance(node, ast.Return))
    assert isinstance(returned.value, ast.Call)
    assert {each.arg: ast.unparse(each.value) for each in returned.value.keywords} == {value: value for value in values}


def _is_value(kind: object) -> bool:
    return inspect.isclass(kind) and issubclass(kind, Value)


@pytest.mark.parametrize("name", STEPS)
def test_a_component_runs_in_the_image_of_this_version_and_installs_nothing(name: str) -> None:
    container = getattr(components, name).component_spec.implementation.container
    assert container.image == IMAGE
    assert IMAGE.endswith(f":{__version__}")
    assert "pip install" not in " ".join(container.command)


@pytest.mark.parametrize("name", STEPS)
def test_a_component_documents_itself_and_each_of_its_inputs(name: str) -> None:
    spec = getattr(components, name).component_spec
    assert spec.description
    assert all(each.description for each in (spec.inputs or {}).values())
