"""Where the pods of a pipeline run and what they may use: what its parameters say, set on each of its tasks.

Each step starts Ray inside its own pod, or joins the cluster that RAY_ADDRESS names. So a pod's resources are those of
the Ray workers in it.
"""

from dataclasses import dataclass
from typing import Any

from kfp import kubernetes
from kfp.dsl import PipelineTask

from headstart.pods import STORE_KEYS

SPEC = """
**spec**: what to do, as one JSON string, with the keys of `docs/reference/spec.md`. Its workspace and its registry must
be `s3://` prefixes that every step can reach.
"""
PARAMETERS = """
**cpus**, **memory**, **accelerators**, **accelerator_type**: what each pod that computes may use, as in Kubernetes:
`4`, `16Gi`, `1`, `nvidia.com/gpu`.

**tolerations**, **node_selector**: on which nodes such pods may run: a list of Kubernetes tolerations, and labels.

**store_secret**: the name of the Kubernetes secret with the credentials of the object store, under the names of the
environment variables: `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`, `AWS_ENDPOINT_URL`,
`AWS_DEFAULT_REGION`. Secret and keys may be missing where a role gives the credentials.
"""


@dataclass(frozen=True)
class Placement:
    """The parameters of a pipeline that say where its pods run; each may be a value or a parameter's channel."""

    cpus: Any
    memory: Any
    accelerators: Any
    accelerator_type: Any
    tolerations: Any
    node_selector: Any
    store_secret: Any

    def heavy(self, task: PipelineTask) -> PipelineTask:
        """A task that computes."""
        task.set_cpu_request(self.cpus).set_cpu_limit(self.cpus)
        task.set_memory_request(self.memory).set_memory_limit(self.memory)
        task.set_accelerator_type(self.accelerator_type).set_accelerator_limit(self.accelerators)
        kubernetes.add_toleration_json(task, self.tolerations)
        kubernetes.add_node_selector_json(task, self.node_selector)
        return self.light(task)

    def light(self, task: PipelineTask) -> PipelineTask:
        """A task that only reads and writes."""
        # A version's lineage names the run that made it.
        kubernetes.use_field_path_as_env(task, "KFP_RUN_ID", "metadata.labels['pipeline/runid']")
        return with_secret(task, self.store_secret, STORE_KEYS)


def with_secret(task: PipelineTask, name: Any, keys: tuple[str, ...]) -> PipelineTask:
    """A task whose environment has the keys of a secret; neither need exist."""
    return kubernetes.use_secret_as_env(task, name, {key: key for key in keys}, optional=True)
