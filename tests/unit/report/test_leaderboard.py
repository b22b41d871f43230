"""The leaderboard: everything that was tried, once, the best first."""

import io

import pyarrow.parquet as pq

from headstart.report import leaderboard
from tests.support.evidence import evidence


def test_the_table_has_every_candidate_and_names_the_chosen_one() -> None:
    head = evidence().head
    rows = pq.read_table(io.BytesIO(leaderboard.parquet(head))).to_pylist()
    assert [row["rank"] for row in rows] == [1, 2, 3]
    assert [row["chosen"] for row in rows] == [True, False, False]
    assert [row["score"] for row in rows] == [each.score for each in head.tried]
    assert rows[0]["layers"] == [1]
    assert dict(rows[0]["setting"]) == {"strength": 0.5}


def test_what_was_given_up_is_in_the_table_and_in_no_plot() -> None:
    head = evidence().head
    assert [row["complete"] for row in pq.read_table(io.BytesIO(leaderboard.parquet(head))).to_pylist()].count(
        False
    ) == 1
    assert leaderboard.best(head) == 0.8  # the one that was given up had 0.9
    assert [dot.words for dot in leaderboard.by_layer(head).lines[0].dots] == ["0.8 at 1", "0.7 at 2"]


def test_the_scores_as_good_as_the_best_reach_down_by_a_standard_error() -> None:
    head = evidence().head.model_copy(update={"judged": 100})
    low, high = leaderboard.as_good(head)
    assert (round(low, 3), high) == (0.76, 0.8)


def test_cost_is_what_all_settings_of_a_family_on_a_view_took() -> None:
    head = evidence().head
    plot = leaderboard.by_cost(head)
    assert not plot.joined
    assert [dot.words for dot in plot.lines[0].dots] == ["0.7 at 0.01", "0.8 at 0.02"]
    assert plot.ring is not None
    assert plot.ring.words == "chosen: ridge"


def test_a_head_on_the_mean_of_layers_stands_at_the_highest_of_them() -> None:
    found = evidence().head
    mixed = found.chosen.model_copy(
        update={"view": found.chosen.view.model_copy(update={"layers": (1, 2)}), "family": "linear"}
    )
    head = found.model_copy(update={"chosen": mixed, "tried": (mixed, *found.tried)})
    plot = leaderboard.by_layer(head)
    assert plot.ring is not None
    assert plot.ring.x == plot.lines[0].dots[0].x  # linear's only mark
    assert plot.lines[0].name == "linear"


def test_cost_is_told_against_a_pass_for_each_setting_as_far_as_it_is_known() -> None:
    head = evidence().head.model_copy(update={"pass_seconds": 400.0})
    assert leaderboard.cost(head) == (
        "Trying 3 settings took 0.03 s of computing, on features of all layers from one pass of the backbone, which "
        "takes 400 s. A pass for each setting would have taken 1\u202f200 s."
    )
    assert leaderboard.cost(head.model_copy(update={"pass_seconds": None})).endswith("one pass of the backbone.")
