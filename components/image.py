"""The one image that every step runs in."""

from headstart.pods import IMAGE

__all__ = ["IMAGE"]
