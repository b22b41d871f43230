"""The image, as far as that can be seen without Docker.

Covered: what hadolint says; that the files it copies are all that an install needs, by the install itself in a new environment
(without the dependencies, which the development environment has in the same versions); that every dependency is pinned; how
it starts. Not covered: the base image, PyTorch's index, and the size of what comes out.
"""

import json
import shlex
import shutil
import subprocess
import sys
import venv
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from headstart.version import __version__
from tests.image.dockerfile import stages

ROOT = Path(__file__).parents[2]
STAGES = stages(ROOT / "Dockerfile")
RUNTIME = STAGES["runtime"]


def test_hadolint_has_no_complaint() -> None:
    hadolint = ROOT / ".venv-tools" / "bin" / "hadolint"
    assert hadolint.exists(), (
        "hadolint is not installed: run the tests by `make test` or `make chart`, which install it"
    )
    done = subprocess.run([hadolint, ROOT / "Dockerfile"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of a new environment, into which what the Dockerfile copies was installed as it says."""
    source, environment = tmp_path_factory.mktemp("src"), tmp_path_factory.mktemp("opt") / "headstart"
    for arguments in STAGES["source"].all("COPY"):
        *names, target = arguments.split()
        for name in names:
            if (ROOT / name).is_dir():
                shutil.copytree(
                    ROOT / name, source / target, ignore=shutil.ignore_patterns("__pycache__", ".headstart")
                )
            else:
                shutil.copy(ROOT / name, source / target)
    venv.create(environment, with_pip=True)
    program, *arguments = shlex.split(STAGES["build-cpu"].all("RUN")[-1])
    assert program == "pip"
    subprocess.run(
        [environment / "bin" / "pip", *arguments, "--quiet", "--no-deps"], cwd=source, check=True, capture_output=True
    )
    (packages,) = environment.glob("lib/python*/site-packages")
    # The dependencies, as the development environment has them; what was installed just now comes first.
    others = [path for path in sys.path if path.endswith("site-packages")]
    (packages / "dependencies.pth").write_text("\n".join(others))
    return environment / "bin"


def test_the_entrypoint_starts_from_what_was_copied_and_installed(installed: Path, tmp_path: Path) -> None:
    (program,) = json.loads(RUNTIME.all("ENTRYPOINT")[0])
    said = subprocess.run([installed / program, "--version"], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert said.stdout == f"headstart, version {__version__}\n"
    (help_,) = json.loads(RUNTIME.all("CMD")[0])
    subprocess.run([installed / program, help_], cwd=tmp_path, capture_output=True, check=True)


def test_the_pipeline_of_the_image_is_there_and_compiles(installed: Path, tmp_path: Path) -> None:
    subprocess.run(
        [installed / "headstart", "pipelines", "compile", "--out", tmp_path],
        cwd=tmp_path,
        capture_output=True,
        check=True,
    )
    assert f"headstart/headstart:{__version__}" in (tmp_path / "transfer.yaml").read_text()


def test_every_package_of_the_image_is_pinned() -> None:
    lines = (ROOT / "constraints.txt").read_text().split()
    pinned = {canonicalize_name(line.partition("==")[0]) for line in lines}
    assert needed("headstart", frozenset({"engine", "kubeflow"}), set()) - pinned == {"headstart"}


def needed(name: str, extras: frozenset[str], seen: set[tuple[str, str]]) -> set[str]:
    """A package and all that it needs, by what the installed ones say."""
    found = {canonicalize_name(name)}
    for line in metadata.requires(name) or []:
        requirement = Requirement(line)
        for extra in extras | {""}:
            key = (f"{requirement.name}{sorted(requirement.extras)}", extra)
            if key not in seen and (requirement.marker is None or requirement.marker.evaluate({"extra": extra})):
                seen.add(key)
                found |= needed(requirement.name, frozenset(requirement.extras), seen)
    return found


@pytest.mark.parametrize("target", ["cpu", "cuda"])
def test_each_target_is_the_same_runtime_with_another_environment(target: str) -> None:
    assert STAGES[target].base == "runtime"
    assert STAGES[target].all("COPY") == [f"--from=build-{target} /opt/headstart /opt/headstart"]


def test_a_build_that_names_no_target_is_without_cuda() -> None:
    assert list(STAGES)[-1] == "cpu"


def test_both_environments_are_installed_by_the_same_pins() -> None:
    cpu, cuda = (list(map(shlex.split, STAGES[name].all("RUN"))) for name in ("build-cpu", "build-cuda"))
    assert cpu[-1] == cuda[-1]
    for program, install, *arguments in (*cpu, *cuda):
        assert (program, install, *arguments[:2]) == ("pip", "install", "--constraint", "constraints.txt")
    # Where PyTorch's own index is asked, it is asked for nothing else.
    assert cpu[0][-4:-2] == ["--no-deps", "--index-url"]
    assert cpu[0][-1] == cuda[0][-1] == "torch"


def test_it_runs_as_a_user_with_a_number_and_the_number_is_the_charts() -> None:
    assert RUNTIME.all("USER") == ["1000:1000"]
    pod = (ROOT / "charts/headstart/templates/_pod.tpl").read_text()
    assert "runAsUser: 1000\n" in pod
    assert "runAsGroup: 1000\n" in pod


def test_it_says_what_it_is() -> None:
    (labels,) = RUNTIME.all("LABEL")
    assert {"title", "description", "licenses", "version", "revision"} == {
        part.partition("=")[0] for part in labels.split("org.opencontainers.image.")[1:]
    }


def test_only_what_is_copied_reaches_the_build() -> None:
    everything, *exceptions = (ROOT / ".dockerignore").read_text().splitlines()[1:]
    assert everything == "*"
    copied = {name for arguments in STAGES["source"].all("COPY") for name in arguments.split()[:-1]}
    assert {line.removeprefix("!") for line in exceptions if line.startswith("!")} == copied


def test_a_login_shell_finds_ray_and_headstart_too(tmp_path: Path) -> None:
    """Debian's /etc/profile sets another path, and then reads the scripts of /etc/profile.d."""
    (command,) = [each for each in RUNTIME.all("RUN") if "profile.d" in each]
    line = command.rpartition("&& ")[2].replace("/etc/profile.d", str(tmp_path))
    subprocess.run(["sh", "-c", line], check=True)
    said = subprocess.run(
        ["sh", "-c", f". {tmp_path}/headstart.sh; echo $PATH"],
        env={"PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout == "/opt/headstart/bin:/usr/bin:/bin\n"
