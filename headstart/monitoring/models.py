"""What a registry tells: versions, and what aliases point at."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

from headstart.monitoring.families import Sample
from headstart.monitoring.runs import AT_ONCE, MODELS, at
from headstart.registry import Registry, aliases

_SOURCE = "registry"
_Stands = tuple[str, str, int]  # model, alias, version


class Models:
    """Reads a registry; of an alias that still points at the same version nothing is read again.

    Args:
        registry: The registry.
    """

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._known: dict[_Stands, list[Sample]] = {}

    def samples(self) -> list[Sample]:
        """All samples: the catalog's few requests, and some for each alias that points elsewhere than the last time.

        Of more than :data:`headstart.monitoring.runs.MODELS` models, the first by name have their aliases told.

        Raises:
            StoreError: The store cannot be read.
            IntegrityError: A record is damaged.
        """
        held = self._registry.catalog()
        standing = [
            (name, alias, number)
            for name, each in islice(held.items(), MODELS)
            for alias, number in sorted(each.aliases.items())
        ]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            self._known = dict(zip(standing, pool.map(self._read, standing), strict=True))
        found = [Sample("headstart_model_versions", (name,), len(each.versions)) for name, each in held.items()]
        found += [sample for each in self._known.values() for sample in each]
        return [*found, Sample("headstart_exporter_models_left_out", (_SOURCE,), max(0, len(held) - MODELS))]

    def _read(self, stands: _Stands) -> list[Sample]:
        return self._known.get(stands) or list(self._samples(*stands))

    def _samples(self, name: str, alias: str, number: int) -> Iterator[Sample]:
        move = aliases.current(self._registry.store, name, alias)
        version = self._registry.get(name, number)
        yield Sample("headstart_alias_version", (name, alias), number)
        if move is not None:
            yield Sample("headstart_alias_moves_total", (name, alias), move.sequence)
            yield from at("headstart_alias_moved_timestamp_seconds", (name, alias), move.at)
        yield from at("headstart_alias_published_timestamp_seconds", (name, alias), version.created)
        for metric, score in version.metrics.items():
            yield Sample("headstart_alias_score", (name, alias, metric), score.value)
