"""Why a record cannot become a row: stable names, and what they mean."""

from collections.abc import Mapping
from types import MappingProxyType

REASONS: Mapping[str, str] = MappingProxyType(
    {
        "no-text": "the record has no text field, or its text is not a string",
        "empty-text": "the text is empty",
        "no-image": "the image that the record names is not there, or may not be read",
        "unreadable-image": "the image is damaged, too large, or of no known kind",
        "not-labeled": "nobody labeled it",
        "skipped": "every annotator skipped it",
        "rejected": "the annotator rejected it, which says what is wrong and not what is right",
        "partly-labeled": "of a part of the text nobody said whether it is labeled",
        "several-labels": "several labels where the task takes one",
        "bad-label": "the label is not what the task takes",
        "unknown-label": "the label is not in the vocabulary",
        "bad-span": "a span lies outside the text, is empty, or is about other characters than it says",
        "discontinuous-span": "a span has several parts with other text between them, which tags of tokens cannot say",
        "overlapping-spans": "spans overlap, so that a token would have two labels",
        "split-token": "a span begins or ends inside a token of the export",
        "tie": "annotators disagree and no label has a majority",
        "conflict": "annotators disagree (on_conflict: drop)",
        "leak": "the same text stands in a later split",
        "broken-unicode": "the text or label has bytes that are not UTF-8, or half a character",
        "unknown-split": "its split is none of train, validation, test",
        "bad-time": "the field that orders records holds no time, or one that means another day elsewhere (02/03/2024)",
        "bad-id": "the entry has no id, or shares it with another one, so that nobody knows whose the labels are",
        "wrong-columns": "the row has not as many cells as the header, or as the others",
        "not-json": "the line is not JSON",
        "not-an-object": "the entry is not a JSON object",
        "not-an-annotation": "a line is no standoff annotation",
        "not-a-task": "the entry is not a Label Studio task with data",
    }
)

TO_UTF8 = (
    "Save it as UTF-8; what Windows programs wrote is often Windows-1252: iconv -f WINDOWS-1252 -t UTF-8 OLD > NEW."
)
"""What to do about a file that is not UTF-8."""
