"""The error that ends a component is the last of its pod's log, in words: Kubeflow alone would print a stack trace."""

import contextlib
import os
import sys
from collections.abc import Iterator

from headstart import logs
from headstart.errors import HeadstartError

_IN_COMPONENT = "_KFP_RUNTIME"  # set by the command of every Kubeflow component, also under its local runner


@contextlib.contextmanager
def worded() -> Iterator[None]:
    """Within a component, end the process for an error that the user can mend, as the command line does.

    Raises:
        HeadstartError: It is no component that runs here.
        SystemExit: It is; the error is said.
    """
    try:
        yield
    except HeadstartError as error:
        if not os.environ.get(_IN_COMPONENT):
            raise
        sys.stderr.write(f"{logs.of_error(error) if logs.as_json() else f'error {error}'}\n")
        raise SystemExit(error.exit_status) from None
