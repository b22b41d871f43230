"""What is installed from a wheel is what is in the repository."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = {
    "headstart": "headstart",
    "components": "headstart/components",
    "pipelines": "headstart/pipelines",
    "examples": "headstart/examples",
}


def test_the_wheel_holds_every_file_of_every_package(tmp_path: Path) -> None:
    source = tmp_path / "source"  # building leaves files behind, and takes those that an earlier build has left
    for folder in PACKAGES:
        shutil.copytree(ROOT / folder, source / folder, ignore=shutil.ignore_patterns("__pycache__", ".headstart"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "-qq", "--no-deps", "--wheel-dir", tmp_path, source], check=True
    )
    (wheel,) = tmp_path.glob("headstart-*.whl")
    held = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    expected = {
        f"{package}/{path.relative_to(ROOT / folder).as_posix()}"
        for folder, package in PACKAGES.items()
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and path.suffix != ".pyc" and path.name != "README.md" and ".headstart" not in path.parts
    }
    assert held == expected
