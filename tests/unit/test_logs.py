"""Log lines for machines: one JSON object a line, with the run's id in each."""

import io
import json

import pytest
from click.testing import CliRunner

from headstart import display, logs
from headstart.cli import main
from headstart.errors import SpecError
from headstart.origin import run_id
from headstart.spec import Spec


@pytest.fixture(autouse=True)
def _asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEADSTART_LOG", "json")
    monkeypatch.delenv("HEADSTART_JOB_ID", raising=False)


def test_a_line_says_time_level_run_step_and_message() -> None:
    stream = io.StringIO()
    told = display.lines(stream, "tickets-1a2b3c4d")
    told.started("fine_tune")
    told.advanced("fine_tune", 1, 4, "epoch 1")  # too soon after the line before
    told.finished("fine_tune", 'lp-ft, "epoch 4"\nof 4', 30.8, reused=False)
    first, last = (json.loads(line) for line in stream.getvalue().splitlines())
    assert first["message"] == "started"
    assert last.pop("time").endswith("+00:00")
    assert last == {
        "level": "info",
        "run": "tickets-1a2b3c4d",
        "step": "fine_tune",
        "seconds": 30.8,
        "found": False,
        "message": 'lp-ft, "epoch 4"\nof 4',
    }


def test_lines_for_people_are_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HEADSTART_LOG")
    stream = io.StringIO()
    display.lines(stream, "tickets-1a2b3c4d").finished("register", "tickets version 1", 0.2, reused=False)
    assert stream.getvalue().startswith("✓ register")


def test_a_line_names_the_job_that_it_is_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEADSTART_JOB_ID", "tickets-1a2b3c4d-1")
    assert json.loads(logs.line("started"))["job"] == "tickets-1a2b3c4d-1"


def test_an_error_is_one_line_with_its_code_and_remedy() -> None:
    said = json.loads(logs.of_error(SpecError("spec/unreadable", "no file.", remedy="Name one.", where="a.yaml"), "r"))
    assert (said["level"], said["code"], said["where"]) == ("error", "spec/unreadable", "a.yaml")
    assert (said["message"], said["remedy"], said["run"]) == ("no file.", "Name one.", "r")


def test_a_command_that_fails_says_so_in_one_object() -> None:
    done = CliRunner().invoke(main, ["run", "there-is-none.yaml"])
    assert done.exit_code == 2
    assert json.loads(done.stderr)["code"] == "spec/unreadable"


def test_another_form_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEADSTART_LOG", "xml")
    done = CliRunner().invoke(main, ["models", "list"])
    assert done.exit_code == 2
    assert "'xml' is no form of log lines" in done.stderr


def test_the_id_of_a_run_is_that_of_its_folder_and_the_same_for_an_equal_spec() -> None:
    spec = Spec.parse("{name: tickets, data: a.csv}")
    assert run_id(spec) == run_id(Spec.parse(spec.to_json()))
    assert run_id(spec) != run_id(spec.model_copy(update={"workspace": "s3://elsewhere"}))
