"""What the report says of the training: what it took, beside what was foretold, and how it went epoch by epoch."""

from headstart.report import tuning
from headstart.spec import ComputeSpec
from tests.support.evidence import evidence


def test_what_was_foretold_stands_beside_what_it_took() -> None:
    took, foretold = tuning.costs(evidence().model, ComputeSpec())
    assert took == "2 epochs took 60 s on 2 workers (cpu), 30 s each, at 900 tokens a second; memory 1.07\u00a0GB."
    assert (
        foretold
        == "Foretold from 20 steps: 25 s to 35 s an epoch, 2 to 4 epochs and so 50 s to 2.33 min in all; memory 1.07\u00a0GB."
    )


def test_with_a_price_it_says_what_it_cost() -> None:
    took, foretold = tuning.costs(evidence().model, ComputeSpec(price_per_hour=3.0))
    assert "60 s (cost: 0.1)" in took
    assert "2.33 min (cost: at most 0.23)" in foretold


def test_it_says_how_busy_the_accelerator_was_where_that_is_known() -> None:
    model = evidence().model
    assert model.spent is not None
    epochs = tuple(
        epoch.model_copy(update={"busy": share}) for epoch, share in zip(model.spent.epochs, (0.8, 0.9), strict=True)
    )
    spent = model.spent.model_copy(update={"epochs": epochs})
    took, _ = tuning.costs(model.model_copy(update={"spent": spent}), ComputeSpec())
    assert took.endswith("; memory 1.07\u00a0GB; the accelerator was busy 85% of the time.")


def test_rates_and_speed_are_drawn_by_epoch() -> None:
    titles = [plot.title for plot in tuning.drawn(evidence())]
    assert titles[1:] == ["Loss (nats a row)", "Learning rate, mean of the epoch", "Training rows a second"]
    (rate,) = tuning.drawn(evidence())[2].lines
    assert "5e-05 at 1" in rate.words
