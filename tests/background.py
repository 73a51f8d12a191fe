"""Waiting for what a request has set going in the background of this process."""

import threading
from collections.abc import Callable
from threading import Thread
from time import monotonic

from tests.servers import PATIENCE

# What the product calls its own threads: bulk runs, and runs that a page began.
RUNS = ("batch-", "sync run ")
PAUSE = 0.005


def wait_for_runs() -> None:
    """Wait until no run of a batch or of the sync is under way."""
    wait_for_threads(lambda thread: thread.name.startswith(RUNS))


def wait_for_threads(is_meant: Callable[[Thread], bool]) -> None:
    """Wait until no thread that `is_meant` lives, those included that are begun meanwhile.

    Raises TimeoutError where one goes on and on.
    """
    deadline = monotonic() + PATIENCE
    while running := [thread for thread in threading.enumerate() if is_meant(thread)]:
        for thread in running:
            if monotonic() > deadline:
                raise TimeoutError(f"{thread.name} goes on")
            if thread.is_alive():
                thread.join(PATIENCE)
            else:
                # It is listed before it has started, and cannot be joined yet.
                threading.Event().wait(PAUSE)
