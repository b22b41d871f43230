"""Schedules against Kubeflow's API over HTTP, with kfp's own client: one apply makes it so, a second changes nothing."""

import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("kfp")

from headstart.adapters.kubeflow import Kubeflow
from headstart.errors import HeadstartError
from headstart.schedules.apply import apply, changes, one
from headstart.schedules.plan import Change
from headstart.schedules.wanted import Schedules
from tests.support.kubeflow_api import kubeflow_api
from tests.support.kubeflow_state import State
from tests.support.steady import STEADY

NOW = datetime(2026, 11, 27, tzinfo=UTC)


def with_pipelines(state: State) -> State:
    for name in ("retrain", "score"):
        pipeline = state.add("pipelines", {"display_name": name, "name": name})
        for number in (1, 2):
            said = {"pipeline_id": pipeline["pipeline_id"], "display_name": f"{name}-{number}", "pipeline_spec": {}}
            state.add("versions", said)
    return state


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[State, Kubeflow]]:
    state = State()
    with kubeflow_api(state) as endpoint:
        yield state, Kubeflow(endpoint)


@pytest.fixture
def state(server: tuple[State, Kubeflow]) -> State:
    """A fresh installation with two pipelines."""
    server[0].__dict__.update(State().__dict__)
    return with_pipelines(server[0])


@pytest.fixture
def kubeflow(server: tuple[State, Kubeflow], state: State) -> Kubeflow:
    return server[1]


def schedules(*of: dict[str, Any], group: str = "default") -> Schedules:
    return Schedules.model_validate({"group": group, "schedules": of})


def nightly(**changes: Any) -> dict[str, Any]:
    return {"name": "nightly", "cron": "0 3 * * *", "parameters": {"force": False}} | changes


def did(changes: Sequence[Change]) -> list[tuple[str, str]]:
    return [(each.what, each.name) for each in changes]


def test_a_schedule_is_created_as_the_file_says(state: State, kubeflow: Kubeflow) -> None:
    assert did(apply(schedules(nightly(service_account="runner")), kubeflow, NOW)) == [("create", "nightly")]
    (made,) = state.recurring.values()
    assert made["trigger"] == {"cron_schedule": {"cron": "0 0 3 * * *"}}
    assert made["max_concurrency"] == "1"
    assert made["no_catchup"] is True
    assert made["mode"] == "ENABLE"
    assert made["runtime_config"] == {"parameters": {"force": False}}
    assert made["service_account"] == "runner"
    (pipeline,) = (each for each in state.pipelines.values() if each["name"] == "retrain")
    assert made["pipeline_version_reference"] == {"pipeline_id": pipeline["pipeline_id"]}
    assert state.experiments[made["experiment_id"]]["display_name"] == "headstart"
    assert made["description"].startswith("retrain: 0 3 * * * in UTC\n")


def test_a_second_apply_changes_nothing(state: State, kubeflow: Kubeflow) -> None:
    wanted = schedules(nightly(), nightly(name="hourly", cron=None, every="1h"))
    apply(wanted, kubeflow, NOW)
    before = dict(state.recurring)
    assert apply(wanted, kubeflow, NOW) == ()
    assert state.recurring == before


@pytest.mark.parametrize(
    "change",
    [
        {"cron": "0 4 * * *"},
        {"cron": None, "every": "12h"},
        {"parameters": {"force": True}},
        {"pipeline": "score"},
        {"version": "retrain-1"},
        {"service_account": "other"},
    ],
)
def test_one_that_says_something_else_is_created_before_the_old_one_goes(
    state: State, kubeflow: Kubeflow, change: dict[str, Any]
) -> None:
    apply(schedules(nightly()), kubeflow, NOW)
    (old,) = state.recurring
    assert did(apply(schedules(nightly(**change)), kubeflow, NOW)) == [("create", "nightly"), ("delete", "nightly")]
    (new,) = state.recurring
    assert new != old
    posts = [call for call in state.calls if not call.startswith("GET")]
    assert posts[-3:] == ["POST /recurringruns", f"POST /recurringruns/{old}:disable", f"DELETE /recurringruns/{old}"]


def test_what_runs_while_its_schedule_is_replaced_or_removed_runs_on(state: State, kubeflow: Kubeflow) -> None:
    apply(schedules(nightly()), kubeflow, NOW)
    state.pass_time(NOW + timedelta(hours=4))
    (run,) = state.runs.values()
    apply(schedules(nightly(cron="0 5 * * *")), kubeflow, NOW)
    apply(schedules(), kubeflow, NOW)
    assert state.recurring == {}
    assert run["state"] == "RUNNING"


def test_pausing_and_resuming_replace_nothing(state: State, kubeflow: Kubeflow) -> None:
    apply(schedules(nightly()), kubeflow, NOW)
    (id_,) = state.recurring
    assert did(apply(schedules(nightly(paused=True)), kubeflow, NOW)) == [("pause", "nightly")]
    assert state.recurring[id_]["status"] == "DISABLED"
    assert did(apply(schedules(nightly()), kubeflow, NOW)) == [("resume", "nightly")]
    assert state.recurring[id_]["status"] == "ENABLED"


def test_a_schedule_that_is_made_paused_starts_nothing(state: State, kubeflow: Kubeflow) -> None:
    apply(schedules(nightly(paused=True)), kubeflow, NOW)
    state.pass_time(NOW + timedelta(days=3))
    assert state.runs == {}


def test_what_others_made_is_left_alone(state: State, kubeflow: Kubeflow) -> None:
    apply(schedules(nightly(), group="theirs"), kubeflow, NOW)
    (theirs,) = state.recurring
    by_hand = state.add("recurring", {"display_name": "nightly", "mode": "ENABLE", "status": "ENABLED"})
    apply(schedules(nightly()), kubeflow, NOW)
    apply(schedules(), kubeflow, NOW)
    assert state.recurring.keys() == {theirs, by_hand["recurring_run_id"]}


def test_a_diff_changes_no_schedule(state: State, kubeflow: Kubeflow) -> None:
    assert did(changes(schedules(nightly()), kubeflow, NOW)) == [("create", "nightly")]
    assert {call.split()[0] for call in state.calls} == {"GET"}


def test_a_missed_night_is_not_made_up_for_and_two_never_run_at_once(state: State, kubeflow: Kubeflow) -> None:
    apply(schedules(nightly()), kubeflow, NOW)
    state.pass_time(NOW + timedelta(days=5, hours=4))  # the controller was down for five nights
    assert len(state.runs) == 1
    state.pass_time(NOW + timedelta(days=6, hours=4))  # the first one still runs
    assert len(state.runs) == 1
    for run in state.runs.values():
        run["state"] = "SUCCEEDED"
    state.pass_time(NOW + timedelta(days=6, hours=5))  # deferred, not dropped
    assert len(state.runs) == 2


def test_each_run_is_of_the_latest_version_unless_one_is_pinned(state: State, kubeflow: Kubeflow) -> None:
    pinned = nightly(name="pinned", version="retrain-1")
    apply(schedules(nightly(), pinned), kubeflow, NOW)
    (pipeline,) = (each["pipeline_id"] for each in state.pipelines.values() if each["name"] == "retrain")
    newest = state.add("versions", {"pipeline_id": pipeline, "display_name": "retrain-3", "pipeline_spec": {}})
    state.pass_time(NOW + timedelta(hours=4))
    started = {state.recurring[run["recurring_run_id"]]["display_name"]: run["version"] for run in state.runs.values()}
    assert started["nightly"] == newest["pipeline_version_id"]
    assert state.versions[started["pinned"]]["display_name"] == "retrain-1"


def test_a_run_by_hand_is_what_the_schedule_would_start(state: State, kubeflow: Kubeflow) -> None:
    apply(schedules(nightly()), kubeflow, NOW)
    started = kubeflow.run(one(kubeflow, "nightly", "default").id)
    run = state.runs[started.id]
    (recurring,) = state.recurring.values()
    for key in ("pipeline_version_reference", "runtime_config", "experiment_id"):
        assert run[key] == recurring[key]
    assert started.name == "nightly by hand"


def test_a_hundred_and_more_schedules_are_all_seen(state: State, kubeflow: Kubeflow) -> None:
    for number in range(230):
        state.add("recurring", {"display_name": f"nightly-{number}", "mode": "ENABLE", "status": "ENABLED"})
    assert {each.name for each in kubeflow.recurring_runs()} == {f"nightly-{number}" for number in range(230)}


@pytest.mark.parametrize(
    ("change", "said"),
    [({"pipeline": "nothing"}, "there is no pipeline 'nothing'"), ({"version": "retrain-9"}, "no version 'retrain-9'")],
)
def test_a_pipeline_that_is_not_there_is_one_clear_error_and_nothing_is_changed(
    state: State, kubeflow: Kubeflow, change: dict[str, Any], said: str
) -> None:
    apply(schedules(nightly()), kubeflow, NOW)
    before = dict(state.recurring)
    with pytest.raises(HeadstartError, match=said) as caught:
        apply(schedules(nightly(**change)), kubeflow, NOW)
    assert caught.value.code == "kubeflow/not-found"
    assert state.recurring == before


def test_an_answer_that_refuses_is_told_with_its_reason(state: State, kubeflow: Kubeflow) -> None:
    with pytest.raises(HeadstartError, match=r"404 Not Found.*no such recurring run") as caught:
        kubeflow.describe("nothing")
    assert caught.value.code == "kubeflow/refused"


def test_an_address_where_nobody_answers_is_told() -> None:
    with pytest.raises(HeadstartError, match="it cannot be reached: Connection refused") as caught:
        Kubeflow("http://127.0.0.1:1")
    assert caught.value.code == "kubeflow/unreachable"


def test_what_another_thread_prints_is_printed_while_kubeflow_is_asked(
    state: State, kubeflow: Kubeflow, capsys: pytest.CaptureFixture[str]
) -> None:
    said = threading.Event()

    def ask() -> None:
        while not said.is_set():
            kubeflow.experiment("headstart")  # kfp's client prints a link at each

    asking = threading.Thread(target=ask)
    asking.start()
    for number in range(200):
        print(number)
    said.set()
    asking.join()
    print("the end")
    assert capsys.readouterr().out.split("\n") == [*map(str, range(200)), "the end", ""]


ONE = st.fixed_dictionaries(
    {
        "name": st.sampled_from(["a", "b", "c"]),
        "cron": st.sampled_from(["0 3 * * *", "*/5 * * * *"]),
        "paused": st.booleans(),
        "version": st.sampled_from(["latest", "retrain-1"]),
        "parameters": st.fixed_dictionaries({"force": st.booleans()}),
    }
)
FILE = st.lists(ONE, max_size=3, unique_by=lambda each: each["name"])


@STEADY
@given(history=st.lists(FILE, max_size=2), wanted=FILE, cut=st.integers(0, 6), flipped=st.integers(0, 3))
def test_from_any_state_one_apply_converges_and_the_next_does_nothing(
    server: tuple[State, Kubeflow], history: list[Any], wanted: list[Any], cut: int, flipped: int
) -> None:
    state, kubeflow = server
    state.__dict__.update(State().__dict__)
    with_pipelines(state)
    kubeflow.experiment("headstart")
    for past in history:  # applies that were interrupted after some of their changes
        for change in changes(schedules(*past), kubeflow, NOW)[:cut]:
            kubeflow.perform(change, "default")
    for id_ in list(state.recurring)[:flipped]:  # somebody paused and resumed by hand
        state.set_mode(id_, state.recurring[id_]["status"] != "ENABLED")

    apply(schedules(*wanted), kubeflow, NOW)

    assert apply(schedules(*wanted), kubeflow, NOW) == ()
    found = {each["display_name"]: each for each in state.recurring.values()}
    assert len(found) == len(state.recurring)
    assert found.keys() == {each["name"] for each in wanted}
    for each in wanted:
        made = found[each["name"]]
        assert made["trigger"]["cron_schedule"]["cron"] == f"0 {each['cron']}"
        assert (made["status"] == "DISABLED") == each["paused"]
        assert made["runtime_config"]["parameters"] == each["parameters"]
        assert ("pipeline_version_id" in made["pipeline_version_reference"]) == (each["version"] != "latest")
