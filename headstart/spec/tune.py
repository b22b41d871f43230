"""The tune section, and the workers that train."""

from typing import Annotated, Literal

from pydantic import Field

from headstart.spec.section import Count, Duration, Fraction, Index, Section, seconds

Amount = Annotated[float, Field(gt=0.0)]

StrategyName = Literal[
    "bag-of-words",
    "head",
    "lp-ft",
    "top-k",
    "gradual",
    "layer-decay",
    "l2-sp",
    "bitfit",
    "lora",
    "dora",
    "ia3",
    "full",
    "scratch",
]


class TuneSpec(Section):
    """How far the backbone is tuned, from the best head."""

    strategy: Literal["auto", StrategyName] = "auto"
    """What trains, and from which start: see the guide on tuning. ``auto`` chooses, and says why."""
    layers: Count = 2
    """How many of the highest blocks ``top-k`` trains."""
    epochs: Count = 10
    """The most passes over the training rows; fewer where the validation rows gain nothing more."""
    budget: Duration | None = None
    """The most time that all epochs together may take. Some steps are tried first; where they say that it would not do,
    there are fewer epochs, and under ``auto`` a cheaper strategy if not even one fits. By default there is no limit,
    and what comes of a training does not depend on how quick the machine is."""
    cost: Amount | None = None
    """The most that the training may cost, by ``compute.price_per_hour``; it limits the time as ``budget`` does."""
    batch_rows: Count = 32
    """Rows of a step over all workers, on average: steps have about the same number of tokens."""
    precision: Literal["auto", "fp32", "bf16", "fp16"] = "auto"
    """The arithmetic; ``auto`` is bf16 where the device multiplies in it, and fp32 elsewhere."""
    schedule: Literal["cosine", "linear"] = "cosine"
    """How the learning rate comes down after its warm-up."""
    label_smoothing: Fraction = 0.0
    """The share of each target that is spread over all labels."""
    class_weights: Literal["equal", "balanced"] = "equal"
    """Whether rows of rare labels count for more, so that all labels count alike."""
    focal: Annotated[float, Field(ge=0.0)] = 0.0
    """How much less rows count that are answered well: gamma of the focal loss, 0 for cross-entropy."""
    average: Literal["none", "ema", "swa"] = "none"
    """Whether weights are judged and kept as an average: ``ema`` over the last steps, ``swa`` over the epochs."""
    recompute: bool = False
    """Whether activations are computed again on the way back rather than kept: less memory, a third more time."""


class ComputeSpec(Section):
    """The workers of data-parallel training. ``auto`` divides what the machine or cluster has."""

    workers: Count = 1
    """How many processes share each batch."""
    least_workers: Count | None = None
    """With how many a training goes on after losing some, until there are more; ``null`` for no fewer than all."""
    cpus_per_worker: Count | Literal["auto"] = "auto"
    """CPU threads of each."""
    gpus_per_worker: Index | Literal["auto"] = "auto"
    """GPUs of each; ``auto`` is one where there are enough."""
    shard: Literal["auto", "never", "always"] = "auto"
    """Whether workers divide the weights of the backbone's blocks between them; ``auto`` does so on GPUs whose memory
    they would otherwise fill by more than half."""
    max_failures: Index = 3
    """How often a training may lose a worker and go on from its last checkpoint."""
    price_per_hour: Amount | None = None
    """What a worker costs an hour, in any currency; what the training costs is then in the report."""


def seconds_allowed(tune: TuneSpec, compute: ComputeSpec) -> float | None:
    """The most seconds that the epochs may take, by the time and the money that there are; None without a limit."""
    limits = [float(seconds(tune.budget))] if tune.budget else []
    if tune.cost and compute.price_per_hour:
        limits.append(3600 * tune.cost / (compute.price_per_hour * compute.workers))
    return min(limits, default=None)
