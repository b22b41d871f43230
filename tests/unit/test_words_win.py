"""Words that win over what is transferred, from the verdict to the version that answers."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from headstart.evaluation.decision import CONTROL, FROZEN
from headstart.registry import Registry, provenance
from headstart.report.contenders import ordered
from headstart.runs import Run
from headstart.workspace import Workspace
from tests.support import tiny
from tests.support.inline import run_inline, spec_for

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def won(tmp_path_factory: pytest.TempPathFactory, tiny_backbone: Path) -> Run:
    """Random features tell the labels poorly, and the words tell them well."""
    folder = tmp_path_factory.mktemp("words")
    export = tiny.save_export(folder / "messages.csv", rows=500)
    return run_inline(spec_for(folder, tiny_backbone, export, tune={"strategy": "auto"}))


def test_what_transfers_nothing_is_published_where_the_verdict_says_so(won: Run) -> None:
    assert (won.verdict.answer, won.verdict.strategy) == ("do-not-transfer", "bag-of-words")
    assert won.decision.candidate_name == CONTROL
    scores = [won.decision.scored(name).scores["macro_f1"].value for name in (CONTROL, FROZEN)]
    assert scores[0] > scores[1]
    assert Registry(won.spec.registry.uri).aliases("messages") == {"champion": 1}


def test_its_version_holds_no_weights_of_the_backbone_and_owes_it_nothing(won: Run) -> None:
    version, registry = won.version, Registry(won.spec.registry.uri)
    assert {file.sha256 for file in version.files}.isdisjoint(file.sha256 for file in won.backbone.files)
    lineage = version.lineage
    assert (lineage.strategy, lineage.backbone, lineage.licence) == ("bag-of-words", "", "")
    said = provenance.statement(version, provenance.record_bytes(registry.store, version))
    named = [each["name"] for each in said["predicate"]["buildDefinition"]["resolvedDependencies"]]
    assert "backbone" not in named
    card = next(file for file in version.files if file.path == "README.md")
    front = yaml.safe_load(registry.blobs.read(card).decode().split("---")[1])
    assert not {"license", "base_model"} & front.keys()


def test_the_version_answers_as_it_was_judged_and_without_torch(won: Run) -> None:
    test = won.dataset.read(Workspace.open(won.spec.workspace), "test")
    lines = [
        "import json, sys",
        "from headstart.registry import Registry",
        "uri, texts = json.load(sys.stdin)",
        "print(json.dumps([each.label for each in Registry(uri).load('messages@champion').predict(texts)]))",
        "assert 'torch' not in sys.modules",
    ]
    given = json.dumps([won.spec.registry.uri, list(test.texts)])
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(lines)], input=given, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    right = [
        said == won.dataset.labels[target] for said, target in zip(json.loads(done.stdout), test.targets, strict=True)
    ]
    accuracy = won.decision.scored(CONTROL).scores["accuracy"].value
    assert sum(right) / len(right) == pytest.approx(accuracy)


def test_the_report_says_that_nothing_is_transferred(won: Run) -> None:
    assert [each.name for each in ordered(won.decision)] == [CONTROL, FROZEN]
    page = Path(won.report).read_text()
    assert "Nothing is transferred:" in page
    assert "gained over a bag of words" not in page
