"""The report of a scoring: what was found and what not, in words that others cannot put there."""

from headstart.report import scored
from tests.support import hard
from tests.support.pages import assert_is_self_contained, text_of
from tests.support.scored import scores


def test_drift_is_said_with_its_effect_what_chance_gives_and_how_often_it_is_said_for_nothing() -> None:
    text = text_of(scored.render(scores())).replace("\N{NO-BREAK SPACE}", " ")
    assert "Drift in labels" in text
    assert "labels: drift population stability index" in text
    assert "Where nothing has changed, 1 % of scorings are called drifted all the same" in text
    assert "Label some of these texts to know." in text


def test_no_drift_is_no_proof_and_what_cannot_be_said_is_not() -> None:
    assert "It is no proof" in text_of(scored.render(scores(drifted=False)))
    unknown = scores().model_copy(update={"drift": None, "undrifted": "3 different texts are too few; it takes 50"})
    text = text_of(scored.render(unknown))
    assert "Nobody can say: 3 different texts are too few; it takes 50." in text
    assert "Drift unknown" in text


def test_a_shadow_is_shown_with_its_interval_and_without_one_nothing_is_said() -> None:
    made = scores()
    assert made.shadow is not None
    text = text_of(scored.render(made)).replace("\N{NO-BREAK SPACE}", " ")
    assert "What would messages@4 answer?" in text
    assert f"{100 * made.shadow.share.value:.0f} % of rows are answered differently" in text
    assert "What would" not in text_of(scored.render(scores(shadow=False)))


def test_a_page_of_names_that_are_hard_to_show_needs_nothing_and_runs_nothing() -> None:
    page = scored.render(scores(hard.NAMES))
    assert_is_self_contained(page)
    assert "<img src" not in page
