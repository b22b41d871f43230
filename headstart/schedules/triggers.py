"""Whether a retraining is due: a pure function of what was, what is, and what the spec asks for."""

from datetime import datetime, timedelta
from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from headstart.schedules.fingerprint import Fingerprint
from headstart.spec import RetrainSpec
from headstart.values import Value

_LABELS = "labels are new, changed or gone"
_WORDS = {"spec": "the spec changed", "backbones": "a backbone changed", "code": "Headstart changed"}
_FIRST, _GONE = "there was no retraining before", "is no longer in the registry"
_DRIFT = "of the texts that were scored last"
ASKED = "it is asked for"


class Retraining(BaseModel):
    """The record of a retraining that was done.

    ``at`` is ISO 8601 in UTC, ``dataset`` and ``decision`` are digests of values in the workspace, ``version`` is the
    model's version in the registry as ``name@number``.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    number: int
    at: str
    fingerprint: Fingerprint
    reasons: tuple[str, ...]
    dataset: str
    decision: str
    version: str
    promoted: bool


class Check(Value):
    """The answer to whether a retraining is due, and all that it was found from.

    ``reasons`` are empty where it is not, and ``waiting`` says then what for. ``after`` is the number of the retraining
    that came before, 0 where none did.
    """

    kind: ClassVar[str] = "check"

    name: str
    at: str
    after: int
    fingerprint: Fingerprint
    reasons: tuple[str, ...]
    waiting: tuple[str, ...]

    @property
    def is_due(self) -> bool:
        """Whether there is a reason."""
        return bool(self.reasons)

    def summary(self) -> str:
        """One line for people."""
        return f"due: {'; '.join(self.reasons)}" if self.is_due else f"nothing to do: {'; '.join(self.waiting)}"


def decide(
    rule: RetrainSpec,
    last: Retraining | None,
    now: Fingerprint,
    changed: int,
    stands: bool,
    at: datetime,
    drifted: str = "",
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The reasons to retrain, and where there are none what is waited for.

    Args:
        rule: The spec's section on retraining.
        last: The last retraining, if there was one.
        now: What the job depends on, as it is now.
        changed: How many labels are new, changed or gone since the last retraining.
        stands: Whether the version that it made is still in the registry.
        at: The time now.
        drifted: In what way texts have drifted, as their last scoring says; empty where it found none.
    """
    if last is None:
        return (_FIRST,), ()
    changes = now.changes(last.fingerprint)
    reasons = [_WORDS[part] for part in changes if part in _WORDS]
    if not stands:
        reasons.append(f"{last.version} {_GONE}")
    age = at - datetime.fromisoformat(last.at)
    enough = changed >= rule.new_labels
    if enough:
        reasons.append(f"{changed} {_LABELS}")
    elif changed and drifted:
        reasons.append(f"there is {drifted} {_DRIFT}, and {changed} {_LABELS}")
    elif changed and rule.longest is not None and age >= rule.longest:
        reasons.append(f"the last retraining is {_said(age)} old, and {changed} {_LABELS} since")
    if reasons:
        return tuple(reasons), ()
    if not changed:
        # On the same labels a job would find every step done.
        unlabeled = (f"there is {drifted} {_DRIFT}: label some of them",) if drifted else ()
        return (), ("the export differs, but no label does" if changes else "nothing changed", *unlabeled)
    waiting = f"{changed} of {rule.new_labels} {_LABELS}"
    if rule.longest is None:
        return (), (waiting,)
    return (), (waiting, f"the last retraining is {_said(age)} old, of at most {rule.max_age}")


def kind_of(reason: str) -> str:
    """A reason in one word, for metrics: first, asked, spec, backbones, code, version, drift or labels."""
    words = {_FIRST: "first", ASKED: "asked"} | {said: part for part, said in _WORDS.items()}
    found = next((word for part, word in {_GONE: "version", _DRIFT: "drift"}.items() if part in reason), "labels")
    return words.get(reason, found)


def _said(age: timedelta) -> str:
    return f"{age.days} days" if age.days > 1 else f"{age.total_seconds() / 3600:.1f} h"
