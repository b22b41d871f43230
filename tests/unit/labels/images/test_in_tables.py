"""Images that stand in the cells of a table."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from headstart.labels.records import Record, Reject
from tests.support.labeled_images import read, source
from tests.support.pictures import picture, square_bomb


def reasons(path: Path, cells: list[Any]) -> list[str]:
    """Why each row is rejected, or nothing where it is a record with its image."""
    labels = ["cat"] * len(cells)
    pq.write_table(pa.table({"image": cells, "label": labels}), path)
    found = read(source(path), "parquet", task="image-classification")
    assert all(each.image == picture() for each in found if isinstance(each, Record))
    return [each.reason if isinstance(each, Reject) else "" for each in found]


@pytest.mark.parametrize("data", [b"", b"no image", picture()[:-20], picture(form="EPS"), square_bomb(8_000)])
def test_bytes_in_a_cell_must_be_an_image(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "rows.parquet"
    assert reasons(path, [picture(), data]) == ["", "unreadable-image"]
    cells = [{"bytes": picture(), "path": "1.png"}, {"bytes": data, "path": "2.png"}]
    assert reasons(path, cells) == ["", "unreadable-image"]
