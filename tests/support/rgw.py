"""Runs a command against a real Ceph RGW of its own, on Debian's packages: ``python -m tests.support.rgw COMMAND...``.

One monitor, one OSD that keeps everything in memory, and the gateway, all in a temporary folder and gone afterwards.
"""

import contextlib
import os
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

from tests.support.servers import OTHER, free_port, wait_for

_CONFIGURATION = """
[global]
fsid = {fsid}
mon host = [v2:127.0.0.1:{mon},v1:127.0.0.1:{old_mon}]
public addr = 127.0.0.1
cluster addr = 127.0.0.1
auth cluster required = cephx
auth service required = cephx
auth client required = cephx
keyring = {folder}/keyring
log file = {folder}/$name.log
run dir = {folder}
pid file = {folder}/$name.pid
admin socket = {folder}/$name.asok
mon data = {folder}/mon
osd data = {folder}/osd
osd objectstore = memstore
memstore device bytes = 2147483648
osd crush chooseleaf type = 0
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 8
osd pool default pgp num = 8
mon allow pool size one = true
mon max pg per osd = 1000
rgw frontends = beast endpoint=127.0.0.1:{rgw}
rgw dns name =
"""


@contextlib.contextmanager
def rgw() -> Iterator[dict[str, str]]:
    """Start a gateway; gives the environment that leads to it."""
    with tempfile.TemporaryDirectory(prefix="rgw-") as name, contextlib.ExitStack() as running:
        folder = Path(name)
        ports = {each: free_port() for each in ("mon", "old_mon", "rgw")}
        fsid = str(uuid.uuid4())
        conf = folder / "ceph.conf"
        conf.write_text(_CONFIGURATION.format(fsid=fsid, folder=folder, **ports))

        def ceph(*command: str | Path) -> None:
            subprocess.run([*command, "-c", conf], check=True, stdout=subprocess.DEVNULL)

        def daemon(*command: str) -> "subprocess.Popen[bytes]":
            started = subprocess.Popen(
                [*command, "-f", "-c", conf], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            running.callback(started.wait, 30)
            running.callback(started.kill)
            return started

        _make_keys(folder / "keyring")
        address = f"[v2:127.0.0.1:{ports['mon']},v1:127.0.0.1:{ports['old_mon']}]"
        ceph("monmaptool", "--create", "--fsid", fsid, "--addv", "a", address, folder / "monmap")
        for each in ("mon", "osd"):
            (folder / each).mkdir()
        ceph("ceph-mon", "--mkfs", "-i", "a", "--monmap", folder / "monmap", "--keyring", folder / "keyring")
        wait_for(ports["mon"], daemon("ceph-mon", "-i", "a"))
        osd = str(uuid.uuid4())
        ceph("ceph", "osd", "new", osd, "0")
        ceph("ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", osd)
        daemon("ceph-osd", "-i", "0")
        gateway = daemon("radosgw", "-n", "client.rgw")
        _wait_long(ports["rgw"], gateway)
        user = ["--uid", "test", "--display-name", "test", "--access-key", "test", "--secret-key", "test"]
        ceph("radosgw-admin", "user", "create", *user)
        yield {
            OTHER: f"http://127.0.0.1:{ports['rgw']}",
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{ports['rgw']}",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "us-east-1",
        }


def _make_keys(keyring: Path) -> None:
    may = {
        "mon.": {"mon": "allow *"},
        "client.admin": {"mon": "allow *", "osd": "allow *", "mgr": "allow *"},
        "client.rgw": {"mon": "allow rwx", "osd": "allow rwx"},
        "osd.0": {"mon": "allow *", "osd": "allow *"},
    }
    for number, (name, caps) in enumerate(may.items()):
        create = [] if number else ["--create-keyring"]
        granted = [part for what, cap in caps.items() for part in ("--cap", what, cap)]
        command = ["ceph-authtool", *create, keyring, "--gen-key", "-n", name, *granted]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def _wait_long(port: int, process: "subprocess.Popen[bytes]") -> None:
    """The gateway makes its pools at its first start."""
    for _ in range(5):
        with contextlib.suppress(AssertionError):
            wait_for(port, process)
            return
    wait_for(port, process)


if __name__ == "__main__":
    began = time.monotonic()
    with rgw() as environment:
        sys.stderr.write(f"Ceph RGW answers after {time.monotonic() - began:.0f} s\n")
        sys.exit(subprocess.run(sys.argv[1:], env=os.environ | environment, check=False).returncode)
