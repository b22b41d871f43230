"""Jobs on a real Ray cluster when things go wrong: nothing runs twice, and what is told of them is true."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

import headstart as hs
from headstart.adapters.ray_jobs import RayRunner
from headstart.errors import JobError
from headstart.jobs import State, following
from headstart.registry import Registry
from headstart.steps import STEPS
from tests.support.inline import made_of, run_inline, spec_for
from tests.support.jobs import ended, handed_over_at_once, slow_export, spec_in, started
from tests.support.ray_head import Head, ray_head

STEP = "import_labels"
LINES = 20_000


@pytest.fixture(scope="module")
def head() -> Iterator[Head]:
    with ray_head() as head:
        yield head


def test_twenty_submissions_at_once_start_each_work_once(head: Head, tmp_path: Path, tiny_export: Path) -> None:
    specs = [spec_in(tmp_path, tiny_export, f"messages-{number}") for number in range(2)]
    ids = handed_over_at_once(lambda: hs.Client(on="ray", address=head.address), specs, STEP)
    assert len(ids) == 2
    with hs.Client(on="ray", address=head.address) as client:
        for id_ in ids:
            client.wait(id_, timeout=120)
            assert sum(line.startswith("✓") for line in client.logs(id_)) == 1
        assert {job.id for job in client.list()} == ids
    assert {job["submission_id"] for job in head.ask("GET", "/api/jobs/") if job["submission_id"]} == ids


def test_the_same_spec_gives_the_same_digests_here_and_on_ray(head: Head, tmp_path: Path, tiny_export: Path) -> None:
    async def digests(on: str, address: str | None) -> object:
        async with hs.AsyncClient(on=on, address=address) as client:
            handle = await client.submit(spec_in(tmp_path / on, tiny_export), STEP)
            changes: list[State] = []
            await handle.wait(120, lambda job: changes.append(job.state))
            assert changes[-1] is State.SUCCEEDED
            lines = [line async for line in handle.logs(follow=True)]
            result = await handle.result()
            assert result.digests[STEP] == lines[-1]
            return result.digests

    async def both() -> list[object]:
        return list(await asyncio.gather(digests("local", None), digests("ray", head.address)))

    here, there = asyncio.run(both())
    assert here == there


def test_a_whole_job_that_is_cancelled_in_every_step_and_resumed_ends_as_an_undisturbed_run_here(
    head: Head, tmp_path: Path, tiny_backbone: Path, tiny_export: Path
) -> None:
    undisturbed = run_inline(spec_for(tmp_path / "undisturbed", tiny_backbone, tiny_export))
    finished: list[str] = []
    with hs.Client(on="ray", address=head.address) as client:
        handle = client.submit(spec_for(tmp_path / "cancelled", tiny_backbone, tiny_export))
        while len(finished) < len(STEPS):
            _until_new(handle.logs(follow=True), len(finished))
            handle.cancel()  # in the step after the new one
            assert ended(RayRunner(head.address), handle.id).state in (State.CANCELLED, State.SUCCEEDED)
            done = [line.split()[1:3] for line in handle.logs() if line.startswith("✓")]
            assert [step for step, _ in done[: len(finished)]] == finished
            assert [how == "found" for _, how in done] == [True] * len(finished) + [False] * (len(done) - len(finished))
            finished = [step for step, _ in done]
            handle = client.resume(handle.id)
        handle.wait(120)
        result = handle.result()
    assert finished == list(STEPS)
    assert result.outcome is not None
    version = Registry(result.outcome.version.registry).resolve("messages@champion")
    assert version.version == 1
    assert made_of(version) == made_of(undisturbed.version)
    assert version.metrics == undisturbed.version.metrics


def test_a_log_of_thousands_of_lines_a_second_is_followed_whole(head: Head) -> None:
    id_ = "loud-0000000a-1"
    program = f"import sys; sys.stdout.write(''.join(f'line {{n}} é\\n' for n in range({LINES})))"
    head.ask("POST", "/api/jobs/", {"entrypoint": f'python -c "{program}"', "submission_id": id_})
    lines = list(RayRunner(head.address, any_job=True).log(id_, follow=True))
    assert [line for line in lines if line.startswith("line ")] == [f"line {number} é" for number in range(LINES)]


def test_another_token_is_refused(head: Head, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    wrong = tmp_path / "token"
    wrong.write_text("f" * 64)
    monkeypatch.delenv("RAY_AUTH_TOKEN")
    for path in ("", str(wrong)):
        monkeypatch.setenv("RAY_AUTH_TOKEN_PATH", path)
        with pytest.raises(JobError) as caught:
            hs.Client(on="ray", address=head.address).list()
        assert caught.value.code == "job/refused"
        assert "RAY_AUTH_TOKEN" in caught.value.remedy


def test_a_cluster_whose_head_is_killed_cannot_be_reached_and_its_job_is_not_said_to_have_failed(
    head: Head, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with slow_export(tmp_path) as export, hs.Client(on="ray", address=head.address) as client:
        handle = client.submit(spec_in(tmp_path, export.url), STEP)
        started(RayRunner(head.address), handle.id)
        assert export.asked.wait(60)
        assert handle.refresh().state is State.RUNNING
        head.kill()
        monkeypatch.setattr(following, "SECONDS", 2.0)
        for ask in (handle.refresh, handle.wait, lambda: list(handle.logs(follow=True)), handle.cancel, handle.result):
            with pytest.raises(JobError) as caught:
                ask()
            assert caught.value.code == "job/unreachable", ask
        assert handle.state is State.RUNNING  # as it was last seen


def _until_new(lines: Iterator[str], found: int) -> None:
    """Read a job's lines up to a step that is done after those that are found."""
    done = 0
    for line in lines:
        done += line.startswith("✓")
        if done > found:
            return
