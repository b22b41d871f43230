"""A verdict without an assessment: for what only shows one."""

from headstart.evaluation.estimate import Estimate
from headstart.evaluation.learning_curve import learning_curve
from headstart.evaluation.transferability import Transferability
from headstart.evaluation.verdict import Bet, Contender, LabelFound, LayerFound, Option, ShortTrainings, Verdict

SCORE, GAIN = Estimate(value=0.8, low=0.7, high=0.9), Estimate(value=0.1, low=0.05, high=0.15)
SHORT = ShortTrainings(
    rows=100, cut="", judged=150, epochs=3, runs=3, scratch_runs=1, tuned=SCORE, head=SCORE, control=SCORE, scratch=SCORE,
    tuned_over_head=GAIN, tuned_over_control=GAIN, scratch_over_head=Estimate(value=-0.3, low=-0.4, high=-0.2),
)  # fmt: skip
CURVE = learning_curve(
    200, {size: [0.9 - size**-0.5, 0.91 - size**-0.5, 0.89 - size**-0.5] for size in (10, 20, 40, 80, 160)}, 0.85
)


def verdict(labels: tuple[str, ...] = ("a", "b"), backbone: str = "identity", **changes: object) -> Verdict:
    """A verdict that says to fine-tune, with all its evidence."""
    made = Verdict(
        answer="fine-tune",
        reason="tuning surely gains",
        bet=Bet(way="the network tuned from the head", over="TF-IDF and logistic regression", probability=0.98),
        negative_transfer=False,
        metric="macro_f1",
        backbone=backbone,
        backbone_name="model",
        layer=1,
        strategy="lp-ft",
        rows=200,
        of=300,
        folds=15,
        controls=(
            Contender(name="the majority class", score=SCORE, gain=None),
            Contender(name="TF-IDF and logistic regression", score=SCORE, gain=None),
        ),
        probes=(Contender(name="model", score=SCORE, gain=GAIN),),
        head=Contender(name="head on frozen features", score=SCORE, gain=GAIN),
        learned=GAIN,
        layers=(
            LayerFound(
                backbone="model", layer=1, scores=Transferability(logme=0.1, h_score=1.2, left_out=0.7), chosen=0.8
            ),
        ),
        short=SHORT,
        not_tuned="",
        curve=CURVE,
        labels=tuple(LabelFound(label=label, rows=4, f1=0.5, gained=0.1, starved=True) for label in labels),
        options=(Option(name="fine-tuning", seconds=12.0, cost="an epoch on one core"),),
    )
    return made.model_copy(update=changes)
