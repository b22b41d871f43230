"""Training on the rows' own words: of the embedding table, only the vectors of tokens that occur.

Rows use a small part of a vocabulary, and the table is often half of a model (in all-MiniLM-L6-v2 11.7 of 22.7 million
weights). Vectors of tokens that do not occur have no gradient, but cost as much in the optimiser, in the kept weights
and in checkpoints as all others, on every worker again. Cutting a table down to a language's tokens is from Abdaoui et
al. 2020; here it is whole again after the training.
"""

import contextlib
from collections.abc import Iterable, Iterator

import torch
from torch import nn

from headstart.encoder import Encoder, TokenIds


@contextlib.contextmanager
def narrowed(encoder: Encoder, rows: Iterable[TokenIds]) -> Iterator[None]:
    """Within the block the encoder has the vectors of tokens that occur in the rows, and knows no others.

    After it the table is whole: vectors of tokens that do not occur are to the bit what they were. A table of a kind of
    its own, or one that is used in several places, stays as it is.

    Args:
        encoder: Changed in place, also where the block ends with an error.
        rows: Token ids of all rows that it will be given, which every worker has alike.
    """
    whole = encoder.body.get_input_embeddings()
    shared = sum(each is whole.weight for module in encoder.modules() for each in module.parameters(recurse=False))
    if type(whole) is not nn.Embedding or shared > 1:
        yield
        return
    few = _Few(whole, _used(whole, rows))
    encoder.body.set_input_embeddings(few)
    try:
        yield
    finally:
        few.hand_back(whole)
        encoder.body.set_input_embeddings(whole)


class _Few(nn.Embedding):
    """Some vectors of a table, found by the ids that they have in it.

    Args:
        whole: The table.
        used: The ids of the vectors, shape (vectors,).
    """

    def __init__(self, whole: nn.Embedding, used: torch.Tensor) -> None:
        # An id that is not there leads behind the last vector, which torch refuses.
        places = torch.full((whole.num_embeddings,), len(used))
        places[used] = torch.arange(len(used))
        padding = None if whole.padding_idx is None else int(places[whole.padding_idx])
        super().__init__(len(used), whole.embedding_dim, padding, _weight=whole.weight.detach()[used])
        self.weight.requires_grad_(whole.weight.requires_grad)
        self.register_buffer("used", used, persistent=False)
        self.register_buffer("places", places, persistent=False)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        """Vectors (rows, tokens, width) for token ids (rows, tokens) of the whole table."""
        return super().forward(self.get_buffer("places")[tokens])

    @torch.no_grad()
    def hand_back(self, whole: nn.Embedding) -> None:
        """Put the vectors into the table that they are from."""
        whole.to(self.weight.device).weight[self.get_buffer("used")] = self.weight


def _used(table: nn.Embedding, rows: Iterable[TokenIds]) -> torch.Tensor:
    """The ids that occur, in order, and those that fill rows up."""
    occurs = torch.zeros(table.num_embeddings, dtype=torch.bool)
    occurs[0] = True  # what encoder.pad fills up with
    if table.padding_idx is not None:
        occurs[table.padding_idx] = True
    seen = occurs.numpy()
    for tokens in rows:
        for row in tokens:
            seen[row] = True
    return occurs.nonzero()[:, 0]
