"""headstart schedule and pipelines upload, as a user calls them, against Kubeflow's API over HTTP."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

pytest.importorskip("kfp")

from headstart.cli import main
from headstart.pipelines import PIPELINES
from tests.support.kubeflow_api import kubeflow_api
from tests.support.kubeflow_state import State

FILE = """
schedules:
- name: nightly
  cron: 0 3 * * *
  time_zone: Asia/Tokyo
- name: hourly
  every: 1h
  paused: true
"""


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[State]:
    state = State()
    monkeypatch.chdir(tmp_path)
    Path("schedules.yaml").write_text(FILE)
    with kubeflow_api(state) as endpoint:
        monkeypatch.setenv("KF_PIPELINES_ENDPOINT", endpoint)
        yield state


def headstart(*arguments: str) -> Result:
    result = CliRunner().invoke(main, arguments)
    assert not result.exception or isinstance(result.exception, SystemExit), result.exception
    return result


def lines(*arguments: str) -> list[str]:
    result = headstart(*arguments)
    assert result.exit_code == 0, result.output
    return result.stdout.splitlines()


def test_pipelines_are_uploaded_once_and_then_scheduled(state: State) -> None:
    first = json.loads(headstart("pipelines", "upload", "--json").stdout)
    assert {each["pipeline"]: each["new"] for each in first} == dict.fromkeys(PIPELINES, True)
    assert lines("pipelines", "upload") == [f"{each['pipeline']}: {each['version']}, unchanged" for each in first]

    assert lines("schedule", "diff", "-f", "schedules.yaml")[:2] == [
        "create  nightly: there is none",
        "create  hourly: there is none",
    ]
    assert state.recurring == {}
    applied = lines("schedule", "apply", "-f", "schedules.yaml")
    assert applied[2].startswith("nightly: 0 3 * * * in Asia/Tokyo; next 2")
    assert applied[2].count("T03:00:00+09:00") == 3
    assert applied[3] == "hourly: every 1h; next paused"
    assert lines("schedule", "apply", "-f", "schedules.yaml")[0] == "Nothing to change."

    assert lines("schedule", "list") == [
        "hourly  paused  retrain: every 1h",
        "nightly  active  retrain: 0 3 * * * in Asia/Tokyo",
    ]
    assert (
        json.loads(headstart("schedule", "show", "nightly").stdout)["trigger"]["cron_schedule"]["cron"]
        == "0 0 18 * * *"
    )

    assert lines("schedule", "pause", "nightly") == ["pause nightly"]
    paused = {each["name"]: each["paused"] for each in json.loads(headstart("schedule", "list", "--json").stdout)}
    assert paused == {"hourly": True, "nightly": True}
    assert lines("schedule", "resume", "nightly") == ["resume nightly"]
    (started,) = lines("schedule", "run", "nightly")
    assert state.runs[started]["display_name"] == "nightly by hand"
    assert lines("schedule", "delete", "hourly") == ["delete hourly"]
    assert lines("schedule", "list") == ["nightly  active  retrain: 0 3 * * * in Asia/Tokyo"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("schedule", "apply", "-f", "gone.yaml"), "spec/unreadable"),
        (("schedule", "apply", "-f", "schedules.yaml"), "kubeflow/not-found"),  # no pipeline was uploaded
        (("schedule", "pause", "nothing"), "kubeflow/not-found"),
    ],
)
def test_what_is_not_there_is_one_error_with_status_two(state: State, arguments: tuple[str, ...], code: str) -> None:
    result = headstart(*arguments)
    assert result.exit_code == 2
    assert result.stderr.startswith(f"error [{code}]")
    assert state.recurring == {}


def test_an_installation_that_does_not_answer_is_one_error_with_status_one(state: State) -> None:
    result = headstart("schedule", "list", "--endpoint", "http://127.0.0.1:1")
    assert result.exit_code == 1
    assert result.stderr.startswith("error [kubeflow/unreachable]")
