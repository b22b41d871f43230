"""Telling that something is a secret, so that it is refused where everybody could read it."""

import re

# What it is called gives a secret away, or how it looks: keys of AWS, the hub, GitHub, Slack, JSON web tokens, PEM.
_NAME = re.compile(r"(?i)(passw|token|api_?key|access_?key|private_?key|credential|secret_?key|^secret$)")
_VALUE = re.compile(
    r"\b(AKIA|ASIA)[A-Z0-9]{16}\b|\bhf_[A-Za-z0-9]{20,}|\bgh[pousr]_[A-Za-z0-9]{20,}|\bxox[abprs]-[\w-]{10,}"
    r"|hooks\.slack\.com/|\beyJ[\w-]{10,}\.eyJ[\w-]{10,}|-----BEGIN [A-Z ]*PRIVATE KEY|://[^/\s\"']+:[^/\s\"']+@"
)


def looks_like_one(name: str, value: object) -> bool:
    """Whether a value looks like a secret, by what it is called or by itself; nothing at all is none."""
    return bool((_NAME.search(name) and value) or _VALUE.search(str(value)))
