"""The file of schedules: read strictly, and wrong in one clear sentence."""

from pathlib import Path

import pytest

from headstart.errors import SpecError
from headstart.schedules.apply import next_runs, told
from headstart.schedules.wanted import Schedules
from headstart.spec import Spec
from tests.unit.schedules.test_cron import NOW

SPEC = "name: intents\ndata: s3://labels/a.json\nworkspace: s3://work\nregistry: {uri: s3://models}\n"


def load(folder: Path, text: str) -> Schedules:
    (folder / "schedules.yaml").write_text(text)
    return Schedules.load(folder / "schedules.yaml")


def test_a_spec_beside_the_file_becomes_the_pipelines_parameter(tmp_path: Path) -> None:
    (tmp_path / "specs").mkdir()
    (tmp_path / "specs/intents.yaml").write_text(SPEC)
    wanted = load(tmp_path, "schedules:\n- {name: nightly, cron: 0 3 * * *, spec: specs/intents.yaml}\n")
    (only,) = wanted.schedules
    assert Spec.parse(only.parameters["spec"]) == Spec.load(tmp_path / "specs/intents.yaml")
    assert (only.pipeline, only.version, only.paused) == ("retrain", "latest", False)


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("schedules:\n- {name: a, crn: 0 3 * * *}\n", "spec/unknown-key", "line 2: unknown key 'schedules.0.crn'. Did you mean 'cron'?"),
        ("schedules:\n- {cron: 0 3 * * *}\n", "spec/missing-key", "'schedules.0.name' is missing"),
        ("schedules:\n- {name: a}\n", "spec/invalid-value", "the schedule a has either cron or every"),
        ("schedules:\n- {name: a, cron: 0 3 * * *, every: 1h}\n", "spec/invalid-value", "has either cron or every"),
        ("schedules:\n- {name: a, every: 5s}\n", "spec/invalid-value", "At least 60s"),
        ("schedules:\n- {name: a, cron: 0 25 * * *}\n", "spec/invalid-value", "bad hour"),
        ("schedules:\n- {name: a, cron: 0 3 * * *, time_zone: Berlin}\n", "spec/invalid-value", "A time zone is a name"),
        ("schedules:\n- {name: a, every: 1h}\n- {name: a, every: 2h}\n", "spec/invalid-value", "two schedules have the name a"),
        ("schedules:\n- {name: a, cron: 0 3 * * *, time_zone: Europe/Berlin}\n", "spec/invalid-value", "cannot be said in Kubeflow's time zone"),
        ("schedules:\n- {name: a, every: 1h, spec: gone.yaml}\n", "spec/unreadable", "gone.yaml"),
        ("schedules:\n- {name: a, every: 1h, spec: local.yaml}\n", "spec/invalid-value", "which no pod can see"),
        ("schedules: nightly\n", "spec/invalid-value", "schedules is"),
        ("- nightly\n", "spec/unreadable", "no mapping of keys to values. Start with schedules:."),
    ],
)  # fmt: skip
def test_a_mistake_is_one_error_with_its_place_and_remedy(tmp_path: Path, text: str, code: str, said: str) -> None:
    (tmp_path / "local.yaml").write_text("name: intents\ndata: a.json\n")
    with pytest.raises(SpecError) as caught:
        load(tmp_path, text)
    assert caught.value.code == code
    assert said.lower() in str(caught.value).lower()


@pytest.mark.parametrize(
    "parameter",
    [
        "api_key: abc",
        "hub_token: abc",
        "note: hf_abcdefghijklmnopqrstuvwx",
        "note: {deep: AKIAABCDEFGHIJKLMNOP}",
        "hook: https://hooks.slack.com/services/T/B/x",
    ],
)
def test_a_parameter_that_looks_like_a_secret_is_refused_and_not_repeated(tmp_path: Path, parameter: str) -> None:
    with pytest.raises(SpecError, match="looks like a secret") as caught:
        load(tmp_path, f"schedules:\n- name: a\n  every: 1h\n  parameters: {{{parameter}}}\n")
    for word in ("abc", "AKIA", "/T/B/x"):
        assert word not in str(caught.value)


def test_the_names_of_secrets_are_no_secrets(tmp_path: Path) -> None:
    text = "schedules:\n- {name: a, every: 1h, parameters: {notify_secret: team-hook, store_secret: team-store}}\n"
    assert load(tmp_path, text).schedules[0].parameters["notify_secret"] == "team-hook"


def test_a_zone_whose_clocks_change_is_right_where_the_controller_runs_in_it(tmp_path: Path) -> None:
    text = "kubeflow: {time_zone: Europe/Berlin}\nschedules:\n- {name: a, cron: 0 3 * * *, time_zone: Europe/Berlin}\n"
    (only,) = load(tmp_path, text).schedules
    assert told(only) == "0 3 * * * in Europe/Berlin"
    assert [run.isoformat() for run in next_runs(only, NOW, 1)] == ["2026-11-28T03:00:00+01:00"]
