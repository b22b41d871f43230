"""What a Ray cluster that is made for one job is made of, beside what the spec's section ``compute`` asks for."""

import os
import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationError, field_validator
from pydantic_core import PydanticCustomError

from headstart import origin
from headstart.errors import SpecError
from headstart.spec import Section, document, secret
from headstart.spec.section import Count, Duration, Index

CLUSTER = "HEADSTART_CLUSTER"


def _checked_object(name: str) -> str:
    """A name as Kubernetes has them: 1 to 253 of a-z, 0-9, '.' and '-'."""
    if not re.fullmatch(r"[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?", name):
        raise ValueError("a name in Kubernetes has a-z, 0-9, '.', '-', and starts and ends with a letter or digit")
    return name


def _checked_memory(size: str) -> str:
    """A whole number and Mi, Gi or Ti, for example 16Gi."""
    if not re.fullmatch(r"[1-9][0-9]*(Mi|Gi|Ti)", size):
        raise ValueError("memory is a whole number and Mi, Gi or Ti, for example 16Gi")
    return size


def _checked_image(image: str) -> str:
    """An image with a version or a digest."""
    if not re.fullmatch(r"\S+(:(?!latest$)[\w][\w.-]*|@sha256:[0-9a-f]{64})", image):
        raise ValueError("an image is named with a version or a digest, and not latest, which changes by itself")
    return image


ObjectName = Annotated[str, AfterValidator(_checked_object)]
Memory = Annotated[str, AfterValidator(_checked_memory)]


class TolerationSpec(Section):
    """A taint that pods bear, as Kubernetes writes it, whose API would drop a key that it does not know."""

    key: str | None = None
    """The taint's key; every taint if empty, with the operator Exists."""
    operator: Literal["Equal", "Exists"] | None = None
    """How the value is compared."""
    value: str | None = None
    """The taint's value, with the operator Equal."""
    effect: Literal["NoSchedule", "PreferNoSchedule", "NoExecute"] | None = None
    """The taint's effect; all if empty."""
    tolerationSeconds: Index | None = None  # noqa: N815 (Kubernetes' own spelling)
    """For how long the effect NoExecute is borne."""


class PodsSpec(Section):
    """Where pods may be."""

    node_selector: dict[str, str] = Field(default_factory=dict)
    """Labels that their nodes must have."""
    tolerations: tuple[TolerationSpec, ...] = ()
    """Taints that they bear, as Kubernetes writes them."""


class HeadSpec(PodsSpec):
    """The head."""

    cpus: Count = 2
    """Its CPUs."""
    memory: Memory = "8Gi"
    """Its memory."""


class WorkersSpec(PodsSpec):
    """Each worker."""

    cpus: Count = 4
    """CPUs of each; more where ``compute.cpus_per_worker`` says so."""
    memory: Memory = "16Gi"
    """Memory of each."""
    gpus: Index = 0
    """GPUs of each; more where ``compute.gpus_per_worker`` says so."""


class ClusterSpec(Section):
    """The cluster of a job. Secrets are named, never given; how many workers there are says ``compute.workers``."""

    image: Annotated[str, AfterValidator(_checked_image)] | None = None
    """The image of all pods, with a version or a digest; by default that of this process, ``HEADSTART_IMAGE``."""
    pull_secrets: tuple[ObjectName, ...] = ()
    """The Secrets to pull it with."""
    service_account: ObjectName = "default"
    """The service account of the pods, for roles of a cloud; they mount no token of it."""
    env: dict[str, str] = Field(default_factory=dict)
    """Environment variables of all pods, such as ``AWS_ENDPOINT_URL``."""
    secrets: tuple[ObjectName, ...] = ()
    """Secrets all of whose keys are environment variables of the pods, such as ``AWS_ACCESS_KEY_ID``."""
    token_secret: ObjectName | None = None
    """The Secret that holds Ray's token under ``auth_token``; by default KubeRay makes one for each cluster."""
    head: HeadSpec = HeadSpec()
    """The head, on which no training runs."""
    workers: WorkersSpec = WorkersSpec()
    """The workers."""
    max_workers: Count | None = None
    """Let Ray's autoscaler add workers up to so many; by default there are ``compute.workers``, no more and no less."""
    queue: ObjectName | None = None
    """The local queue of Kueue's in which jobs wait for room."""
    deadline: Duration = "6h"
    """After how long a job is ended."""
    start_deadline: Duration = "30m"
    """After how long a job is given up whose cluster does not come up."""
    retries: Index = 1
    """How often a job that failed is tried again, on a cluster of its own; it goes on after its last finished step."""
    redis: Annotated[str, Field(min_length=1)] | None = None
    """The address of a Redis that keeps what the head knows, so that a job outlives a lost head."""
    redis_secret: ObjectName | None = None
    """The Secret that holds its password under ``password``."""

    @field_validator("env", mode="before")
    @classmethod
    def _variables_without_secrets(cls, env: object) -> object:
        for name, value in env.items() if isinstance(env, dict) else ():
            if not re.fullmatch(r"[-._a-zA-Z][-._a-zA-Z0-9]*", str(name)):
                raise ValueError(
                    f"{name!r} is no name of an environment variable: it has letters, digits, '_', '-' and '.'"
                )
            if secret.looks_like_one(str(name), value):
                words = f"{name} looks like a secret, and whoever sees the job sees it: name its Secret under secrets"
                raise PydanticCustomError(document.HIDDEN, "{words}", {"words": words})
        return env

    @classmethod
    def load(cls, path: str | Path | None = None) -> "ClusterSpec":
        """The cluster that a YAML or JSON file describes, by default the one that ``HEADSTART_CLUSTER`` names, if any.

        Raises:
            SpecError: The file cannot be read, or says what it cannot say; or no image is known.
        """
        named = path or os.environ.get(CLUSTER)
        read = document.read(Path(named), first=()) if named else document.Document(CLUSTER, {})
        try:
            found = cls.model_validate(read.data)
        except ValidationError as error:
            raise read.explain(error, cls) from None
        if found.image is None and not origin.image():
            problem = "no image is named that the job's pods could run."
            remedy = f"Set image in the file that {CLUSTER} names, or {origin.IMAGE}."
            raise SpecError("spec/missing-key", problem, remedy=remedy, where=read.name)
        return found

    @property
    def own_image(self) -> str:
        """The image that is named, or that of this process."""
        return self.image or origin.image()
