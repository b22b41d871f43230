"""The one image that every step runs in; its tag is the package's version."""

from headstart.version import __version__

IMAGE = f"headstart/headstart:{__version__}"
