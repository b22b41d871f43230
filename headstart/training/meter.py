"""Measuring how quick a training is, and what memory it takes."""

import resource
import sys
import time
from collections.abc import Mapping
from typing import Any

import torch

from headstart.training.history import Pace, Spent

_RSS_UNIT = 1 if sys.platform == "darwin" else 1024  # bytes in what getrusage counts


class Meter:
    """Measures epochs. What it knows goes into checkpoints, so that a resumed epoch counts what came before."""

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self.epochs: list[Pace] = []
        self._sums = dict.fromkeys(("seconds", "rows", "tokens", "rate", "steps", "busy", "told"), 0.0)
        self._lap = dict(self._sums)
        self._since = time.monotonic()

    def start(self) -> None:
        """Begin to measure, or go on with an epoch."""
        self._since = time.monotonic()

    def count(self, rows: int, tokens: int, rate: float) -> None:
        """Count a step of all workers, at a share of the peak rates."""
        for name, more in {"rows": rows, "tokens": tokens, "rate": rate, "steps": 1}.items():
            self._lap[name] += more

    def lap(self) -> dict[str, float]:
        """What was measured since the last look: rows and tokens a second, bytes of memory, and how busy a GPU is.

        Call it where the device has just been waited for.
        """
        now, share = time.monotonic(), busy(self._device)
        lap, self._lap = self._lap | {"seconds": now - self._since}, dict.fromkeys(self._lap, 0.0)
        self._since = now
        if share is not None:
            lap |= {"busy": share * lap["seconds"], "told": lap["seconds"]}
        for name, more in lap.items():
            self._sums[name] += more
        per_second = {f"{name}_per_second": lap[name] / max(lap["seconds"], 1e-9) for name in ("rows", "tokens")}
        shares = {} if share is None else {"gpu_busy": share}
        return per_second | {"memory_bytes": float(peak_memory(self._device))} | shares

    def end_epoch(self) -> None:
        """End the epoch; what was not yet counted in a lap was its scoring."""
        sums, self._sums = self._sums, dict.fromkeys(self._sums, 0.0)
        trained = max(sums["seconds"], 1e-9)
        self.epochs.append(
            Pace(
                seconds=sums["seconds"] + time.monotonic() - self._since,
                rows_per_second=sums["rows"] / trained,
                tokens_per_second=sums["tokens"] / trained,
                rate=sums["rate"] / max(sums["steps"], 1),
                busy=sums["busy"] / sums["told"] if sums["told"] else None,
            )
        )
        self.start()

    @property
    def seconds(self) -> float:
        """The seconds measured so far."""
        return sum(epoch.seconds for epoch in self.epochs) + self._sums["seconds"]

    def spent(self, workers: int) -> Spent:
        """What the training took."""
        memory = peak_memory(self._device)
        return Spent(epochs=tuple(self.epochs), memory=memory, workers=workers, device=self._device.type)

    def said(self) -> dict[str, Any]:
        """All that is known, as JSON data."""
        return {"epochs": [epoch.model_dump() for epoch in self.epochs], "sums": self._sums}

    def load(self, said: Mapping[str, Any]) -> None:
        """Go on from what was known."""
        self.epochs = [Pace(**each) for each in said["epochs"]]
        self._sums = dict(said["sums"])


def peak_memory(device: torch.device) -> int:
    """The most bytes that this process has held on the accelerator; on a CPU, its largest resident size."""
    if device.type == "cuda":
        return int(torch.cuda.max_memory_allocated(device))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _RSS_UNIT


def busy(device: torch.device) -> float | None:
    """The share of the last second or so in which a GPU computed, from 0 to 1, as NVML tells; None if it does not."""
    if device.type != "cuda":
        return None
    try:
        return torch.cuda.utilization(device) / 100
    except Exception:  # its package or driver is missing, or the GPU is a slice of one: no reason to stop
        return None


def finish(device: torch.device) -> None:
    """Wait until the device has done what it was given."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
