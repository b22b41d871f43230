"""Who runs this process, for logs that say who did what."""

import getpass
import os


def user() -> str:
    """The name of the user, or their number where they have no name, as in a container."""
    try:
        return getpass.getuser()
    except (ImportError, KeyError, OSError):
        return f"uid {os.getuid()}"
