"""Batch prediction: every text of a table or a prefix, answered and written as Parquet."""

from typing import Any

from kfp import dsl

from headstart.components import batch_score
from headstart.pipelines.placement import PARAMETERS, Placement
from headstart.pods import ACCELERATOR, CPUS, MEMORY, STORE_SECRET


@dsl.pipeline(
    name="score",
    description="Labels every text of a file or a prefix with a model of the registry, and writes the answers as "
    "Parquet. A run that broke off is continued by the next one.\n"
    "\n**model**: the model as `name@alias`, for example `support-intents@champion`.\n"
    "\n**source**: the texts: a `.txt`, `.csv`, `.jsonl` or `.parquet` object, or an `s3://` prefix of such.\n"
    "\n**registry**: where the model is, an `s3://` prefix.\n"
    "\n**out**: where the answers go, an `s3://` prefix.\n"
    "\n**text**: the field that holds the text; `auto` derives it.\n"
    "\n**shadow**: the alias or number of another version of the model, which answers the same texts; the report says "
    "where the two differ.\n"
    f"{PARAMETERS}",
)
def score(
    model: str,
    source: str,
    registry: str,
    out: str,
    text: str = "auto",
    shadow: str = "",
    cpus: str = CPUS,
    memory: str = MEMORY,
    accelerators: str = "0",
    accelerator_type: str = ACCELERATOR,
    tolerations: list[Any] = [],  # noqa: B006 (KFP keeps the default, not the list)
    node_selector: dict[str, Any] = {},  # noqa: B006
    store_secret: str = STORE_SECRET,
) -> str:
    """Score; gives where the answers are."""
    place = Placement(cpus, memory, accelerators, accelerator_type, tolerations, node_selector, store_secret)
    # Alias and source may mean something else tomorrow; what is scored already, the step finds itself.
    scored = place.heavy(batch_score(model=model, source=source, registry=registry, out=out, text=text, shadow=shadow))
    return scored.set_caching_options(False).outputs["Output"]  # type: ignore[no-any-return]
