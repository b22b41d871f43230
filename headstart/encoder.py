"""The backbone as a torch module: from token ids to one vector a text, from any layer."""

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TypeGuard

import numpy as np
import torch
from torch import nn

from headstart.errors import BackboneError
from headstart.pooling import Pooling

TokenIds = Sequence[Sequence[int]]
TOKEN_BUDGET = {"cpu": 1024, "cuda": 65536}
"""Padded tokens in a batch, by the type of device: enough for full speed, few enough to pad little."""
_PROBE = [[1, 5, 2], [1, 2]]  # two short rows of small ids, which every vocabulary has


class Encoder(nn.Module):
    """A transformer whose hidden states are pooled over the tokens of each text.

    Args:
        folder: A model folder with config.json and safetensors.
        pooling: How the tokens of a text become one vector.
        layers: The hidden states to take, 0 for the embeddings; None for the last alone. Of several, the mean of the
            unit-length vectors is taken.

    Raises:
        BackboneError: The layer does not exist, or transformers cannot load the folder.
    """

    def __init__(self, folder: Path, pooling: Pooling, layers: Sequence[int] | None = None) -> None:
        super().__init__()
        self.body: Any = _load_body(folder)
        depth = int(self.body.config.num_hidden_layers)
        self.layers = (depth,) if layers is None else tuple(layers)
        self.pooling: Pooling = pooling
        for layer in self.layers:
            if not 0 <= layer <= depth:
                raise BackboneError(
                    "backbone/layer", f"there is no layer {layer}.", remedy=f"Use 0 to {depth}.", where=str(folder)
                )
        if max(self.layers) < depth:
            _truncate(self.body, max(self.layers))

    def forward(self, tokens: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Vectors of shape (rows, width) for token ids and mask of shape (rows, tokens)."""
        if self.layers == (self.body.config.num_hidden_layers,):
            return _pool(_last_state(self.body, tokens, mask).float(), mask, self.pooling)
        states = _states(self.body, tokens, mask)
        vectors = [_pool(states[layer].float(), mask, self.pooling) for layer in self.layers]
        if len(vectors) == 1:
            return vectors[0]
        return torch.stack([nn.functional.normalize(each, dim=1) for each in vectors]).mean(0)

    @property
    def blocks(self) -> nn.ModuleList | None:
        """The transformer's blocks, lowest first; None where they are not one list, as where they share weights."""
        depth = int(self.body.config.num_hidden_layers)
        stacks = [module for module in self.body.modules() if _is_stack(module, depth)]
        return stacks[0] if len(stacks) == 1 else None

    def redraw(self, seed: int) -> None:
        """Give the body the random weights that its training began with, or their like."""
        from transformers import AutoModel

        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            drawn = AutoModel.from_config(self.body.config)
        self.body.load_state_dict(drawn.state_dict(), strict=False)  # this body has no pooler

    def pooled(self, tokens: torch.Tensor, mask: torch.Tensor, parts: Sequence[tuple[Pooling, int]]) -> torch.Tensor:
        """Vectors of several layers, none above this encoder's, pooled in several ways, by one forward pass.

        Args:
            tokens: Token ids, shape (rows, tokens).
            mask: 1 on real tokens, of the same shape.
            parts: The pooling and the layer of each vector.

        Returns:
            Vectors of shape (rows, parts, width), float32.
        """
        states = _states(self.body, tokens, mask)
        return torch.stack([_pool(states[layer].float(), mask, pooling) for pooling, layer in parts], dim=1)


def _pool(states: torch.Tensor, mask: torch.Tensor, pooling: Pooling) -> torch.Tensor:
    if pooling == "cls":
        return states[:, 0]
    on_text = mask.unsqueeze(-1)
    if pooling == "max":
        return states.masked_fill(on_text == 0, -torch.inf).amax(1)
    weights = on_text.to(states.dtype)
    return (states * weights).sum(1) / weights.sum(1)


def _load_body(folder: Path) -> Any:
    from transformers import AutoModel

    try:
        with _quiet_transformers():
            body = AutoModel.from_pretrained(
                folder, local_files_only=True, trust_remote_code=False, use_safetensors=True
            )
    except Exception as error:  # transformers raises whatever its loaders meet; all of it means the folder is no model
        reason = (str(error).partition("\n")[0] or type(error).__name__).rstrip(".")
        remedy = "It must be an encoder that transformers.AutoModel loads without remote code."
        raise BackboneError("backbone/not-a-model", f"{reason}.", remedy=remedy, where=str(folder)) from error
    if getattr(body, "pooler", None) is not None:
        body.pooler = None  # its weights would be trained by nothing, which data-parallel training refuses
    return body


@contextlib.contextmanager
def _quiet_transformers() -> Iterator[None]:
    """No bars and no notes on unused weights: a head beside the body is meant to be there, a pooler is not missed."""
    from transformers.utils import logging

    verbosity, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)
        if bars:
            logging.enable_progress_bar()


def _truncate(body: Any, layer: int) -> None:
    """Drop the blocks above ``layer``, where that leaves the hidden states below unchanged.

    A model with a final norm ends differently when it is cut; it is left whole, and its upper blocks idle.
    """
    depth = body.config.num_hidden_layers
    stacks = [
        (parent, name)
        for parent in body.modules()
        for name, child in parent.named_children()
        if _is_stack(child, depth)
    ]
    if len(stacks) != 1:
        return
    parent, name = stacks[0]
    whole = getattr(parent, name)
    body.eval()
    with torch.inference_mode():
        before = _states(body, *pad(_PROBE))[layer]
        setattr(parent, name, whole[:layer])
        body.config.num_hidden_layers = layer
        after = _last_state(body, *pad(_PROBE))
    if not torch.equal(before, after):
        setattr(parent, name, whole)
        body.config.num_hidden_layers = depth


def _is_stack(module: nn.Module, depth: int) -> TypeGuard[nn.ModuleList]:
    return isinstance(module, nn.ModuleList) and len(module) == depth


def _states(body: Any, tokens: torch.Tensor, mask: torch.Tensor) -> Sequence[torch.Tensor]:
    found = body(input_ids=tokens, attention_mask=mask, output_hidden_states=True)
    # Without a block above the embeddings, transformers tells of no hidden states but the last.
    states: Sequence[torch.Tensor] = found.hidden_states or (found.last_hidden_state,)
    return states


def _last_state(body: Any, tokens: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    state: torch.Tensor = body(input_ids=tokens, attention_mask=mask).last_hidden_state
    return state


class Tokenizer:
    """Texts to token ids, cut at ``max_tokens``, special tokens included."""

    def __init__(self, folder: Path, max_tokens: int) -> None:
        from transformers import AutoTokenizer

        self._tokenizer = AutoTokenizer.from_pretrained(
            folder, local_files_only=True, trust_remote_code=False, use_fast=True
        )
        self._max_tokens = max_tokens

    def __call__(self, texts: Sequence[str]) -> list[list[int]]:
        """The token ids of each text."""
        encoded: list[list[int]] = self._tokenizer(list(texts), truncation=True, max_length=self._max_tokens)[
            "input_ids"
        ]
        return encoded


def pad(rows: TokenIds, device: torch.device | str = "cpu") -> tuple[torch.Tensor, torch.Tensor]:
    """Token ids and mask of shape (rows, longest), zero-padded on the right; mask is 1 on real tokens."""
    longest = max(map(len, rows))
    tokens = torch.zeros(len(rows), longest, dtype=torch.long)
    mask = torch.zeros(len(rows), longest, dtype=torch.long)
    for index, row in enumerate(rows):
        tokens[index, : len(row)] = torch.tensor(row)
        mask[index, : len(row)] = 1
    return tokens.to(device), mask.to(device)


def by_length(rows: TokenIds, budget: int) -> Iterator[np.ndarray[Any, np.dtype[np.intp]]]:
    """Indices of rows in batches of similar length, each of at most ``budget`` padded tokens (but one row at least)."""
    order = np.argsort([len(row) for row in rows], kind="stable")
    start = 0
    for end in range(1, len(order) + 1):
        if end == len(order) or (end - start + 1) * len(rows[order[end]]) > budget:
            yield order[start:end]
            start = end


def of_one_length(rows: TokenIds, budget: int) -> Iterator[np.ndarray[Any, np.dtype[np.intp]]]:
    """Indices of rows in batches of rows of one length, each of at most ``budget`` tokens (but one row at least).

    No padding is computed, and what a row gives does not depend on its neighbours: with padding, sums go over other
    lengths and round otherwise. Batches of few rows cost little more than full ones.
    """
    lengths = np.array([len(row) for row in rows], np.intp)
    order = np.argsort(lengths, kind="stable")
    for group in np.split(order, np.flatnonzero(np.diff(lengths[order])) + 1):
        if len(group):
            size = max(1, budget // max(1, int(lengths[group[0]])))
            yield from (group[start : start + size] for start in range(0, len(group), size))


def device() -> torch.device:
    """The accelerator of this process, else the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")
