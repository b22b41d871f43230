"""Telling a hook of one event: a signed webhook, or a command."""

import base64
import hashlib
import hmac
import os
import random
import subprocess
import time
from collections.abc import Mapping
from typing import Any

from headstart.adapters import webhook
from headstart.registry.hooks import Hook

_PAUSES = (0.5, 2.0, 8.0)  # seconds before each further try
_COMMAND_SECONDS = 600.0
_STANDARD_ERROR = 2


def send(hook: Hook, event_id: str, body: bytes, data: Mapping[str, Any]) -> str:
    """Tell a hook; gives why it did not take the event, or nothing where it did.

    A webhook is tried several times where the address may be back soon; a command is run once.
    """
    if hook.command:
        return run(hook.command, event_id, body, data)
    for pause in (*_PAUSES, None):
        try:
            webhook.post(hook.url, body, signed(hook.key(), event_id, body, int(time.time())))
        except webhook.Undelivered as failed:
            if pause is None or not failed.soon:
                return failed.reason
            time.sleep(pause * (0.5 + random.random()))  # noqa: S311 (spreads tries, guards nothing)
        else:
            return ""
    raise AssertionError("the last try returns")


def signed(key: bytes, event_id: str, body: bytes, now: int) -> dict[str, str]:
    """The headers that prove a webhook, by the Standard Webhooks scheme (https://www.standardwebhooks.com).

    The signature is HMAC-SHA256 over id, time (seconds since 1970) and body, joined by dots.
    """
    content = b".".join((event_id.encode(), str(now).encode(), body))
    signature = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    return {"webhook-id": event_id, "webhook-timestamp": str(now), "webhook-signature": f"v1,{signature}"}


def run(command: tuple[str, ...], event_id: str, body: bytes, data: Mapping[str, Any]) -> str:
    """Run a command with an event in its environment, without a shell; gives why it failed, or nothing.

    ``HEADSTART_EVENT`` holds the event as JSON, ``HEADSTART_EVENT_ID`` its id; ``HEADSTART_NAME``,
    ``HEADSTART_VERSION``, ``HEADSTART_ALIAS`` and ``HEADSTART_REGISTRY`` say what happened. What it prints goes to
    standard error: standard output is for what this program prints.
    """
    said = {name: str(data[name]) for name in ("name", "version", "alias", "registry")}
    environment = {f"HEADSTART_{name.upper()}": value for name, value in said.items()}
    environment |= {"HEADSTART_EVENT": body.decode(), "HEADSTART_EVENT_ID": event_id}
    try:
        done = subprocess.run(  # noqa: S603
            command, env=os.environ | environment, stdout=_STANDARD_ERROR, timeout=_COMMAND_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return f"it ran longer than {_COMMAND_SECONDS:g} seconds"
    except (OSError, ValueError) as error:
        return f"it cannot be run: {getattr(error, 'strerror', None) or error}"
    return f"it ended with status {done.returncode}" if done.returncode else ""
