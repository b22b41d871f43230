"""Which task the records are for, where the spec leaves it open: told from what annotators gave, and said."""

from typing import NamedTuple

from headstart.labels.records import Kind
from headstart.spec import TaskName

_SEVERAL = 0.01  # the least share of labeled records with several labels for which a record may have several


class Seen(NamedTuple):
    """What the records are: the kind of votes, what else they hold, how many are labeled, and how many severally."""

    kind: Kind
    pairs: bool
    images: bool
    labeled: int
    several: int


def task_of(seen: Seen) -> tuple[TaskName, str]:
    """The task, and why it is that one."""
    if seen.kind == "spans":
        return "token-classification", "labels are parts of the text"
    if seen.kind == "number":
        if seen.pairs:
            return "pair-regression", "labels are numbers and texts are pairs"
        return "regression", "labels are numbers"
    if seen.several > _SEVERAL * seen.labeled:
        return "multi-label", f"{seen.several} of {seen.labeled} labeled records have several labels"
    told = (
        "labels are names" if not seen.several else f"only {seen.several} of {seen.labeled} records have several labels"
    )
    return ("image-classification", f"{told}, of images") if seen.images else ("text-classification", told)


def lack_of(wanted: TaskName, pairs: bool, images: bool) -> str:
    """What speaks against a task: that no record has a second text or an image, or that some have one; or nothing."""
    if wanted == "image-classification" and not images:
        return "no record has an image"
    if wanted == "text-classification" and images:
        return "the records are images"
    if wanted == "pair-regression" and not pairs:
        return "no record has a second text"
    return ""
