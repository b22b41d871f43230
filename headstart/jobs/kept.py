"""What is kept of a job in its workspace, so that it outlives the place where it ran.

Layout, below the workspace::

    jobs/<id>/spec.json      the spec, which the job's command reads
    jobs/<id>/job.json       where it was handed to, and when; which step, or the whole job
    jobs/<id>/result.json    what came of it, where it succeeded
    jobs/<id>/log.txt        the last lines of its log, however it ended
    jobs/<id>/ended.json     when it began and ended, and the error if there was one; written last
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from headstart.digest import canonical_json
from headstart.errors import CODES, IntegrityError
from headstart.jobs import names
from headstart.store import Store, open_store

M = TypeVar("M", bound=BaseModel)


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Handed(_Record):
    """To which runner a job was handed, and what it is to do; ``submitted`` is ISO 8601 in UTC."""

    runner: str
    step: str
    inputs: Mapping[str, str]
    submitted: str


class Trouble(_Record):
    """A :class:`~headstart.errors.HeadstartError`, or what else went wrong under the code ``bug`` or ``stopped``."""

    code: str
    where: str
    problem: str
    remedy: str

    def __str__(self) -> str:
        where = f"{self.where}: " if self.where else ""
        return f"[{self.code}] {where}{self.problem} {self.remedy}"

    @property
    def is_known(self) -> bool:
        """Whether it says all that one needs to know, so that no log has to be read."""
        return self.code in CODES


class Ended(_Record):
    """When a job's command began and ended, ISO 8601 in UTC, and why it failed if it did."""

    started: str
    finished: str
    trouble: Trouble | None


class Kept:
    """What is kept of one job.

    Args:
        workspace: The URI of its workspace.
        id_: Its id.
    """

    def __init__(self, workspace: str, id_: str) -> None:
        self._store = open_store(workspace)
        self._folder = f"jobs/{id_}"
        self.uri = f"{workspace.rstrip('/')}/{self._folder}"

    @classmethod
    def beside(cls, spec_uri: str) -> "Kept":
        """What is kept of the job whose spec is there."""
        workspace, _, id_ = spec_uri.removesuffix("/spec.json").rpartition("/jobs/")
        return cls(workspace, id_)

    @property
    def spec_uri(self) -> str:
        """Where the spec is."""
        return f"{self.uri}/spec.json"

    def claim(self, spec: str, handed: Handed) -> bool:
        """Keep what is to be done, and say whether the job is this runner's to start: nobody may have ended it."""
        self._store.create(self._key("spec.json"), spec.encode())
        if self._store.create(self._key("job.json"), _encoded(handed)):
            return self.ended() is None
        earlier = self.handed()
        return earlier is not None and earlier.runner == handed.runner and self.ended() is None

    def handed(self) -> Handed | None:
        """Where the job was handed to, if it was."""
        return self._record("job.json", Handed)

    def ended(self) -> Ended | None:
        """How the command ended, where it came so far as to say so."""
        return self._record("ended.json", Ended)

    def spec(self) -> str | None:
        """The spec as JSON, if it is there."""
        data = self._store.get(self._key("spec.json"))
        return None if data is None else data.decode()

    def result(self) -> dict[str, Any] | None:
        """What came of the job, as JSON data, where it succeeded.

        Raises:
            IntegrityError: It is damaged.
        """
        data = self._store.get(self._key("result.json"))
        if data is None:
            return None
        try:
            said = json.loads(data)
        except ValueError:
            said = None
        if not isinstance(said, dict):
            raise self._damaged("result.json")
        return said

    def log(self) -> list[str] | None:
        """The last lines of the log, where they were kept."""
        data = self._store.get(self._key("log.txt"))
        return None if data is None else data.decode("utf-8", errors="replace").splitlines()

    def keep_result(self, result: Mapping[str, Any]) -> None:
        """Keep what came of the job."""
        self._store.put(self._key("result.json"), canonical_json(dict(result)))

    def keep_end(self, log: str, ended: Ended) -> None:
        """Keep the last lines of the log, and then that the job has ended."""
        self._store.put(self._key("log.txt"), log.encode())
        self._store.put(self._key("ended.json"), _encoded(ended))

    def _key(self, name: str) -> str:
        return f"{self._folder}/{name}"

    def _record(self, name: str, kind: type[M]) -> M | None:
        data = self._store.get(self._key(name))
        if data is None:
            return None
        try:
            return kind.model_validate_json(data)
        except ValidationError:
            raise self._damaged(name) from None

    def _damaged(self, name: str) -> IntegrityError:
        remedy = "Delete the job's folder; the finished steps of its run are kept elsewhere."
        return IntegrityError("integrity/record", "damaged.", remedy=remedy, where=f"{self.uri}/{name}")


def numbers(workspace: Store, stem: str) -> Iterator[int]:
    """The numbers of the jobs of some work that a workspace keeps anything of."""
    for info in workspace.list(f"jobs/{stem}-"):
        yield names.number_of(info.key.split("/")[1])


def _encoded(record: BaseModel) -> bytes:
    return canonical_json(record.model_dump(mode="json"))
