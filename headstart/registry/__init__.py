"""Versions and aliases in an object store: a version is whole or invisible, and never changes.

The layout, every commit being one conditional create::

    registry.json                                the format, and what the probe of the store found
    blobs/sha256/ab/<digest>[~<tx>]              the bytes of every file, once
    models/<name>/versions/<n:08d>.json          a version's record: the commit point
    models/<name>/aliases/<alias>/<order>.json   one record a move, newest first: the log is the audit trail
    models/<name>/provenance/<n:08d>.json        where a version comes from, for tools outside Headstart
    models/<name>/signatures/<record>/<key>...   who vouches for it
    models/<name>/marks/<order>.json             tags and deletions, a log like that
    models/<name>/published/<tx>                 the number that a publication got, for one that asks again
    models/<name>/index/<order>.json             which numbers there are, every hundredth version
    catalog/snapshots/<order>.json               what every model has; catalog/changes/: which changed since
    hooks/<hook>/...                             how far each hook has been told
    leases/<tx>.json                             a writer at work
    gc/condemned/<run>.json                      blobs that a collector is about to delete
    serve/<name>/<n:08d>/...                     a version as a plain folder, where it was asked for

Index, catalog, receipts and folders follow from the rest: without them everything is found, slower.
"""

from headstart.registry.aliases import AliasMove
from headstart.registry.record import Draft, Lineage, Version
from headstart.registry.registry import Registry

__all__ = ["AliasMove", "Draft", "Lineage", "Registry", "Version"]
