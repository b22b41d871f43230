"""A file of schedules without Kubeflow: the crontab and the CronJobs say what the recurring runs would."""

import os
import shlex
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import kubernetes_validate
import pytest
import yaml
from click.testing import CliRunner, Result
from cronsim import CronSim

from headstart.cli import main
from headstart.pods import IMAGE
from headstart.spec import Spec

SPEC = """
name: intents
data: {source: s3://labels/a.json}
workspace: s3://work
registry: {uri: s3://models}
"""
FILE = """
group: support
kubeflow: {namespace: support}
schedules:
- {name: nightly, cron: 0 3 * * *, time_zone: Asia/Tokyo, spec: specs/intents.yaml,
   parameters: {memory: 16Gi, accelerators: "1", notify_secret: hook, tolerations: [{key: gpu, operator: Exists}]}}
- {name: inbox, pipeline: score, every: 6h, paused: true,
   parameters: {model: intents@champion, source: "s3://in/100%", registry: s3://models, out: s3://out, shadow: candidate}}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    program = tmp_path / "bin dir/headstart"
    program.parent.mkdir()
    program.touch(0o755)
    monkeypatch.setenv("PATH", str(program.parent), prepend=os.pathsep)
    (tmp_path / "specs").mkdir()
    (tmp_path / "specs/intents.yaml").write_text(SPEC)
    (tmp_path / "schedules.yaml").write_text(FILE)
    return tmp_path


def render(form: str, *options: str) -> Result:
    result = CliRunner().invoke(main, ["schedule", "render", "-f", "schedules.yaml", "--as", form, *options])
    assert not result.exception or isinstance(result.exception, SystemExit), result.exception
    return result


def objects() -> list[dict[str, Any]]:
    result = render("cronjob")
    assert result.exit_code == 0, result.output
    return list(yaml.safe_load_all(result.stdout))


def test_a_crontab_has_the_commands_at_the_moments_that_the_file_means(folder: Path) -> None:
    result = render("cron", "--time-zone", "America/Phoenix")
    assert result.exit_code == 0, result.output
    lines = [line for line in result.stdout.splitlines() if line and not line.startswith("# ")]
    (line,) = lines
    fields, _, command = line.partition("  ")
    assert shlex.split(command) == [str(folder / "bin dir/headstart"), "retrain", str(folder / "specs/intents.yaml")]
    start = datetime(2026, 11, 27, tzinfo=UTC)
    here = next(CronSim(fields, start.astimezone(ZoneInfo("America/Phoenix"))))
    assert here.astimezone(UTC).hour == 18  # 3 o'clock in Tokyo
    assert "# Nothing here is done with memory, accelerators, notify_secret, tolerations." in result.stdout


def test_a_paused_schedule_is_a_comment_and_a_percent_sign_ends_no_line(folder: Path) -> None:
    (line,) = [line for line in render("cron").stdout.splitlines() if line.startswith("# paused: ")]
    assert line.startswith("# paused: 0 */6 * * *  ")
    assert r"headstart' score intents@champion s3://in/100\% --out s3://out " in line
    assert line.endswith("--shadow candidate")


@pytest.mark.parametrize("text", [r"s3://in/a\n* * * * * true", r"s3://in/a\r", r"s3://in/\e[2J"])
def test_a_parameter_that_would_begin_a_line_of_its_own_is_refused(folder: Path, text: str) -> None:
    (folder / "schedules.yaml").write_text(FILE.replace("s3://in/100%", text))
    refused = render("cron")
    assert refused.exit_code == 2
    assert "schedule inbox: 's3://in/" in refused.stderr
    assert refused.stdout == ""


def test_every_command_of_a_crontab_is_one_that_the_command_line_knows(folder: Path) -> None:
    lines = [line for line in render("cron").stdout.splitlines() if "/headstart'" in line]
    assert len(lines) == 2
    for line in lines:
        name, *arguments = shlex.split(line.partition("  ")[2].replace(r"\%", "%"))[1:]
        main.commands[name].make_context(name, arguments)  # raises where an argument or an option is wrong


def test_kubernetes_knows_every_field_and_the_spec_travels_with_its_job(folder: Path) -> None:
    made = objects()
    assert [(each["kind"], each["metadata"]["name"]) for each in made] == [
        ("ConfigMap", "nightly"),
        ("CronJob", "nightly"),
        ("CronJob", "inbox"),
    ]
    for each in made:
        kubernetes_validate.validate(each, "1.33", strict=True)
        assert each["metadata"]["namespace"] == "support"
    assert Spec.parse(made[0]["data"]["spec.json"]) == Spec.load("specs/intents.yaml")
    nightly, inbox = made[1]["spec"], made[2]["spec"]
    assert (nightly["schedule"], nightly["timeZone"], nightly["suspend"]) == ("0 3 * * *", "Asia/Tokyo", False)
    assert (inbox["schedule"], inbox["suspend"]) == ("0 */6 * * *", True)
    assert nightly["concurrencyPolicy"] == inbox["concurrencyPolicy"] == "Forbid"
    pod = nightly["jobTemplate"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert container["image"] == IMAGE
    assert container["command"] == ["headstart", "retrain", "/etc/headstart/spec.json"]
    assert container["resources"]["limits"] == {
        "cpu": "2",
        "memory": "16Gi",
        "nvidia.com/gpu": "1",
        "ephemeral-storage": "20Gi",
    }
    assert pod["tolerations"] == [{"key": "gpu", "operator": "Exists"}]
    secrets = {each["name"]: each["valueFrom"]["secretKeyRef"] for each in container["env"] if "valueFrom" in each}
    assert secrets["HEADSTART_NOTIFY_URL"] == {"name": "hook", "key": "HEADSTART_NOTIFY_URL", "optional": True}
    assert secrets["AWS_ACCESS_KEY_ID"]["name"] == "headstart-store"


def test_a_spec_of_this_machine_is_for_cron_alone(folder: Path) -> None:
    (folder / "specs/intents.yaml").write_text("name: intents\ndata: a.json\n")
    assert render("cron").exit_code == 0
    refused = render("cronjob")
    assert refused.exit_code == 2
    assert "which no pod can see" in refused.stderr


def test_a_zone_whose_clocks_change_is_no_matter_for_a_cronjob_and_refused_where_it_cannot_be_said(
    folder: Path,
) -> None:
    (folder / "schedules.yaml").write_text(FILE.replace("Asia/Tokyo", "Europe/Berlin"))
    assert objects()[1]["spec"]["timeZone"] == "Europe/Berlin"
    assert render("cron", "--time-zone", "Europe/Berlin").exit_code == 0
    refused = render("cron")
    assert refused.exit_code == 2
    assert "schedule nightly: cron '0 3 * * *' in Europe/Berlin" in refused.stderr
    assert "--time-zone" in refused.stderr


@pytest.mark.parametrize(
    ("said", "found", "problem"),
    [
        ("every: 6h", "every: 7h", "every 7h cannot be said in cron"),
        ("pipeline: score", "pipeline: ours", "only Kubeflow knows the pipeline ours"),
        ("pipeline: score", "pipeline: score, version: score-1", "it pins a version of the pipeline"),
        ("shadow: candidate", "shade: candidate", "the pipeline score has no parameter shade"),
        ("model: intents@champion, ", "", "the pipeline score needs the parameter model"),
        ("pipeline: score, ", "pipeline: assess, ", "it has no spec"),
    ],
)
@pytest.mark.parametrize("form", ["cron", "cronjob"])
def test_what_cannot_be_said_is_one_error_that_names_the_schedule(
    folder: Path, form: str, said: str, found: str, problem: str
) -> None:
    (folder / "schedules.yaml").write_text(FILE.replace(said, found))
    refused = render(form)
    assert refused.exit_code == 2
    assert f"schedule inbox: {problem}" in refused.stderr
    assert refused.stdout == ""


@pytest.mark.parametrize(
    ("every", "fields"),
    [("60s", "*/1 * * * *"), ("15m", "*/15 * * * *"), ("60m", "0 * * * *"), ("1h", "0 * * * *"), ("24h", "0 0 * * *")],
)
def test_spaces_that_divide_a_day_are_said(folder: Path, every: str, fields: str) -> None:
    (folder / "schedules.yaml").write_text(FILE.replace("6h", every))
    assert objects()[2]["spec"]["schedule"] == fields


def test_a_name_too_long_for_a_cronjob_is_refused(folder: Path) -> None:
    (folder / "schedules.yaml").write_text(FILE.replace("name: inbox", f"name: {'i' * 53}"))
    assert "has at most 52" in render("cronjob").stderr
