"""Headstart: from a label export and a pretrained model to the best model for your task, with the evidence.

Example:
    >>> import headstart as hs
    >>> run = hs.run(hs.Spec.load("support.yaml"))                      # doctest: +SKIP
    >>> model = hs.Registry(run.spec.registry.uri).load("support@champion")  # doctest: +SKIP
    >>> model.predict(["my parcel has not arrived"])                    # doctest: +SKIP
"""

from typing import TYPE_CHECKING

from headstart.asynchronous import AsyncClient
from headstart.client import Client
from headstart.errors import HeadstartError
from headstart.extras import extra_of
from headstart.registry import Registry
from headstart.spec import Spec, require_spec
from headstart.version import __version__

if TYPE_CHECKING:
    from headstart.progress import Progress
    from headstart.runs import Run

__all__ = ["AsyncClient", "Client", "HeadstartError", "Registry", "Spec", "__version__", "run"]


def run(spec: Spec, progress: "Progress | None" = None) -> "Run":
    """Do the whole job that a spec describes, or what is left of it; needs the ``engine`` extra.

    Args:
        spec: What to do.
        progress: Hears of each step; nobody by default.

    Raises:
        HeadstartError: Something that the user can mend; what is finished stays finished.
    """
    try:
        from headstart.runs import run
    except ModuleNotFoundError as error:
        raise extra_of(error) or error from error
    return run(require_spec(spec), progress)
