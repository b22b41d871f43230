"""Where the search may look."""

import numpy as np
import pytest

from headstart.errors import BackboneError
from headstart.heads import FAMILIES
from headstart.search.space import FEW, ranges, space_of
from headstart.spec import HeadFamily, SearchSpec
from tests.support.evidence import evidence

BACKBONE = evidence().backbone  # of two layers, pooled by the mean
ROWS = 1000


def test_all_layers_are_the_embeddings_and_every_block() -> None:
    assert space_of(SearchSpec(), BACKBONE, ROWS).layers == (0, 1, 2)


def test_a_layer_that_the_backbone_lacks_is_refused_by_number() -> None:
    with pytest.raises(BackboneError, match="no layer 7") as caught:
        space_of(SearchSpec(layers=(1, 7)), BACKBONE, ROWS)
    assert caught.value.code == "backbone/layer"


def test_the_backbones_own_pooling_counts_once() -> None:
    space = space_of(SearchSpec(layers=(1,), poolings=("auto", "mean", "cls")), BACKBONE, ROWS)
    assert [(view.layers, view.pooling) for view in space.views] == [((1,), "mean"), ((1,), "cls")]


def test_by_default_bayesian_heads_are_tried_on_very_few_rows_alone() -> None:
    many, few = (set(space_of(SearchSpec(), BACKBONE, rows).families) for rows in (FEW, FEW - 1))
    assert few - many == {"bayes"}
    assert many == {"ridge", "lda", "centroid", "linear", "mlp"}


def test_families_are_told_apart_by_whether_they_are_closed_forms() -> None:
    space = space_of(SearchSpec(heads=("linear", "ridge", "linear")), BACKBONE, ROWS)
    assert (space.closed, space.iterative) == (("ridge",), ("linear",))


@pytest.mark.parametrize("family", list(FAMILIES))
def test_every_family_can_be_fitted_with_whatever_is_drawn_from_its_ranges(family: HeadFamily) -> None:
    generator = np.random.default_rng(0)
    x = generator.normal(size=(40, 6)).astype(np.float32)
    settings = [{name: each.draw(generator) for name, each in ranges(family).items()} for _ in range(3)]
    assert len(FAMILIES[family].fit(x, np.arange(40) % 3, 3, settings, 0)) == 3


@pytest.mark.parametrize("family", list(FAMILIES))
def test_what_is_drawn_lies_where_the_familys_own_grid_does(family: HeadFamily) -> None:
    grid = FAMILIES[family].settings(64)
    generator = np.random.default_rng(0)
    for name, each in ranges(family).items():
        values = [setting[name] for setting in grid]
        drawn = [each.draw(generator) for _ in range(200)]
        assert min(values) <= min(drawn) <= max(drawn) <= max(values)
        assert len(set(drawn)) > 1 or len(set(values)) == 1
