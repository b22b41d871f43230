"""How the training went: scores, losses, rates and speed over the epochs, and what it took beside what was foretold."""

from collections.abc import Iterator
from statistics import fmean

from headstart.evaluation.one_error import as_good
from headstart.evidence import Evidence
from headstart.model import Model
from headstart.report import plots
from headstart.report.templates import said, sentence, size
from headstart.spec import ComputeSpec
from headstart.training.forecast import Forecast, duration, span
from headstart.training.history import Spent
from headstart.training.strategy import STRATEGIES


def drawn(evidence: Evidence) -> list[plots.Lines]:
    """Scores, losses, learning rates and speed over the epochs; nothing where nothing was trained."""
    model, dataset = evidence.model, evidence.dataset
    if not model.history:
        return []
    epochs = [(float(number), epoch) for number, epoch in enumerate(model.history, start=1)]
    kept = (float(model.kept_epoch), model.history[model.kept_epoch - 1])
    best = max(epoch.score for epoch in model.history)
    scores = {"validation": [(number, epoch.score) for number, epoch in epochs]}
    losses = {
        "validation": [(number, epoch.log_loss) for number, epoch in epochs],
        "training": [(number, epoch.train_loss) for number, epoch in epochs],
    }
    return [
        plots.lines(
            scores,
            f"{sentence(said(evidence.decision.gate.metric))[:-1]} on {dataset.rows('validation')} validation rows",
            "epoch",
            ("validation", kept[0], kept[1].score, "kept"),
            as_good(best, dataset.rows("validation")),
        ),
        plots.lines(losses, "Loss (nats a row)", "epoch", ("validation", kept[0], kept[1].log_loss, "kept")),
        *(_paces(model, model.spent) if model.spent else ()),
    ]


def _paces(model: Model, spent: Spent) -> Iterator[plots.Lines]:
    paces = [(float(number), pace) for number, pace in enumerate(spent.epochs, start=1)]
    strategy = next(each for name, each in STRATEGIES.items() if name == model.strategy)
    peaks = {"highest block": strategy.rate, "head": strategy.head_rate}
    if strategy.rate == strategy.head_rate:
        peaks = {"highest block and head": strategy.rate}
    rates = {name: [(number, pace.rate * peak) for number, pace in paces] for name, peak in peaks.items()}
    yield plots.lines(rates, "Learning rate, mean of the epoch", "epoch")
    speeds = {"rows": [(number, pace.rows_per_second) for number, pace in paces]}
    yield plots.lines(speeds, "Training rows a second", "epoch")


def costs(model: Model, compute: ComputeSpec) -> list[str]:
    """What the training took, and what it was said to take, each a sentence."""
    if model.spent is None:
        return []
    return [_took(model.spent, compute), *([_foretold(model.forecast, model.spent, compute)] if model.forecast else [])]


def _took(spent: Spent, compute: ComputeSpec) -> str:
    count, seconds = len(spent.epochs), spent.seconds
    tokens = sum(epoch.tokens_per_second for epoch in spent.epochs) / count
    epochs, workers = (
        f"{each} {what}{'s' * (each > 1)}" for each, what in ((count, "epoch"), (spent.workers, "worker"))
    )
    took = f"{epochs} took {duration(seconds)}{_money(compute, spent, seconds)} on {workers} ({spent.device})"
    shares = [epoch.busy for epoch in spent.epochs if epoch.busy is not None]
    busy = f"; the accelerator was busy {fmean(shares):.0%} of the time" if shares else ""
    speed = f"{duration(seconds / count)} each, at {tokens:.0f} tokens a second"
    return f"{took}, {speed}; memory {size(spent.memory)}{busy}."


def _foretold(forecast: Forecast, spent: Spent, compute: ComputeSpec) -> str:
    (quick, _, slow), (low, high) = forecast.epoch, forecast.seconds
    fewer = f"{forecast.least} to " if forecast.least < forecast.most else ""
    epochs = f"{fewer}{forecast.most} epoch{'s' * (forecast.most > 1)}"
    whole = f"so {span(low, high)}{_money(compute, spent, high, 'at most ')} in all"
    tried = f"Foretold from {forecast.steps} steps: {span(quick, slow)} an epoch"
    return f"{tried}, {epochs} and {whole}; memory {size(forecast.memory)}."


def _money(compute: ComputeSpec, spent: Spent, seconds: float, how: str = "") -> str:
    if compute.price_per_hour is None:
        return ""
    return f" (cost: {how}{seconds / 3600 * compute.price_per_hour * spent.workers:.2g})"
