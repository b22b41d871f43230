"""A disk that is soon full: a real, small tmpfs where this process may mount one."""

import contextlib
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

SIZE = 64 * 1024


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """``folder`` with a disk of :data:`SIZE` bytes mounted on it; skips where mounting is not allowed."""
    folder.mkdir()
    mount, unmount = shutil.which("mount"), shutil.which("umount")
    if mount is None or unmount is None:
        pytest.skip("no mount command here")
    command = [mount, "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(folder)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("mounting a tmpfs is not allowed here")
    try:
        yield folder
    finally:
        subprocess.run([unmount, "--lazy", str(folder)], capture_output=True, check=True)
