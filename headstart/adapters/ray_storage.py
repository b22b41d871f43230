"""Where Ray keeps what outlives a process: checkpoints, and what dashboards read."""

from typing import Any


def storage(uri: str) -> dict[str, Any]:
    """Ray's arguments for a folder or an s3:// prefix."""
    if not uri.startswith("s3://"):
        return {"storage_path": uri}
    from pyarrow.fs import FSSpecHandler, PyFileSystem

    from headstart.adapters.s3 import file_system

    return {"storage_path": uri.removeprefix("s3://"), "storage_filesystem": PyFileSystem(FSSpecHandler(file_system()))}
