"""Answers for whole tables: a version of a model over files or a prefix, in parts that are computed once."""

from headstart.scoring.score import score
from headstart.scoring.scores import Scores

__all__ = ["Scores", "score"]
