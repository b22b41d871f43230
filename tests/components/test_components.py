"""Components are paper-thin, there is one for each step with the step's own inputs, and each says what it is."""

import ast
import inspect
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import get_type_hints

import pytest

pytest.importorskip("kfp")

from docs import generate
from headstart import components, steps
from headstart.components.image import IMAGE
from headstart.errors import HeadstartError
from headstart.steps import STEPS
from headstart.values import Value
from headstart.version import __version__

FOLDER = Path(components.__file__).parent
BESIDES = ("batch_score", "check_retrain", "notify", "record_retraining")


def function_of(name: str) -> ast.FunctionDef:
    tree = ast.parse((FOLDER / name / "component.py").read_text())
    (function,) = (node for node in tree.body if isinstance(node, ast.FunctionDef))
    return function


def call_of(name: str) -> ast.Call:
    (returned,) = (node for node in function_of(name).body if isinstance(node, ast.Return))
    assert isinstance(returned.value, ast.Call)
    return returned.value


def test_there_is_a_component_for_every_step_and_those_that_are_no_steps() -> None:
    assert sorted(components.__all__) == sorted([*STEPS, *BESIDES])
    assert {path.parent.name for path in FOLDER.glob("*/component.py")} == {*STEPS, *BESIDES}


@pytest.mark.parametrize("name", components.__all__)
def test_a_component_is_a_docstring_one_import_and_one_call(name: str) -> None:
    docstring, imported, returned = function_of(name).body
    assert isinstance(docstring, ast.Expr)
    assert isinstance(returned, ast.Return)
    if name in STEPS:
        assert ast.unparse(imported) == "from headstart import steps"
        assert ast.unparse(call_of(name).func) == "steps.call"
        assert ast.unparse(call_of(name).args[0]) == repr(name)
    else:
        assert ast.unparse(imported) == "from headstart.schedules import calls"
        assert ast.unparse(call_of(name).func) == f"calls.{name}"


@pytest.mark.parametrize("name", STEPS)
def test_a_component_takes_the_spec_and_the_digest_of_each_value_that_its_step_takes(name: str) -> None:
    values = [
        argument for argument, kind in get_type_hints(STEPS[name]).items() if _is_value(kind) and argument != "return"
    ]
    taken = {each.arg: ast.unparse(each.annotation) for each in function_of(name).args.args if each.annotation}
    assert {argument for argument, kind in taken.items() if kind == "str"} == {"spec", *values}
    assert {each.arg: ast.unparse(each.value) for each in call_of(name).keywords} == {value: value for value in values}


def _is_value(kind: object) -> bool:
    return inspect.isclass(kind) and issubclass(kind, Value)


@pytest.mark.parametrize("name", components.__all__)
def test_a_component_runs_in_the_image_of_this_version_and_installs_nothing(name: str) -> None:
    container = getattr(components, name).component_spec.implementation.container
    assert container.image == IMAGE
    assert IMAGE.endswith(f":{__version__}")
    assert "pip install" not in " ".join(container.command)


@pytest.mark.parametrize("name", components.__all__)
def test_a_component_documents_itself_and_each_of_its_inputs(name: str) -> None:
    spec = getattr(components, name).component_spec
    assert spec.description
    assert all(each.description or each.type == "PipelineTaskFinalStatus" for each in (spec.inputs or {}).values())


@pytest.mark.parametrize("name", components.__all__)
def test_no_component_takes_a_secret_as_a_parameter(name: str) -> None:
    taken = {each.arg for each in function_of(name).args.args}
    assert not [each for each in taken if any(word in each for word in ("secret", "token", "password", "key"))]


@pytest.mark.parametrize("name", components.__all__)
def test_a_components_readme_is_what_the_code_says(name: str) -> None:
    committed = (generate.COMPONENTS / name / "README.md").read_text(encoding="utf-8")
    assert committed == generate.readme(name), f"components/{name}/README.md is out of date: run `make docs`"


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ("fetch_backbone(spec='{}')", "error [spec/missing-key] spec: 'data' is missing. Add it."),
        ("check_retrain(spec='data: b.csv', force=False)", "error [spec/missing-key] spec: 'name' is missing. Add it."),
    ],
)
def test_the_log_of_a_component_that_fails_ends_with_the_error_and_no_stack_trace(
    call: str, said: str, tmp_path: Path
) -> None:
    code = f"""
        from kfp import local
        from headstart import components
        local.init(local.SubprocessRunner(use_venv=False), raise_on_error=False)
        components.{call}
    """
    command = [sys.executable, "-c", textwrap.dedent(code)]
    log = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert said in log
    assert "FAILURE" in log
    assert "Traceback" not in log


def test_outside_a_component_an_error_is_an_exception() -> None:
    with pytest.raises(HeadstartError, match="'data' is missing"):
        steps.call("fetch_backbone", "{}")
