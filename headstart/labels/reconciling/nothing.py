"""The error for an export of which nothing becomes a row: why not, where first, and what to do about it."""

from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from headstart.errors import DataError
from headstart.labels.gathering import Gathered
from headstart.labels.reasons import REASONS, TO_UTF8
from headstart.labels.reconciling.reconcile import Outcome
from headstart.labels.reconciling.rejects import Rejects

_LABEL = "Name the field of the label as data.fields.label (--label), and the task as task (--task)"
_REMEDIES: Mapping[str, str] = MappingProxyType(
    {
        "no-text": "Name the field of the text as data.fields.text (--text); one inside another as message.body.",
        "empty-text": "Name another field of the text as data.fields.text (--text).",
        "no-image": "Put the images beside the export, or say under data.root (--root) what their paths start from.",
        "unreadable-image": "Open one of the images, and export them again.",
        "not-labeled": f"Label some records and export them again, or: {_LABEL}.",
        "skipped": "Label some records, and export them again.",
        "bad-label": f"{_LABEL}; one inside another as answer.name.",
        "several-labels": "Set task (--task) to multi-label, or name another label as data.fields.label (--label).",
        "unknown-label": "Compare data.labels with the labels of the export.",
        "broken-unicode": TO_UTF8,
        "bad-time": "Write times as in 2024-12-31 or 2024-12-31T23:59:59Z, or name another field (--time, in a spec "
        "data.split.time).",
        "unknown-split": "Write train, validation or test there, or rename the field if it says something else.",
        "not-json": "Export it again, or name its format as data.format (--format).",
        "wrong-columns": "Mend the header, which has another number of cells than the rows.",
        "tie": "Have somebody settle the texts on which votes differ, and export them again.",
        "conflict": "Set data.on_conflict (--on-conflict) to majority, or settle the texts on which votes differ.",
    }
)


def no_rows(gathered: Gathered, outcome: Outcome, rejects: Rejects) -> DataError:
    """The error; ``rejects`` has the records that could not be read, ``outcome`` the others."""
    reasons: Counter[str] = rejects.counts + outcome.reasons()
    if not reasons:
        remedy = "Look whether the export is whole, and export it again."
        return DataError("data/no-rows", "there are no records.", remedy=remedy, where=gathered.where)
    told = ", ".join(f"{count} {reason}" for reason, count in reasons.most_common())
    main = reasons.most_common(1)[0][0]
    problem = (
        f"none of {sum(reasons.values())} records became a row ({told}). At {_first(main, gathered, outcome, rejects)}"
    )
    remedy = _REMEDIES.get(main, "Mend the export, or check data.fields.")
    return DataError("data/no-rows", f"{problem}: {REASONS[main]}.", remedy=remedy, where=gathered.where)


def _first(reason: str, gathered: Gathered, outcome: Outcome, rejects: Rejects) -> str:
    """Where the first record stands that was rejected for this reason."""
    if examples := rejects.examples.get(reason):
        return examples[0][0]
    number = next(number for number in range(len(outcome.fate)) if outcome.reason(number) == reason)
    return next(iter(gathered.spool.places(np.array([number], np.intp)).values()))
