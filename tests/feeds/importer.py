"""A process that runs the feeds, also in children that are killed anywhere: `python -m tests.feeds.importer`.

Each line on stdin is a run: `{settings, unit, point}`. With a `point` a child carries it out, and kills itself with
SIGKILL at the `point`-th thing that happens: `unit` "call" counts every call of a function, Python's or C's, in the
thread that imports; "statement" counts what is said to the database, before it is sent and when it was answered.
With point 0 the run comes to its end. The answer is a line: how it ended, and how many things it counted.
"""

import json
import os
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, Self

from flask import Flask
from sqlalchemy import event
from sqlalchemy.orm import configure_mappers

from tests import atlas
from tests.databases import plain_settings
from tests.promise.troupe import values_of
from tests.servers import ROOT
from webapp import create_app
from webapp.db import db
from webapp.feeds.fetch import Limits
from webapp.fleet import places
from webapp.settings import Settings
from webapp.sync.models import RunStatus
from webapp.sync.queries import run
from webapp.sync.service import run_feeds

KILLED, DONE, FAILED = -signal.SIGKILL, 0, 1
AT_ONCE = Limits(connect_seconds=30, read_seconds=60, pauses=(0, 0))


class Importer:
    """One warm process, forked for every run; a context manager."""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.feeds.importer"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def run(self, settings: Settings, unit: str = "", point: int = 0) -> tuple[int, int]:
        """Run the feeds; how that ended (`KILLED`, `DONE`, or `FAILED` with a traceback), and what it counted."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        line = {"settings": values_of(settings), "unit": unit, "point": point}
        self._process.stdin.write(json.dumps(line) + "\n")
        self._process.stdin.flush()
        how, counted = json.loads(self._process.stdout.readline())
        return how, counted


class Fate:
    """Counts what happens, and ends this process as a power cut would when it is time."""

    def __init__(self, point: int) -> None:
        self._point = point
        self.counted = 0

    def step(self) -> None:
        """One more thing happens."""
        self.counted += 1
        if self.counted == self._point:
            os.kill(os.getpid(), signal.SIGKILL)


@contextmanager
def by_call(fate: Fate) -> Iterator[None]:
    """Every call of a function."""

    def note(_frame: object, what: str, _argument: object) -> None:
        if what in ("call", "c_call"):
            fate.step()

    sys.setprofile(note)
    yield
    sys.setprofile(None)


@contextmanager
def by_statement(fate: Fate) -> Iterator[None]:
    """Every statement and every commit, each before it is sent and when it has been answered."""

    def note(*_: Any) -> None:
        # The lease is kept alive by a thread of its own, whenever it comes to it.
        if threading.current_thread() is threading.main_thread():
            fate.step()

    engine: Any = db.engine
    commit = engine.dialect.do_commit

    def noted_commit(connection: Any) -> None:
        note()
        commit(connection)
        note()

    engine.dialect.do_commit = noted_commit
    for name in ("before_cursor_execute", "after_cursor_execute"):
        event.listen(engine, name, note)
    yield
    for name in ("before_cursor_execute", "after_cursor_execute"):
        event.remove(engine, name, note)
    engine.dialect.do_commit = commit


UNITS: dict[str, Callable[[Fate], AbstractContextManager[None]]] = {
    "": lambda fate: nullcontext(),
    "call": by_call,
    "statement": by_statement,
}


def main() -> None:
    """Carry out run after run until stdin ends."""
    places.look_up = atlas.look_up
    # What every child would do first is done once, before there are children.
    create_app(plain_settings(database_url="sqlite:///:memory:"))
    configure_mappers()
    apps: dict[str, Flask] = {}
    for line in sys.stdin:
        order = json.loads(line)
        url = order["settings"]["database_url"]
        if url not in apps:
            apps = {url: create_app(plain_settings(**order["settings"]))}
        how, counted = (_doom if order["point"] else _carry_out)(apps[url], order["unit"], order["point"])
        sys.stdout.write(json.dumps([how, counted]) + "\n")
        sys.stdout.flush()


def _carry_out(app: Flask, unit: str, point: int) -> tuple[int, int]:
    """One run in this process."""
    fate = Fate(point)
    try:
        with app.app_context():
            with UNITS[unit](fate):
                run_id = run_feeds("command", limits=AT_ONCE)
            assert run(run_id).status == RunStatus.SUCCEEDED, run(run_id).error
            db.session.rollback()
            # No connection may be shared with a child.
            db.engine.dispose()
    except Exception:
        traceback.print_exc()
        return FAILED, fate.counted
    return DONE, fate.counted


def _doom(app: Flask, unit: str, point: int) -> tuple[int, int]:
    """One run in a child, which inherits what this process has prepared and compiled."""
    child = os.fork()
    if not child:
        os._exit(_carry_out(app, unit, point)[0])
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), point


if __name__ == "__main__":
    main()
