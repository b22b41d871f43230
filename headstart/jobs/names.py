"""Jobs' ids: one for each time that the same work is done, and the same for everybody who hands it over."""

import re
from collections.abc import Collection, Mapping
from types import MappingProxyType

from headstart.digest import digest_of
from headstart.errors import UsageError
from headstart.spec import Spec

_DATA = ("dataset", "backbones")

STEPS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "import_labels": (),
        "fetch_backbone": (),
        "assess_transfer": _DATA,
        "search_heads": (*_DATA, "verdict"),
        "fine_tune": (*_DATA, "verdict", "head"),
        "evaluate": (*_DATA, "head", "model"),
        "register": (*_DATA, "verdict", "head", "model", "decision"),
    }
)
"""The steps that can be handed over and what each takes, as in :data:`headstart.steps.STEPS`: a client may lack it."""

_LONGEST_NAME = 26  # so that name, digest and number are at most 40 characters: objects of Kubernetes add to them


def inputs_of(step: str) -> tuple[str, ...]:
    """What a step takes.

    Raises:
        UsageError: There is no such step.
    """
    if step not in STEPS:
        raise UsageError("usage", f"there is no step {step!r}.", remedy=f"Steps: {', '.join(STEPS)}.")
    return STEPS[step]


def check_inputs(step: str, takes: Collection[str], given: Collection[str]) -> None:
    """See that a step, or with an empty name the whole job, is given what it takes.

    Raises:
        UsageError: It is given something else.
    """
    if set(given) != set(takes):
        problem = f"{step or 'the whole job'} was given {', '.join(given) or 'no inputs'}."
        raise UsageError("usage", problem, remedy=f"Its inputs: {', '.join(takes) or 'none'}.", where=step)


def stem(spec: Spec, step: str, inputs: Mapping[str, str]) -> str:
    """What the ids of some work begin with: the spec's name, and eight digits of the digest of all that is asked for.

    For a whole job this is what its folder of runs is called, as far as ids may have the name's characters.
    """
    asked = [spec.said(), step, dict(inputs)] if step else spec.said()
    name = re.sub(r"[^a-z0-9]+", "-", spec.name)
    name = name if name[0].isalpha() else f"job-{name}"
    return f"{name[:_LONGEST_NAME].rstrip('-')}-{digest_of(asked)[:8]}"


def numbered(stem: str, number: int) -> str:
    """The id of the work's ``number``-th job."""
    return f"{stem}-{number}"


def number_of(id_: str) -> int:
    """Which of its work's jobs an id means; 0 where it is no id."""
    found = re.fullmatch(r"[a-z][a-z0-9-]*-[0-9a-f]{8}-([1-9][0-9]{0,3})", id_)
    return int(found[1]) if found else 0
