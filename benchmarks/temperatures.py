"""The claim: half a mistake beside the rows is what a temperature from few rows lacks.

``python -m benchmarks.temperatures`` draws outputs whose softmax is the probability of each label, distorts them by
a temperature, and lets each way find it from some rows: by the rows alone, with half a mistake or a whole one for which
the second most likely label was right, and with a row whose label is any. It prints how much more log loss than the
true temperature's each has on rows that it has not seen, in thousandths of a nat, means over 40 draws.
"""

import math
from collections.abc import Mapping

import numpy as np
from scipy.optimize import minimize_scalar

from headstart.arrays import Outputs, Targets, softmax
from headstart.evaluation.calibration import log_losses, temperature

DRAWS, UNSEEN = 40, 4000
TASKS = ((2, 2.0), (2, 8.0), (4, 3.0), (4, 8.0), (10, 4.0), (10, 8.0), (77, 5.0), (77, 10.0))
"""Numbers of labels, and the spread of the outputs."""
SIZES = (20, 60, 200, 1000)


def main() -> None:
    """Measure and print."""
    ways = list(_found(np.zeros((2, 2)), np.zeros(2, dtype=np.int64)))
    print(f"| labels | right | rows | {' | '.join(ways)} |\n|{'---|' * (3 + len(ways))}")
    generator = np.random.default_rng(0)
    for labels, spread in TASKS:
        for rows in SIZES:
            losses: dict[str, list[float]] = {way: [] for way in ways}
            right = []
            for _ in range(DRAWS):
                true, targets = _drawn(generator, rows + UNSEEN, labels, spread)
                distorted = true * math.exp(generator.uniform(-1, 1))
                least = log_losses(true[rows:], targets[rows:]).mean()
                right.append((true.argmax(axis=1) == targets).mean())
                for way, scale in _found(distorted[:rows], targets[:rows]).items():
                    found = log_losses(distorted[rows:] / scale, targets[rows:]).mean()
                    losses[way].append(1000 * (found - least))
            means = " | ".join(f"{np.mean(each):.1f}" for each in losses.values())
            print(f"| {labels} | {np.mean(right):.2f} | {rows} | {means} |", flush=True)


def _drawn(generator: np.random.Generator, rows: int, labels: int, spread: float) -> tuple[Outputs, Targets]:
    outputs = generator.normal(size=(rows, labels), scale=spread)
    drawn = (softmax(outputs).cumsum(axis=1) < generator.random((rows, 1))).sum(axis=1)
    return outputs, np.minimum(drawn, labels - 1)


def _found(outputs: Outputs, targets: Targets) -> Mapping[str, float]:
    second = np.eye(outputs.shape[1])[np.argsort(outputs, axis=1)[:, -2]]
    anything = np.full(outputs.shape, 1 / outputs.shape[1])
    return {
        "rows alone": _least(outputs, targets, second, 0.0),
        "half a mistake (Headstart)": temperature(outputs, targets),
        "a mistake": _least(outputs, targets, second, 1.0),
        "a row of any label": _least(outputs, targets, anything, 1.0),
    }


def _least(outputs: Outputs, targets: Targets, also: Outputs, weight: float) -> float:
    """The temperature of the least loss, where shares ``also`` of each row's labels count ``weight`` rows in all."""

    def loss(log: float) -> float:
        probabilities = np.maximum(softmax(outputs / math.exp(log)), 1e-300)
        more = -(also * np.log(probabilities)).sum(axis=1).mean()
        return float(log_losses(outputs / math.exp(log), targets).sum() + weight * more)

    return math.exp(minimize_scalar(loss, bounds=(-6, 6), method="bounded").x)


if __name__ == "__main__":
    main()
