"""Retraining on a schedule: nothing if nothing changed, else the whole job; and somebody is told."""

from typing import Any

from kfp import dsl

from headstart.components import check_retrain, notify, record_retraining
from headstart.pipelines.placement import PARAMETERS, SPEC, Placement, with_secret
from headstart.pipelines.transfer import transfer
from headstart.pods import ACCELERATOR, CPUS, MEMORY, NOTIFY_KEYS, NOTIFY_SECRET, STORE_SECRET


@dsl.pipeline(
    name="retrain",
    description="Does the whole job again if there are new labels, or another backbone, spec or Headstart; promotes "
    "the model if it is better than the champion on today's test rows; tells how it ended.\n"
    f"{SPEC}\n**force**: do it without a reason, too.\n"
    "\n**notify_secret**: the name of the Kubernetes secret whose key `HEADSTART_NOTIFY_URL` is a webhook that takes "
    'messages as `{"text": "…"}`, and whose key `HEADSTART_ALLOW_PRIVATE_HOSTS` names its host where that is inside '
    "the cluster. It may be missing.\n"
    f"{PARAMETERS}",
)
def retrain(
    spec: str,
    force: bool = False,
    notify_secret: str = NOTIFY_SECRET,
    cpus: str = CPUS,
    memory: str = MEMORY,
    accelerators: str = "0",
    accelerator_type: str = ACCELERATOR,
    tolerations: list[Any] = [],  # noqa: B006 (KFP keeps the default, not the list)
    node_selector: dict[str, Any] = {},  # noqa: B006
    store_secret: str = STORE_SECRET,
) -> None:
    """Check; if there is a reason, the whole job and its record; at the end, whatever comes, notify."""
    place = Placement(cpus, memory, accelerators, accelerator_type, tolerations, node_selector, store_secret)
    told = with_secret(place.light(notify(spec=spec)), notify_secret, NOTIFY_KEYS).set_caching_options(False)
    with dsl.ExitHandler(told, name="retraining"):
        checked = place.light(check_retrain(spec=spec, force=force)).set_caching_options(False)
        with dsl.If(checked.outputs["Output"] == True, name="due"):  # noqa: E712 (it builds a condition)
            # A pipeline of its own, for KFP hands a task's resources down to none that stands inside a condition.
            job = transfer(
                spec=spec,
                cpus=cpus,
                memory=memory,
                accelerators=accelerators,
                accelerator_type=accelerator_type,
                tolerations=tolerations,
                node_selector=node_selector,
                store_secret=store_secret,
            ).outputs
            record = record_retraining(
                spec=spec,
                check=checked.outputs["check"],
                dataset=job["dataset"],
                decision=job["decision"],
                version=job["version"],
            )
            place.light(record).set_caching_options(False)
