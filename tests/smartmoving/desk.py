"""A desk whose jobs come from the sandbox's SmartMoving: runs syncs, and compares its board with the truth there."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Self

import time_machine
from flask import Flask
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from tests.sandbox_process import SandboxProcess
from webapp.accounts.models import Location
from webapp.accounts.service import ensure_company
from webapp.db import db, writing
from webapp.journeys.models import TruckJourney
from webapp.smartmoving import service
from webapp.smartmoving.branches import UNASSIGNED
from webapp.smartmoving.models import SmartMovingCall
from webapp.smartmoving.report import Report

# Early morning from Halifax to Honolulu: one day everywhere, and no crew has arrived yet.
MORNING = time(11)
ON_BOARD = (4, 10, 11)
# What a sync writes even when nothing has changed.
BOOKKEEPING = ("smartmoving_calls",)


class Desk:
    """One company at one moment, which `at` moves; everything it does happens at that moment."""

    def __init__(self, app: Flask, sandbox: SandboxProcess, day: date) -> None:
        self.app, self.sandbox = app, sandbox
        self.moment = datetime.combine(day, MORNING, UTC)
        self._runs = 0
        with app.app_context():
            self.company_id = ensure_company("Motorpool")

    @property
    def day(self) -> date:
        """The day it is at every branch."""
        return self.moment.date()

    def pass_time(self, **amount: float) -> Self:
        """Let it be later: `hours=6`."""
        self.moment += timedelta(**amount)
        return self

    def pass_day(self) -> dict[str, list[str]]:
        """Let it be tomorrow, here and there."""
        self.moment += timedelta(days=1)
        return self.sandbox.pass_day()

    def sync(self, *, is_forced: bool = False, confirm: Callable[[Session], None] = lambda session: None) -> Report:
        """One run now."""
        self._runs += 1
        with self.app.app_context(), time_machine.travel(self.moment, tick=False):
            return service.sync(self.company_id, self._runs, confirm, is_forced=is_forced)

    @contextmanager
    def inside(self) -> Iterator[None]:
        """The application at this desk's moment."""
        with self.app.app_context(), time_machine.travel(self.moment, tick=False):
            yield

    def journeys(self, *conditions: Any) -> list[TruckJourney]:
        """Journeys, detached, by job."""
        with self.app.app_context():
            found = db.session.scalars(select(TruckJourney).where(*conditions).order_by(TruckJourney.job_id)).all()
            db.session.expunge_all()
            return list(found)

    def journey(self, job_id: str) -> TruckJourney:
        """The journey of a job."""
        (found,) = self.journeys(TruckJourney.job_id == job_id)
        return found

    def change(self, job_id: str, **columns: Any) -> None:
        """What a dispatcher does to a journey, in short."""
        with self.app.app_context(), writing() as session:
            journey = session.scalars(select(TruckJourney).where(TruckJourney.job_id == job_id)).one()
            for name, value in columns.items():
                setattr(journey, name, value)

    def board(self) -> dict[str, dict[str, Any]]:
        """What the board shows of the window, by job, in the truth's words."""
        with self.app.app_context():
            names = dict(db.session.execute(select(Location.id, Location.external_id)).all())
            rows = db.session.scalars(
                select(TruckJourney).where(
                    TruckJourney.on_board, TruckJourney.scheduled_date.between(self.day, self.day + timedelta(days=1))
                )
            )
            return {row.job_id or "": _shown(row, names[row.location_id] or "") for row in rows}

    def truth(self) -> dict[str, dict[str, Any]]:
        """What SmartMoving holds for the window, by job."""
        state = self.sandbox.smartmoving_state(self.day, self.day + timedelta(days=1))
        days = {self.day.isoformat(), (self.day + timedelta(days=1)).isoformat()}
        return {
            job["id"]: _told(one, job)
            for one in state["opportunities"]
            if one["status"] in ON_BOARD
            for job in one["jobs"]
            if job["date"] in days
        }

    def calls(self) -> list[str]:
        """The kinds of all calls of the ledger, in their order."""
        with self.app.app_context():
            return list(db.session.scalars(select(SmartMovingCall.kind).order_by(SmartMovingCall.id)))


def _shown(row: TruckJourney, branch_id: str) -> dict[str, Any]:
    return {
        "branch_id": branch_id,
        "date": row.scheduled_date.isoformat(),
        "status": row.source_status,
        "number": row.job_number,
        "confirmed": row.confirmed,
        "stops": [" ".join(stop.split()) for stop in row.stops],
        "window": (row.arrival_start, row.arrival_end),
        "total": None if row.estimated_value is None else f"{row.estimated_value:.2f}",
        "customer": row.customer_name,
        "phone": row.customer_phone,
    }


def _told(one: dict[str, Any], job: dict[str, Any]) -> dict[str, Any]:
    window = job["window"] or {"start": None, "end": None}
    return {
        "branch_id": one["branch_id"] or UNASSIGNED.casefold(),
        "date": job["date"],
        "status": one["status"],
        "number": job["number"] or "",
        "confirmed": job["confirmed"],
        "stops": [" ".join(stop.split()) for stop in job["addresses"]],
        "window": tuple(None if hours is None else round(hours * 60) for hours in (window["start"], window["end"])),
        "total": one["estimated_total"],
        "customer": " ".join(one["customer"]["name"].split()),
        "phone": one["customer"]["phone"] or "",
    }


@contextmanager
def rows_written(app: Flask) -> Iterator[list[str]]:
    """The statements that write rows while the block runs, but for the call ledger's own."""
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        words = statement.split()
        is_write = words[0].upper() in ("INSERT", "UPDATE", "DELETE")
        if is_write and not any(table in statement for table in BOOKKEEPING):
            statements.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)
