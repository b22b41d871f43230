"""Real data beside the checkout. Where it lies, tests that use it must run; elsewhere they are skipped."""

import csv
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[3] / "shared" / "data"


def folder(name: str) -> Path:
    """The folder of a data set, or a skip where there is no such data at all."""
    if not _ROOT.is_dir():
        pytest.skip(f"no data beside the checkout ({_ROOT})")
    found = _ROOT / name
    assert found.is_dir(), f"{found} is missing"
    return found


def messages(banking77: Path, part: str) -> tuple[list[str], list[str]]:
    """Texts and labels of Banking77's published ``train`` or ``test``."""
    with (banking77 / f"{part}.csv").open(encoding="utf-8", newline="") as stream:
        texts, labels = zip(*((row["text"], row["category"]) for row in csv.DictReader(stream)), strict=True)
    return list(texts), list(labels)
