"""The feature store: what a backbone makes of each text, computed once, found ever after.

A row's features depend on its text and on the backbone alone, so they are stored under both: a changed label or
split recomputes nothing, a new row costs one row, and runs that share a workspace share them. One forward pass
gives every layer, and each layer is read by itself.

``lookup.py`` is where callers come in; it reads shards (``shard.py``) from the backbone's space (``space.py``) and
has ``extraction.py`` compute what is missing. ``merging.py`` makes few shards of many small ones, and
``upkeep.py`` tells what is stored, and removes it.
"""

from headstart.features.lookup import Features, features
from headstart.features.space import REVISION

__all__ = ["REVISION", "Features", "features"]
