"""The search section."""

from typing import Annotated, Literal

from pydantic import Field

from headstart.spec.section import Count, Duration, Index, Section, seconds

HeadFamily = Literal["linear", "ridge", "mlp", "centroid", "lda", "bayes", "knn"]


class SearchSpec(Section):
    """The search over heads on frozen features."""

    trials: Count = 256
    """The most settings to try; each layer and family has at least one."""
    layers: Literal["all"] | Annotated[tuple[Index, ...], Field(min_length=1)] = "all"
    """The layers whose features are tried; 0 is the embeddings."""
    poolings: Annotated[tuple[Literal["auto", "mean", "cls", "max"], ...], Field(min_length=1)] = ("auto",)
    """How the tokens of a text become one vector: their mean, the first one, the largest of each feature; ``auto`` is
    the backbone's own."""
    heads: Literal["auto"] | Annotated[tuple[HeadFamily, ...], Field(min_length=1)] = "auto"
    """The families to try; ``auto`` is ridge, lda, centroid, linear, mlp and, for fewer than 500 training rows, bayes.
    The first three, and knn, are closed forms, cheap enough to rank all layers."""
    algorithm: Literal["staged", "asha", "random", "tpe"] = "staged"
    """What is tried when: ``staged`` ranks the layers by closed forms and gives the other families the best two and
    their mean (mlp the mean alone); ``asha`` does so too, and stops populations that lag behind others half way;
    ``random`` draws from all layers, families and settings; ``tpe`` draws where it went well before."""
    refit: Literal["train", "train+validation"] = "train"
    """The rows that the winner is fitted on in the end, once it is chosen."""
    budget: Duration = "10m"
    """The time for each of the search's rounds; trials that have no result by then are left out."""

    @property
    def budget_seconds(self) -> int:
        """The time budget in seconds."""
        return seconds(self.budget)
