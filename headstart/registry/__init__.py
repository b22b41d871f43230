"""Versions and aliases in an object store: a version is whole or invisible, and never changes.

The layout, every commit being one conditional create::

    registry.json                                the format, and what the probe of the store found
    blobs/sha256/ab/<digest>[~<tx>]              the bytes of every file, once
    models/<name>/versions/<n:08d>.json          a version's record: the commit point
    models/<name>/aliases/<alias>/<order>.json   one record a move, newest first: the log is the audit trail
    leases/<tx>.json                             a publisher at work
    gc/condemned/<run>.json                      blobs that a collector is about to delete
"""

from headstart.registry.record import AliasMove, Draft, Lineage, Version
from headstart.registry.registry import Registry

__all__ = ["AliasMove", "Draft", "Lineage", "Registry", "Version"]
