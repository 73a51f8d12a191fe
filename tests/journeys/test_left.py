"""What left a day is told to whoever has that day open, until they have seen it."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from tests.journey_rows import MONDAY_MORNING, Yard
from tests.rows import DAY, People
from tests.servers import csrf_token, sign_in
from webapp.accounts.actor import Actor
from webapp.accounts.permissions import Role
from webapp.db import writing
from webapp.journeys import service
from webapp.journeys.cards import Wanted
from webapp.journeys.imported import off_board
from webapp.journeys.left import left
from webapp.journeys.models import TruckJourney
from webapp.journeys.words import TENTATIVE

pytestmark = pytest.mark.usefixtures("monday")
EARLIER = MONDAY_MORNING - timedelta(minutes=5)
NEXT = DAY + timedelta(days=1)
ON_DAY = Wanted(DAY)


def take_off(app: Flask, journey: TruckJourney, reason: str = "cancelled in SmartMoving") -> None:
    with app.app_context(), writing() as session:
        off_board(session, journey.company_id, [journey.job_id or ""], reason, EARLIER)


def told(app: Flask, actor: Actor, wanted: Wanted = ON_DAY) -> list[tuple[int, str]]:
    with app.app_context():
        return [(one.id, one.why) for one in left(actor, wanted)]


def test_a_cancelled_job_is_told_until_it_is_seen(app: Flask, yard: Yard) -> None:
    """Its card is gone from the board; that it is, and why, stays until this person has seen it."""
    one, other = yard.dispatcher().actor, yard.dispatcher().actor
    journey = yard.journey()
    assert told(app, one) == []
    take_off(app, journey)
    assert told(app, one) == [(journey.id, "Off the board: cancelled in SmartMoving.")]
    assert told(app, one, Wanted("today")) == told(app, one)
    assert told(app, one, Wanted(NEXT)) == []
    with app.app_context():
        service.look(one, [journey.id])
    assert told(app, one) == []
    assert len(told(app, other)) == 1


def test_a_job_moved_by_a_colleague_is_told_on_the_day_it_left(app: Flask, yard: Yard) -> None:
    """On its new day its card says so; who moved it needs no telling."""
    mover, colleague = yard.dispatcher().actor, yard.dispatcher().actor
    journey = yard.journey()
    with app.app_context():
        service.change(mover, journey.id, {"scheduled_date": NEXT})
    assert [number for number, _ in told(app, colleague)] == [journey.id]
    assert told(app, colleague, Wanted(NEXT)) == []
    assert told(app, mover) == []


def test_nothing_is_told_of_other_places_days_or_leads(app: Flask, yard: Yard, people: People) -> None:
    """A lead that came to nothing was on no board; what happened days ago is known; scope holds here too."""
    lead = yard.journey(on_board=False, off_reason=TENTATIVE, changed_at=EARLIER, change_note="Read.")
    old = yard.journey(on_board=False, off_reason="lost", changed_at=EARLIER - timedelta(days=3), change_note="Lost.")
    take_off(app, yard.journey(yard.location("Boise", "America/Boise")))
    take_off(app, yard.journey(day=NEXT))
    assert told(app, yard.dispatcher().actor) == []
    everybody = people(Role.ADMIN, locations=[]).actor
    assert len(told(app, everybody)) == 1
    assert told(app, everybody, Wanted(DAY, location="Denver")) == []
    assert {lead.id, old.id}.isdisjoint(number for number, _ in told(app, everybody))


def test_the_day_is_that_of_the_place(app: Flask, yard: Yard) -> None:
    """When it is tomorrow in Halifax already, its tomorrow is not Denver's."""
    yard.location("Halifax", "America/Halifax")
    denver = yard.dispatcher().actor
    near, far = yard.journey(day=NEXT), yard.journey(day=NEXT + timedelta(days=1))
    with time_machine.travel(MONDAY_MORNING + timedelta(hours=13)):
        for journey in (near, far):
            take_off(app, journey)
        assert [number for number, _ in told(app, denver, Wanted("tomorrow"))] == [near.id]


def test_the_board_tells_it_and_takes_that_it_was_seen(sqlite_app: Flask, client: FlaskClient, yard: Yard) -> None:
    """An open board is drawn again for it, although no card of it has changed."""
    sign_in(client, yard.dispatcher())
    journey, leaving = yard.journey(), yard.journey(day=NEXT, on_board=False, off_reason="lost")
    with sqlite_app.app_context(), writing() as session:
        found = session.get_one(TruckJourney, leaving.id)
        found.scheduled_date, found.changed_at, found.change_note = DAY, EARLIER, "Off the board: lost."
    page = client.get("/journeys").text
    assert journey.customer_name in page
    assert "left this day" in page
    form = {"csrf_token": csrf_token(client, "/account"), "drawn_at": MONDAY_MORNING.isoformat(), "back": "/journeys"}
    assert client.post(f"/journeys/{leaving.id}/seen", data=form).status_code == 303
    assert "left this day" not in client.get("/journeys").text
