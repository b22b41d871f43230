"""A worker's rows: the same as read at once, each file's tokens made by one worker, and no memory for the texts."""

import threading
import warnings
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from headstart.backbone import Backbone, ingest
from headstart.backbone_source import locate
from headstart.compute import Alone, InlineCompute
from headstart.context import Context
from headstart.dataset import Dataset
from headstart.encoder import Tokenizer, pad
from headstart.spec import Spec
from headstart.steps import import_labels
from headstart.training import batches, exchange, tokens
from headstart.workspace import Workspace
from tests.support import tiny

pytestmark = pytest.mark.slow

FILES = 3


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace.open(str(tmp_path / "work"))


@pytest.fixture
def backbone(workspace: Workspace, tiny_backbone: Path) -> Backbone:
    return ingest(locate(str(tiny_backbone)), workspace)


@pytest.fixture
def dataset(workspace: Workspace, tiny_export: Path, tmp_path: Path) -> Dataset:
    """A data set whose training rows are in several files, in the order of their ids."""
    spec = Spec.model_validate({"name": "x", "data": str(tiny_export), "workspace": workspace.uri})
    whole = import_labels(spec, Context(workspace, InlineCompute()))
    table = whole.table(workspace, "train")
    files = [file for file in whole.files if not file.path.startswith("train-")]
    for number, part in enumerate(np.array_split(np.arange(len(table)), FILES)):
        path = tmp_path / f"{number}.parquet"
        pq.write_table(table.take(pa.array(part)), path)
        files.append(workspace.blobs.add(path, f"train-{number:05d}-of-{FILES:05d}.parquet"))
    return whole.model_copy(update={"files": tuple(files)})


def test_rows_are_those_that_are_read_at_once(
    workspace: Workspace, dataset: Dataset, backbone: Backbone, tiny_backbone: Path
) -> None:
    tokenizer = Tokenizer(tiny_backbone, backbone.max_tokens)
    found = tokens.examples(dataset, "train", backbone, tokenizer, workspace, Alone())
    rows = dataset.read(workspace, "train")
    assert [list(each) for each in found.tokens] == tokenizer(rows.texts)
    assert list(found.ids) == list(rows.ids)
    assert found.ids[-1:] == list(rows.ids[-1:])
    np.testing.assert_array_equal(found.targets, rows.targets)
    np.testing.assert_array_equal(batches.lengths_of(found.tokens), [len(each) for each in tokenizer(rows.texts)])
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # torch would warn of memory that must not be written
        padded, _ = pad(found.tokens[3:5])
    assert padded[0, : len(found.tokens[3])].tolist() == list(found.tokens[3])


class Share(Alone):
    def __init__(self, rank: int, world: int) -> None:
        super().__init__()
        self.rank, self.world = rank, world


class Counting(Tokenizer):
    """A tokenizer that counts what it is given."""

    def __call__(self, texts: object) -> list[list[int]]:
        self.seen = getattr(self, "seen", 0) + len(texts)  # type: ignore[arg-type]
        return super().__call__(texts)  # type: ignore[arg-type]


def test_a_worker_reads_the_texts_of_its_share_alone_and_a_second_training_none(
    workspace: Workspace, dataset: Dataset, backbone: Backbone, tiny_backbone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    together = threading.Barrier(2)
    monkeypatch.setattr(exchange, "wait", lambda peers: together.wait())
    tokenizers = [Counting(tiny_backbone, backbone.max_tokens) for _ in range(2)]
    found: dict[int, list[list[int]]] = {}

    def work(rank: int) -> None:
        rows = tokens.examples(dataset, "train", backbone, tokenizers[rank], workspace, Share(rank, 2))
        found[rank] = [list(each) for each in rows.tokens]

    def both() -> None:
        threads = [threading.Thread(target=work, args=(rank,)) for rank in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    both()
    assert found[0] == found[1]
    rows = dataset.rows("train")
    sizes = [len(part) for part in np.array_split(np.arange(rows), FILES)]
    assert [each.seen for each in tokenizers] == [sizes[0] + sizes[2], sizes[1]]
    both()
    assert sum(each.seen for each in tokenizers) == rows, "what is there is not made again"


def anonymous() -> int:
    """The bytes that this process holds and that are not of a file."""
    (line,) = (line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("RssAnon"))
    return int(line.split()[1]) * 1024


@pytest.fixture
def large(workspace: Workspace, dataset: Dataset, tmp_path: Path) -> Dataset:
    """The data set with 60 000 training rows, of some 17 tokens each, in one file."""
    ids = pa.array([number.to_bytes(32) for number in range(60_000)], pa.binary(32))
    texts = [" ".join(text for text, _ in tiny.texts(2, seed=number % 50)) for number in range(len(ids))]
    labels = [dataset.labels[number % 3] for number in range(len(ids))]
    path = tmp_path / "large.parquet"
    pq.write_table(pa.table({"id": ids, "text": texts, "label": labels}), path, row_group_size=10_000)
    return dataset.model_copy(update={"files": (workspace.blobs.add(path, "train-00000-of-00001.parquet"),)})


def test_texts_and_tokens_take_no_memory_of_their_own(
    workspace: Workspace, large: Dataset, backbone: Backbone, tiny_backbone: Path
) -> None:
    tokenizer = Tokenizer(tiny_backbone, backbone.max_tokens)
    tokens.examples(large, "train", backbone, tokenizer, workspace, Alone())
    before = anonymous()
    found = tokens.examples(large, "train", backbone, tokenizer, workspace, Alone())
    total = sum(int(each[-1]) for each in found.tokens)
    assert total > 0
    held = anonymous() - before
    # Two numbers a row, length and target; the lists that a tokenizer gives would take thirty times as much.
    assert held < 60_000 * 16 + 2**23
