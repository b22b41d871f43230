"""Searching for a head: every trial once, the winner fitted on the rows that the spec names."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from headstart import steps
from headstart.backbone import Backbones
from headstart.compute import InlineCompute, Keep, Report, SearchJob
from headstart.context import Context
from headstart.dataset import Dataset
from headstart.evaluation.verdict import Verdict
from headstart.head import Head
from headstart.spec import Spec
from headstart.workspace import Workspace
from tests.support.inline import spec_for

pytestmark = pytest.mark.slow

Searched = Callable[..., Head]


class Counting(InlineCompute):
    """Counts the trials that are worked on, and is killed after some of them."""

    def __init__(self, most: int = 1000) -> None:
        self.most = most
        self.kept = 0

    def search(self, job: SearchJob[Any, Any], report: Report, keep: Keep[Any]) -> list[Any]:
        def kept(number: int, result: Any) -> None:
            keep(number, result)
            self.kept += 1
            if self.kept == self.most:
                raise KeyboardInterrupt

        return super().search(job, report, kept)


@pytest.fixture
def searched(tmp_path: Path, tiny_backbone: Path, tiny_export: Path) -> Searched:
    """Searches on the tiny data with whatever settings, in one workspace."""
    base = spec_for(tmp_path, tiny_backbone, tiny_export)
    first = Context(Workspace.open(base.workspace), InlineCompute())
    dataset: Dataset = steps.import_labels(base, first)
    backbones: Backbones = steps.fetch_backbone(base, first)
    verdict: Verdict = steps.assess_transfer(base, dataset, backbones, first)

    def search(compute: InlineCompute | None = None, **settings: object) -> Head:
        spec = Spec.model_validate(base.said() | {"search": settings})
        on = Context(Workspace.open(base.workspace), compute or InlineCompute())
        return steps.search_heads(spec, dataset, backbones, verdict, on)

    return search


def without_seconds(head: Head) -> Sequence[object]:
    return [each.model_dump(exclude={"seconds"}) for each in head.tried]


def test_a_search_that_was_killed_tries_only_what_it_had_not_finished(searched: Searched) -> None:
    killed, again, control = Counting(most=4), Counting(), Counting()
    settings = {"trials": 24, "heads": ["ridge", "centroid", "linear"]}
    with pytest.raises(KeyboardInterrupt):
        searched(killed, **settings)
    found = searched(again, **settings)
    fresh = searched(control, **settings, budget="599s")  # another step, with the same trials
    assert (killed.kept, control.kept) == (4, 0)
    assert (
        again.kept == 3 + 3 - 4
    )  # the closed forms on each of three layers, and linear on the best two and their mean
    assert without_seconds(found) == without_seconds(fresh)


@pytest.mark.parametrize("algorithm", ["staged", "asha", "random", "tpe"])
def test_every_algorithm_finds_a_head_within_its_trials(searched: Searched, algorithm: str) -> None:
    head = searched(algorithm=algorithm, trials=24, heads=["ridge", "centroid", "linear"])
    assert 8 <= len(head.tried) <= 24
    assert head.chosen in head.tried
    assert head.chosen.complete
    scores = [each.score for each in head.tried if each.complete]
    assert scores == sorted(scores, reverse=True)
    assert head.chosen.score > 0.5  # of three labels


def test_several_poolings_are_several_views(searched: Searched) -> None:
    head = searched(poolings=["mean", "cls", "max"], heads=["ridge"], layers=[1, 2], trials=12)
    losses = {(each.view.layers, each.view.pooling): each.log_loss for each in head.tried}
    assert losses.keys() == {((layer,), pooling) for layer in (1, 2) for pooling in ("mean", "cls", "max")}
    assert len(set(losses.values())) == len(losses)


def test_the_winner_may_be_fitted_again_on_the_validation_rows_too(searched: Searched, tmp_path: Path) -> None:
    workspace = Workspace.open(str(tmp_path / "work"))
    settings = {"heads": ["ridge"], "layers": [2], "trials": 4}
    plain, refitted = searched(**settings), searched(**settings, refit="train+validation")
    assert plain.refitted is None
    assert plain.file == refitted.file
    assert refitted.identity != plain.identity
    first, again = refitted.read(workspace), refitted.read(workspace, refitted=True)
    assert not np.allclose(first["weight"], again["weight"])
