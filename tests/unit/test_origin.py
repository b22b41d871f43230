"""Which commit, image and runs a process belongs to."""

import importlib.metadata
import json
import re
import subprocess
from pathlib import Path

import pytest

from headstart import origin


def test_the_environment_says_which_commit_and_image_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(origin.COMMIT, "0" * 40)
    monkeypatch.setenv(origin.IMAGE, "headstart@sha256:1")
    assert (origin.commit(), origin.image()) == ("0" * 40, "headstart@sha256:1")


def test_a_clone_is_its_commit_and_says_where_it_was_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(origin.COMMIT, raising=False)
    module = tmp_path / "headstart/origin.py"
    module.parent.mkdir()
    module.write_text("original\n")
    monkeypatch.setattr(origin, "__file__", str(module))
    assert origin.commit() == ""
    git = ["git", "-C", str(tmp_path), "-c", "user.name=x", "-c", "user.email=x@example.org"]
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "x"]):
        subprocess.run([*git, *command], check=True)
    assert re.fullmatch(r"[0-9a-f]{40}", origin.commit())
    module.write_text("changed\n")
    assert re.fullmatch(r"[0-9a-f]{40}-dirty", origin.commit())


@pytest.mark.parametrize(
    ("said", "commit"),
    [
        ({"url": "https://example.org/x.git", "vcs_info": {"vcs": "git", "commit_id": "1" * 40}}, "1" * 40),
        ({"url": "file:///x", "dir_info": {"editable": True}}, ""),
        (None, ""),
    ],
)
def test_an_installation_from_git_knows_its_commit(
    said: object, commit: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    info = tmp_path / "headstart-0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Name: headstart\nVersion: 0\n")
    if said:
        (info / "direct_url.json").write_text(json.dumps(said))
    found = importlib.metadata.PathDistribution(info)
    monkeypatch.delenv(origin.COMMIT, raising=False)
    monkeypatch.setattr(origin, "distribution", lambda name: found)
    monkeypatch.setattr(origin, "__file__", str(tmp_path / "headstart/origin.py"))
    assert origin.commit() == commit


@pytest.mark.parametrize("config", ["", "{", "[]", "null", '{"metadata": null}', '{"metadata": {}}'])
def test_a_process_that_is_no_job_names_its_folder_only(config: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(origin.KUBEFLOW_RUN, raising=False)
    monkeypatch.setenv("RAY_JOB_CONFIG_JSON_ENV_VAR", config)
    assert origin.runs("work/runs/x") == {"folder": "work/runs/x"}


def test_a_job_names_itself_and_kubeflows_and_rays_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(origin.KUBEFLOW_RUN, "2f7c")
    config = {"metadata": {"job_submission_id": "raysubmit_1", "job_name": "x"}}
    monkeypatch.setenv("RAY_JOB_CONFIG_JSON_ENV_VAR", json.dumps(config))
    monkeypatch.setenv("HEADSTART_JOB_ID", "intents-0000000a-1")
    assert origin.runs("f") == {"folder": "f", "job": "intents-0000000a-1", "kubeflow": "2f7c", "ray": "raysubmit_1"}
