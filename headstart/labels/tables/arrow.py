"""Arrow tables, as files or as streams: what Hugging Face datasets keeps on disk, and Feather."""

import contextlib
from collections.abc import Iterator, Sequence

import pyarrow as pa

from headstart.labels.records import Ask, Reading
from headstart.labels.sources.files import SourceFile
from headstart.labels.tables import columnar

_MAGIC = b"ARROW1"
_STREAM = b"\xff\xff\xff\xff"  # what each message of a stream begins with
_KIND = "Arrow"


def recognise(file: SourceFile) -> str | None:
    """A file that starts with Arrow's magic bytes, or as a stream of its messages does."""
    start = file.start(len(_MAGIC))
    if start == _MAGIC:
        return "it starts with Arrow's magic bytes"
    return "it starts as an Arrow stream" if start.startswith(_STREAM) else None


def read(file: SourceFile, ask: Ask) -> Reading:
    """Every row."""
    with columnar.failing(file, _KIND), _opened(file) as reader:
        schema = reader.schema
    return columnar.reading(schema, lambda columns: _batches(file, columns), file, ask, _KIND)


@contextlib.contextmanager
def _opened(file: SourceFile) -> Iterator[pa.RecordBatchFileReader | pa.RecordBatchStreamReader]:
    open_ = pa.ipc.open_file if file.start(len(_MAGIC)) == _MAGIC else pa.ipc.open_stream
    with pa.OSFile(str(file.path)) as source, open_(source) as reader:
        yield reader


def _batches(file: SourceFile, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
    with _opened(file) as reader:
        is_file = isinstance(reader, pa.RecordBatchFileReader)
        batches = (reader.get_batch(number) for number in range(reader.num_record_batches)) if is_file else reader
        for batch in batches:
            wanted = batch.select(list(columns))
            wanted.validate(full=True)
            yield wanted
