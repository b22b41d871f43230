"""Many small shards made few: what nightly runs leave, each with the rows of a day.

A merged shard is written before the entries that it stands for are removed, and these before their vectors, so at every
moment each row is in a shard that is whole: whoever is killed leaves rows twice at worst. A reader that still holds a
removed entry looks again and finds the merged one. Two who merge at once write the same shard.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa

from headstart.features.extraction import SHARD_ROWS
from headstart.features.shard import Part, Shard, stored
from headstart.features.space import GONE, Space

MANY = 32  # small shards of the same layers and poolings: a month of nights, and more than one extraction leaves
_SMALL = SHARD_ROWS // 2


def merge(space: Space) -> None:
    """Merge the small shards that the last refresh saw, where there are many of them."""
    small: defaultdict[frozenset[Part], list[Shard]] = defaultdict(list)
    for _, shard in sorted(space.shards.items()):
        if len(shard.ids) < _SMALL:
            small[frozenset(shard.files)].append(shard)
    for shards in small.values():
        if len(shards) >= MANY:
            for together in _batches(shards):
                _merge(space, together)


def _batches(shards: Sequence[Shard]) -> Iterator[list[Shard]]:
    """The shards in turn, as many at once as fit into one; one alone is left as it is."""
    batch: list[Shard] = []
    for shard in shards:
        if sum(len(each.ids) for each in batch) + len(shard.ids) > SHARD_ROWS:
            yield batch
            batch = []
        batch.append(shard)
    if len(batch) > 1:
        yield batch


def _merge(space: Space, shards: Sequence[Shard]) -> None:
    ids = pa.concat_arrays([shard.ids for shard in shards])
    kept = np.sort(np.unique(ids.to_numpy(zero_copy_only=False), return_index=True)[1])  # each row once
    try:
        vectors = {
            part: np.concatenate([stored(space.workspace.blobs.fetch(shard.files[part])) for shard in shards])[kept]
            for part in shards[0].files
        }
    except GONE:  # damaged, or somebody else has merged them: a reader will see to it
        return
    added = space.add(ids.take(pa.array(kept)), vectors)
    space.drop(shard.key for shard in shards if shard.key != added.key)
    needed = {file.key for shard in space.shards.values() for file in shard.files.values()}
    for file in {file.key: file for shard in shards for file in shard.files.values()}:
        if file not in needed:
            space.workspace.store.delete(file)
