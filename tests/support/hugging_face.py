"""Tables as Hugging Face datasets writes them (checked against version 5.2): features in the schema, streams on disk."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

CLASSES = {"names": ["neg", "pos"], "_type": "ClassLabel"}
TAGS = {"feature": {"names": ["O", "B-ORG", "B-PER", "I-PER"], "_type": "ClassLabel"}, "_type": "List"}


def table(features: Mapping[str, Any], **columns: Sequence[Any] | pa.Array) -> pa.Table:
    """A table with these features in its schema."""
    said = json.dumps({"info": {"features": dict(features)}})
    return pa.table(dict(columns)).replace_schema_metadata({"huggingface": said})


def texts_and_classes(*labels: int, text: str = "text") -> pa.Table:
    """Texts of two classes."""
    features = {"text": {"dtype": "string", "_type": "Value"}, "label": CLASSES}
    return table(features, text=[f"{text} {row}" for row in range(len(labels))], label=pa.array(labels, pa.int64()))


def parquet_file(path: Path, content: pa.Table) -> Path:
    """What ``to_parquet`` writes."""
    pq.write_table(content, path)
    return path


def arrow_file(path: Path, content: pa.Table) -> Path:
    """One file of a dataset on disk: a stream of batches."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_stream(sink, content.schema) as writer:
        writer.write_table(content, max_chunksize=1000)
    return path


def on_disk(folder: Path, *shards: pa.Table) -> Path:
    """What ``Dataset.save_to_disk`` writes."""
    count = len(shards)
    names = [f"data-{number:05d}-of-{count:05d}.arrow" for number in range(count)]
    for name, shard in zip(names, shards, strict=True):
        arrow_file(folder / name, shard)
    info = {"citation": "", "description": "", "features": {}, "homepage": "", "license": ""}
    state = {"_data_files": [{"filename": name} for name in names], "_fingerprint": "f0e1a34036a02157", "_split": None}
    (folder / "dataset_info.json").write_text(json.dumps(info, indent=2))
    (folder / "state.json").write_text(json.dumps(state, indent=2))
    return folder


def splits_on_disk(folder: Path, **splits: pa.Table) -> Path:
    """What ``DatasetDict.save_to_disk`` writes."""
    for name, content in splits.items():
        on_disk(folder / name, content)
    (folder / "dataset_dict.json").write_text(json.dumps({"splits": list(splits)}))
    return folder
