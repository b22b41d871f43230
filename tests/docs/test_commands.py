"""Every command and every program in the docs does what its reader expects: it works, in the order of the page.

In ``console`` blocks each line after ``$`` is run by a shell; the ``python`` blocks of a page are one program; a block
whose first line is a comment with a file name is that file. Pages share a folder with the examples in it, as if
one reader went through them in a clone of the repository, so that what one has computed the next finds. What takes minutes
and has a test of its own (``headstart drill``) stands in ``sh`` blocks, which are not run here.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from headstart.labels.detect import READERS
from headstart.schedules.wanted import Schedules
from headstart.spec import Spec
from tests.support.ray_head import ray_head

ROOT = Path(__file__).parents[2]
PAGES = [
    "README.md",
    "docs/guides/laptop.md",
    "docs/guides/labels.md",
    "docs/guides/label-formats.md",
    "docs/guides/verdict.md",
    "docs/guides/search.md",
    "docs/guides/tuning.md",
    "docs/guides/evaluation.md",
    "docs/guides/python.md",
    "docs/guides/clusters.md",
    "docs/guides/kubeflow.md",
    "docs/guides/schedules.md",
    "docs/guides/monitoring.md",
    "docs/guides/registry-trust.md",
    "docs/guides/deploy.md",
    "docs/registry.md",
    "docs/architecture.md",
    "docs/benchmarks.md",
]
CLUSTERS = "docs/guides/clusters.md"
# Left out of the everyday loop.
SLOW = {
    "README.md",
    "docs/registry.md",
    *(
        f"docs/guides/{name}.md"
        for name in (
            "laptop",
            "verdict",
            "search",
            "tuning",
            "python",
            "clusters",
            "kubeflow",
            "schedules",
            "monitoring",
            "registry-trust",
            "deploy",
        )
    ),
}
# What sets a machine up cannot be run inside it: continuous integration does, on a fresh clone.
SETTING_UP = re.compile(r"git clone |cd |pip install |source \.venv/bin/activate$|docker ")


class Block(NamedTuple):
    language: str
    text: str


def blocks(page: str) -> list[Block]:
    found = re.findall(r"^```(\w*)\n(.*?)^```$", (ROOT / page).read_text(), re.MULTILINE | re.DOTALL)
    return [Block(*each) for each in found]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clone")
    (folder / "examples").symlink_to(ROOT / "examples")
    return folder


def run(command: list[str], folder: Path) -> None:
    paths = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        command, cwd=folder, env=os.environ | {"PATH": paths}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"


def test_every_page_with_commands_is_listed_here() -> None:
    written = {path.relative_to(ROOT).as_posix() for path in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]}
    with_commands = {page for page in written if any(each.language in ("console", "python") for each in blocks(page))}
    assert {page for page in with_commands if not page.startswith("docs/reference/")} <= set(PAGES)


@pytest.fixture
def cluster(page: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The Ray cluster that the guide to clusters takes for there, and the environment that it sets."""
    if page != CLUSTERS:
        yield
        return
    with ray_head() as head:
        monkeypatch.setenv("HEADSTART_ON", "ray")
        monkeypatch.setenv("HEADSTART_ADDRESS", head.address)
        yield


@pytest.mark.usefixtures("cluster")
@pytest.mark.parametrize("page", [pytest.param(page, marks=[pytest.mark.slow] * (page in SLOW)) for page in PAGES])
def test_what_a_page_says_works(page: str, folder: Path) -> None:
    program = ""
    for block in blocks(page):
        named = re.match(r"# (\S+\.(?:yaml|txt))\n", block.text)
        if named:
            (folder / named[1]).write_text(block.text if block.language == "yaml" else block.text[named.end() :])
        elif block.language == "console":
            for command in re.findall(r"^\$ (.+)$", block.text, re.MULTILINE):
                run(["bash", "-c", command], folder)
        elif block.language == "python" and "def recognise" not in block.text:
            program += block.text
    if program:
        run([sys.executable, "-c", program], folder)


def specs() -> Iterator[tuple[str, str]]:
    for page in PAGES:
        for block in blocks(page):
            named = block.language == "yaml" and "name:" in block.text and "schedules:" not in block.text
            if block.language == "json" or named:
                yield page, block.text


@pytest.mark.parametrize(("page", "text"), list(specs()))
def test_every_spec_in_the_docs_is_a_spec(page: str, text: str) -> None:
    assert Spec.parse(text).data.sources()


def test_the_file_of_schedules_in_the_guide_is_one(tmp_path: Path) -> None:
    (text,) = [each.text for each in blocks("docs/guides/schedules.md") if "schedules:" in each.text]
    path = tmp_path / "schedules.yaml"
    path.write_text(text)
    (tmp_path / "specs").mkdir()
    spec = "name: support-intents\ndata: s3://labels/a.json\nworkspace: s3://work\nregistry: {uri: s3://models}\n"
    (tmp_path / "specs/support.yaml").write_text(spec)
    assert [each.name for each in Schedules.load(path).schedules] == ["support-intents-nightly", "inbox-scores"]


def test_every_target_that_the_docs_name_is_in_the_makefile() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for page in PAGES:
        for block in blocks(page):
            if block.language != "bash":
                continue
            for line in filter(None, block.text.splitlines()):
                target = re.match(r"make (\w+)", line)
                assert SETTING_UP.match(line) or (target and f"\n{target[1]}:" in makefile), f"{page}: {line}"


def test_every_link_in_the_docs_leads_somewhere() -> None:
    for path in [ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", path.read_text()):
            assert target.startswith("https://") or (path.parent / target).exists(), f"{path.name}: {target}"


def test_the_guide_to_formats_names_every_format() -> None:
    page = (ROOT / "docs/guides/label-formats.md").read_text()
    listed = re.findall(r"^\| `([a-z0-9-]+)` \|", page, re.MULTILINE)
    assert sorted(listed) == sorted(READERS)


def test_the_guide_to_formats_shows_a_reader_as_it_is() -> None:
    (shown,) = [each.text for each in blocks("docs/guides/label-formats.md") if "def recognise" in each.text]
    assert shown == (ROOT / "headstart/labels/formats/fasttext.py").read_text()
