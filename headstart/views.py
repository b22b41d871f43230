"""Views of a backbone's features: which layers, and how the tokens of a text become one vector."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from headstart.pooling import Pooling


class View(BaseModel):
    """Features of one layer, or the mean of the unit-length features of several, scaled to unit length again.

    ``layers`` are numbered from the embeddings, which are 0.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    layers: Annotated[tuple[int, ...], Field(min_length=1)]
    pooling: Pooling

    @property
    def top(self) -> int:
        """The highest layer: what is above it need not be computed."""
        return max(self.layers)

    def __str__(self) -> str:
        if len(self.layers) == 1:
            return f"layer {self.layers[0]}"
        return f"the mean of layers {', '.join(map(str, self.layers[:-1]))} and {self.layers[-1]}"
