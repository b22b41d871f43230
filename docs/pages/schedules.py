"""The page on the file of schedules: its models, with their attributes' docstrings."""

from docs.pages import spec
from headstart.schedules.wanted import Schedules


def lines() -> list[str]:
    """Every key."""
    return [
        "# The file of schedules",
        "",
        "What [`headstart schedule apply`](cli.md#headstart-schedule-apply) reads; the",
        "[guide](../guides/schedules.md) has an example.",
        "",
        "## The keys",
        "",
        *spec.section(Schedules, ""),
    ]
