"""What there is once everything has come to rest: the rows of the application, and what FMS says it holds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import Flask
from sqlalchemy import select

from bench.soak.audited import Place, Values, keys_of_parts, standing
from tests.promise.kept import Bar, Call, Request, alive, bar_of
from tests.sandbox_process import SandboxProcess
from webapp.audit.models import AuditEntry
from webapp.db import close_reading, db
from webapp.fleet.models import Activity, Vehicle
from webapp.fms.models import Operation
from webapp.journeys.models import JourneyCrew, JourneyTick, JourneyTruck, TruckJourney
from webapp.loans.models import Assignment, Batch, LoanEvent
from webapp.loans.states import Status

MAGENTA = (Status.REQUESTED, Status.ACTIVE)
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Stay:
    """Who has a vehicle from `start_day` up to `end_day`, which is free again."""

    vin: str
    start_day: date
    end_day: date
    label: str


@dataclass(frozen=True)
class Asked:
    """An operation of the ledger. `moment`: when it was written."""

    operation_id: int
    kind: str
    state: str
    reference: str
    loan_id: int
    user_id: int | None
    number: int | None
    moment: datetime


@dataclass(frozen=True)
class World:
    """Everything that is compared. `loans` and `journeys` are rows by id, `history` the versions that loans' sentences
    tell of, with the sentences; `parts` says what each journey has: crew, trucks, ticks, stage and texts. `audited` is
    what the audit log, put together, should come to.
    """

    held: Mapping[int, Request]
    calls: Sequence[Call]
    bars: Sequence[Bar]
    stays: Sequence[Stay]
    asked: Sequence[Asked]
    loans: Mapping[int, Row]
    history: Mapping[int, Sequence[tuple[int | None, str]]]
    parts: Mapping[int, Mapping[str, Any]]
    audit: Sequence[Row]
    audited: Mapping[Place, Values]
    keys_of_parts: Mapping[tuple[str, str], Sequence[str]]
    unfinished_runs: Sequence[str]


def read_world(app: Flask, sandbox: SandboxProcess) -> World:
    """Look at everything once. Nothing may be at work any more."""
    state = sandbox.state()
    with app.app_context():
        rows = db.session.execute(
            select(Assignment, Vehicle.vehicle_id, Vehicle.vin)
            .join(Vehicle, Vehicle.id == Assignment.fleet_vehicle_id)
            .order_by(Assignment.id)
        ).all()
        loans = {loan.id: {**_row(loan), "vin": vin} for loan, _, vin in rows}
        world = World(
            held=alive(state["requests"]),
            calls=state["calls"],
            bars=[bar_of(loan, vehicle_id) for loan, vehicle_id, _ in rows if loan.status in MAGENTA],
            stays=[*_loan_stays(rows), *_activity_stays(rows)],
            asked=_asked(),
            loans=loans,
            history=_history(),
            parts=_parts(),
            audit=[_row(entry) for entry in db.session.scalars(select(AuditEntry).order_by(AuditEntry.id))],
            audited=standing(),
            keys_of_parts=keys_of_parts(),
            unfinished_runs=list(db.session.scalars(select(Batch.id).where(Batch.finished_at.is_(None)))),
        )
        close_reading()
    return world


def _row(entity: Any) -> dict[str, Any]:
    return {column.key: getattr(entity, column.key) for column in entity.__mapper__.column_attrs}


def _loan_stays(rows: Sequence[Any]) -> list[Stay]:
    return [Stay(vin, loan.start_day, loan.end_day, f"loan {loan.id}") for loan, _, vin in rows if loan.is_blocking]


def _activity_stays(rows: Sequence[Any]) -> list[Stay]:
    """FMS's own, on vehicles that loans of ours are on; those that a loan of ours became are the loan's."""
    vins = {vin for _, _, vin in rows}
    linked = {loan.activity_id for loan, _, _ in rows}
    found = db.session.scalars(select(Activity).where(Activity.gone_at.is_(None)).order_by(Activity.id))
    return [
        Stay(one.vin, one.start_day, one.end_day, f"activity {one.activity_id}")
        for one in found
        if one.vin in vins and one.activity_id not in linked
    ]


def _asked() -> list[Asked]:
    return [
        Asked(
            one.id,
            one.kind,
            one.state,
            one.reference,
            one.assignment_id,
            one.user_id,
            one.fms_request_id,
            one.created_at,
        )
        for one in db.session.scalars(select(Operation).order_by(Operation.id))
    ]


def _history() -> dict[int, list[tuple[int | None, str]]]:
    found: dict[int, list[tuple[int | None, str]]] = {}
    for number, version, text in db.session.execute(
        select(LoanEvent.assignment_id, LoanEvent.version, LoanEvent.text).order_by(LoanEvent.id)
    ):
        found.setdefault(number, []).append((version, text))
    return found


def _parts() -> dict[int, dict[str, Any]]:
    """Each journey's parts under the names by which people's entries call them."""
    found: dict[int, dict[str, Any]] = {}
    for one in db.session.scalars(select(TruckJourney).order_by(TruckJourney.id)):
        texts = {"stage": one.stage, "move_size": one.move_size, "notes": one.notes}
        found[one.id] = {**texts, "crew": [], "trucks": []}
    for number, user_id in db.session.execute(
        select(JourneyCrew.journey_id, JourneyCrew.user_id).order_by(JourneyCrew.user_id)
    ):
        found[number]["crew"].append(user_id)
    for number, truck_id in db.session.execute(
        select(JourneyTruck.journey_id, JourneyTruck.truck_id).order_by(JourneyTruck.truck_id)
    ):
        found[number]["trucks"].append(truck_id)
    for number, item in db.session.execute(select(JourneyTick.journey_id, JourneyTick.item).order_by(JourneyTick.item)):
        found[number][f"tick {item}"] = True
    return found
