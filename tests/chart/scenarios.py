"""The scenarios of the chart, by name: values that people have, from its folder ci/."""

from pathlib import Path

import yaml

CI = Path(__file__).parents[2] / "charts" / "headstart" / "ci"
SCENARIOS = {"nothing": {}} | {
    path.name.removesuffix("-values.yaml"): yaml.safe_load(path.read_text())
    for path in sorted(CI.glob("*-values.yaml"))
}
