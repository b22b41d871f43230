"""What a library prints is dropped, and nothing else, however threads overlap."""

import io
import sys
import threading

import pytest

from headstart.hush import hushed


def test_what_one_thread_drops_another_prints(monkeypatch: pytest.MonkeyPatch) -> None:
    here = io.StringIO()
    monkeypatch.setattr(sys, "stdout", here)
    within, said = threading.Event(), threading.Event()

    def ask() -> None:
        with hushed():
            print("dropped")
            within.set()
            assert said.wait(10)
            print("dropped, too")
        print("after it")

    other = threading.Thread(target=ask)
    other.start()
    assert within.wait(10)
    print("mine")
    said.set()
    other.join()
    assert here.getvalue() == "mine\nafter it\n"


def test_standard_output_is_back_when_two_that_overlap_have_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    here = io.StringIO()
    monkeypatch.setattr(sys, "stdout", here)
    first, second = hushed(), hushed()
    entered, ended = threading.Event(), threading.Event()

    def inside() -> None:
        with first:
            entered.set()
            assert ended.wait(10)

    other = threading.Thread(target=inside)
    other.start()
    assert entered.wait(10)
    second.__enter__()
    ended.set()
    other.join()  # the one that came first goes first
    print("dropped")
    second.__exit__(None, None, None)
    assert sys.stdout is here
    print("said")
    assert here.getvalue() == "said\n"
