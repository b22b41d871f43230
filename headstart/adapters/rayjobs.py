"""RayJob objects in a namespace of Kubernetes, over its API; what it refuses is one error with what it said."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode

from headstart.adapters.rest import Answer, Rest
from headstart.errors import JobError, NoSuchJobError
from headstart.jobs import rayjob
from headstart.jobs.rayjob import Object

_PAGE = 250
_MERGE = "application/merge-patch+json"


class RayJobs:
    """The RayJobs of a namespace.

    Args:
        rest: Kubernetes' API.
        namespace: The namespace.
    """

    def __init__(self, rest: Rest, namespace: str) -> None:
        self._rest = rest
        self._path = f"/apis/{rayjob.VERSION}/namespaces/{quote(namespace, safe='')}/rayjobs"
        self.where = f"{rest.address}, namespace {namespace}"

    def create(self, made: Object) -> Object:
        """Make an object, or find the one of its name that is there: made by another, or by us where a reply was lost.

        Raises:
            JobError: ``job/refused``, also where the object of that name is none of ours.
        """
        name = made["metadata"]["name"]
        try:
            answer = self._rest.ask("POST", self._path, made)
        except JobError:
            # The reply may be lost and the job there; where it is not, nothing was done and the error stands.
            found = self.find(name)
            if found is None:
                raise
            return self._ours(found)
        return self._ours(self.get(name) if answer.status == HTTPStatus.CONFLICT else self._said(answer))

    def find(self, name: str) -> Object | None:
        """The object of a name, if there is one."""
        answer = self._rest.ask("GET", self._one(name))
        return None if answer.status == HTTPStatus.NOT_FOUND and _status(answer) else self._said(answer)

    def get(self, name: str) -> Object:
        """The object of a name.

        Raises:
            JobError: ``job/not-found``.
        """
        found = self.find(name)
        if found is None:
            remedy = "See headstart jobs list. A job that was cancelled or reaped is gone: submit it again."
            raise NoSuchJobError("job/not-found", f"there is no job {name!r}.", remedy=remedy, where=self.where)
        return found

    def ours(self) -> Sequence[Object]:
        """Those that we made, page by page; from the first again where Kubernetes no longer knows the next one."""
        found: list[Object] = []
        query = {"labelSelector": "=".join(rayjob.OURS), "limit": str(_PAGE)}
        while True:
            answer = self._rest.ask("GET", f"{self._path}?{urlencode(query)}")
            if answer.status == HTTPStatus.GONE and "continue" in query:
                found, query = [], {"labelSelector": query["labelSelector"]}
                continue
            said = self._said(answer)
            found += said.get("items") or []
            more = (said.get("metadata") or {}).get("continue")
            if not more:
                return found
            query["continue"] = more

    def annotate(self, name: str, annotations: Mapping[str, str]) -> None:
        """Set annotations of an object, as far as Kubernetes takes them."""
        self._rest.ask("PATCH", self._one(name), {"metadata": {"annotations": dict(annotations)}}, _MERGE)

    def delete(self, name: str, uid: str, version: str = "") -> bool:
        """Delete an object if it is the one that was seen, once; whether it is gone, or going.

        Args:
            name: Its name.
            uid: Its uid.
            version: Its resource version, where it must not have changed either.
        """
        seen = {"uid": uid} | ({"resourceVersion": version} if version else {})
        body = {"kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": "Background", "preconditions": seen}
        try:
            answer = self._rest.ask("DELETE", self._one(name), body)
        except JobError:
            found = self.find(name)  # the reply may be lost, and the object deleted
            if (
                found is not None
                and found["metadata"].get("uid") == uid
                and "deletionTimestamp" not in found["metadata"]
            ):
                raise
            return True
        if answer.status in (HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT):
            return False
        self._said(answer)
        return True

    def _one(self, name: str) -> str:
        return f"{self._path}/{quote(name, safe='')}"

    def _ours(self, found: Object) -> Object:
        labels, name = found["metadata"].get("labels") or {}, found["metadata"]["name"]
        if labels.get(rayjob.OURS[0]) != rayjob.OURS[1]:
            problem = f"there is a RayJob {name!r} that Headstart did not make."
            remedy = "Delete it, or name the model differently."
            raise JobError("job/refused", problem, remedy=remedy, where=self.where)
        return found

    def _said(self, answer: Answer) -> Object:
        """What the API answered.

        Raises:
            JobError: It is a refusal, or trouble of its own.
        """
        return answer.of(dict, self._refused, self._stranger)

    def _stranger(self) -> JobError:
        remedy = "Check the context of the kubeconfig file, or the address."
        return JobError("job/unreachable", "what answers is no Kubernetes.", remedy=remedy, where=self.where)

    def _refused(self, answer: Answer) -> JobError:
        told, where = _status(answer).get("message") or answer.told(), self.where
        problem = f"Kubernetes answered {answer.status}: {str(told).rstrip('.')[:500]}."
        if answer.is_trouble:
            return JobError("job/unreachable", problem, remedy="Try again; the job goes on.", where=where)
        remedies: Mapping[int, str] = {
            HTTPStatus.UNAUTHORIZED: "Log in again: the token is missing or no longer good.",
            HTTPStatus.FORBIDDEN: "Have the right given: the chart's rbac.rayJobs and rbac.pipelineRunner do.",
            HTTPStatus.GONE: "Try again.",
            HTTPStatus.NOT_FOUND: "Install KubeRay 1.7 where it is missing, and check the namespace.",
        }
        remedy = remedies.get(answer.status, "Mend what it says: the cluster's file, or the namespace's quota.")
        return JobError("job/refused", problem, remedy=remedy, where=where)


def _status(answer: Answer) -> dict[str, Any]:
    """The Status object of an answer; empty where it has none, as for a kind that Kubernetes does not know."""
    said = answer.said(dict) or {}
    return said if said.get("kind") == "Status" else {}
