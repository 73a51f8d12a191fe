"""SmartMoving: a full day of 66 branches brought in at the pace SmartMoving allows, and the same again unchanged."""

import json
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest.mock import patch

import requests
from flask import Flask
from sqlalchemy import func, select

from bench.desk import Desk
from bench.measure import Figure
from tests.databases import migrate, plain_settings
from tests.sandbox_process import SandboxProcess
from webapp import create_app
from webapp.db import close_reading, db
from webapp.journeys.models import TruckJourney
from webapp.smartmoving import pace
from webapp.smartmoving.models import SmartMovingCall
from webapp.sync.queries import run
from webapp.sync.smartmoving_runs import run_smartmoving

PER_MINUTE = 100
# Nobody waits two minutes for a benchmark: time passes four times as fast, for the pace and for SmartMoving alike.
FASTER = 4
PAGE_SECONDS, CALL_SECONDS = 4.5 / FASTER, 0.6 / FASTER
PACE_IS = f"the pace alone, {FASTER} times as fast"
SWEEP_IS = "the pages of the sweep alone, json.loads"
BARE_IS = "asking for the same answers, json.loads, executemany"


def figures(desk: Desk) -> Iterator[Figure]:
    """Wall time over what the pace takes by itself, processor time per job, and an unchanged second sync."""
    sandbox = desk.sandbox
    with (
        tempfile.TemporaryDirectory(prefix="motorpool-bench-smartmoving-") as folder,
        patch.object(pace, "MINUTE", timedelta(seconds=60 / FASTER)),
    ):
        app = _application(Path(folder), sandbox)
        sandbox.switch_smartmoving(
            page_seconds=PAGE_SECONDS, call_seconds=CALL_SECONDS, per_minute=120, minute_seconds=60 / FASTER
        )
        with app.app_context():
            wall, processor = _measured()
            calls, jobs = _count(SmartMovingCall), _count(TruckJourney)
        own = (calls - 1) // PER_MINUTE * 60 / FASTER
        note = f"{calls} calls, {jobs} jobs"
        yield Figure("sync of a full day, 66 branches", round(wall, 2), "s", round(own, 2), PACE_IS, "within 1.1", note)
        sandbox.switch_smartmoving(page_seconds=0, call_seconds=0, per_minute=0)
        bare = _bare(sandbox, app, Path(folder) / "floor.db")
        each, floor = processor / jobs * 1000, bare / jobs * 1000
        yield Figure("processor time per job", round(each, 2), "ms", round(floor, 2), BARE_IS, "")
        yield from _unchanged(app, sandbox)


def _unchanged(app: Flask, sandbox: SandboxProcess) -> Iterator[Figure]:
    with app.app_context():
        # What the first run put off is read by those after it, a few details each.
        while _is_put_off(run_smartmoving("command")):
            close_reading()
        close_reading()
        calls, versions = _count(SmartMovingCall), _versions()
        wall, _ = _measured()
        more, written = _count(SmartMovingCall) - calls, len(set(_versions()) ^ set(versions))
    note = f"{more} calls, {written} journeys written"
    floor = _bare_sweep(sandbox, more) * 1000
    yield Figure(
        "unchanged sync, no latency", round(wall * 1000, 1), "ms", round(floor, 1), SWEEP_IS, "sweep only", note
    )


def _bare_sweep(sandbox: SandboxProcess, pages: int) -> float:
    """Seconds for as many pages of as many days, parsed."""
    first = datetime.now(UTC).date() - timedelta(days=1)
    days = {"FromServiceDate": f"{first:%Y%m%d}", "ToServiceDate": f"{first + timedelta(days=2):%Y%m%d}"}
    began = time.perf_counter()
    for page in range(1, pages + 1):
        asked = {**days, "IncludeOpportunityInfo": "true", "Page": str(page), "PageSize": "200"}
        address, key = f"{sandbox.smartmoving_url}/api/customers", {"x-api-key": sandbox.smartmoving_key}
        json.loads(requests.get(address, params=asked, headers=key, timeout=60).content)
    return time.perf_counter() - began


def _is_put_off(run_id: int) -> bool:
    found = run(run_id).report
    return bool(found and found["put_off"])


def _measured() -> tuple[float, float]:
    """Wall and processor seconds of one sync, the stand-in's own not among them."""
    wall, processor = time.perf_counter(), time.process_time()
    run_smartmoving("command")
    return time.perf_counter() - wall, time.process_time() - processor


def _application(folder: Path, sandbox: SandboxProcess) -> Flask:
    url = f"sqlite:///{folder / 'smartmoving.db'}"
    migrate(url)
    return create_app(
        plain_settings(
            database_url=url,
            smartmoving_base_url=sandbox.smartmoving_url,
            smartmoving_api_key=sandbox.smartmoving_key,
            smartmoving_calls_per_minute=PER_MINUTE,
            log_level="ERROR",
        )
    )


def _count(model: type[SmartMovingCall] | type[TruckJourney]) -> int:
    found = db.session.scalar(select(func.count()).select_from(model)) or 0
    close_reading()
    return found


def _versions() -> list[tuple[int, int]]:
    found = [tuple(row) for row in db.session.execute(select(TruckJourney.id, TruckJourney.version))]
    close_reading()
    return found  # type: ignore[return-value]


def _bare(sandbox: SandboxProcess, app: Flask, path: Path) -> float:
    """Processor seconds for the same details over one connection, parsed and kept as they are."""
    with app.app_context():
        known = db.session.scalars(select(TruckJourney.opportunity_id).distinct()).all()
        close_reading()
    began = time.process_time()
    flags = dict.fromkeys(("IncludeJobAddresses", "IncludeCharges", "IncludeDispatchInfo", "IncludeTripInfo"), "true")
    with requests.Session() as session:
        session.trust_env = False
        session.headers["x-api-key"] = sandbox.smartmoving_key
        answers = [
            session.get(f"{sandbox.smartmoving_url}/api/opportunities/{one}", params=flags, timeout=60).content
            for one in known
        ]
    rows = [(number, json.dumps(json.loads(answer))) for number, answer in enumerate(answers)]
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE opportunities (id INTEGER PRIMARY KEY, body TEXT)")
        connection.executemany("INSERT INTO opportunities VALUES (?, ?)", rows)
    return time.process_time() - began
