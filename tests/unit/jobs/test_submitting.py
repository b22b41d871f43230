"""Which job a submission means, whoever asks, whatever a place has forgotten."""

import re
from collections.abc import Iterator, Sequence
from typing import get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

import headstart as hs
from headstart import steps
from headstart.errors import NoSuchJobError, UsageError
from headstart.jobs import Job, State, Work, names
from headstart.jobs.kept import Ended, Kept
from headstart.jobs.submitting import submit
from headstart.spec.section import NAME_PATTERN
from headstart.stores.memory import named
from headstart.values import Value


class Place:
    """A place that does nothing with its jobs: tests say how they go, and what is forgotten."""

    elsewhere = False
    pause = 0.0

    def __init__(self, name: str = "place") -> None:
        self.name = name
        self.jobs: dict[str, State] = {}

    def submit(self, work: Work) -> Job:
        self.jobs.setdefault(work.id, State.RUNNING)
        return self.get(work.id)

    def get(self, job: str) -> Job:
        if job not in self.jobs:
            raise NoSuchJobError("job/not-found", "no.", remedy="None.")
        return Job(job, self.name, self.jobs[job])

    def list(self) -> Sequence[Job]:
        return [self.get(job) for job in self.jobs]

    def log(self, job: str, follow: bool = False) -> Iterator[str]:
        yield from ()

    def cancel(self, job: str) -> Job:
        return self.get(job)

    def close(self) -> None:
        """Nothing to let go of."""


@pytest.fixture
def spec(request: pytest.FixtureRequest) -> hs.Spec:
    return hs.Spec(name="intents", data="s3://labels/a.csv", workspace=f"memory://{request.node.name}")


def test_work_that_waits_or_runs_is_adopted_and_work_that_has_ended_is_done_again(spec: hs.Spec) -> None:
    place = Place()
    first = submit(place, spec)
    assert submit(place, spec) == first
    for number, end in enumerate((State.FAILED, State.CANCELLED, State.SUCCEEDED), 2):
        place.jobs[submit(place, spec).id] = end
        assert submit(place, spec).id == f"{first.id[:-1]}{number}"


def test_other_work_is_another_job(spec: hs.Spec) -> None:
    place, digest = Place(), "0" * 64
    other = spec.model_copy(update={"backbones": ("org/model",)})
    ids = [
        submit(place, spec).id,
        submit(place, other).id,
        submit(place, spec, "fetch_backbone").id,
        submit(place, spec, "assess_transfer", {"dataset": digest, "backbones": digest}).id,
        submit(place, spec, "assess_transfer", {"dataset": "1" * 64, "backbones": digest}).id,
    ]
    assert len(set(ids)) == 5
    assert submit(place, spec, "assess_transfer", {"backbones": digest, "dataset": digest}).id == ids[3]


def test_a_number_is_not_used_again_where_a_place_has_forgotten_its_job(spec: hs.Spec) -> None:
    place = Place()
    first = submit(place, spec)
    Kept(spec.workspace, first.id).keep_end("", Ended(started="", finished="", trouble=None))
    place.jobs.clear()
    assert submit(place, spec).id == f"{first.id[:-1]}2"


def test_what_a_killed_client_has_claimed_and_not_handed_over_is_taken_up(spec: hs.Spec) -> None:
    place = Place()
    first = submit(place, spec)
    place.jobs.clear()
    assert submit(place, spec) == first


def test_two_places_do_not_share_a_job(spec: hs.Spec) -> None:
    here, there = submit(Place("here"), spec), submit(Place("there"), spec)
    assert here.id != there.id


def test_the_spec_lies_where_the_command_reads_it(spec: hs.Spec) -> None:
    job = submit(Place(), spec)
    kept = Kept(spec.workspace, job.id)
    assert hs.Spec.parse(kept.spec() or "") == spec
    assert Kept.beside(kept.spec_uri).uri == kept.uri
    assert named(spec.workspace).get(f"jobs/{job.id}/spec.json") is not None


def test_an_input_that_is_no_digest_is_refused(spec: hs.Spec) -> None:
    with pytest.raises(UsageError, match="no digest"):
        submit(Place(), spec, "assess_transfer", {"dataset": "latest; rm -rf /", "backbones": "0" * 64})


@pytest.mark.parametrize(
    ("step", "given", "said"),
    [
        ("evaluate", (), "evaluate was given no inputs. Its inputs: dataset, backbones, head, model."),
        ("assess_transfer", ("dataset", "model"), "given dataset, model. Its inputs: dataset, backbones."),
        ("import_labels", ("dataset",), "given dataset. Its inputs: none."),
        ("", ("dataset",), "the whole job was given dataset. Its inputs: none."),
    ],
)
def test_a_step_that_lacks_an_input_is_not_handed_over(
    spec: hs.Spec, step: str, given: Sequence[str], said: str
) -> None:
    place = Place()
    with pytest.raises(UsageError, match=re.escape(said)):
        submit(place, spec, step, dict.fromkeys(given, "0" * 64))
    assert place.jobs == {}


def test_a_step_that_does_not_exist_is_refused_before_anything_is_handed_over(spec: hs.Spec) -> None:
    place = Place()
    with pytest.raises(UsageError, match="there is no step 'search_head'"):
        submit(place, spec, "search_head")
    assert place.jobs == {}


def test_the_client_knows_each_step_and_what_it_takes() -> None:
    takes = {
        name: tuple(each for each, kind in get_type_hints(step).items() if each != "return" and issubclass(kind, Value))
        for name, step in steps.STEPS.items()
    }
    assert takes == names.STEPS


@given(st.from_regex(re.compile(NAME_PATTERN), fullmatch=True), st.integers(1, 9999))
def test_every_id_is_a_name_that_kubernetes_takes(name: str, number: int) -> None:
    id_ = names.numbered(names.stem(hs.Spec(name=name, data="a"), "", {}), number)
    assert re.fullmatch(r"[a-z]([-a-z0-9]*[a-z0-9])?", id_)
    assert len(id_) <= 40
    assert names.number_of(id_) == number
