"""Requests: what we add to FMS's own latency, one at a time and fifty in bulk."""

import statistics
import time
from collections.abc import Iterator

import requests as http
from sqlalchemy import select

from bench.desk import Desk
from bench.measure import Figure
from webapp.accounts.actor import Actor
from webapp.accounts.queries import actor_of
from webapp.db import close_reading, db
from webapp.fleet.models import Vehicle
from webapp.loans import batches, requests
from webapp.loans.models import Assignment, BatchKind, RowState
from webapp.loans.queries import batch
from webapp.loans.requests import How
from webapp.loans.states import Status

SINGLE_LATENCY = 0.2
BULK_LATENCY = 0.8
BULK = 50


def figures(desk: Desk) -> Iterator[Figure]:
    """Seconds of a request over those of the same call made by hand; of a bulk over its ideal."""
    with desk.app.app_context():
        actor = actor_of(desk.person.user_id)
        assert actor is not None
        loans = _requestable(BULK + 15)
        yield _single(desk, actor, loans[BULK:])
        yield _bulk(desk, actor, loans[:BULK])
        desk.sandbox.latency(0)


def _requestable(count: int) -> list[int]:
    statement = (
        select(Assignment.id)
        .join(Vehicle, Vehicle.id == Assignment.fleet_vehicle_id)
        .where(Assignment.status == Status.MANUAL, Vehicle.vehicle_id.is_not(None), Vehicle.in_service_date.is_(None))
    )
    anyhow = (
        select(Assignment.id)
        .join(Vehicle, Vehicle.id == Assignment.fleet_vehicle_id)
        .where(
            Assignment.status == Status.MANUAL,
            Vehicle.vehicle_id.is_not(None),
            Vehicle.in_service_date < Assignment.start_day,
        )
    )
    ids = [*db.session.scalars(statement), *db.session.scalars(anyhow)]
    close_reading()
    return ids[:count]


def _single(desk: Desk, actor: Actor, loans: list[int]) -> Figure:
    desk.sandbox.latency(SINGLE_LATENCY)
    ours, bare = [], []
    with http.Session() as session:
        for loan_id in loans:
            began = time.perf_counter()
            result = requests.request(actor, loan_id)
            ours.append((time.perf_counter() - began) * 1000)
            assert result.how is How.DONE, result.message
            began = time.perf_counter()
            # A refused body costs FMS the same latency and leaves nothing behind.
            session.post(
                f"{desk.sandbox.url}/api/v1/vehicle_requests",
                json={"request": {}},
                headers={"Authorization": f"Token {desk.sandbox.token}"},
                timeout=10,
            )
            bare.append((time.perf_counter() - began) * 1000)
    value, floor = statistics.median(ours), statistics.median(bare)
    note = f"{value - floor:.1f} ms of ours"
    return Figure("request, FMS at 200 ms", round(value, 1), "ms", round(floor, 1), "the call alone", "near 1", note)


def _bulk(desk: Desk, actor: Actor, loans: list[int]) -> Figure:
    desk.sandbox.latency(BULK_LATENCY)
    batch_id = batches.create(actor, BatchKind.REQUEST, loans)
    began = time.perf_counter()
    batches.run(batch_id)
    seconds = time.perf_counter() - began
    counts = batch(actor, batch_id).counts
    assert counts[RowState.SUCCEEDED] == len(loans), counts
    workers = desk.app.extensions["settings"].fms_concurrency
    ideal = len(loans) / workers * BULK_LATENCY
    name = f"bulk of {len(loans)}, FMS at 800 ms"
    return Figure(name, round(seconds, 2), "s", round(ideal, 2), f"{len(loans)}/{workers} x 0.8 s", "within 1.15")
