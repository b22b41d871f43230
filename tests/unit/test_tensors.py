"""Tensors of two models, compared by name."""

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import save_file

from headstart.blobs import File, describe
from headstart.errors import IntegrityError
from headstart.tensors import Shape, TensorDifference, compare

Model = Mapping[str, Mapping[str, torch.Tensor]]


class Files:
    """Models as safetensors files, and which of them were fetched."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.fetched: list[str] = []

    def compare(self, before: Model, after: Model) -> TensorDifference:
        return compare(self._save("before", before), self._save("after", after), self._fetch)

    def _save(self, name: str, model: Model) -> list[File]:
        folder = self.folder / name
        folder.mkdir()
        for path, tensors in model.items():
            save_file(dict(tensors), folder / path)
        (folder / "config.json").write_text(name)
        return [describe(path, f"{name}/{path.name}") for path in sorted(folder.iterdir())]

    def _fetch(self, file: File) -> Path:
        self.fetched.append(file.path)
        return self.folder / file.path


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


def ones(*sizes: int) -> torch.Tensor:
    return torch.ones(sizes)


def test_a_file_that_both_have_is_not_even_fetched(files: Files) -> None:
    backbone = {"backbone.safetensors": {"layer": ones(4, 4)}}
    found = files.compare(
        backbone | {"head.safetensors": {"w": ones(2)}}, backbone | {"head.safetensors": {"w": 2 * ones(2)}}
    )
    assert [each.name for each in found.changed] == ["w"]
    assert found.same_files == ("after/backbone.safetensors",)
    assert sorted(files.fetched) == ["after/head.safetensors", "before/head.safetensors"]


def test_equal_tensors_are_counted_and_not_listed(files: Files) -> None:
    found = files.compare(
        {"a.safetensors": {"x": ones(3), "y": ones(2)}}, {"b.safetensors": {"x": ones(3), "y": 3 * ones(2)}}
    )
    assert found.equal == 1
    assert [(each.name, each.change) for each in found.changed] == [("y", pytest.approx(2.0))]


def test_tensors_that_come_go_or_change_their_sizes_are_told_with_them(files: Files) -> None:
    before = {"a.safetensors": {"gone": ones(1), "wider": ones(2, 2), "halved": ones(3)}}
    after = {"a.safetensors": {"new": ones(1), "wider": ones(2, 3), "halved": ones(3).half()}}
    found = {each.name: each for each in files.compare(before, after).changed}
    assert (found["gone"].after, found["new"].before) == (None, None)
    assert (str(found["wider"].before), str(found["wider"].after)) == ("F32 [2, 2]", "F32 [2, 3]")
    assert found["wider"].change is None
    assert found["halved"].after == Shape(dtype="F16", sizes=(3,))
    assert found["halved"].change == 0.0  # of another type, and of the same values


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float64, torch.int64, torch.uint8, torch.bool])
def test_every_type_of_element_can_be_compared(files: Files, dtype: torch.dtype) -> None:
    before, after = torch.tensor([1, 0, 1, 1]).to(dtype), torch.tensor([1, 1, 1, 1]).to(dtype)
    (found,) = files.compare({"a.safetensors": {"x": before}}, {"a.safetensors": {"x": after}}).changed
    assert found.change == pytest.approx(1 / 3**0.5)


@pytest.mark.parametrize(
    ("before", "after"), [([0.0, 0.0], [1.0, 0.0]), ([1.0, 1.0], [float("nan"), 1.0]), ([1.0], [float("inf")])]
)
def test_a_change_that_is_no_number_is_none(files: Files, before: list[float], after: list[float]) -> None:
    old, new = {"x": torch.tensor(before)}, {"x": torch.tensor(after)}
    (found,) = files.compare({"a.safetensors": old}, {"a.safetensors": new}).changed
    assert found.change is None


@settings(max_examples=50)
@given(st.lists(st.floats(-1e3, 1e3, width=32), min_size=1, max_size=6), st.floats(0.125, 8, width=32))
def test_the_change_is_the_relative_norm(values: list[float], factor: float) -> None:
    before = torch.tensor(values)
    after = before * factor
    with tempfile.TemporaryDirectory() as folder:
        found = Files(Path(folder)).compare({"a.safetensors": {"x": before}}, {"b.safetensors": {"x": after}})
    if torch.equal(before, after):
        assert found.changed == ()
    else:
        assert found.changed[0].change == pytest.approx(abs(factor - 1), rel=1e-4, abs=1e-6)


def test_a_file_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.safetensors").write_bytes(b"no tensors")
    fetch: Callable[[File], Path] = lambda file: tmp_path / file.path  # noqa: E731
    with pytest.raises(IntegrityError, match=r"a\.safetensors"):
        compare([describe(tmp_path / "a.safetensors", "a.safetensors")], [], fetch)
