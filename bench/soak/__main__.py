"""`python -m bench.soak`: people at work while things are ended at random, then what must be true, and figures."""

import argparse
import json
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from random import Random
from typing import Any

from flask import Flask
from sqlalchemy import func, select

from bench.soak import figures
from bench.soak.cast import Cast, assembled
from bench.soak.figures import Sample
from bench.soak.house import House, opened
from bench.soak.invariants import CHECKS
from bench.soak.journal import Journal
from bench.soak.killer import Killer, order_faults
from bench.soak.movers import Crew, Dispatcher
from bench.soak.schedulers import Scheduler
from bench.soak.visitor import Visitor
from bench.soak.world import read_world
from tests.rows import Person
from tests.servers import ROOT, environment_of
from webapp import create_app
from webapp.db import close_reading, db
from webapp.fms.models import OPEN, Operation
from webapp.loans.models import Batch
from webapp.sync.service import run_feeds
from webapp.sync.smartmoving_runs import run_smartmoving

WORKERS = {"postgres": 4, "sqlite": 2}
LOOK = 5.0
SYNC = 40.0
# Seconds in which everything must come to rest once nobody works any more.
REST = 240.0
# As many at once as sign in without looking like somebody who guesses passwords.
AT_THE_DOOR = 6


def main(arguments: Sequence[str] | None = None) -> int:
    """Soak as told; 1 where anything that must be true is not."""
    wanted = _read(arguments)
    # Whoever cancels it leaves nothing running.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with ExitStack() as stack:
        folder = wanted.keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="motorpool-soak-")))
        folder.mkdir(parents=True, exist_ok=True)
        report = soak(folder, wanted)
    print(figures.table(report))
    if wanted.json:
        wanted.json.write_text(json.dumps(report, indent=2) + "\n")
    return 1 if any(report["violations"].values()) else 0


def soak(folder: Path, wanted: argparse.Namespace) -> dict[str, Any]:
    """One soak in `folder`; its report as JSON keeps it."""
    workers = wanted.workers or WORKERS[wanted.engine]
    with opened(folder, wanted.engine, workers=workers, scale=wanted.scale) as house:
        _say("bringing FMS's and SmartMoving's data")
        app = create_app(house.settings)
        with app.app_context():
            run_feeds("soak")
            run_smartmoving("soak")
        cast = assembled(app, wanted.schedulers, wanted.dispatchers)
        house.application.start()
        journal, samples = Journal(), list[Sample]()
        killer = _work(house, cast, journal, samples, wanted)
        seconds = journal.now()
        _say("coming to rest")
        rest = _come_to_rest(house, app)
        _say("looking at what there is")
        world = read_world(app, house.sandbox)
        with app.app_context():
            db.engine.dispose()
        journal.write(folder / "journal.jsonl")
        people = f"{wanted.schedulers} schedulers, {wanted.dispatchers} dispatchers, {len(cast.crews)} on crews"
        return {
            "engine": wanted.engine,
            "workers": workers,
            "people": people,
            "seed": wanted.seed,
            "seconds": round(seconds, 1),
            "requests": len(journal.entries),
            "requests_per_second": round(len(journal.entries) / seconds, 1),
            "by_kind": figures.by_kind(journal.entries),
            "by_minute": figures.by_minute(journal.entries, seconds),
            "kills": dict(killer.kills),
            "outages": len(killer.outages),
            "outage_seconds": round(sum(ended - began for began, ended in killer.outages), 1),
            "operations": figures.operations(world),
            "faults": figures.faults(world),
            "memory": figures.memory(samples),
            "rest_seconds": round(rest, 1),
            "violations": {name: list(check(world, journal.entries)) for name, check in CHECKS.items()},
        }


def _say(words: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {words} ...", file=sys.stderr, flush=True)


def _read(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.soak", description=__doc__)
    parser.add_argument("--engine", choices=sorted(WORKERS), default="postgres")
    parser.add_argument("--workers", type=int, help="of gunicorn; 4 on PostgreSQL, 2 on SQLite unless told otherwise")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--schedulers", type=int, default=50)
    parser.add_argument("--dispatchers", type=int, default=20)
    parser.add_argument("--scale", choices=("small", "full"), default="full", help="of what the stand-ins hold")
    parser.add_argument("--calm", action="store_true", help="end nothing, and let the stand-ins never fail")
    parser.add_argument("--json", type=Path, help="write the report to this file as well")
    parser.add_argument("--keep", type=Path, help="keep databases and the application's log in this folder")
    return parser.parse_args(arguments)


def _work(house: House, cast: Cast, journal: Journal, samples: list[Sample], wanted: argparse.Namespace) -> Killer:
    """Everybody works for so many minutes, each in a thread, while the killer goes round."""
    stop, chance = threading.Event(), Random(wanted.seed)

    visitors: list[Visitor] = []

    def visitor(person: Person) -> Visitor:
        visitors.append(Visitor(person, house.application.url, journal, stop, Random(chance.random())))
        return visitors[-1]

    work: list[Callable[[], None]] = [
        Scheduler(visitor(one), office, cast.days).work for one, office in cast.schedulers
    ]
    work += [Dispatcher(visitor(one), branch).work for one, branch in cast.dispatchers]
    work += [Crew(visitor(one), branch).work for one, branch in cast.crews]
    operator = visitor(cast.operator)
    work += [lambda: _bring_news(operator), lambda: _watch(house, journal, samples, stop)]
    with ThreadPoolExecutor(AT_THE_DOOR) as door:
        list(door.map(Visitor.sign_in, visitors))
    killer = Killer(house, stop, Random(chance.random()), journal.now)
    if not wanted.calm:
        order_faults(house)
        work.append(killer.work)
    _say("at work")
    journal.begin()
    with _all_of(work, stop) as failures:
        deadline = time.monotonic() + wanted.minutes * 60
        while time.monotonic() < deadline and not failures:
            time.sleep(1)
    if failures:
        raise RuntimeError("The soak itself broke") from failures[0]
    return killer


@contextmanager
def _all_of(work: Sequence[Callable[[], None]], stop: threading.Event) -> Iterator[list[BaseException]]:
    """Run all of these in threads of their own until the block ends; what any of them raised."""
    failures: list[BaseException] = []

    def guarded(one: Callable[[], None]) -> None:
        try:
            one()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=guarded, args=[one], daemon=True) for one in work]
    for thread in threads:
        thread.start()
    try:
        yield failures
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def _bring_news(operator: Visitor) -> None:
    """Somebody who presses the buttons of the syncs now and then."""
    while operator.think(SYNC):
        for kind in ("smartmoving", "feeds"):
            operator.call(f"sync {kind}", "POST", f"/api/sync/{kind}", json={}, is_certain=False)


def _watch(house: House, journal: Journal, samples: list[Sample], stop: threading.Event) -> None:
    while not stop.wait(LOOK):
        at = journal.now()
        samples.extend(Sample(at, worker, size) for worker, size in house.application.memory().items())


def _come_to_rest(house: House, app: Flask) -> float:
    """Start everything anew, without faults, and wait until nothing is pending; how many seconds that took."""
    began = time.monotonic()
    house.application.stop()
    # What FMS was still sitting on is over with it: nothing is carried out after we have looked.
    house.sandbox.restart()
    house.sandbox.clear()
    house.application.start()
    with app.app_context():
        while _pending() and time.monotonic() - began < REST:
            time.sleep(1)
    recovering = [sys.executable, "-m", "flask", "--app", "wsgi", "fms", "recover"]
    subprocess.run(
        recovering, cwd=ROOT, env=environment_of(house.settings), check=True, stdout=subprocess.DEVNULL, timeout=REST
    )
    house.application.stop()
    return time.monotonic() - began


def _pending() -> int:
    """Operations without an outcome and runs without an end."""
    still = db.session.scalar(select(func.count()).where(Operation.state.in_(OPEN))) or 0
    runs = db.session.scalar(select(func.count()).where(Batch.finished_at.is_(None))) or 0
    close_reading()
    return still + runs


if __name__ == "__main__":
    sys.exit(main())
