"""Whether the texts that are scored are still like those that the model was judged on."""

from headstart import reference
from headstart.compute import Compute, Shared
from headstart.evaluation.drift import FEWEST, Drift, Seen, drift
from headstart.registry import Registry, Version
from headstart.scoring.part import model


def watch(version: Version, registry: str, texts: tuple[str, ...], compute: Compute) -> tuple[Drift | None, str]:
    """The drift of a sample of texts, or why there is nothing to say of it.

    Args:
        version: The model.
        registry: Where it is.
        texts: All different.
        compute: Where the model works.

    Raises:
        IntegrityError: What the version keeps of its test rows is missing or damaged.
    """
    kept = reference.find(version.files)
    if kept is None:
        return None, "the version keeps none of its test rows; one that is made today does"
    if len(texts) < FEWEST:
        return None, f"{len(texts)} different texts are too few; it takes {FEWEST}"
    shared = {"registry": registry, "model": f"{version.name}@{version.version}", "kept": kept}
    (found,) = compute.map(look, [texts], shared, lambda done, total, note: None)
    return found, "" if found else f"the version was judged on fewer than {FEWEST} rows"


def look(texts: tuple[str, ...], shared: Shared) -> Drift | None:
    """Compare texts with the reference; ``shared`` has the ``registry``, the ``model`` in it and the ``kept`` file."""
    old = reference.read(shared["kept"], Registry(shared["registry"]).blobs)
    predictor = model(shared["registry"], shared["model"])
    return drift(old, Seen.of(predictor.compute(texts)), predictor.labels)
