"""A tuned model that wins, from its training to the version that answers: its promises are its own, and they are kept."""

from pathlib import Path

import pytest

from headstart.evaluation.decision import FROZEN, TUNED
from headstart.registry import Registry
from headstart.runs import Run
from headstart.tasks import Prediction
from headstart.workspace import Workspace
from tests.support import tiny
from tests.support.inline import run_inline, spec_for

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def won(tmp_path_factory: pytest.TempPathFactory, tiny_backbone: Path) -> Run:
    """Random features tell the labels poorly, and training them tells them well."""
    folder = tmp_path_factory.mktemp("tuned")
    export = tiny.save_export(folder / "messages.csv", rows=500)
    return run_inline(
        spec_for(
            folder,
            tiny_backbone,
            export,
            data={"source": str(export), "split": {"validation": 0.3, "test": 0.3}},
            tune={"strategy": "lp-ft", "epochs": 10},
            calibration={"coverage": 0.8, "precision": 0.8},
        )
    )


@pytest.fixture(scope="module")
def answers(won: Run) -> tuple[tuple[Prediction, str], ...]:
    """What the published version, read from the registry, makes of the test rows, and their labels."""
    test = won.dataset.read(Workspace.open(won.spec.workspace), "test")
    model = Registry(won.spec.registry.uri).load("messages@champion")
    labels = [won.dataset.labels[target] for target in test.targets]
    return tuple(zip(model.predict(list(test.texts)), labels, strict=True))


def test_the_tuned_model_is_the_candidate_and_is_published(won: Run) -> None:
    decision = won.decision
    assert decision.candidate_name == TUNED
    scores = [decision.scored(name).scores["macro_f1"].value for name in (TUNED, FROZEN)]
    assert scores[0] > scores[1]
    assert won.version.lineage.strategy == "lp-ft"
    assert Registry(won.spec.registry.uri).aliases("messages") == {"champion": 1}
    assert {file.sha256 for file in won.version.files}.isdisjoint(file.sha256 for file in won.backbone.weights)


def test_the_version_answers_as_it_was_judged(won: Run, answers: tuple[tuple[Prediction, str], ...]) -> None:
    right = sum(each.label == label for each, label in answers) / len(answers)
    assert right == pytest.approx(won.decision.scored(TUNED).scores["accuracy"].value)


def test_its_promises_are_learned_on_the_validation_rows_and_checked_on_the_test_rows(
    won: Run, answers: tuple[tuple[Prediction, str], ...]
) -> None:
    calibration, kept = won.decision.calibration, won.decision.kept
    assert (calibration.learned_on, calibration.rows) == ("validation", won.dataset.rows("validation"))
    covered = sum(label in (each.candidates or ()) for each, label in answers) / len(answers)
    assert kept.covered is not None
    assert covered == pytest.approx(kept.covered.value)
    assert calibration.sets is not None
    assert covered >= calibration.sets.expected.low


def test_what_it_flags_and_where_it_abstains_is_what_was_counted(
    won: Run, answers: tuple[tuple[Prediction, str], ...]
) -> None:
    kept = won.decision.kept
    assert kept.unusual is not None
    assert kept.answered is not None
    assert sum(bool(each.unusual) for each, _ in answers) / len(answers) == pytest.approx(kept.unusual.value)
    assert sum(not each.abstains for each, _ in answers) / len(answers) == pytest.approx(kept.answered.value)
