"""Handing work over: once, however many ask for it at the same time and however often."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from headstart.errors import JobError, UsageError
from headstart.jobs import kept, names, reach
from headstart.jobs.job import Job, Work
from headstart.jobs.kept import Handed, Kept
from headstart.jobs.runner import Runner
from headstart.spec import Spec
from headstart.store import open_store


def submit(runner: Runner, spec: Spec, step: str = "", inputs: Mapping[str, str] | None = None) -> Job:
    """Start the work a spec describes, or adopt its job that waits or runs; one that has ended is followed by the next.

    The next job finds the steps that an earlier one has finished.

    Args:
        runner: Where.
        spec: What; its paths are absolute.
        step: One step only, or the whole job.
        inputs: The digest of each value that the step takes, by name.

    Raises:
        SpecError: The place cannot see a file of this machine that the spec names.
        UsageError: There is no such step, it takes other inputs, or one is no digest.
        StoreError: The workspace cannot be written.
        JobError: The place cannot be reached, or refuses.
    """
    given = dict(sorted((inputs or {}).items()))
    names.check_inputs(step, names.inputs_of(step) if step else (), given)
    for name, digest in given.items():
        if not re.fullmatch(r"[0-9a-f]{64}", digest):
            problem = f"{name} is {digest!r}, no digest."
            raise UsageError("usage", problem, remedy="Give what the step before it printed.", where=step)
    if runner.elsewhere:
        reach.check(spec, runner.name)
    text = spec.to_json()
    stem = names.stem(spec, step, given)
    submitted = datetime.now(UTC).isoformat(timespec="seconds")
    handed = Handed(runner=runner.name, step=step, inputs=given, submitted=submitted)
    number = max((*kept.numbers(open_store(spec.workspace), stem), 1))
    while True:
        id_ = names.numbered(stem, number)
        known = _known(runner, id_)
        if known is not None and not known.state.is_final:
            return known
        folder = Kept(spec.workspace, id_)
        if known is None and folder.claim(text, handed):
            return runner.submit(Work(id_, spec, folder.spec_uri, step, tuple(given.items())))
        number += 1


def _known(runner: Runner, job: str) -> Job | None:
    try:
        return runner.get(job)
    except JobError as error:
        if error.code != "job/not-found":
            raise
        return None
