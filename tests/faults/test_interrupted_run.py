"""Ctrl-C: the run stops as a program should, and goes on when it is started again."""

import signal
import subprocess
import sys
from pathlib import Path

from tests.support.commands import headstart, headstart_until, hear_ctrl_c
from tests.support.inline import spec_for


def test_ctrl_c_in_a_training_is_a_keyboard_interrupt_and_the_next_one_too(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "tests.support.interrupted_training", str(tmp_path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=Path(__file__).parents[2],
        preexec_fn=hear_ctrl_c,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "working\n"
        process.send_signal(signal.SIGINT)
        assert process.stdout.readline() == "interrupted True\n"
        assert process.wait() == 0


def test_ctrl_c_ends_a_run_with_status_130_and_the_next_one_goes_on(
    tmp_path: Path, tiny_backbone: Path, tiny_export: Path
) -> None:
    (tmp_path / "spec.json").write_text(spec_for(tmp_path, tiny_backbone, tiny_export).to_json())
    lines, status = headstart_until(
        "run",
        "spec.json",
        folder=tmp_path,
        last=lambda line: line.startswith("✓ fetch_backbone"),
        ending=signal.SIGINT,
    )
    assert status == 130, "\n".join(lines)
    again = headstart("run", "spec.json", folder=tmp_path)
    assert again.returncode == 0, again.stderr
    found = [line.split()[1] for line in again.stderr.splitlines() if line.startswith("✓") and " found " in line]
    assert found[:2] == ["import_labels", "fetch_backbone"]
