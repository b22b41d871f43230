"""The card: Markdown that says what the page says, deaf to labels that are markup, with metadata that the hub reads."""

import dataclasses
from pathlib import Path

import pytest
from huggingface_hub import ModelCard

from headstart.backbone import Backbone
from headstart.evidence import Evidence
from headstart.report.card import card, render
from headstart.report.templates import markdown
from tests.support import hard
from tests.support.evidence import evidence


def of_backbone(**changes: str) -> Evidence:
    made = evidence()
    backbone: Backbone = made.backbone.model_copy(update=changes)
    return dataclasses.replace(made, backbones=made.backbones.model_copy(update={"candidates": (backbone,)}))


def read(text: str, tmp_path: Path) -> ModelCard:
    (tmp_path / "README.md").write_text(text, encoding="utf-8")
    return ModelCard.load(tmp_path / "README.md", ignore_metadata_errors=False)


def test_the_hub_reads_license_base_model_task_and_figures(tmp_path: Path) -> None:
    found = read(card(of_backbone(source="org/model@main", licence="Apache-2.0")), tmp_path).data
    assert (found.license, found.base_model, found.pipeline_tag) == ("apache-2.0", "org/model", "text-classification")
    assert found.eval_results is not None
    assert {each.metric_type for each in found.eval_results} == {"accuracy", "f1"}
    scores = evidence().decision.scored("tuned model").scores
    assert found.eval_results[0].metric_value == pytest.approx(scores["macro_f1"].value)


@pytest.mark.parametrize("source", ["./model", "/models/minilm", "package:name/folder", "s3://bucket/model"])
def test_a_backbone_from_elsewhere_is_no_base_model_of_the_hub(source: str, tmp_path: Path) -> None:
    found = read(card(of_backbone(source=source, licence="see the contract, page 3")), tmp_path).data
    assert found.base_model is None
    assert (found.license, found.license_name) == ("other", "see the contract, page 3")


def test_it_says_the_figures_the_comparison_and_the_promises() -> None:
    text = render(evidence(champion=True))
    for said in (
        "macro F1 over a bag of words",
        "Against shown@1, on 36 test rows, without 4 that it was made from",
        "| channel | mail |",
        "Prediction sets hold the true label 90",
        "The model abstains below a probability of 0.600",
        "1000 answers took 2.5 s",
    ):
        assert said in text


def test_it_quotes_no_text_of_the_data_and_no_place_of_this_machine() -> None:
    made = evidence()
    text = card(made)
    assert made.decision.findings.mistakes[0].text not in text
    assert made.decision.findings.suspects.rows[0].place not in text
    assert made.spec.registry.uri not in text


def test_labels_that_are_markup_are_text_in_one_line() -> None:
    text = render(evidence(hard.NAMES))
    assert "<script" not in text.replace("\\<", "")
    assert "\n|\n" not in text
    for line in text.splitlines():
        if line.startswith("| "):
            assert line.endswith("|")
    assert markdown("a|b\n*c* <d> [e](f) `g`") == r"a\|b \*c\* \<d\> \[e\](f) \`g\`"
