"""The code digest: what decides results is in it, what only draws and talks is not."""

import importlib.util
import re
import shutil
from importlib.metadata import version
from pathlib import Path

import pytest

import headstart
from headstart.version import __version__, code_digest

PACKAGE = Path(headstart.__file__).parent


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """The package's sources, to be changed."""
    return Path(shutil.copytree(PACKAGE, tmp_path / "headstart", ignore=shutil.ignore_patterns("__pycache__")))


def digest_in(package: Path) -> str:
    """What ``code_digest`` says in a copy of the package."""
    spec = importlib.util.spec_from_file_location("copied_version", package / "version.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return str(module.code_digest())


def test_the_digest_is_a_sha256_and_the_same_for_the_same_sources(copied: Path) -> None:
    assert re.fullmatch(r"[0-9a-f]{64}", code_digest())
    assert digest_in(copied) == digest_in(PACKAGE)


@pytest.mark.parametrize("name", ["spec.py", "search.py", "training/loop.py", "heads/ridge.py", "version.py"])
def test_a_change_to_what_decides_results_changes_it(copied: Path, name: str) -> None:
    before = digest_in(copied)
    with (copied / name).open("a") as stream:
        stream.write("# changed\n")
    assert digest_in(copied) != before


@pytest.mark.parametrize("name", ["report/page.py", "cli/main.py", "progress.py", "display.py"])
def test_a_change_to_what_only_draws_and_talks_does_not(copied: Path, name: str) -> None:
    before = digest_in(copied)
    with (copied / name).open("a") as stream:
        stream.write("# changed\n")
    assert digest_in(copied) == before


def test_a_new_a_removed_and_a_renamed_source_change_it(copied: Path) -> None:
    before = digest_in(copied)
    (copied / "heads" / "tree.py").write_text("")
    added = digest_in(copied)
    (copied / "heads" / "tree.py").rename(copied / "heads" / "forest.py")
    renamed = digest_in(copied)
    (copied / "heads" / "forest.py").unlink()
    assert len({before, added, renamed}) == 3
    assert digest_in(copied) == before


def test_what_is_no_source_does_not_change_it(copied: Path) -> None:
    before = digest_in(copied)
    (copied / "notes.txt").write_text("x")
    shutil.copytree(copied / "heads", copied / "__pycache__" / "x", ignore=shutil.ignore_patterns("*.py"))
    assert digest_in(copied) == before


def test_what_only_draws_and_talks_exists() -> None:
    # A renamed file would silently come back into the digest.
    from headstart.version import _PRESENTATION

    assert [name for name in _PRESENTATION if not (PACKAGE / name).exists()] == []


def test_the_version_is_that_of_the_installed_package() -> None:
    assert __version__ == headstart.__version__ == version("headstart")
