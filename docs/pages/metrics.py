"""The page on metrics: the table of them."""

from docs.pages.markdown import table
from headstart.monitoring.families import FAMILIES


def lines() -> list[str]:
    """Every metric."""
    rows = [
        (f"`{name}`", each.type, ", ".join(f"`{label}`" for label in each.labels), each.help)
        for name, each in FAMILIES.items()
    ]
    return [
        "# Metrics",
        "",
        "What [`headstart metrics`](cli.md#headstart-metrics) tells; the",
        "[guide](../guides/monitoring.md) says what to make of it.",
        "",
        *table(["metric", "type", "labels", "meaning"], rows),
    ]
