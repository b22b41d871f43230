"""A real browser for tests: Chromium without a window, spoken to over two pipes in its DevTools protocol.

Pipes need no port, no extra package and no waiting for a server. The protocol is JSON, each message
ended by a zero byte: https://chromedevtools.github.io/devtools-protocol.
"""

import contextlib
import fcntl
import json
import os
import select
import shutil
import signal
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Literal

import pytest

_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")
_FLAGS = (
    "--headless",
    "--no-sandbox",  # root in a container may not make one
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND",  # whatever a page asks for, nothing leaves this machine
    "--hide-scrollbars",
    "--remote-debugging-pipe",
)
_MEASURES = Path(__file__).with_name("measures.js")
_SECONDS = 120.0  # without an answer for so long, the browser hangs

Scheme = Literal["light", "dark"]


class Pipes:
    """Calls to the browser, and the events that it tells in between."""

    def __init__(self, read: int, write: BinaryIO) -> None:
        self._read, self._write = read, write
        self._buffer = b""
        self._number = 0
        self.events: list[Mapping[str, Any]] = []

    def call(self, method: str, session: str = "", **parameters: object) -> Any:
        """The result of a method of the protocol."""
        self._number += 1
        message: dict[str, object] = {"id": self._number, "method": method, "params": parameters}
        self._write.write(json.dumps(message | ({"sessionId": session} if session else {})).encode() + b"\0")
        self._write.flush()
        while (answer := self._receive()).get("id") != self._number:
            self.events.append(answer)
        assert "result" in answer, f"{method}: {answer.get('error')}"
        return answer["result"]

    def wait(self, event: str, session: str) -> None:
        """Until the browser has told of an event."""
        while not any(each["method"] == event and each.get("sessionId") == session for each in self.events):
            self.events.append(self._receive())

    def _receive(self) -> Mapping[str, Any]:
        while b"\0" not in self._buffer:
            assert select.select([self._read], [], [], _SECONDS)[0], "the browser does not answer"
            received = os.read(self._read, 1 << 20)
            assert received, "the browser has ended"
            self._buffer += received
        message, _, self._buffer = self._buffer.partition(b"\0")
        found: Mapping[str, Any] = json.loads(message)
        return found


@dataclass(frozen=True)
class Page:
    """A page that is open, with all that it said and asked for since it was."""

    pipes: Pipes
    session: str

    def run(self, script: str) -> Any:
        """What a JavaScript expression gives, as JSON data."""
        found = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")

    def said(self) -> list[str]:
        """All that the console shows: messages, errors, violations, and what else the browser finds amiss."""
        self.run("0")  # what was said before this answer has been told by then
        told = ("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded", "Audits.issueAdded")
        return [json.dumps(each["params"]) for each in self._events() if each["method"] in told]

    def requested(self) -> list[str]:
        """The address of everything that was asked for, the page itself first."""
        return [
            each["params"]["request"]["url"] for each in self._events() if each["method"] == "Network.requestWillBeSent"
        ]

    def measure(self, name: str) -> Any:
        """What one of the functions in measures.js finds."""
        return self.run(f"({_MEASURES.read_text()}).{name}()")

    def images(self) -> list[str]:
        """The text alternatives of the images, as a screen reader is told them."""
        nodes = self.call("Accessibility.getFullAXTree")["nodes"]
        found = [
            each.get("name", {}).get("value", "") for each in nodes if each.get("role", {}).get("value") == "image"
        ]
        return [str(each) for each in found if each]

    def call(self, method: str, **parameters: object) -> Any:
        """The result of a method of the protocol on this page."""
        return self.pipes.call(method, self.session, **parameters)

    def _events(self) -> list[Mapping[str, Any]]:
        return [each for each in self.pipes.events if each.get("sessionId") == self.session]


@dataclass(frozen=True)
class Browser:
    """Opens pages."""

    pipes: Pipes

    @contextlib.contextmanager
    def open(self, path: Path, width: int, scheme: Scheme, media: str = "") -> Iterator[Page]:
        """A file in a window of a width in CSS pixels, for a reader who prefers a colour scheme.

        Args:
            path: The file.
            width: The window's width.
            scheme: The colours that the reader's system is set to.
            media: ``print`` lays the page out as on paper.
        """
        target = self.pipes.call("Target.createTarget", url="about:blank")["targetId"]
        session = self.pipes.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        page = Page(self.pipes, session)
        for domain in ("Page", "Runtime", "Log", "Network", "Audits", "Accessibility"):
            page.call(f"{domain}.enable")
        page.call("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
        preferred = [{"name": "prefers-color-scheme", "value": scheme}]
        page.call("Emulation.setEmulatedMedia", media=media, features=preferred)
        page.call("Page.navigate", url=path.as_uri())
        self.pipes.wait("Page.loadEventFired", session)
        try:
            yield page
        finally:
            self.pipes.call("Target.closeTarget", targetId=target)


@contextlib.contextmanager
def browser() -> Iterator[Browser]:
    """A Chromium of the tests' own; skips where there is none, unless HEADSTART_BROWSER is ``required``."""
    command = next(filter(None, map(shutil.which, _NAMES)), None)
    if command is None:
        problem = f"no browser is installed (looked for {', '.join(_NAMES)})"
        assert os.environ.get("HEADSTART_BROWSER") != "required", problem
        pytest.skip(problem)
    # The browser reads from its descriptor 3 and writes to 4. Ours stand above both, or one would be lost.
    (theirs_in, ours_out), (ours_in, theirs_out) = _pipe(), _pipe()
    with tempfile.TemporaryDirectory(prefix="headstart-browser-", ignore_cleanup_errors=True) as folder:
        log = str(Path(folder) / "log")
        process = os.posix_spawn(
            command,
            [command, *_FLAGS, f"--user-data-dir={folder}/profile"],
            os.environ | {"TMPDIR": folder},  # what it leaves behind goes with the folder
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 1, log, os.O_WRONLY | os.O_CREAT, 0o600),
                (os.POSIX_SPAWN_DUP2, 1, 2),
                (os.POSIX_SPAWN_DUP2, theirs_in, 3),
                (os.POSIX_SPAWN_DUP2, theirs_out, 4),
            ],
            setpgroup=0,
        )
        os.close(theirs_in)
        os.close(theirs_out)
        try:
            with os.fdopen(ours_out, "wb") as write:
                yield Browser(Pipes(ours_in, write))
        finally:
            os.close(ours_in)
            os.killpg(process, signal.SIGKILL)
            os.waitpid(process, 0)


def _pipe() -> tuple[int, int]:
    """A pipe with descriptors from 10 on, which no child inherits."""
    read, write = os.pipe()
    high = tuple(fcntl.fcntl(each, fcntl.F_DUPFD_CLOEXEC, 10) for each in (read, write))
    os.close(read)
    os.close(write)
    return high[0], high[1]
