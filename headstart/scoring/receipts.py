"""What scorings have left behind, found again below the place that they were told to write to."""

import re

from pydantic import ValidationError

from headstart.scoring.scores import RECEIPT, Scores
from headstart.store import open_store


def last_scoring(out: str, name: str, since: float) -> Scores | None:
    """The account of the newest scoring of any version of a model, if there is one that is new enough.

    Args:
        out: Where scorings go.
        name: The model's name.
        since: Since when, in seconds by the clock of the store.

    Raises:
        StoreError: The place cannot be reached.
    """
    store = open_store(out)
    receipt = re.compile(rf"{re.escape(name)}-[0-9]+-[0-9a-f]{{12}}/{re.escape(RECEIPT)}")
    found = [each for each in store.list(f"{name}-") if receipt.fullmatch(each.key) and each.modified >= since]
    if not found:
        return None
    newest = max(found, key=lambda each: (each.modified, each.key))
    try:
        return Scores.model_validate_json(store.get(newest.key) or b"")
    except ValidationError:  # of an older Headstart, or damaged: no evidence of anything
        return None
