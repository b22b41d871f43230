"""Label Studio's exports as its exporter writes them, made for a test."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

Export = dict[str, Any]


def item(kind: str, value: object, control: str, to: str = "text", **changes: Any) -> Export:
    """A result of an annotation: an answer to a control."""
    return {
        "id": "qd1jIVAq1h",
        "type": kind,
        "value": value,
        "origin": "manual",
        "to_name": to,
        "from_name": control,
    } | changes


def annotation(*results: object, **changes: Any) -> Export:
    """An annotation with these results."""
    return {"id": 1, "was_cancelled": False, "ground_truth": False, "result": list(results)} | changes


def choice(*labels: Any, control: str = "intent", to: str = "text", **changes: Any) -> Export:
    """An annotation that chose the labels in a control."""
    return annotation(item("choices", {"choices": list(labels)}, control, to), **changes)


def span(start: object, end: object, label: object, text: object = None, control: str = "ner") -> Export:
    """A result that marks a part of a text; without the text's characters where they are not saved."""
    value = {"start": start, "end": end, "labels": [label]} | ({} if text is None else {"text": text})
    return item("labels", value, control)


def skip() -> Export:
    """An annotation whose annotator skipped the task."""
    return {"id": 1, "was_cancelled": True, "result": []}


def task(number: object, text: object, *annotations: object, **data: Any) -> Export:
    """A task whose data has a text."""
    return {"id": number, "data": {"text": text} | data, "annotations": list(annotations), "predictions": []}


def tasks(rows: Iterable[tuple[str, str]]) -> list[Export]:
    """Texts with their labels as tasks of one annotation each."""
    return [task(number, text, choice(label)) for number, (text, label) in enumerate(rows, start=1)]


def tasks_file(path: Path, entries: Iterable[object]) -> Path:
    """A JSON export."""
    path.write_text(json.dumps(list(entries)), encoding="utf-8")
    return path


def row(number: object, *, annotation_id: object = 1, annotator: object = "ann@x.org", **fields: Any) -> Export:
    """An entry of a JSON-MIN export: ``fields`` are the data, up to ``controls``, which has the controls' values."""
    controls = fields.pop("controls", {})
    return (
        fields
        | {"id": number}
        | controls
        | {
            "annotator": annotator,
            "annotation_id": annotation_id,
            "created_at": "2024-05-15T12:09:16.789536Z",
            "updated_at": "2024-05-15T12:09:16.789563Z",
            "lead_time": 1.849,
        }
    )
