"""Kubeflow's artifacts, of kfp's own types, filled with what the UI renders."""

import json
from pathlib import Path

import pytest

pytest.importorskip("kfp")
from kfp import dsl

from headstart.report import imported, verdict
from headstart.report.kubeflow import figures, fill
from headstart.values import Value
from headstart.workspace import Workspace
from tests.support.evidence import evidence, version
from tests.support.exports import EXAMPLE, import_export

EVIDENCE = evidence(labels=("a", "<b>", "c"))


@pytest.mark.parametrize(
    "result", [EVIDENCE.dataset, EVIDENCE.verdict, EVIDENCE.head, EVIDENCE.model, EVIDENCE.decision]
)
def test_every_result_has_numbers_that_are_json(result: Value, tmp_path: Path) -> None:
    metrics = dsl.Metrics(uri=str(tmp_path / "metrics"))
    fill(metrics, EVIDENCE.spec, result, {})
    assert metrics.metadata
    assert json.loads(json.dumps(metrics.metadata, allow_nan=False)) == figures(result)


def test_the_confusion_matrix_names_its_labels_and_holds_every_test_row(tmp_path: Path) -> None:
    confusion = dsl.ClassificationMetrics(uri=str(tmp_path / "confusion"))
    fill(confusion, EVIDENCE.spec, EVIDENCE.decision, {})
    matrix = confusion.metadata["confusionMatrix"]
    assert [each["displayName"] for each in matrix["annotationSpecs"]] == ["a", "<b>", "c"]
    assert sum(sum(row["row"]) for row in matrix["rows"]) == EVIDENCE.decision.test_rows


def test_two_labels_have_a_roc_curve_beside_the_matrix_that_is_json_and_more_labels_have_none(tmp_path: Path) -> None:
    both = dsl.ClassificationMetrics(uri=str(tmp_path / "confusion"))
    two = evidence(labels=("ham", "spam"))
    fill(both, two.spec, two.decision, {})
    assert both.metadata.keys() == {"confusionMatrix", "confidenceMetrics"}
    points = json.loads(json.dumps(both.metadata["confidenceMetrics"], allow_nan=False))
    assert points[0] == {"confidenceThreshold": 1.0, "falsePositiveRate": 0.0, "recall": 0.0}
    assert (points[-1]["falsePositiveRate"], points[-1]["recall"]) == (1.0, 1.0)
    assert two.decision.roc is not None
    assert figures(two.decision)["roc_auc"] == two.decision.roc.area

    more = dsl.ClassificationMetrics(uri=str(tmp_path / "more"))
    fill(more, EVIDENCE.spec, EVIDENCE.decision, {})
    assert more.metadata.keys() == {"confusionMatrix"}


def test_the_report_is_a_page_with_its_labels_escaped(tmp_path: Path) -> None:
    html = dsl.HTML(uri=str(tmp_path / "report"))
    given = {name: getattr(EVIDENCE, name) for name in ("dataset", "backbones", "verdict", "head", "model", "decision")}
    fill(html, EVIDENCE.spec, version(), given)
    page = Path(html.path).read_text()
    assert page.lstrip().startswith("<!doctype html>")
    assert "&lt;b&gt;" in page


def test_the_verdict_is_shown_as_markdown_with_its_evidence(tmp_path: Path) -> None:
    shown = dsl.Markdown(uri=str(tmp_path / "report"))
    fill(shown, EVIDENCE.spec, EVIDENCE.verdict, {})
    assert Path(shown.path).read_text() == verdict.markdown(EVIDENCE.verdict)


def test_the_report_of_an_import_is_the_page_that_lies_beside_its_rejected_records(tmp_path: Path) -> None:
    spec = EVIDENCE.spec.model_copy(update={"workspace": str(tmp_path / "work")})
    dataset = import_export(EXAMPLE, Workspace.open(spec.workspace))
    html = dsl.HTML(uri=str(tmp_path / "report"))
    fill(html, spec, dataset, {})
    folder = tmp_path / "work" / imported.folder(dataset, spec.name)
    assert Path(html.path).read_bytes() == (folder / "report.html").read_bytes()
    assert len((folder / "rejected.jsonl").read_text(encoding="utf-8").splitlines()) == 36


def test_the_cards_of_a_dataset_and_of_a_tuned_model_say_what_they_are_and_where(tmp_path: Path) -> None:
    dataset, model = dsl.Dataset(uri=str(tmp_path / "dataset")), dsl.Model(uri=str(tmp_path / "model"))
    fill(dataset, EVIDENCE.spec, EVIDENCE.dataset, {})
    fill(model, EVIDENCE.spec, EVIDENCE.model, {})
    assert dataset.metadata["content"] == EVIDENCE.dataset.content
    assert dataset.metadata["rows"].startswith(f"train {EVIDENCE.dataset.rows('train')}, ")
    assert (model.metadata["strategy"], model.metadata["licence"]) == (EVIDENCE.model.strategy, EVIDENCE.model.licence)
    assert dataset.metadata["workspace"] == model.metadata["workspace"] == EVIDENCE.spec.workspace


def test_a_models_card_says_its_name_version_registry_and_licence(tmp_path: Path) -> None:
    model = dsl.Model(uri=str(tmp_path / "model"))
    fill(model, EVIDENCE.spec, version(), {})
    assert model.metadata | {"name": "shown", "version": "3", "licence": "mit"} == model.metadata
    assert model.metadata["uri"].endswith("/models/shown/versions/00000003.json")
    assert all(isinstance(each, str) for each in model.metadata.values())  # numbers come back as floats
    assert json.loads(Path(model.path).read_bytes())["version"] == 3
