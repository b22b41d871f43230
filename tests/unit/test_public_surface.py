"""What the package promises: its names, and that the client stays light."""

import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

import headstart
from headstart.errors import UsageError
from tests.support import exports

ENGINE = (
    "numpy",
    "torch",
    "ray",
    "pyarrow",
    "transformers",
    "sklearn",
    "scipy",
    "safetensors",
    "jinja2",
    "kfp",
    "huggingface_hub",
    "PIL",
    "defusedxml",
    "openpyxl",
    "orjson",
    "xxhash",
)


def python(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), *arguments], capture_output=True, text=True, check=False
    )


def without_the_engine(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run code where nothing of the engine extra can be imported."""
    return python(f"import sys\nsys.modules.update(dict.fromkeys({ENGINE}))\n" + textwrap.dedent(code), *arguments)


def test_the_public_names_are_these() -> None:
    assert sorted(headstart.__all__) == [
        "AsyncClient",
        "Client",
        "HeadstartError",
        "Registry",
        "Spec",
        "__version__",
        "run",
    ]
    assert all(hasattr(headstart, name) for name in headstart.__all__)


def test_running_twice_does_not_replace_the_function_by_a_module() -> None:
    import headstart.runs

    assert callable(headstart.run)


@pytest.mark.parametrize("given", ["support.yaml", Path("support.yaml"), {"name": "a", "data": "b.csv"}, None])
def test_what_is_no_spec_is_refused_with_how_to_make_one(given: Any) -> None:
    said = rf"a {type(given).__name__} is no Spec. Read it from a file with Spec.load\(path\), or .* Spec.build"
    for hand_over in (headstart.run, headstart.Client().submit):
        with pytest.raises(UsageError, match=said):
            hand_over(given)


def test_the_client_imports_without_the_engine() -> None:
    result = without_the_engine(
        """
        import headstart
        headstart.Registry('memory://x').models()
        headstart.Spec(name='a', data='b')
        headstart.Client().list()
        with headstart.Client(on='ray', address='http://localhost:1') as client:
            try:
                client.list()
            except headstart.HeadstartError as error:
                assert error.code == 'job/unreachable', error
        """
    )
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["run", "--help"], ["predict", "--help"], ["models", "list"], ["jobs", "list"], ["--version"]],
)
def test_help_and_the_registrys_commands_need_no_engine(arguments: list[str], tmp_path: Path) -> None:
    code = "import sys; sys.argv[0] = 'headstart'; from headstart.cli import main; main()"
    result = without_the_engine(code, *arguments, *(["--registry", str(tmp_path)] if arguments[0] == "models" else []))
    assert result.returncode == 0, result.stderr


def test_a_command_that_needs_the_engine_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "spec.yaml").write_text("name: a\ndata: b.csv\n")
    code = "import sys; sys.argv[0] = 'headstart'; from headstart.cli import main; main()"
    for arguments in (["run", str(tmp_path / "spec.yaml")], ["pipelines", "compile", "--out", str(tmp_path)]):
        result = without_the_engine(code, *arguments)
        assert result.returncode == 2, result.stderr
        assert "pip install 'headstart[" in result.stderr
        assert "Traceback" not in result.stderr


def test_help_loads_neither_torch_nor_ray_where_they_are_installed() -> None:
    code = """
        import sys
        import headstart, headstart.cli
        loaded = [name for name in ("torch", "ray", "kfp", "transformers", "numpy", "pyarrow") if name in sys.modules]
        sys.exit(f"loaded: {loaded}" if loaded else 0)
    """
    result = python(code)
    assert result.returncode == 0, result.stderr


def test_an_import_of_labels_loads_neither_torch_nor_ray(tmp_path: Path) -> None:
    export = exports.csv_file(tmp_path / "rows.csv", exports.maps(exports.lines()))
    code = f"""
        import sys
        from headstart.cli import main
        main(["import", {str(export)!r}, "--out", {str(tmp_path / "work")!r}], standalone_mode=False)
        loaded = [name for name in ("torch", "ray", "kfp", "transformers", "scipy") if name in sys.modules]
        sys.exit(f"loaded: {{loaded}}" if loaded else 0)
    """
    result = python(code)
    assert result.returncode == 0, result.stderr
