"""A split as a worker has it: tokens in files that it maps into memory, and of the texts only its share is ever read.

Each Parquet file of a data set has a file of tokens in the workspace, in Arrow's format, by the digest of its bytes
and of what makes tokens of texts. A worker writes those of its share of the files, if nobody did before, and maps all.
So the memory of a worker does not grow with the texts, the workers of a machine share what they map, and another
training on the same rows finds it.
"""

import tempfile
from collections.abc import Iterator, Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any, cast, overload

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from headstart.backbone import Backbone
from headstart.blobs import File
from headstart.compute import Peers
from headstart.dataset import Dataset
from headstart.digest import digest_of
from headstart.encoder import Tokenizer
from headstart.spec import Split
from headstart.tasks import get_task
from headstart.training import exchange
from headstart.training.loop import Examples
from headstart.workspace import Workspace

_REVISION = 1  # raise it when the files change, so that old ones are not taken for new ones
_TEXTS_AT_ONCE = 2048
_TYPE = pa.list_(pa.int32())


class Tokens(Sequence[Sequence[int]]):
    """The token ids of every row, in mapped files one after the other.

    Args:
        paths: Arrow files with a column of lists of token ids, int32.
    """

    def __init__(self, paths: Sequence[Path]) -> None:
        columns = [pa.ipc.open_file(pa.memory_map(str(path))).read_all()["tokens"] for path in paths]
        chunks = [chunk for column in columns for chunk in column.chunks if len(chunk)]
        self._values = [chunk.values.to_numpy() for chunk in chunks]
        self._ends = [chunk.offsets.to_numpy() for chunk in chunks]
        self._firsts = np.array([0, *accumulate(map(len, chunks))])
        self.lengths = np.concatenate([np.diff(ends) for ends in self._ends]).astype(np.intp)

    def __len__(self) -> int:
        return int(self._firsts[-1])

    @overload
    def __getitem__(self, row: int) -> Sequence[int]: ...
    @overload
    def __getitem__(self, row: slice) -> Sequence[Sequence[int]]: ...
    def __getitem__(self, row: Any) -> Any:
        if isinstance(row, slice):
            return [self[each] for each in range(len(self))[row]]
        chunk = int(np.searchsorted(self._firsts, row, side="right")) - 1
        ends, place = self._ends[chunk], row - self._firsts[chunk]
        return self._values[chunk][ends[place] : ends[place + 1]]


class Ids(Sequence[str]):
    """The ids of the rows of Parquet files, read where one is asked for: only errors do.

    Args:
        paths: The files.
    """

    def __init__(self, paths: Sequence[Path]) -> None:
        self._paths = paths
        self._firsts = np.array([0, *accumulate(pq.read_metadata(path).num_rows for path in paths)])

    def __len__(self) -> int:
        return int(self._firsts[-1])

    @overload
    def __getitem__(self, row: int) -> str: ...
    @overload
    def __getitem__(self, row: slice) -> Sequence[str]: ...
    def __getitem__(self, row: Any) -> Any:
        if isinstance(row, slice):
            return [self[each] for each in range(len(self))[row]]
        number = int(np.searchsorted(self._firsts, row, side="right")) - 1
        ids = pq.read_table(self._paths[number], columns=["id"])["id"]
        return cast("bytes", ids[int(row - self._firsts[number])].as_py()).hex()


def examples(
    dataset: Dataset, split: Split, backbone: Backbone, tokenizer: Tokenizer, workspace: Workspace, peers: Peers
) -> Examples:
    """The rows of a split, by id; every worker asks for the same ones at the same time.

    Raises:
        IntegrityError: A file is missing or damaged.
    """
    files = dataset.files_of(split)
    for file in files[peers.rank :: peers.world]:
        if workspace.store.get(_key(file, backbone)) is None:
            _write(file, backbone, tokenizer, workspace)
    exchange.wait(peers)
    made = [File.model_validate_json(workspace.store.get(_key(file, backbone)) or b"") for file in files]
    paths = [workspace.blobs.fetch(file) for file in files]
    task = get_task(dataset.task)
    targets = [
        task.encode(pq.read_table(path, columns=["label"])["label"].to_pylist(), dataset.labels) for path in paths
    ]
    return Examples(Tokens([workspace.blobs.fetch(each) for each in made]), np.concatenate(targets), Ids(paths))


def _key(file: File, backbone: Backbone) -> str:
    return f"tokens/{digest_of([file.sha256, backbone.identity, backbone.max_tokens, _REVISION])}.json"


def _write(file: File, backbone: Backbone, tokenizer: Tokenizer, workspace: Workspace) -> None:
    """Leave the tokens of a file's texts in the workspace."""
    schema = pa.schema([("tokens", _TYPE)])
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "tokens.arrow"
        with pa.ipc.new_file(path, schema) as stream:
            for texts in _texts(workspace.blobs.fetch(file)):
                stream.write_batch(pa.record_batch([_listed(tokenizer(texts))], schema=schema))
        blob = workspace.blobs.add(path, "tokens.arrow")
    workspace.store.put(_key(file, backbone), blob.model_dump_json().encode())


def _texts(path: Path) -> Iterator[list[str]]:
    with pq.ParquetFile(path) as parquet:
        for batch in parquet.iter_batches(_TEXTS_AT_ONCE, columns=["text"]):
            yield batch.column(0).to_pylist()


def _listed(rows: Sequence[Sequence[int]]) -> pa.ListArray:
    ends: npt.NDArray[np.int32] = np.array([0, *accumulate(map(len, rows))], dtype=np.int32)
    values = np.fromiter((token for row in rows for token in row), dtype=np.int32, count=int(ends[-1]))
    return pa.ListArray.from_arrays(pa.array(ends), pa.array(values))
