"""Telling how it ended: in the log always, at the webhook if there is one, and never the webhook's address."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from headstart import status
from headstart.adapters import hosts
from headstart.cli import main
from headstart.errors import HeadstartError
from headstart.progress import Silent
from headstart.schedules import notices
from headstart.spec import Spec
from headstart.workspace import Workspace
from tests.support.webhook import webhook


@pytest.fixture
def spec() -> Spec:
    spec = Spec.model_validate({"name": "intents", "data": "a.csv", "workspace": "memory://notices"})
    store = Workspace.open(spec.workspace).store
    for info in list(store.list("")):
        store.delete(info.key)
    return spec


def test_failures_in_a_row_are_counted_and_a_success_ends_the_count(spec: Spec) -> None:
    assert notices.ended(spec, False, "no disk") == "intents: the retraining failed. no disk"
    assert notices.ended(spec, False, "no disk") == "intents: the retraining failed, 2 times in a row. no disk"
    notices.ended(spec, True, "")
    assert notices.ended(spec, False, "") == "intents: the retraining failed."


def test_the_newest_work_is_told_of_with_its_step_and_cause(spec: Spec) -> None:
    assert notices.newest(spec) == ""
    store = Workspace.open(spec.workspace).store
    with status.kept(store, spec, Silent()) as keeper:
        assert "(no step yet, 2" in notices.newest(spec)
        keeper.started("fine_tune")
        assert re.fullmatch(r"The newest work \(fine_tune, 2.*\) left no word of its end\.", notices.newest(spec))
    with pytest.raises(HeadstartError), status.kept(store, spec, Silent()):
        raise HeadstartError("data/not-found", "gone.", remedy="Look.")
    assert re.fullmatch(r"The newest work \(.*\) failed with data/not-found\.", notices.newest(spec))
    assert notices.newest(spec.model_copy(update={"backbones": ("org/other",)})) == ""  # that was other work


def test_a_damaged_count_begins_anew(spec: Spec) -> None:
    Workspace.open(spec.workspace).store.put("retrains/intents/failures.json", b"[")
    assert notices.ended(spec, False, "") == "intents: the retraining failed."


def test_a_message_reaches_the_webhook_and_the_log(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(hosts.ALLOW, "127.0.0.1")
    with webhook() as hook:
        monkeypatch.setenv(notices.URL, hook.url)
        notices.send("all is well")
    assert hook.heard == [{"text": "all is well"}]
    assert capsys.readouterr().err == "all is well\n"


def test_a_webhook_that_does_not_work_fails_nothing_and_its_address_is_not_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(hosts.ALLOW, "127.0.0.1")
    with webhook(status=500) as hook:
        for url in (hook.url, "http://127.0.0.1:1/secret-path", "file:///etc/secret-path", "http://[secret-path"):
            monkeypatch.setenv(notices.URL, url)
            notices.send("all is well")
    said = capsys.readouterr().err
    assert said.count("all is well\n") == said.count("Nobody was told") == 4
    assert "it answers 500" in said
    assert "secret-path" not in said


def test_a_host_inside_the_cluster_is_told_only_where_the_platform_names_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with webhook() as hook:
        for url in (hook.url, hook.url.replace("http:", "https:")):
            monkeypatch.setenv(notices.URL, url)
            notices.send("all is well")
        assert hook.heard == []
    said = capsys.readouterr().err
    assert f"a url is encrypted (https), unless {hosts.ALLOW} names its host" in said
    assert "is not on the public internet" in said


def test_a_retraining_on_a_machine_is_told_of_however_it_ends_unless_another_process_is_at_it(
    monkeypatch: pytest.MonkeyPatch, spec: Spec
) -> None:
    def fails(code: str) -> None:
        with pytest.raises(HeadstartError), notices.telling(spec):
            raise HeadstartError(code, "no disk.", remedy="Buy one.")

    monkeypatch.setenv(hosts.ALLOW, "127.0.0.1")
    with webhook() as hook:
        fails("compute/failed")  # nobody is named: nothing is counted or told
        monkeypatch.setenv(notices.URL, hook.url)
        fails("retrain/locked")
        fails("compute/failed")
        with notices.telling(spec):
            pass
    assert [each["text"] for each in hook.heard] == [
        "intents: the retraining failed. [compute/failed] no disk. Buy one.",
        "intents: done.",
    ]


def test_a_retraining_whose_spec_cannot_be_read_is_told_of(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    broken = tmp_path / "spec.yaml"
    broken.write_text("name: [")
    monkeypatch.setenv(hosts.ALLOW, "127.0.0.1")
    with webhook() as hook:
        for named in ("", hook.url):
            monkeypatch.setenv(notices.URL, named)
            assert CliRunner().invoke(main, ["retrain", str(broken)]).exit_code == 2
    (told,) = hook.heard
    assert told["text"].startswith(f"{broken}: the retraining failed. [")
