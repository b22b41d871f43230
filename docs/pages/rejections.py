"""The page on rejections: each reason for which a record becomes no row."""

from docs.pages.markdown import table
from headstart.labels.reasons import REASONS


def lines() -> list[str]:
    """Every reason."""
    return [
        "# Why a record is rejected",
        "",
        "A record that becomes no row keeps one of these reasons: in the account of the import, in its report, and in",
        "`rejected.jsonl`. The names are stable. [Label exports](../guides/labels.md) says how to mend such records.",
        "",
        *table(["reason", "meaning"], [(f"`{name}`", meaning) for name, meaning in REASONS.items()]),
    ]
