"""Settings from a tree-structured Parzen estimator (Bergstra et al. 2011), by Optuna."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from headstart.heads import Setting
from headstart.search.candidate import Candidate
from headstart.search.space import Range, Space, ranges
from headstart.spec import HeadFamily
from headstart.views import View

if TYPE_CHECKING:
    import optuna


def suggest(space: Space, tried: Sequence[Candidate], count: int, seed: int) -> list[tuple[View, HeadFamily, Setting]]:
    """Settings to try next; the same history and seed give the same ones."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    # Suggestions of one round do not know each other's scores: the liar keeps them apart.
    sampler = optuna.samplers.TPESampler(seed=seed + len(tried), constant_liar=True)
    study = optuna.create_study(direction="maximize", sampler=sampler)
    for each in tried:
        if each.complete:
            study.add_trial(_finished(space, each))
    return [_asked(space, study.ask()) for _ in range(count)]


def _asked(space: Space, trial: "optuna.Trial") -> tuple[View, HeadFamily, Setting]:
    view = space.views[trial.suggest_categorical("view", list(range(len(space.views))))]
    family = space.families[trial.suggest_categorical("family", list(range(len(space.families))))]
    setting = {}
    for name, each in ranges(family).items():
        key, distribution = _dimension(family, name, each)
        setting[name] = float(_value(trial, key, distribution))
    return view, family, setting


def _value(trial: "optuna.Trial", key: str, distribution: Any) -> float:
    import optuna

    if isinstance(distribution, optuna.distributions.CategoricalDistribution):
        return float(str(trial.suggest_categorical(key, distribution.choices)))
    if isinstance(distribution, optuna.distributions.IntDistribution):
        return trial.suggest_int(key, distribution.low, distribution.high, log=distribution.log)
    return trial.suggest_float(key, distribution.low, distribution.high, log=distribution.log)


def _finished(space: Space, candidate: Candidate) -> "optuna.trial.FrozenTrial":
    """What was tried before, as Optuna remembers it."""
    import optuna

    distributions: dict[str, Any] = {
        "view": optuna.distributions.CategoricalDistribution(list(range(len(space.views)))),
        "family": optuna.distributions.CategoricalDistribution(list(range(len(space.families)))),
    }
    params: dict[str, Any] = {
        "view": space.views.index(candidate.view),
        "family": space.families.index(candidate.family),
    }
    for name, each in ranges(candidate.family).items():
        key, distribution = _dimension(candidate.family, name, each)
        distributions[key] = distribution
        value = candidate.setting[name]
        params[key] = int(value) if isinstance(distribution, optuna.distributions.IntDistribution) else value
    return optuna.trial.create_trial(params=params, distributions=distributions, value=candidate.score)


def _dimension(family: HeadFamily, name: str, each: Range) -> tuple[str, Any]:
    """A setting as a dimension of its family's own, since settings of one name differ in their ranges."""
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    key = f"{family}.{name}"
    if each.among:
        return key, CategoricalDistribution(each.among)
    if each.whole:
        return key, IntDistribution(int(each.low), int(each.high), log=each.logarithmic)
    return key, FloatDistribution(each.low, each.high, log=each.logarithmic)
