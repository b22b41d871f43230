"""The lineage of a version as a page that needs nothing from outside."""

import json
from typing import Any

from headstart.registry.lineage import Node
from headstart.registry.record import Version
from headstart.report.templates import rendered


def render(version: Version, tree: Node, provenance: dict[str, Any] | None) -> str:
    """The page as HTML; every text from data is escaped.

    Args:
        version: The version.
        tree: Its lineage.
        provenance: Its provenance statement, if it has one.
    """
    return rendered(
        "lineage.html",
        version=version,
        tree=tree,
        spec_json=json.dumps(dict(version.lineage.spec), indent=2, ensure_ascii=False),
        provenance_json=json.dumps(provenance, indent=2, ensure_ascii=False) if provenance else "",
    )
