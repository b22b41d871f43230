"""What to try next: the plans, each a pure function from what was tried to the next round of trials.

``staged`` ranks the views in closed form, which is cheap enough to be done on all of them, and spends the iterative
families' time on the best. ``asha`` plans alike, and populations that lag behind are stopped half way (Li et al. 2020,
https://arxiv.org/abs/1810.05934). ``random`` draws from the whole space (Bergstra and Bengio 2012), and ``tpe``
draws where earlier rounds did well (Bergstra et al. 2011).
"""

import bisect
from collections.abc import Sequence

import numpy as np

from headstart.heads import FAMILIES, HALVINGS, Setting
from headstart.search.candidate import Candidate, Trial
from headstart.search.space import Space, ranges
from headstart.spec import HeadFamily, SearchSpec
from headstart.views import View

BEST_VIEWS = 2
ROUNDS = 8
"""Into how many rounds ``tpe`` divides its trials: more learn more, and each costs a start of Ray Tune."""
SEED = 0


def next_trials(spec: SearchSpec, space: Space, number: int, tried: Sequence[Candidate]) -> list[Trial]:
    """The trials of a round, nothing where the search is over.

    Args:
        spec: What the user asked for.
        space: Where to look.
        number: The round, from 0.
        tried: What came of the rounds before.
    """
    if spec.algorithm == "random":
        return _random(spec, space) if number == 0 else []
    if spec.algorithm == "tpe":
        return _estimated(spec, space, number, tried)
    if number == 0:
        return _first(spec, space)
    return _second(spec, space, tried) if number == 1 else []


def _first(spec: SearchSpec, space: Space) -> list[Trial]:
    """The closed forms on every view; without any, the other families.

    Beside other families they get half of the trials, and what those could not make use of.
    """
    share = spec.trials
    if space.closed and space.iterative:
        later = _second_pairs(space.views[:BEST_VIEWS], space)
        share = max(spec.trials // 2, spec.trials - _count(later, spec.trials))
    return _populations([(view, family) for view in space.views for family in space.closed or space.iterative], share)


def _second(spec: SearchSpec, space: Space, tried: Sequence[Candidate]) -> list[Trial]:
    """The iterative families on the views where the closed forms did best, and on the mean of these."""
    if not space.closed or not space.iterative or not tried:
        return []
    best: dict[View, float] = {}
    for each in tried:
        best[each.view] = max(best.get(each.view, 0.0), each.score)
    # Of layers that score alike the higher one: it is what the model was trained to end in.
    ranked = sorted(best, key=lambda view: (best[view], view.top), reverse=True)
    return _populations(_second_pairs(ranked, space), spec.trials - len(tried))


def _second_pairs(ranked: Sequence[View], space: Space) -> list[tuple[View, HeadFamily]]:
    """Those families that take many steps, and are halved for it, on the mean alone."""
    views = [*ranked[:BEST_VIEWS], *_mixed(ranked)]
    return [
        (view, family) for view in views for family in space.iterative if view == views[-1] or family not in HALVINGS
    ]


def _mixed(ranked: Sequence[View]) -> list[View]:
    """The mean of the best layers of the best view's pooling, if there are two."""
    alike = [view for view in ranked if view.pooling == ranked[0].pooling][:BEST_VIEWS]
    layers = sorted({layer for view in alike for layer in view.layers})
    return [View(layers=tuple(layers), pooling=ranked[0].pooling)] if len(alike) > 1 else []


def _populations(pairs: Sequence[tuple[View, HeadFamily]], trials: int) -> list[Trial]:
    """The trials divided evenly over views and families, as far as these can use them; at least one setting each."""
    # The greatest share for each of which all together are no more than the trials.
    most = bisect.bisect_right(range(1, trials + 1), trials, key=lambda share: _count(pairs, share))
    return [Trial(view=view, family=family, settings=FAMILIES[family].settings(max(1, most))) for view, family in pairs]


def _count(pairs: Sequence[tuple[View, HeadFamily]], most: int) -> int:
    """How many settings there are where each pair may have some."""
    sizes = {family: len(FAMILIES[family].settings(most)) for _, family in pairs}
    return sum(sizes[family] for _, family in pairs)


def _random(spec: SearchSpec, space: Space) -> list[Trial]:
    generator = np.random.default_rng(SEED)
    drawn: list[tuple[View, HeadFamily, Setting]] = []
    for _ in range(spec.trials):
        view = space.views[generator.integers(len(space.views))]
        family = space.families[generator.integers(len(space.families))]
        drawn.append((view, family, {name: each.draw(generator) for name, each in ranges(family).items()}))
    return _grouped(drawn)


def _estimated(spec: SearchSpec, space: Space, number: int, tried: Sequence[Candidate]) -> list[Trial]:
    from headstart.search.tpe import suggest

    a_round = -(-spec.trials // ROUNDS)
    count = min(a_round, spec.trials - number * a_round)
    return _grouped(suggest(space, tried, count, SEED)) if count > 0 else []


def _grouped(drawn: Sequence[tuple[View, HeadFamily, Setting]]) -> list[Trial]:
    """Settings of one family on one view as a population, each once."""
    populations: dict[tuple[View, HeadFamily], dict[tuple[tuple[str, float], ...], Setting]] = {}
    for view, family, setting in drawn:
        populations.setdefault((view, family), {})[tuple(setting.items())] = setting
    return [
        Trial(view=view, family=family, settings=tuple(settings.values()))
        for (view, family), settings in populations.items()
    ]
