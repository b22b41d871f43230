"""The frozen lower blocks: computed once for every row, then read back instead of being computed."""

import contextlib
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from headstart.compute import Peers
from headstart.encoder import TOKEN_BUDGET, Encoder, TokenIds, by_length, pad
from headstart.training import exchange, memory, sharding
from headstart.training.arithmetic import Arithmetic
from headstart.training.batches import Indices, lengths_of

SHARE_OF_DISK = 0.5


class Prefix:
    """What the ``depth`` lowest blocks give for each token of each row, in single precision.

    Args:
        encoder: The encoder; its lower blocks must not train, and compute without dropout here as in training.
        depth: How many blocks, 1 or more.
        tokens: The rows.
        place: Where the rows' activations are kept, shape (tokens of all rows, width).
    """

    def __init__(self, encoder: Encoder, depth: int, tokens: TokenIds, place: npt.NDArray[np.float32]) -> None:
        blocks = encoder.blocks
        if blocks is None:
            raise ValueError("an encoder without blocks has no prefix")
        self._encoder, self._blocks, self._depth = encoder, list(blocks), depth
        self._is_sharded = sharding.is_sharded(encoder)
        self._starts = np.concatenate([[0], np.cumsum(lengths_of(tokens))])
        self._kept = place

    def fill(self, tokens: TokenIds, peers: Peers, arithmetic: Arithmetic) -> None:
        """Compute all rows, each on one worker, and share them.

        The batches follow from the rows alone, so that a restarted training computes the very same.
        """
        device = next(self._encoder.parameters()).device
        batches = list(by_length(tokens, TOKEN_BUDGET[device.type]))
        for first in range(0, len(batches), peers.world):
            turn = batches[first : first + peers.world]
            mine = torch.empty(0)
            if peers.rank < len(turn) or self._is_sharded:
                own = turn[peers.rank % len(turn)]
                with torch.no_grad(), arithmetic.autocast():
                    mine = self._compute(*pad([tokens[row] for row in own], device)).float()
            for owner, batch in enumerate(turn):
                self._keep(batch, exchange.given_by(owner, mine, self._shape(batch), peers, device))

    def _compute(self, tokens: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        found: list[torch.Tensor] = []
        seen = self._blocks[self._depth - 1].register_forward_hook(lambda _, __, given: found.append(_state(given)))
        above = dict.fromkeys(self._blocks[self._depth :], _pass)
        try:
            with _instead(above):
                self._encoder.body(input_ids=tokens, attention_mask=mask)
        finally:
            seen.remove()
        return found[0]

    def _shape(self, rows: Indices) -> tuple[int, int, int]:
        return len(rows), int((self._starts[rows + 1] - self._starts[rows]).max()), self._kept.shape[1]

    def _keep(self, batch: Indices, states: torch.Tensor) -> None:
        for row, state in zip(batch, states.cpu().numpy(), strict=True):
            start, end = self._starts[row], self._starts[row + 1]
            self._kept[start:end] = state[: end - start]

    @contextlib.contextmanager
    def replayed(self, rows: Indices) -> Iterator[None]:
        """Within the block, the encoder takes the kept activations for those rows, whose tokens it is given."""
        device = next(self._encoder.parameters()).device
        states = np.zeros(self._shape(rows), dtype=np.float32)
        for index, row in enumerate(rows):
            start, end = self._starts[row], self._starts[row + 1]
            states[index, : end - start] = self._kept[start:end]
        given = torch.from_numpy(states).to(device)
        lower = dict.fromkeys(self._blocks[: self._depth - 1], _pass)
        with _instead(lower | {self._blocks[self._depth - 1]: lambda *_, **__: given}):
            yield


def room(tokens: TokenIds, width: int, keep: contextlib.ExitStack) -> npt.NDArray[np.float32] | None:
    """Where activations of (tokens of all rows, width) may be kept: in memory, else on disk, else nowhere.

    They take at most a quarter of the free memory or half of the free disk.
    """
    shape = (int(lengths_of(tokens).sum()), width)
    size = shape[0] * shape[1] * 4
    if memory.has_room(size):
        return np.zeros(shape, dtype=np.float32)
    if size > SHARE_OF_DISK * shutil.disk_usage(tempfile.gettempdir()).free:
        return None
    folder = Path(keep.enter_context(tempfile.TemporaryDirectory()))
    return np.memmap(folder / "prefix", dtype=np.float32, mode="w+", shape=shape)


@contextlib.contextmanager
def _instead(functions: dict[nn.Module, Callable[..., torch.Tensor]]) -> Iterator[None]:
    """Let modules compute something else; what watches their results still does."""
    for module, function in functions.items():
        module.forward = function
    try:
        yield
    finally:
        for module in functions:
            del module.forward


def _pass(state: torch.Tensor, *_: Any, **__: Any) -> torch.Tensor:
    return state


def _state(given: Any) -> torch.Tensor:
    state: torch.Tensor = given[0] if isinstance(given, tuple) else given
    return state
