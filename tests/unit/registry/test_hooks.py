"""Hooks: each hears of every publication and every move at least once, in order, by an address that is safe to tell."""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from standardwebhooks import Webhook

from headstart.adapters.hosts import ALLOW
from headstart.blobs import Blobs
from headstart.errors import IntegrityError, UsageError
from headstart.registry import Registry, delivery, hooks
from headstart.registry.hooks import Hook
from headstart.registry.outbox import Log, deliver, deliver_all, enlist
from headstart.registry.policy import Policy
from headstart.stores.memory import MemoryStore
from tests.support.drafts import draft
from tests.support.web import Handler, Page, Site, certificate, moved, raw, site, status

pytestmark = pytest.mark.slow

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ALLOW, "localhost")
    monkeypatch.setenv("DEPLOY_SECRET", SECRET)
    monkeypatch.setattr(delivery, "_PAUSES", (0.01, 0.01, 0.01))


@pytest.fixture
def receiver() -> Iterator[Site]:
    with site({"/deploy": status(204)}) as here:
        yield here


def webhook(receiver: Site, *events: str, path: str = "/deploy") -> Hook:
    return Hook.model_validate(
        {"events": events or ("publish", "promote"), "url": receiver.url + path, "secret": "DEPLOY_SECRET"}
    )


def command(*arguments: object, events: tuple[str, ...] = ("publish", "promote")) -> Hook:
    return Hook.model_validate({"events": events, "command": [sys.executable, "-c", *map(str, arguments)]})


def telling(folder: Path, *told: Hook) -> Registry:
    return Registry(folder / "registry", Policy(hooks=told))


def publish(registry: Registry, tx: str = "tx") -> None:
    source = Blobs(MemoryStore())
    registry.publish(draft(source), source, tx)


def heard(receiver: Site) -> list[tuple[str, int]]:
    said = [json.loads(body) for body in receiver.bodies]
    return [(each["type"].removeprefix("headstart."), each["data"]["version"]) for each in said]


def failing(*answers: int) -> Page:
    """Answers with each status in turn, and with the last one from then on."""
    left = list(answers)

    def page(handler: Handler) -> None:
        status(left.pop(0) if len(left) > 1 else left[0])(handler)

    return page


# ---------------------------------------------------------------- what is told


def test_a_publication_and_a_move_are_told_as_they_happen(tmp_path: Path, receiver: Site) -> None:
    registry = telling(tmp_path, webhook(receiver))
    publish(registry)
    registry.move("intents", "champion", 1, "better", "c" * 64)
    assert heard(receiver) == [("publish", 1), ("promote", 1)]
    published, promoted = (json.loads(body) for body in receiver.bodies)
    assert published["data"]["metrics"] == {"macro_f1": {"value": 0.9, "low": 0.85, "high": 0.95}}
    assert promoted["data"] | {"id": "", "by": ""} == {
        "id": "",
        "registry": registry.uri,
        "name": "intents",
        "alias": "champion",
        "version": 1,
        "previous": None,
        "by": "",
        "reason": "better",
        "decision": "c" * 64,
    }
    registry.move("intents", "champion", 1, "again")
    assert json.loads(receiver.bodies[-1])["data"]["previous"] == 1


def test_a_hook_hears_only_of_what_it_asked_for(tmp_path: Path, receiver: Site) -> None:
    registry = telling(tmp_path, webhook(receiver, "promote"))
    publish(registry)
    registry.move("intents", "champion", 1, "better")
    assert heard(receiver) == [("promote", 1)]


def test_what_happened_before_a_hook_was_there_is_not_told(tmp_path: Path, receiver: Site) -> None:
    plain = telling(tmp_path)
    publish(plain)
    plain.move("intents", "champion", 1, "first")
    registry = telling(tmp_path, webhook(receiver))
    registry.move("intents", "champion", 1, "second")
    assert [json.loads(body)["data"]["reason"] for body in receiver.bodies] == ["second"]


def test_who_moves_without_hooks_leaves_the_event_for_who_delivers(tmp_path: Path, receiver: Site) -> None:
    hook = webhook(receiver)
    enlist(telling(tmp_path).store, [hook])
    plain = telling(tmp_path)
    publish(plain)
    plain.move("intents", "champion", 1, "first")
    plain.move("intents", "champion", 1, "second")
    plain.move("intents", "canary", 1, "third")
    told = deliver_all(plain.store, [hook])
    assert sorted(str(each.event.data.get("reason", "published")) for each in told) == [
        "first",
        "published",
        "second",
        "third",
    ]
    assert deliver_all(plain.store, [hook]) == []
    assert len(receiver.bodies) == 4


def test_a_webhook_is_signed_as_standard_webhooks_are(tmp_path: Path, receiver: Site) -> None:
    registry = telling(tmp_path, webhook(receiver))
    publish(registry)
    read = Webhook(SECRET).verify(receiver.bodies[0], dict(receiver.headers[0]))
    assert read["data"]["name"] == "intents"
    assert receiver.headers[0]["content-type"] == "application/json"
    with pytest.raises(Exception, match="signature"):
        Webhook("whsec_" + "A" * 32).verify(receiver.bodies[0], dict(receiver.headers[0]))
    with pytest.raises(Exception, match="signature"):
        Webhook(SECRET).verify(receiver.bodies[0] + b" ", dict(receiver.headers[0]))


def test_a_command_finds_the_event_in_its_environment(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    names = ("NAME", "VERSION", "ALIAS", "REGISTRY", "EVENT", "EVENT_ID")
    program = f"import json, os; print(json.dumps([os.environ['HEADSTART_' + name] for name in {names!r}]))"
    registry = telling(tmp_path, command(program, events=("promote",)))
    publish(registry)
    registry.move("intents", "champion", 1, "$(touch hacked); better")
    out, err = capfd.readouterr()
    assert out == ""  # standard output is for what the program itself prints
    name, version, alias, uri, event, event_id = json.loads(err)
    assert (name, version, alias, uri) == ("intents", "1", "champion", registry.uri)
    assert json.loads(event)["data"]["reason"] == "$(touch hacked); better"
    assert json.loads(event)["data"]["id"] == event_id


# ---------------------------------------------------------------- who does not take it


def test_a_receiver_that_comes_back_has_the_event_once(tmp_path: Path, receiver: Site) -> None:
    receiver.pages["/deploy"] = failing(503, 429, 200)
    registry = telling(tmp_path, webhook(receiver))
    publish(registry)
    assert len(receiver.bodies) == 3
    assert len({each["webhook-id"] for each in receiver.headers}) == 1
    assert deliver(registry.store, registry.policy.hooks, Log("intents")) == []


@pytest.mark.parametrize(
    ("page", "tries", "reason"),
    [
        (status(500), 4, "it answers 500"),
        (status(400), 1, "it answers 400"),
        (status(404), 1, "it answers 404"),
        (moved("https://elsewhere.example/deploy"), 1, "it answers 302"),
        (moved("/other", 307), 1, "it answers 307"),
        (raw(b"no HTTP at all\r\n\r\n"), 4, ""),
        (raw(b""), 4, ""),
    ],
)
def test_what_is_not_taken_is_kept_and_told_first_next_time(
    tmp_path: Path, receiver: Site, page: Page, tries: int, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    receiver.pages["/deploy"] = page
    registry = telling(tmp_path, webhook(receiver))
    publish(registry)  # is published all the same
    assert len(receiver.bodies) == tries
    assert reason in caplog.text
    assert "headstart models deliver" in caplog.text
    receiver.pages["/deploy"] = status(200)
    receiver.bodies.clear()
    publish(registry, "tx2")
    assert heard(receiver) == [("publish", 1), ("publish", 2)]


def test_a_receiver_that_is_gone_is_told_when_it_is_back(tmp_path: Path) -> None:
    with site({}) as gone:
        pass
    registry = telling(tmp_path, webhook(gone))
    publish(registry)
    (told,) = deliver_all(registry.store, registry.policy.hooks)
    assert "refused" in told.failure.lower()


@pytest.mark.parametrize(
    ("program", "reason"),
    [("raise SystemExit(3)", "it ended with status 3"), ("import os; os.kill(os.getpid(), 9)", "-9")],
)
def test_a_command_that_fails_is_run_again_later(tmp_path: Path, program: str, reason: str) -> None:
    registry = telling(tmp_path, command(program))
    publish(registry)
    (told,) = deliver_all(registry.store, registry.policy.hooks)
    assert reason in told.failure


def test_a_command_that_is_none_is_told(tmp_path: Path) -> None:
    hook = Hook(events=("publish",), command=(str(tmp_path / "none"),))
    registry = telling(tmp_path, hook)
    publish(registry)
    assert "cannot be run: No such file" in deliver_all(registry.store, [hook])[0].failure


def test_one_hook_that_fails_holds_up_no_other(tmp_path: Path, receiver: Site) -> None:
    receiver.pages["/broken"] = status(500)
    registry = telling(tmp_path, webhook(receiver, path="/broken"), webhook(receiver))
    publish(registry)
    assert receiver.asked.count("/deploy") == 1


def test_a_damaged_position_is_told_and_not_guessed(tmp_path: Path, receiver: Site) -> None:
    registry = telling(tmp_path, webhook(receiver))
    publish(registry)
    registry.store.put(f"hooks/{registry.policy.hooks[0].id}/intents.json", b"{}")
    with pytest.raises(IntegrityError, match="hooks/"):
        deliver_all(registry.store, registry.policy.hooks)


def test_an_event_that_is_told_again_has_the_same_id(tmp_path: Path, receiver: Site) -> None:
    registry = telling(tmp_path, webhook(receiver))
    publish(registry)
    registry.store.delete(f"hooks/{registry.policy.hooks[0].id}/intents.json")  # died before it was written
    (again,) = deliver_all(registry.store, registry.policy.hooks)
    assert again.failure == ""
    assert [each["webhook-id"] for each in receiver.headers] == [again.event.id] * 2


# ---------------------------------------------------------------- what a hook may be


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://deploy.example/x", "encrypted"),
        ("http://127.0.0.1/x", "encrypted"),
        ("https://user:password@deploy.example/x", "credentials"),
        ("https://token@deploy.example/x", "credentials"),
        ("ftp://deploy.example/x", "https://"),
        ("file:///etc/passwd", "https://"),
        ("deploy.example/x", "https://"),
        ("https://", "https://"),
        ("https://[::1", "IPv6"),
        ("https://host:99999/x", "[Pp]ort"),
    ],
)
def test_an_address_that_is_not_safe_to_tell_is_no_hook(tmp_path: Path, url: str, words: str) -> None:
    path = tmp_path / "hooks.yaml"
    path.write_text(json.dumps([{"events": ["promote"], "url": url, "secret": "DEPLOY_SECRET"}]))
    with pytest.raises(UsageError, match=words) as caught:
        hooks.read(path)
    assert caught.value.code == "hook/bad-config"
    assert "password" not in str(caught.value)


@pytest.mark.parametrize("host", ["127.0.0.1", "169.254.169.254", "10.0.0.1", "[::1]", "2130706433"])
def test_an_address_inside_is_not_told_unless_it_is_allowed_by_name(tmp_path: Path, host: str) -> None:
    hook = Hook(events=("publish",), url=f"https://{host}/x", secret="DEPLOY_SECRET")
    registry = telling(tmp_path, hook)
    publish(registry)
    assert "not on the public internet" in deliver_all(registry.store, [hook])[0].failure


def test_a_certificate_that_nobody_vouches_for_is_not_told(tmp_path: Path) -> None:
    with site({"/deploy": status(200)}, certificate(tmp_path / "pem", "localhost")) as receiver:
        registry = telling(tmp_path, webhook(receiver))
        publish(registry)
        assert receiver.bodies == []
        assert "certificate" in deliver_all(registry.store, registry.policy.hooks)[0].failure


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "list|tuple"),
        ("{}", "list|tuple"),
        ("- {events: [promote]}", "either a url or a command"),
        ("- {events: [], command: [x]}", "at least 1"),
        ("- {events: [deploy], command: [x]}", "publish"),
        ("- {events: [promote], url: 'https://x.example/'}", "a url has a secret"),
        ("- {events: [promote], command: [x], secret: A}", "a url has a secret"),
        ("- {events: [promote], url: 'https://x.example/', secret: 'whsec_abc='}", "environment variable"),
        ("- {events: [promote], command: [x], shell: true}", "shell"),
        ("- [", "YAML"),
        ("\xff", "UTF-8"),
    ],
)
def test_a_file_of_hooks_that_is_none_is_told(
    tmp_path: Path, text: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "hooks.yaml"
    path.write_bytes(text.encode("latin-1"))
    monkeypatch.setenv(hooks.VARIABLE, str(path))
    with pytest.raises(UsageError, match=words) as caught:
        Registry(tmp_path / "registry")
    assert (caught.value.code, caught.value.where.partition(",")[0]) == ("hook/bad-config", str(path))


def test_a_file_of_hooks_that_is_not_there_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(hooks.VARIABLE, str(tmp_path / "none.yaml"))
    with pytest.raises(UsageError, match="No such file"):
        Registry(tmp_path / "registry")


@pytest.mark.parametrize("secret", ["", "whsec_", "secret!", "whsec_c2hvcnQ="])
def test_a_secret_that_is_none_is_told_before_anything_happens(
    tmp_path: Path, receiver: Site, secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEPLOY_SECRET", secret)
    registry = telling(tmp_path, webhook(receiver))
    with pytest.raises(UsageError, match="DEPLOY_SECRET") as caught:
        publish(registry)
    assert "c2hvcnQ" not in str(caught.value)
    assert registry.models() == []


def test_nothing_secret_is_kept_in_the_registry(tmp_path: Path, receiver: Site) -> None:
    hook = webhook(receiver, path="/deploy?token=hidden")
    receiver.pages["/deploy?token=hidden"] = status(200)
    registry = telling(tmp_path, hook)
    publish(registry)
    assert len(receiver.bodies) == 1
    kept = b"".join(registry.store.get(info.key) or b"" for info in registry.store.list(""))
    assert b"hidden" not in kept
    assert SECRET.encode() not in kept
    assert os.environ["DEPLOY_SECRET"] == SECRET


def test_what_was_told_is_said_with_its_outcome(tmp_path: Path, receiver: Site) -> None:
    registry = telling(tmp_path, webhook(receiver))
    enlist(registry.store, registry.policy.hooks)
    publish(telling(tmp_path))
    assert [(each.hook, each.failure) for each in deliver_all(registry.store, registry.policy.hooks)] == [
        (f"{receiver.url}/deploy", "")
    ]
