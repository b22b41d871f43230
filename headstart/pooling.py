"""How the states of a text's tokens become one vector; by name, for those who must not load torch."""

from typing import Literal

Pooling = Literal["mean", "cls", "max"]
"""The mean of the states, that of the first token, or the largest of each number."""
