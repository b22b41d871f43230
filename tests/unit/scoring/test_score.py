"""Scoring: every text is answered once, and what was answered is not answered again."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from headstart import reference
from headstart.cli import main
from headstart.compute import InlineCompute, Report, Shared
from headstart.errors import ComputeError, HeadstartError
from headstart.registry import Registry
from headstart.scoring import Scores, score
from headstart.scoring.part import Part
from headstart.scoring.watch import watch
from headstart.spec import SearchSpec
from tests.support import exports, tiny
from tests.support.inline import run_inline, spec_for

pytestmark = pytest.mark.slow


class Counting(InlineCompute):
    """Counts the parts that are computed, and fails after some of them."""

    def __init__(self, most: int = 1000) -> None:
        self.most = most
        self.keys: list[str] = []

    def map(self, function: Callable[..., Any], items: Sequence[Any], shared: Shared, report: Report) -> list[Any]:
        def counted(item: Any, given: Shared) -> Any:
            if len(self.keys) == self.most:
                raise ComputeError("compute/failed", "the machine is gone.", remedy="Try again.")
            if isinstance(item, Part):
                self.keys.append(item.key)
            return function(item, given)

        return super().map(counted, items, shared, report)


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory, tiny_backbone: Path, tiny_export: Path) -> str:
    """Two versions of a model that was judged on enough rows to tell drift; the second has a head of its own."""
    folder, data = tmp_path_factory.mktemp("scored"), {"source": str(tiny_export), "split": {"test": 0.5}}
    spec = spec_for(folder, tiny_backbone, tiny_export, data=data, tune={"strategy": "head"})
    run_inline(spec)
    run_inline(spec.model_copy(update={"search": SearchSpec(trials=2, heads=("centroid",))}))
    return spec.registry.uri


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Texts in three files of three formats."""
    texts = [text for text, _ in tiny.texts(rows=25, seed=3)]
    folder = tmp_path / "inbox"
    folder.mkdir()
    (folder / "a.csv").write_text("\n".join(["text", *texts[:12]]) + "\n")
    (folder / "b.jsonl").write_text("".join(json.dumps({"text": text}) + "\n" for text in texts[12:15]))
    pq.write_table(pa.table({"text": texts[15:]}), folder / "c.parquet")
    return folder


def test_every_text_of_every_file_has_the_answer_that_predict_gives(
    registry: str, folder: Path, tmp_path: Path
) -> None:
    scores = score("messages@1", str(folder), str(tmp_path / "out"), registry, InlineCompute(), part_rows=5)
    assert len(scores.parts) == 3 + 1 + 2
    rows = [row for part in scores.parts for row in pq.read_table(Path(scores.out) / part).to_pylist()]
    assert [row["text"] for row in rows] == [text for text, _ in tiny.texts(rows=25, seed=3)]
    assert [(row["source"], row["row"]) for row in rows[10:14]] == [
        ("a.csv", 11),
        ("a.csv", 12),
        ("b.jsonl", 1),
        ("b.jsonl", 2),
    ]
    expected = Registry(registry).load("messages@1").predict([row["text"] for row in rows])
    assert [row["label"] for row in rows] == [each.label for each in expected]
    assert [row["probability"] for row in rows] == pytest.approx([each.probability for each in expected], abs=1e-5)
    assert scores.rows == sum(scores.labels.values()) == 25
    assert json.loads((Path(scores.out) / "_scores.json").read_bytes()) == scores.said()


def test_files_of_a_folder_that_hold_no_texts_are_named_and_the_others_are_answered(
    registry: str, folder: Path, tmp_path: Path
) -> None:
    arguments = ("messages@1", str(folder), str(tmp_path / "out"), registry, InlineCompute())
    alone = score(*arguments)
    for name, content in {"_SUCCESS": "", "empty.txt": "\n", "head.csv": "text\n", "page.html": "<html>"}.items():
        (folder / name).write_text(content)
    scores = score(*arguments)
    assert (scores.rows, scores.labels) == (alone.rows, alone.labels)
    assert scores.unread == ("_SUCCESS", "empty.txt", "head.csv", "page.html")
    assert scores.notes()[-1] == "not read, for they hold no texts: _SUCCESS, empty.txt, head.csv, page.html"
    assert "_SUCCESS, empty.txt" in Path(scores.report).read_text()
    with pytest.raises(HeadstartError, match="it is empty"):  # which the user named
        score("messages@1", str(folder / "_SUCCESS"), *arguments[2:])


def test_a_folder_without_any_texts_is_an_error_that_writes_nothing(registry: str, tmp_path: Path) -> None:
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "page.html").write_text("<html>")
    with pytest.raises(HeadstartError, match="none of its 1 files holds texts"):
        score("messages@1", str(tmp_path / "inbox"), str(tmp_path / "out"), registry, InlineCompute())
    assert not (tmp_path / "out").exists()


def test_a_row_is_the_number_of_the_text_which_blank_lines_are_not(registry: str, tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_text("one\n\ntwo\n")
    scores = score("messages@1", str(tmp_path / "in.txt"), str(tmp_path / "out"), registry, InlineCompute())
    rows = pq.read_table(Path(scores.out) / scores.parts[0]).to_pylist()
    assert [(row["row"], row["text"]) for row in rows] == [(1, "one"), (2, "two")]


def test_answers_among_the_texts_are_refused(registry: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder.parent)
    for source, out in [
        (str(folder), str(folder / "scores")),
        ("inbox", "inbox"),
        ("file://inbox/", "./inbox/deep/scores"),
        ("s3://bucket/inbox", "s3://bucket/inbox/scores"),
    ]:
        with pytest.raises(HeadstartError, match="among the texts") as caught:
            score("messages@1", source, out, registry, InlineCompute())
        assert caught.value.exit_status == 2
    assert {path.name for path in folder.iterdir()} == {"a.csv", "b.jsonl", "c.parquet"}
    assert score("messages@1", "inbox", "inbox-scores", registry, InlineCompute()).rows == 25


def test_a_model_reads_the_field_that_its_own_texts_were_in(tiny_backbone: Path, tmp_path: Path) -> None:
    rows = [{"text": "n/a", "title": text, "label": label} for text, label in tiny.texts(rows=60)]
    export = exports.csv_file(tmp_path / "export.csv", rows)
    data = {"source": str(export), "fields": {"text": "title"}}
    spec = spec_for(tmp_path, tiny_backbone, export, data=data, tune={"strategy": "head"})
    run_inline(spec)
    said: list[tuple[str, ...]] = []
    for field in ("auto", "title", "text"):
        scores = score("messages", str(export), str(tmp_path / "out"), spec.registry.uri, InlineCompute(), field)
        said.append(tuple(pq.read_table(Path(scores.out) / scores.parts[0])["text"].to_pylist()))
    assert said == [tuple(row["title"] for row in rows)] * 2 + [("n/a",) * len(rows)]
    asked = ["predict", "messages", str(export), "--registry", spec.registry.uri, "--json"]
    answers = CliRunner().invoke(main, asked).stdout.splitlines()
    assert [json.loads(answer)["text"] for answer in answers] == list(said[0])


def test_a_scoring_that_broke_off_goes_on_with_the_parts_that_are_missing(
    registry: str, folder: Path, tmp_path: Path
) -> None:
    broken, second = Counting(most=4), Counting()
    arguments = ("messages@1", str(folder), str(tmp_path / "out"), registry)
    with pytest.raises(ComputeError):
        score(*arguments, broken, part_rows=5)
    assert not list(tmp_path.glob("out/*/_scores.json"))
    scores = score(*arguments, second, part_rows=5)
    assert (len(broken.keys), len(second.keys)) == (4, 2)
    assert not set(broken.keys) & set(second.keys)
    whole = score("messages@1", str(folder), str(tmp_path / "other"), registry, InlineCompute(), part_rows=5)
    assert (scores.labels, scores.parts) == (whole.labels, whole.parts)


def test_a_part_that_is_damaged_is_made_again(registry: str, folder: Path, tmp_path: Path) -> None:
    arguments = ("messages@1", str(folder), str(tmp_path / "out"), registry)
    first = score(*arguments, InlineCompute(), part_rows=5)
    (Path(first.out) / first.parts[2]).write_bytes(b"PAR1 no longer")
    counting = Counting()
    assert score(*arguments, counting, part_rows=5) == first
    assert counting.keys == [first.parts[2]]


def test_a_fresh_draw_is_not_called_drifted_and_texts_of_one_kind_alone_are(registry: str, tmp_path: Path) -> None:
    texts = tiny.texts(rows=300, seed=9)
    inbox, arguments = tmp_path / "inbox.txt", (str(tmp_path / "out"), registry, InlineCompute())
    inbox.write_text("".join(f"{text}\n" for text, _ in texts))
    fresh = score("messages@1", str(inbox), *arguments)
    assert fresh.drift is not None
    assert not fresh.drift.is_found, fresh.drift
    assert (fresh.drift.old_rows, fresh.drift.rows) == (60, 300)
    assert Scores.model_validate_json((Path(fresh.out) / "_scores.json").read_bytes()) == fresh

    inbox.write_text("".join(f"{text}\n" for text, label in texts if label == "parcel"))
    other = score("messages@1", str(inbox), *arguments)
    assert other.drift is not None
    assert other.drift.shifts[0].what == "features"
    assert other.drift.shifts[0].is_found
    assert "Drift in features" in (Path(other.out) / "_report.html").read_text()


def test_few_texts_say_nothing_of_drift_and_why(registry: str, folder: Path, tmp_path: Path) -> None:
    scores = score("messages@1", str(folder), str(tmp_path / "out"), registry, InlineCompute())
    assert scores.drift is None
    assert scores.notes() == ["drift unknown: 25 different texts are too few; it takes 50"]


def test_a_version_of_an_older_headstart_scores_and_says_that_it_keeps_no_test_rows(registry: str) -> None:
    version = Registry(registry).resolve("messages@1")
    older = version.model_copy(update={"files": tuple(each for each in version.files if each.path != reference.NAME)})
    assert len(older.files) == len(version.files) - 1
    found, why = watch(older, registry, tuple("abc"), InlineCompute())
    assert found is None
    assert why.startswith("the version keeps none of its test rows")


def test_a_shadow_answers_the_same_texts_and_the_differences_are_those_of_the_two_folders(
    registry: str, folder: Path, tmp_path: Path
) -> None:
    arguments = (str(folder), str(tmp_path / "out"), registry, InlineCompute())
    scores = score("messages@1", *arguments, part_rows=5, shadow="2")
    told = scores.shadow
    assert told is not None
    assert told.other == "messages@2"
    alone = score("messages@2", *arguments, part_rows=5)
    assert alone.out == told.out
    ours, others = (
        [row for part in scores.parts for row in pq.read_table(Path(out) / part).to_pylist()]
        for out in (scores.out, told.out)
    )
    differing = [(one, other) for one, other in zip(ours, others, strict=True) if one["label"] != other["label"]]
    assert (told.rows, told.differing.rows) == (25, len(differing))
    assert sorted((each.source, each.row, each.label, each.other) for each in told.examples) == sorted(
        (one["source"], one["row"], one["label"], other["label"]) for one, other in differing
    )
    assert len(differing) > 0  # else this shows nothing
    page = (Path(scores.out) / "_report.html").read_text()
    assert "What would" in page
    assert told.examples[0].text in page


def test_a_shadow_that_is_the_version_itself_is_refused(registry: str, folder: Path, tmp_path: Path) -> None:
    with pytest.raises(HeadstartError, match="is version 1 itself") as caught:
        score("messages@1", str(folder), str(tmp_path / "out"), registry, InlineCompute(), shadow="1")
    assert caught.value.exit_status == 2
    assert not (tmp_path / "out").exists()


def test_other_texts_and_other_versions_have_a_folder_of_their_own(registry: str, folder: Path, tmp_path: Path) -> None:
    arguments = ("messages@1", str(folder), str(tmp_path / "out"), registry)
    first = score(*arguments, InlineCompute())
    (folder / "d.csv").write_text("text\nwhere is my parcel\n")
    second = score(*arguments, InlineCompute())
    assert first.out != second.out
    assert second.rows == first.rows + 1


@pytest.mark.parametrize(
    ("reference", "source", "code"),
    [("messages@nobody", "inbox", "registry/not-found"), ("messages@1", "nowhere", "data/not-found")],
)
def test_what_is_not_there_is_one_clear_error_and_writes_nothing(
    registry: str, folder: Path, tmp_path: Path, reference: str, source: str, code: str
) -> None:
    with pytest.raises(HeadstartError) as caught:
        score(reference, str(tmp_path / source), str(tmp_path / "out"), registry, InlineCompute())
    assert caught.value.code == code
    assert not (tmp_path / "out").exists()
