"""The demo, as a new user runs it."""

import csv
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import pyarrow.parquet as pq
import pytest

from headstart.registry import Registry
from headstart.spec import HeadFamily
from headstart.steps import STEPS
from tests.support.commands import headstart


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def output(folder: Path) -> tuple[str, str]:
    """What the demo printed: on standard output, and on standard error."""
    done = headstart("demo", folder=folder)
    assert done.returncode == 0, done.stderr
    return done.stdout, done.stderr


def test_the_demo_shows_one_line_a_step_and_nobody_elses_noise(output: tuple[str, str]) -> None:
    _, progress = output
    lines = progress.splitlines()
    assert [line.split()[1] for line in lines if line.startswith("✓")] == list(STEPS)
    assert all(re.match(r"✓ |  (\w+) +\d+%  |support-intents: ", line) for line in lines), progress


def test_the_demo_ends_with_the_verdict_the_figures_and_where_everything_is(
    output: tuple[str, str], folder: Path
) -> None:
    result, _ = output
    assert re.search(r"(A head is enough|Fine-tune): .*the frozen features", result)
    assert re.search(r"tuned model +accuracy 0\.\d{3} \[0\.\d{3}, [01]\.\d{3}\]", result)
    assert "support-intents version 1, now champion" in result
    for title in ("Report", "Log"):
        path = Path(result.split(f"\n{title}\n  ")[1].splitlines()[0])
        assert path.is_relative_to(folder)
        assert path.stat().st_size > 0


def test_the_readme_shows_what_the_demo_prints(output: tuple[str, str]) -> None:
    """Line by line but for numbers, paths and the lines of a step that works long, which depend on the machine."""
    result, progress = output
    readme = (Path(__file__).parents[2] / "README.md").read_text()
    shown = readme.split("```text\n")[1].split("```")[0].splitlines()
    printed = [line for line in (progress + result).splitlines() if not re.match(r"  \w+ +\d+%", line)]
    assert [_masked(line) for line in shown if not re.match(r"  \w+ +\d+%", line)] == [
        _masked(line) for line in printed
    ]


def _masked(line: str) -> str:
    line = re.sub(r"(?:/[^ /]+)*/?(\.headstart/\S*)", r"\1", line)
    line = re.sub(r"tuning (surely|probably) gains", "tuning gains", line)
    line = re.sub(r"-[0-9a-f]{8}(?=/)", "#", line)  # a run's digest, before its digits are taken for a number
    line = re.sub(rf"({'|'.join(get_args(HeadFamily))}) \(.*\) on (layer|the mean of layers).*(?=, best)", "#", line)
    return re.sub(r"[+-]?\d+(\.\d+)?", "#", re.sub(r" +", " ", line))


def test_the_demos_model_is_better_than_a_bag_of_words(folder: Path, output: tuple[str, str]) -> None:
    done = headstart("demo", "--json", folder=folder)
    decision = json.loads(done.stdout)["decision"]
    (candidate,) = (each for each in decision["contenders"] if each["name"] == decision["candidate_name"])
    assert candidate["gain"]["low"] > 0
    assert candidate["scores"]["accuracy"]["value"] > 0.75


def test_the_second_time_there_is_nothing_to_do(folder: Path, output: tuple[str, str]) -> None:
    again = headstart("demo", folder=folder)
    assert again.returncode == 0, again.stderr
    assert "Nothing to do" in again.stdout
    assert again.stderr.count(" found ") == len(STEPS)
    assert Registry(folder / ".headstart/demo/registry").versions("support-intents") == [1]


def test_the_model_answers_in_python_and_on_the_command_line_alike(folder: Path, output: tuple[str, str]) -> None:
    texts = ["where is my parcel?", "I want my money back", "I cannot log in any more"]
    registry = folder / ".headstart/demo/registry"
    (folder / "texts.txt").write_text("\n".join(texts))
    done = headstart(
        "predict", "support-intents@champion", "texts.txt", "--registry", str(registry), "--json", folder=folder
    )
    assert done.returncode == 0, done.stderr
    answers = Registry(registry).load("support-intents@champion").predict(texts)
    for line, answer in zip(done.stdout.splitlines(), answers, strict=True):
        assert json.loads(line)["label"] == answer.label
        assert json.loads(line)["probability"] == pytest.approx(answer.probability, abs=1e-6)


@pytest.mark.parametrize(
    ("suffix", "read"),
    [
        (".jsonl", lambda out: [json.loads(line) for line in out.open()]),
        (".csv", lambda out: list(csv.DictReader(out.open()))),
        (".parquet", lambda out: pq.read_table(out).to_pylist()),
    ],
)
def test_answers_are_written_to_a_file_whole(
    folder: Path, output: tuple[str, str], suffix: str, read: Callable[[Path], list[dict[str, Any]]]
) -> None:
    (folder / "texts.csv").write_text('text,other\n"Hello, where is it?",1\nRefund please,2\n')
    out = folder / f"answers{suffix}"
    registry = str(folder / ".headstart/demo/registry")
    done = headstart(
        "predict", "support-intents", "texts.csv", "--out", str(out), "--registry", registry, folder=folder
    )
    assert done.returncode == 0, done.stderr
    answers = Registry(registry).load("support-intents").predict(["Hello, where is it?", "Refund please"])
    found = [(row["label"], pytest.approx(float(row["probability"]), abs=1e-5)) for row in read(out)]
    assert found == [(each.label, each.probability) for each in answers]
    assert not list(folder.glob(".*.part"))


def test_transformers_loads_the_published_model_as_it_stands(
    folder: Path, output: tuple[str, str], tmp_path: Path
) -> None:
    from transformers import AutoModel

    Registry(folder / ".headstart/demo/registry").pull("support-intents@champion", tmp_path / "model")
    assert AutoModel.from_pretrained(tmp_path / "model").config.model_type == "bert"
