"""SIGTERM ends a block of code, whatever that makes of it."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable

import pytest

from headstart.ending import Terminated, terminable


def end_myself() -> None:
    os.kill(os.getpid(), signal.SIGTERM)


def run(work: Callable[[], object]) -> None:
    with terminable():
        work()


def test_the_signal_ends_the_block_and_what_was_begun_is_ended_too() -> None:
    ended = []

    def work() -> None:
        try:
            end_myself()
            ended.append("too late")
        finally:
            ended.append("cleaned up")

    with pytest.raises(Terminated):
        run(work)
    assert ended == ["cleaned up"]


def test_a_second_signal_does_not_cut_the_end_short() -> None:
    ended = []

    def work() -> None:
        try:
            end_myself()
        finally:
            end_myself()
            ended.append("cleaned up")

    with pytest.raises(Terminated):
        run(work)
    assert ended == ["cleaned up"]


def test_an_error_that_another_library_makes_of_it_is_none() -> None:
    def work() -> None:
        try:
            end_myself()
        except Terminated as cause:
            raise SystemError("returned a result with an exception set") from cause

    with pytest.raises(Terminated):
        run(work)


def test_an_error_without_the_signal_stays_what_it_is() -> None:
    with pytest.raises(SystemError, match="ours"), terminable():
        raise SystemError("ours")


def test_the_signal_means_afterwards_what_it_meant_before() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with terminable():
        assert signal.getsignal(signal.SIGTERM) is not before
    assert signal.getsignal(signal.SIGTERM) is before


def test_an_inner_block_does_what_comes_first_and_ends_as_the_outer_one() -> None:
    done = []

    def work() -> None:
        with terminable(lambda: done.append("first"), lambda: SystemExit(143)):
            end_myself()

    with pytest.raises(Terminated):
        run(work)
    assert done == ["first"]


def test_without_an_outer_block_it_ends_with_what_was_said_whatever_is_made_of_it() -> None:
    def work() -> None:
        with terminable(ended=lambda: SystemExit(143)):
            try:
                end_myself()
            except SystemExit as cause:
                raise KeyboardInterrupt from cause

    with pytest.raises(SystemExit, match="143"):
        work()


def test_a_thread_other_than_the_main_one_does_without() -> None:
    done = []

    def work() -> None:
        with terminable():
            done.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert done


def test_a_command_that_hears_the_signal_ends_with_the_status_of_a_terminated_process() -> None:
    program = (
        "import os, signal, sys; from headstart.cli import main, pipelines; "
        "pipelines.compile_.callback = lambda **given: os.kill(os.getpid(), signal.SIGTERM); "
        "sys.argv = ['headstart', 'pipelines', 'compile']; main()"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (143, "Stopped. Run it again to continue from the last finished step.\n")
