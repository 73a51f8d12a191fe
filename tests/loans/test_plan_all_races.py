"""Chains planned at the same time as other things: nobody waits in a ring, and whoever was quicker is named."""

import threading
from typing import Any

import psycopg
import pytest
from flask import Flask
from sqlalchemy import Connection, event, text
from sqlalchemy.orm import Session

from tests.loans.chain_wishes import back_to_back, plan_all, wish
from tests.loans.planner import WEEK, Desk, count_of_loans
from tests.loans.test_service_races import BLOCKED, address
from tests.rows import DAY, OFFICE
from webapp.accounts.actor import Actor
from webapp.db import db
from webapp.loans import service
from webapp.loans.errors import BrokenChain
from webapp.loans.service import LoanWish

pytestmark = pytest.mark.usefixtures("november", "context")
TURN = "SELECT pg_advisory_xact_lock(1, %s)"
IS_FREE = "SELECT pg_try_advisory_xact_lock(1, %s)"
MOVE = text("UPDATE scheduled_assignments SET start_day = :start, end_day = :end WHERE id = :id")


def planner(app: Flask, actor: Actor, wishes: list[LoanWish], planned: list[int]) -> threading.Thread:
    """Somebody who plans these in a thread, and notes how many were."""

    def work() -> None:
        with app.app_context():
            planned.append(len(service.plan_all(actor, office=OFFICE, wishes=wishes, chain_id="a chain")))

    return threading.Thread(target=work)


def test_two_who_wish_for_the_same_vehicles_in_opposite_order_both_get_them(postgres_app: Flask, desk: Desk) -> None:
    """Both queue for the vehicle that comes first for everybody, and neither has the other vehicle meanwhile."""
    vehicles = desk.fleet.add_vehicles(2, model="Q8")
    ring = desk.fleet.add_partner("Ring Report")
    one = [wish(desk, vehicle) for vehicle in vehicles]
    opposite = [wish(desk, vehicle, DAY + WEEK, person_id=ring.person_id) for vehicle in reversed(vehicles)]
    planned: list[int] = []
    threads = [planner(postgres_app, desk.actor, wishes, planned) for wishes in (one, opposite)]
    with psycopg.connect(address(), autocommit=True) as watching, psycopg.connect(address()) as before:
        before.execute(TURN, (vehicles[0].id,))
        for number, thread in enumerate(threads, start=1):
            thread.start()
            while thread.is_alive() and (watching.execute(BLOCKED).fetchone() or (0,))[0] < number:
                thread.join(0.01)
        assert all(thread.is_alive() for thread in threads)
        assert watching.execute(IS_FREE, (vehicles[1].id,)).fetchone() == (True,)
        before.commit()
        for thread in threads:
            thread.join()
    assert planned == [2, 2]
    assert count_of_loans() == 4


def test_an_import_of_the_same_vehicles_keeps_nobody_waiting(postgres_app: Flask, desk: Desk) -> None:
    """It changes many rows, in an order of its own and in one long transaction."""
    wishes = back_to_back(desk, "A4", "Q5", "Q8")

    def also(session: Session) -> None:
        # Whoever waits is refused, so that this test cannot hang.
        session.execute(text("SET LOCAL lock_timeout = '1s'"))

    with psycopg.connect(address()) as importing:
        assert importing.execute("UPDATE vehicles SET color = 'Blue'").rowcount == 4
        assert len(plan_all(desk, *wishes, also=also)) == 3


def test_whoever_was_quicker_is_named_beside_the_loan(app: Flask, desk: Desk, engine: str) -> None:
    """The other's loan comes to lie there between our check and our writing, on either engine."""
    second = wish(desk, desk.vehicle, DAY + WEEK)
    wishes = [*back_to_back(desk, "Q8"), second]
    theirs = desk.fleet.add_loan(desk.vehicle, desk.fleet.add_partner("Ring Report"), start_day=DAY + 20 * WEEK)
    move = MOVE.bindparams(start=DAY + WEEK, end=DAY + 3 * WEEK, id=theirs.id)
    moved: list[bool] = []

    def outrun(connection: Connection, _cursor: Any, statement: str, *_: Any) -> None:
        if moved or not statement.startswith("INSERT INTO scheduled_assignments"):
            return
        moved.append(True)
        if engine == "sqlite":
            # It has one writer at a time, so there the other can only be ourselves.
            connection.execute(move)
        else:
            with db.engine.begin() as quicker:
                quicker.execute(move)

    event.listen(db.engine, "before_cursor_execute", outrun)
    with pytest.raises(BrokenChain) as refused:
        plan_all(desk, *wishes)
    event.remove(db.engine, "before_cursor_execute", outrun)
    assert (refused.value.status, refused.value.code) == (409, "held")
    assert (
        refused.value.sentence
        == {
            "postgres": "Loan 2: Audi A3 Premium Plus …SA051916 is held by Ring Report 11-30-26 to 12-14-26.",
            # Undone together with ours: nobody is left to be named.
            "sqlite": "Loan 2: Somebody else has just planned this vehicle for these days.",
        }[engine]
    )
    assert count_of_loans() == 1
