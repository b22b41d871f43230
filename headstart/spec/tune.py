"""The tune section, and the workers that train."""

from typing import Literal

from headstart.spec.section import Count, Index, Section


class TuneSpec(Section):
    """How far the backbone is tuned, from the best head."""

    strategy: Literal["auto", "head", "lp-ft", "full"] = "auto"
    """``head`` trains nothing further; ``lp-ft`` tunes all from the searched head; ``full`` tunes all from a fresh
    head; ``auto`` is ``lp-ft``."""
    epochs: Count = 10
    """The most passes over the training rows; fewer where the validation rows gain nothing more."""
    precision: Literal["auto", "fp32", "bf16"] = "auto"
    """The arithmetic; ``auto`` is bf16 on GPUs and fp32 elsewhere."""


class ComputeSpec(Section):
    """The workers of data-parallel training. ``auto`` divides what the machine or cluster has."""

    workers: Count = 1
    """How many processes share each batch."""
    cpus_per_worker: Count | Literal["auto"] = "auto"
    """CPU threads of each."""
    gpus_per_worker: Index | Literal["auto"] = "auto"
    """GPUs of each; ``auto`` is one where there are enough."""
    max_failures: Index = 3
    """How often a training may lose a worker and go on from its last checkpoint."""
