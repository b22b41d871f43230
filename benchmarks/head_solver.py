"""The claim: a whole path of logistic regressions costs a fraction of a warm-started loop of scikit-learn's fits.

``python -m benchmarks.head_solver banking77 FOLDER`` (or ``sms_spam FOLDER``) fits the same strengths and class weights
on the last layer's features with one thread, and says what share of our time the products with the features take at the
rate of this machine's GEMM: what no solver of the kind could do without.
"""

import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from benchmarks.head_tasks import Task, load, timed
from headstart.arrays import Array, Targets
from headstart.heads import FAMILIES, losses, multinomial
from headstart.search import SEED


def solver(task: Task) -> None:
    """One path of strengths on all training rows, last layer, one thread: both solvers, and the products' share."""
    x, y = task.train[-1], task.train_targets
    settings = FAMILIES["linear"].settings(16)
    strengths = sorted({setting["c"] for setting in settings})
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    with threadpool_limits(1):
        theirs, _ = timed(lambda: [_scikit_path(x, y, strengths, weight) for weight in (None, "balanced")])
        ours, _ = timed(lambda: FAMILIES["linear"].fit(x, y, task.labels, settings, SEED))
        with _counted() as products:
            FAMILIES["linear"].fit(x, y, task.labels, settings, SEED)
        needed = sum(operations / _rate(*shape) for shape, operations in products.items())
    torch.set_num_threads(threads)
    print(
        f"\n| one path, {len(settings)} settings, {len(x)} x {x.shape[1]} x {task.labels} | s | ratio |\n|---|---|---|"
    )
    print(f"| scikit-learn, warm-started, tol=1e-6 | {theirs:.2f} | {theirs / ours:.1f} |")
    print(f"| Headstart | {ours:.2f} | 1.0 |")
    print(f"| its products with the features at GEMM's rate | {needed:.2f} | {needed / ours:.2f} |")


def _scikit_path(x: Array, y: Targets, strengths: Sequence[float], weight: str | None) -> None:
    model = LogisticRegression(max_iter=1000, tol=1e-6, warm_start=True, class_weight=weight)
    for c in strengths:
        model.set_params(C=c).fit(x, y)


@contextmanager
def _counted() -> Iterator[dict[tuple[int, int, int], float]]:
    """The floating-point operations of the solver's products while it runs, by their shape (m, k, n)."""
    found: dict[tuple[int, int, int], float] = {}
    forward, back = multinomial.logits_of, losses.times_columns

    def count(heads: int, columns: torch.Tensor) -> None:
        shape = (heads, columns.shape[1], columns.shape[0])
        found[shape] = found.get(shape, 0.0) + 2.0 * heads * columns.numel()

    def counted_forward(loss: losses.Loss, weights: torch.Tensor) -> torch.Tensor:
        count(weights.shape[0] * weights.shape[1], loss.columns)
        return forward(loss, weights)

    def counted_back(weighted: torch.Tensor, columns: torch.Tensor) -> torch.Tensor:
        count(weighted.shape[0] * weighted.shape[1], columns)
        return back(weighted, columns)

    multinomial.logits_of, losses.times_columns = counted_forward, counted_back
    try:
        yield found
    finally:
        multinomial.logits_of, losses.times_columns = forward, back


def _rate(m: int, k: int, n: int) -> float:
    """Floating-point operations a second of a product of this shape, the best of ten."""
    one, other = torch.randn(m, k), torch.randn(k, n)
    return 2.0 * m * k * n / min(timed(lambda: one @ other)[0] for _ in range(10))


if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    solver(load(*sys.argv[1:]))
