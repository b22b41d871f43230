"""What a Ray dashboard, or who stands before it, may answer: the job is told as it is, or the place as silent."""

import importlib.metadata
import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import headstart as hs
from headstart.adapters.ray_jobs import RAY, RayRunner
from headstart.cli import main
from headstart.client import Handle
from headstart.errors import JobError, UsageError
from headstart.jobs import State, Work, following
from tests.support.servers import free_port
from tests.support.web import Handler, Page, body, certificate, moved, site, status

pytestmark = pytest.mark.slow

SPEC = hs.Spec(name="intents", data="s3://labels/a.json", workspace="s3://work")
ID = "intents-0000000a-1"
WORK = Work(ID, SPEC, f"s3://work/jobs/{ID}/spec.json")
JOB, LOGS, JOBS, VERSION = f"/api/jobs/{ID}", f"/api/jobs/{ID}/logs", "/api/jobs/", "/api/version"


def said(value: object) -> Page:
    return body(json.dumps(value).encode(), Content_Type="application/json")


def job(state: str = "RUNNING", **more: Any) -> Mapping[str, Any]:
    metadata = {"headstart": "0.1.0", "name": "intents", "spec": WORK.spec_uri}
    return {"submission_id": ID, "status": state, "metadata": metadata, "start_time": 1764220000000} | more


def ray(version: str = "2.60.0") -> Page:
    return said({"version": "4", "ray_version": version})


def in_turn(*pages: Page) -> Page:
    """One page after the other, and the last ever after."""
    left = list(pages)
    return lambda handler: (left.pop(0) if len(left) > 1 else left[0])(handler)


def hang_up(handler: Handler) -> None:
    """No answer."""
    handler.close_connection = True


def told(code: int, text: str) -> Page:
    """An answer in words."""

    def page(handler: Handler) -> None:
        handler.send_response(code)
        handler.send_header("Content-Length", str(len(text.encode())))
        handler.end_headers()
        handler.wfile.write(text.encode())

    return page


unknown = told(404, f"Job {ID} does not exist")


def refusal(ask: Callable[[], object]) -> JobError:
    with pytest.raises(JobError) as caught:
        ask()
    return caught.value


def test_the_version_that_is_asked_for_is_the_one_that_the_engine_has() -> None:
    (wanted,) = [each for each in importlib.metadata.requires("headstart") or () if each.startswith("ray[")]
    assert re.search(r">=(\d+)\.(\d+)", wanted) is not None
    assert f">={RAY[0]}.{RAY[1]}" in wanted
    assert f"<{RAY[0]}.{RAY[1] + 1}" in wanted


def test_another_version_of_ray_is_told_before_anything_is_submitted() -> None:
    with site({VERSION: ray("2.9.3"), JOBS: said({})}) as here:
        error = refusal(lambda: RayRunner(here.url).submit(WORK))
        assert error.code == "job/refused"
        assert "Ray 2.9.3" in error.problem
        assert "Ray 2.60" in error.remedy
        assert here.asked == [VERSION]


def test_a_submission_whose_reply_is_lost_is_not_repeated() -> None:
    with site({VERSION: ray(), JOBS: hang_up, JOB: said(job("PENDING"))}) as here:
        assert RayRunner(here.url).submit(WORK).state is State.QUEUED
        assert here.asked.count(JOBS) == 1
        (sent,) = map(json.loads, here.bodies)
        assert sent["entrypoint"] == f"headstart run {WORK.spec_uri}"
        assert sent["runtime_env"] == {"env_vars": {"HEADSTART_JOB_ID": ID}}


def test_an_id_that_is_taken_is_adopted() -> None:
    with site({VERSION: ray(), JOBS: status(400), JOB: said(job())}) as here:
        assert RayRunner(here.url).submit(WORK).state is State.RUNNING


def test_a_refused_submission_says_what_was_answered() -> None:
    text = "Traceback (most recent call last):\n  File\nTypeError: runtime_env must be a dict\n"
    with site({VERSION: ray(), JOBS: told(400, text), JOB: unknown}) as here:
        error = refusal(lambda: RayRunner(here.url).submit(WORK))
    assert error.code == "job/refused"
    assert "TypeError: runtime_env must be a dict" in error.problem
    assert "Traceback" not in error.problem


@pytest.mark.parametrize("page", [status(401), status(403), moved("https://login.example.com/")])
def test_a_dashboard_behind_a_login_asks_for_a_token(page: Page) -> None:
    with site({JOB: page}) as here:
        error = refusal(lambda: RayRunner(here.url).get(ID))
    assert error.code == "job/refused"
    assert "RAY_AUTH_TOKEN_PATH" in error.remedy


def test_the_token_goes_to_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAY_AUTH_TOKEN", "secret")
    with site({JOB: said(job())}) as other, site({JOB: moved(f"{other.url}{JOB}")}) as here:
        refusal(lambda: RayRunner(here.url).get(ID))
        assert here.headers[0]["authorization"] == "Bearer secret"
        assert other.asked == []


@pytest.mark.parametrize(
    "page",
    [
        *map(status, (404, 429, 500, 502, 503)),  # 404 is what a proxy answers whose dashboard is away
        hang_up,
        body(b"<html>not Ray</html>"),
        *map(said, ({}, [], [1], {"submission_id": ID}, job() | {"start_time": "noon"}, job() | {"metadata": "none"})),
    ],
)
def test_whoever_answers_what_ray_does_not_says_nothing_of_the_job(page: Page) -> None:
    with site({JOB: page, f"{JOB}/stop": page, LOGS: page}) as here:
        runner = RayRunner(here.url)
        for ask in (lambda: runner.get(ID), lambda: runner.cancel(ID), lambda: list(runner.log(ID))):
            assert refusal(ask).code == "job/unreachable"


@pytest.mark.parametrize("answer", [[1], ["job"], [{"metadata": {"headstart": "1"}, "submission_id": ID}], {}, None])
def test_a_list_of_something_else_is_none_of_rays(answer: object) -> None:
    with site({JOBS: said(answer)}) as here:
        error = refusal(RayRunner(here.url).list)
    assert (error.code, error.problem) == ("job/unreachable", "what answers is no Ray.")


def test_a_job_that_is_still_stopping_when_its_end_was_asked_for_is_told_so() -> None:
    for state, stops in (("RUNNING", True), ("STOPPED", False)):
        with site({JOB: said(job(state)), f"{JOB}/stop": told(200, json.dumps({"stopped": True}))}) as here:
            ended = CliRunner().invoke(main, ["jobs", "cancel", ID, "--on", "ray", "--address", here.url])
        assert ended.exit_code == 0, ended.output
        assert (f"{ID} was told to stop" in ended.stderr) is stops


def test_a_job_that_ray_does_not_know_is_not_found() -> None:
    with site({JOB: unknown, f"{JOB}/stop": unknown}) as here:
        runner = RayRunner(here.url)
        for ask in (
            lambda: runner.get(ID),
            lambda: runner.cancel(ID),
            lambda: list(runner.log(ID)),
            lambda: runner.get(""),
        ):
            assert refusal(ask).code == "job/not-found"


@pytest.mark.parametrize(
    "address",
    ["http://[::1", "http://ray:dashboard", "http://ray:99999", "http://ray/ x", "http://r ay", "http://ray/\u00e9",
     "http://ray?token=a", "ray:8265", "ray://ray:10001", "http://"],
)  # fmt: skip
def test_what_is_no_address_is_refused_before_anything_is_asked(address: str) -> None:
    with pytest.raises(UsageError, match="no address of an API"):
        RayRunner(address)


@pytest.mark.parametrize("token", ["secret\nX-Other: 1", "secret\u20ac"])
def test_a_token_that_no_header_can_carry_is_refused_and_not_repeated(
    token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAY_AUTH_TOKEN", token)
    with site({JOB: said(job())}) as here, pytest.raises(UsageError, match="cannot be sent") as caught:
        RayRunner(here.url).get(ID)
    assert "secret" not in str(caught.value)
    assert here.asked == []


def test_a_certificate_of_an_unknown_authority_is_told_with_where_to_name_it(tmp_path: Path) -> None:
    with site({JOB: said(job())}, certificate=certificate(tmp_path / "server.pem", "localhost")) as here:
        error = refusal(lambda: RayRunner(here.url).get(ID))
    assert error.code == "job/unreachable"
    assert "is not trusted, self-signed certificate" in error.problem
    assert "SSL_CERT_FILE" in error.remedy


def test_nobody_there_is_told_with_the_address() -> None:
    address = f"http://127.0.0.1:{free_port()}"
    error = refusal(lambda: RayRunner(address).get(ID))
    assert (error.code, error.where) == ("job/unreachable", address)
    assert "a job that runs there goes on" in error.remedy


def test_a_short_silence_is_borne_and_a_long_one_is_told_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(RayRunner, "pause", 0.05)
    with site({JOB: in_turn(said(job()), status(503), hang_up, said(job("SUCCEEDED")))}) as here:
        assert hs.Client(on="ray", address=here.url).wait(ID).state is State.SUCCEEDED
    monkeypatch.setattr(following, "SECONDS", 0.2)
    with site({JOB: in_turn(said(job()), status(503))}) as here:
        error = refusal(lambda: hs.Client(on="ray", address=here.url).wait(ID))
        assert error.code == "job/unreachable"


def test_a_followed_log_has_each_line_once_across_silences(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(RayRunner, "pause", 0.01)
    pages = {
        JOB: in_turn(said(job("PENDING")), said(job()), status(503), said(job()), said(job()), said(job("SUCCEEDED"))),
        LOGS: in_turn(
            said({"logs": ""}),
            said({"logs": "one\ntw"}),
            hang_up,
            status(500),
            said({"logs": "one\ntwo\nthree\n"}),
        ),
    }
    with site(pages) as here:
        assert list(RayRunner(here.url).log(ID, follow=True)) == ["one", "two", "three"]


def test_a_cluster_without_headstart_is_told_so() -> None:
    message = "Job entrypoint command failed with exit code 127, last available logs (truncated to 20,000 chars):\nx"
    answer = job("FAILED", message=message, driver_exit_code=127, error_type="JOB_ENTRYPOINT_COMMAND_ERROR")
    with site({JOB: said(answer)}) as here:
        found = RayRunner(here.url).get(ID)
    assert (found.state, found.exit_status, found.reason) == (State.FAILED, 127, "JobEntrypointCommandError")
    assert "has no headstart" in found.message


def test_jobs_of_others_are_not_listed() -> None:
    others = [job() | {"metadata": None}, {"submission_id": None, "type": "DRIVER", "status": "RUNNING"}]
    with site({JOBS: said([*others, job()])}) as here:
        assert [each.id for each in RayRunner(here.url).list()] == [ID]


@pytest.mark.parametrize("metadata", [None, {}, {"name": "theirs"}])
def test_jobs_of_others_are_neither_shown_nor_stopped(metadata: Mapping[str, str] | None) -> None:
    stopped: list[str] = []

    def stop(handler: Handler) -> None:
        stopped.append(handler.path)
        said({"stopped": True})(handler)

    with site({JOB: said(job() | {"metadata": metadata}), f"{JOB}/stop": stop, LOGS: said({"logs": "theirs"})}) as here:
        runner = RayRunner(here.url)
        for ask in (lambda: runner.get(ID), lambda: runner.cancel(ID), lambda: list(runner.log(ID))):
            assert refusal(ask).code == "job/not-found"
    assert not stopped


def test_a_token_in_the_address_is_refused() -> None:
    with pytest.raises(UsageError) as caught:
        hs.Client(on="ray", address="http://me:secret@ray:8265")
    assert "secret" not in str(caught.value)
    with pytest.raises(UsageError, match="has an address"):
        hs.Client(on="ray")


def test_clients_and_handles_say_what_they_are_of() -> None:
    with site({VERSION: ray(), JOBS: said({}), JOB: said(job())}) as here:
        client = hs.Client(on="ray", address=here.url)
        assert repr(client) == f"<Client of ray, {here.url}>"
        assert repr(Handle(client, client.get(ID))) == f"<Handle of {ID} by <Client of ray, {here.url}>: running>"
        assert repr(hs.AsyncClient()) == "<AsyncClient of local>"


def test_a_job_that_failed_is_told_with_the_command_that_resumes_it_at_the_same_address() -> None:
    failed = job("FAILED") | {"metadata": {"headstart": "0.1.0", "name": "intents"}}
    with site({JOB: said(failed), LOGS: said({"logs": "no space left\n"})}) as here:
        caught = refusal(lambda: hs.Client(on="ray", address=here.url).wait(ID))
        assert caught.remedy.endswith(f"headstart jobs resume {ID} --on ray --address {here.url}")
        assert "| no space left" in caught.problem
