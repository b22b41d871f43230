"""The guide to monitoring names metrics that there are, with labels that they have."""

import re
from pathlib import Path

from headstart.monitoring.families import FAMILIES

GUIDE = (Path(__file__).parents[2] / "docs/guides/monitoring.md").read_text()


def test_every_metric_of_the_guide_is_one() -> None:
    named = re.findall(r"(headstart_\w+)(?:\{(\w+)=)?", GUIDE)
    known = {name: label for name, label in named if name != "headstart_run"}  # which is a tag of OpenLineage's
    assert len(known) > 6
    assert known.keys() <= FAMILIES.keys()
    assert all(not label or label in FAMILIES[name].labels for name, label in named if name in FAMILIES)
