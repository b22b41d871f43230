"""Scoring: every text is answered once, and what was answered is not answered again."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from headstart.compute import InlineCompute, Report, Shared
from headstart.errors import ComputeError, HeadstartError
from headstart.registry import Registry
from headstart.scoring import score
from headstart.scoring.part import Part
from tests.support import tiny
from tests.support.inline import run_inline, spec_for


class Counting(InlineCompute):
    """Counts the parts that are computed, and fails after some of them."""

    def __init__(self, most: int = 1000) -> None:
        self.most = most
        self.keys: list[str] = []

    def map(self, function: Callable[..., Any], items: Sequence[Any], shared: Shared, report: Report) -> list[Any]:
        def counted(item: Any, given: Shared) -> Any:
            if len(self.keys) == self.most:
                raise ComputeError("compute/failed", "the machine is gone.", remedy="Try again.")
            if isinstance(item, Part):
                self.keys.append(item.key)
            return function(item, given)

        return super().map(counted, items, shared, report)


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory, tiny_backbone: Path, tiny_export: Path) -> str:
    spec = spec_for(tmp_path_factory.mktemp("scored"), tiny_backbone, tiny_export, tune={"strategy": "head"})
    run_inline(spec)
    return spec.registry.uri


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Texts in three files of three formats."""
    texts = [text for text, _ in tiny.texts(rows=25, seed=3)]
    folder = tmp_path / "inbox"
    folder.mkdir()
    (folder / "a.csv").write_text("\n".join(["text", *texts[:12]]) + "\n")
    (folder / "b.jsonl").write_text("".join(json.dumps({"text": text}) + "\n" for text in texts[12:15]))
    pq.write_table(pa.table({"text": texts[15:]}), folder / "c.parquet")
    return folder


def test_every_text_of_every_file_has_the_answer_that_predict_gives(
    registry: str, folder: Path, tmp_path: Path
) -> None:
    scores = score("messages@champion", str(folder), str(tmp_path / "out"), registry, InlineCompute(), part_rows=5)
    assert len(scores.parts) == 3 + 1 + 2
    rows = [row for part in scores.parts for row in pq.read_table(Path(scores.out) / part).to_pylist()]
    assert [row["text"] for row in rows] == [text for text, _ in tiny.texts(rows=25, seed=3)]
    assert [(row["source"], row["row"]) for row in rows[10:14]] == [
        ("a.csv", 11),
        ("a.csv", 12),
        ("b.jsonl", 1),
        ("b.jsonl", 2),
    ]
    expected = Registry(registry).load("messages@champion").predict([row["text"] for row in rows])
    assert [row["label"] for row in rows] == [each.label for each in expected]
    assert [row["probability"] for row in rows] == pytest.approx([each.probability for each in expected], abs=1e-5)
    assert scores.rows == sum(scores.labels.values()) == 25
    assert json.loads((Path(scores.out) / "_scores.json").read_bytes()) == scores.said()


def test_a_scoring_that_broke_off_goes_on_with_the_parts_that_are_missing(
    registry: str, folder: Path, tmp_path: Path
) -> None:
    broken, second = Counting(most=4), Counting()
    arguments = ("messages@champion", str(folder), str(tmp_path / "out"), registry)
    with pytest.raises(ComputeError):
        score(*arguments, broken, part_rows=5)
    assert not list(tmp_path.glob("out/*/_scores.json"))
    scores = score(*arguments, second, part_rows=5)
    assert (len(broken.keys), len(second.keys)) == (4, 2)
    assert not set(broken.keys) & set(second.keys)
    whole = score("messages@champion", str(folder), str(tmp_path / "other"), registry, InlineCompute(), part_rows=5)
    assert (scores.labels, scores.parts) == (whole.labels, whole.parts)


def test_a_part_that_is_damaged_is_made_again(registry: str, folder: Path, tmp_path: Path) -> None:
    arguments = ("messages@champion", str(folder), str(tmp_path / "out"), registry)
    first = score(*arguments, InlineCompute(), part_rows=5)
    (Path(first.out) / first.parts[2]).write_bytes(b"PAR1 no longer")
    counting = Counting()
    assert score(*arguments, counting, part_rows=5) == first
    assert counting.keys == [first.parts[2]]


def test_other_texts_and_other_versions_have_a_folder_of_their_own(registry: str, folder: Path, tmp_path: Path) -> None:
    arguments = ("messages@1", str(folder), str(tmp_path / "out"), registry)
    first = score(*arguments, InlineCompute())
    (folder / "d.csv").write_text("text\nwhere is my parcel\n")
    second = score(*arguments, InlineCompute())
    assert first.out != second.out
    assert second.rows == first.rows + 1


@pytest.mark.parametrize(
    ("reference", "source", "code"),
    [("messages@nobody", "inbox", "registry/not-found"), ("messages@1", "nowhere", "data/not-found")],
)
def test_what_is_not_there_is_one_clear_error_and_writes_nothing(
    registry: str, folder: Path, tmp_path: Path, reference: str, source: str, code: str
) -> None:
    with pytest.raises(HeadstartError) as caught:
        score(reference, str(tmp_path / source), str(tmp_path / "out"), registry, InlineCompute())
    assert caught.value.code == code
    assert not (tmp_path / "out").exists()
