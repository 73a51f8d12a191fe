"""However many people and processes want the same at once: one FMS request, one loan, no waiting transaction."""

import sqlite3
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import psycopg
import pytest
from flask import Flask
from sqlalchemy import func, make_url, select

from tests.promise.desk import FIRST_DAY, Desk
from tests.promise.promise import assert_promise
from tests.promise.troupe import DONE, REFUSED, Troupe
from tests.rows import OFFICE
from tests.servers import LiveServer, signed_in_session
from webapp.db import writing
from webapp.errors import Refusal
from webapp.fms.client import fms
from webapp.fms.models import State
from webapp.loans import requests, service
from webapp.loans.models import Assignment
from webapp.loans.states import Status


def test_ten_clicks_are_one_request(desk: Desk, live_server: Callable[[Flask], LiveServer]) -> None:
    """Ten simultaneous requests for one loan over HTTP: one succeeds, nine are told, FMS is asked once."""
    loan, url = desk.add_loan(), live_server(desk.app).url
    session = signed_in_session(url, desk.person)
    # Slow enough that all ten meet, whichever comes first.
    desk.sandbox.latency(1)
    gate = threading.Barrier(10)

    def click(_: int) -> int:
        gate.wait()
        return session.post(f"{url}/api/fms/create-vehicle-request/{loan}", timeout=60).status_code

    with ThreadPoolExecutor(10) as pool:
        statuses = Counter(pool.map(click, range(10)))
    assert statuses == {200: 1, 409: 9}
    assert len(desk.sandbox.calls("POST")) == 1
    states = Counter(one.state for one in desk.operations(loan))
    assert states == {State.SUCCEEDED: 1, State.REFUSED: 9}
    assert_promise(desk)


def test_processes_are_one_request(desk: Desk, troupe: Troupe) -> None:
    """Six processes that request one loan at once: one does, five are refused, FMS is asked once."""
    loan = desk.add_loan()
    desk.sandbox.latency(0.5)
    ended = troupe.perform(desk, [{"action": "create", "loan": loan}] * 6)
    assert Counter(ended) == {DONE: 1, REFUSED: 5}
    assert len(desk.sandbox.calls("POST")) == 1
    assert_promise(desk)


def test_twenty_people_want_one_vehicle(desk: Desk) -> None:
    """Twenty people who plan one vehicle for the same days at once make one loan; the others read who holds it."""
    gate = threading.Barrier(20)

    def plan(_: int) -> str:
        gate.wait()
        try:
            desk.do(
                service.plan,
                vin=desk.vehicles[0].vin,
                person_id=desk.partner.person_id,
                office=OFFICE,
                start_day=FIRST_DAY,
                end_day=FIRST_DAY + timedelta(days=7),
            )
        except Refusal as refusal:
            return f"{refusal.status} {refusal.code} {desk.partner.name in refusal.sentence}"
        return "planned"

    with ThreadPoolExecutor(20) as pool:
        ends = Counter(pool.map(plan, range(20)))
    assert ends == {"planned": 1, "409 held True": 19}
    with desk.reading() as session:
        assert session.scalar(select(func.count()).select_from(Assignment)) == 1


def test_processes_want_one_vehicle(desk: Desk, troupe: Troupe) -> None:
    """The same between processes, whose days overlap without being the same."""
    cases = [
        {
            "action": "plan",
            "vin": desk.vehicles[0].vin,
            "person_id": desk.partner.person_id,
            "start": (FIRST_DAY + timedelta(days=number)).isoformat(),
        }
        for number in (0, 1, 2, 3, 4)
    ]
    assert Counter(troupe.perform(desk, cases)) == {DONE: 1, REFUSED: 4}


def test_request_against_delete_against_move(desk: Desk, troupe: Troupe) -> None:
    """Loans that are requested, deleted and moved by different processes at once: FMS and we still agree."""
    loans = [*desk.add_loans(4), *desk.add_requested(4)]
    end = (FIRST_DAY + timedelta(days=3)).isoformat()
    cases = [
        {"action": action, "loan": loan, "end": end}
        for loan in loans
        for action in ("create", "remove", "move", "unrequest")
    ]
    ended = troupe.perform(desk, cases)
    assert set(ended) <= {DONE, REFUSED}
    assert_promise(desk)
    applied = Counter(call["reference"] for call in desk.sandbox.calls("POST") if call["applied"])
    assert max(applied.values()) == 1


def test_nobody_waits_in_a_transaction(desk: Desk, engine: str) -> None:
    """While FMS takes its time over a request, no transaction of ours is open, and others write at once."""
    loan, other = desk.add_loan(), desk.add_loan()
    desk.sandbox.fault("create", "slow", seconds=2)
    thread = threading.Thread(target=desk.do, args=(requests.request, loan))
    thread.start()
    while not desk.sandbox.calls("POST"):
        assert thread.is_alive()
    url = make_url(desk.app.extensions["settings"].database_url)
    if engine == "sqlite":
        connection = sqlite3.connect(str(url.database), timeout=0, isolation_level=None)
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("UPDATE scheduled_assignments SET reason = 'looked at' WHERE id = ?", (loan,))
        connection.execute("COMMIT")
        connection.close()
    else:
        address = url.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(address, autocommit=True) as watcher:
            states = watcher.execute(
                "SELECT state FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            ).fetchall()
        assert states
        assert {state for (state,) in states} == {"idle"}
    desk.do(service.recolour, other, Status.PLANNED)
    assert thread.is_alive(), "FMS answered before we had looked"
    thread.join()
    assert_promise(desk)


@pytest.mark.parametrize("call", ["create", "delete", "look_up"])
def test_calling_fms_inside_a_transaction_is_refused(sqlite_app: Flask, call: str) -> None:
    """Whoever forgets it hears of it: no call is made while a transaction is open."""
    arguments: dict[str, tuple[object, ...]] = {"create": ({},), "delete": (4372,), "look_up": ()}
    with sqlite_app.app_context(), writing() as session:
        session.scalar(select(func.count()).select_from(Assignment))
        with pytest.raises(RuntimeError, match="a transaction is open"):
            getattr(fms(), call)(*arguments[call])
