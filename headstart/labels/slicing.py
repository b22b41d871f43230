"""Fields of the export that tell test rows apart: read once the rows are known, and kept beside the dataset.

Every format's reader knows how to look up a field by which rows are grouped. So the files are read once more for each
field, as if rows were grouped by it, and what a record says there goes to the row of the same content.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import pyarrow as pa

from headstart.errors import DataError
from headstart.labels.gathering import gather
from headstart.labels.reconciling.index import Index
from headstart.labels.reconciling.rejects import Rejects
from headstart.labels.sources.files import SourceFile
from headstart.spec import DataSpec, TaskName


def fields_of(
    names: Sequence[str],
    rows: pa.FixedSizeBinaryArray,
    data: DataSpec,
    task: TaskName | Literal["auto"],
    files: Sequence[SourceFile],
    folder: Path,
) -> pa.Table:
    """What the export says of rows in some fields; of records with the same content, the first that says anything.

    Args:
        names: The fields.
        rows: The ids of the rows.
        data: What the spec says of the data.
        task: What the records are for.
        files: The export.
        folder: Where records may be kept for the time.

    Returns:
        A column of strings for each field, null where the export says nothing, in the order of the rows.

    Raises:
        DataError: There is no such field.
    """
    place = {each: number for number, each in enumerate(rows.to_pylist())}
    columns: dict[str, list[str | None]] = {}
    for number, name in enumerate(names):
        found: list[str | None] = [None] * len(rows)
        asked = data.model_copy(update={"split": data.split.model_copy(update={"group_by": name})})
        with Rejects(folder / f"field-{number}.jsonl") as rejects:
            try:
                gathered = gather(asked, task, files, folder / f"field-{number}.arrow", rejects)
            except DataError as error:
                if error.code != "data/unknown-field":
                    raise
                problem = f"gate.slices: {error.problem}"
                raise DataError(error.code, problem, remedy=error.remedy, where=error.where) from None
        start = 0
        for block in gathered.spool.blocks():
            ids = _ids(gathered.index, start, start + len(block))
            for each, value in zip(ids, block["group"].to_pylist(), strict=True):
                row = place.get(each)
                if row is not None and value is not None and found[row] is None:
                    found[row] = value
            start += len(block)
        columns[name] = found
    return pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()})


def _ids(index: Index, start: int, end: int) -> list[bytes]:
    return [each.tobytes() for each in index.ids[start:end]]
