"""What this machine, its packages and its stores can do, as a list of checks."""

import os
import platform
import shutil
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from headstart.cache import cache_folder, limit
from headstart.errors import HeadstartError
from headstart.registry.probe import probe
from headstart.store import open_store
from headstart.version import __version__

_EXTRAS = {"engine": ("torch", "ray", "transformers"), "kubeflow": ("kfp",), "clouds": ("obstore",)}
_LEAST_GB = 4.0
"""Memory, and free disk, below which fine-tuning a small backbone is in danger."""


class Check(BaseModel):
    """One thing that was looked at: ``good``, or worth a look (``warn``), or in the way (``bad``), with what to do."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    state: Literal["good", "warn", "bad"]
    found: str
    remedy: str = ""


def examine(workspace: str, registry: str) -> Iterator[Check]:
    """Look at this machine and at both stores; they are written to, and nothing but empty folders stays.

    Args:
        workspace: The workspace's URI.
        registry: The registry's URI.
    """
    yield Check(name="headstart", state="good", found=f"{__version__} on Python {platform.python_version()}")
    yield _cores()
    yield _memory()
    yield from (_extra(extra, packages) for extra, packages in _EXTRAS.items())
    yield _accelerator()
    yield _cluster()
    yield _disk("cache", cache_folder())
    for name, uri in (("workspace", workspace), ("registry", registry)):
        yield _store(name, uri)


def _cores() -> Check:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quota = _number(Path("/sys/fs/cgroup/cpu.max"), lambda said: float(said.split()[0]) / float(said.split()[1]))
    most = min(cores, quota) if quota else cores
    return Check(name="cores", state="good" if most >= 2 else "warn", found=f"{most:g}")


def _memory() -> Check:
    def total(said: str) -> float:
        return float(next(line for line in said.splitlines() if line.startswith("MemTotal")).split()[1]) * 1024

    physical = _number(Path("/proc/meminfo"), total)
    limited = _number(Path("/sys/fs/cgroup/memory.max"), float)
    known = [each for each in (physical, limited) if each]
    if not known:
        return Check(name="memory", state="good", found="not known on this system")
    enough = min(known) >= _LEAST_GB * 1e9
    remedy = "" if enough else f"Small backbones only: tuning takes {_LEAST_GB:g} GB and more."
    return Check(name="memory", state="good" if enough else "warn", found=f"{min(known) / 1e9:.1f} GB", remedy=remedy)


def _number(path: Path, parsed: Callable[[str], float]) -> float | None:
    try:
        return parsed(path.read_text())
    except (OSError, ValueError, IndexError, StopIteration):  # no such file here, or "max"
        return None


def _extra(extra: str, packages: tuple[str, ...]) -> Check:
    found, missing = [], []
    for package in packages:
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            missing.append(package)
    if not missing:
        return Check(name=extra, state="good", found=", ".join(found))
    remedy = f"To use it: pip install 'headstart[{extra}]'."
    return Check(name=extra, state="warn", found=f"{', '.join(missing)} not installed", remedy=remedy)


def _accelerator() -> Check:
    try:
        import torch
    except ModuleNotFoundError:
        return Check(name="accelerator", state="warn", found="not known without torch")
    if not torch.cuda.is_available():
        return Check(name="accelerator", state="good", found="none; everything runs on the CPU")
    cards = [torch.cuda.get_device_properties(number) for number in range(torch.cuda.device_count())]
    found = ", ".join(f"{card.name} with {card.total_memory / 1e9:.0f} GB" for card in cards)
    return Check(name="accelerator", state="good", found=found)


def _cluster() -> Check:
    address = os.environ.get("RAY_ADDRESS", "")
    found = f"runs join {address}" if address else "runs start Ray on this machine"
    return Check(name="ray", state="good", found=f"{found} (RAY_ADDRESS is {'set' if address else 'not set'})")


def _disk(name: str, folder: Path) -> Check:
    there = next(each for each in (folder.absolute(), *folder.absolute().parents) if each.exists())
    free = shutil.disk_usage(there).free / 1e9
    try:
        said = f"{folder}, {free:.0f} GB free, at most {limit() / 1e9:g} GB used"
    except HeadstartError as error:
        return Check(name=name, state="bad", found=error.problem, remedy=error.remedy)
    enough = free >= _LEAST_GB and os.access(there, os.W_OK)
    remedy = "" if enough else "Free space, or set HEADSTART_CACHE to a folder that can be written."
    return Check(name=name, state="good" if enough else "warn", found=said, remedy=remedy)


def _store(name: str, uri: str) -> Check:
    """Whether several writers can share a store, asked of the store itself."""
    try:
        store = open_store(uri)
        there = next(store.list(""), None) is not None
        did = probe(store)
        found = f"{uri} on {store.product}: of {did['writers']} writers at once one wins, {did['rounds']} times of"
        state = "in use" if there else "empty"
        return Check(name=name, state="good", found=f"{found} {did['rounds']}; {state}")
    except HeadstartError as error:
        return Check(name=name, state="bad", found=f"{error.where or uri}: {error.problem}", remedy=error.remedy)
