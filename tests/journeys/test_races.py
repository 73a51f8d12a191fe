"""Two at once: dispatchers on one journey, a phone that sends a tap twice, trucks of one name, a look and a change."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, func, insert, select

from tests.journey_rows import DENVER, Yard
from webapp.db import db, writing
from webapp.errors import Refusal
from webapp.journeys import queries, service
from webapp.journeys.models import JourneyEvent, JourneyTap, Truck
from webapp.journeys.service import NameTaken, Stale
from webapp.journeys.stages import Stage
from webapp.journeys.writing import TAPS_KEPT, forget_old_taps

pytestmark = pytest.mark.usefixtures("monday")
TAP = "0b5bd6f5-8f5c-4be1-9c5f-0d1f5a7f2c11"


def at_once(app: Flask, *acts: Callable[[], object]) -> list[object]:
    """Do all of these at the same instant, each as a request of its own would, and return how each ended."""
    barrier = threading.Barrier(len(acts))
    ended: list[object] = [None] * len(acts)

    def run(number: int) -> None:
        with app.app_context():
            barrier.wait(timeout=30)
            try:
                ended[number] = acts[number]()
            except Refusal as refusal:
                ended[number] = type(refusal)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ended


def test_of_two_dispatchers_who_saw_the_same_one_is_told(app: Flask, yard: Yard) -> None:
    """The first wins, the second is shown the journey again; nothing is half done."""
    ada, bob = yard.dispatcher("Ada").actor, yard.dispatcher("Bob").actor
    kim, lee, journey = yard.mover("Kim"), yard.mover("Lee"), yard.journey()
    ended = at_once(
        app,
        lambda: service.set_crew(ada, journey.id, [kim.user_id], version=1),
        lambda: service.set_crew(bob, journey.id, [lee.user_id], version=1),
    )
    assert sorted(ended, key=str) == [(), Stale]
    with app.app_context():
        card = queries.journey(ada, journey.id).card
        assert ([one.name for one in card.crew], card.version) == (["Kim" if ended[1] is Stale else "Lee"], 2)


def test_without_a_version_both_are_done_one_after_the_other(app: Flask, yard: Yard) -> None:
    """Different fields do not overwrite each other, sets are exchanged whole, every version and mark is counted."""
    ada, bob = yard.dispatcher().actor, yard.dispatcher().actor
    kim, lee, journey = yard.mover("Kim"), yard.mover("Lee"), yard.journey()
    ended = at_once(
        app,
        lambda: service.change(ada, journey.id, {"arrival_start": 540}),
        lambda: service.change(bob, journey.id, {"customer_phone": "303"}),
        lambda: service.set_crew(ada, journey.id, [kim.user_id]),
        lambda: service.set_crew(bob, journey.id, [lee.user_id]),
    )
    assert not set(ended) - {None, ()}
    with app.app_context():
        card = queries.journey(ada, journey.id).card
        assert (card.arrival_start, card.customer_phone, card.version) == (540, "303", 5)
        assert len(card.crew) == 1
        assert len(queries.history(ada, journey.id)) == queries.mark(journey.company_id) == 4


def test_a_tap_sent_by_two_processes_at_once_counts_once(app: Flask, yard: Yard) -> None:
    """Whoever is second waits, finds it done, and succeeds."""
    kim = yard.driver()
    journey = yard.journey(crew=[kim], trucks=[yard.truck()])
    ended = at_once(
        app,
        *[lambda: service.report_problem(kim.actor, journey.id, "Flat tyre", tap_id=TAP)] * 2,
        *[lambda: service.tick(kim.actor, journey.id, "truck_inspected", True)] * 2,
        *[lambda: service.move_stage(kim.actor, journey.id, Stage.EN_ROUTE)] * 2,
    )
    assert ended == [None] * 6
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(JourneyEvent)) == 3
        assert db.session.scalar(select(func.count()).select_from(JourneyTap)) == 1


def test_one_tap_for_two_journeys_at_once_is_one(app: Flask, yard: Yard) -> None:
    """No lock is common to both but the tap's own."""
    kim = yard.driver()
    rows = yard.journeys(2, crew=[kim])
    ended = at_once(
        app,
        lambda: service.tick(kim.actor, rows[0].id, "truck_inspected", True, tap_id=TAP),
        lambda: service.tick(kim.actor, rows[1].id, "truck_inspected", True, tap_id=TAP),
    )
    assert ended.count(None) == 1
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(JourneyEvent)) == 1


def test_a_location_has_one_truck_of_a_name(app: Flask, yard: Yard) -> None:
    """Whoever is second is told so, and not that something broke."""
    ada = yard.dispatcher().actor
    ended = at_once(app, *[lambda: service.add_truck(ada, DENVER, "Truck 7")] * 4)
    assert ended.count(NameTaken) == 3
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Truck)) == 1


def test_a_truck_that_was_outrun_is_told_so(postgres_app: Flask, yard: Yard) -> None:
    """The other's row appears in the instant between our look and our writing: the database's own guard refuses."""
    ada, denver = yard.dispatcher().actor, yard.denver
    theirs = insert(Truck).values(company_id=denver.company_id, location_id=denver.id, name="Truck 7", is_active=True)
    outrun: list[str] = []

    def be_quicker(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not outrun and statement.startswith("INSERT INTO trucks"):
            outrun.append(statement)
            with db.engine.begin() as quicker:
                quicker.execute(theirs)

    with postgres_app.app_context():
        event.listen(db.engine, "before_cursor_execute", be_quicker)
        with pytest.raises(NameTaken):
            service.add_truck(ada, DENVER, "Truck 7")
        event.remove(db.engine, "before_cursor_execute", be_quicker)
        assert [row.name for row in queries.trucks(ada)] == ["Truck 7"]


def test_two_looks_at_once_are_one(app: Flask, yard: Yard) -> None:
    """Neither breaks, in whichever order journeys are named."""
    ada = yard.dispatcher().actor
    first, second = yard.journeys(2)
    ended = at_once(
        app,
        *[lambda: service.look(ada, [first.id, second.id]), lambda: service.look(ada, [second.id, first.id])] * 3,
    )
    assert ended == [None] * 6


def test_old_taps_are_forgotten_and_young_ones_kept(app: Flask, yard: Yard) -> None:
    """A phone may still send what it kept while it was out of reach."""
    kim = yard.driver()
    journey = yard.journey(crew=[kim])
    with app.app_context():
        service.tick(kim.actor, journey.id, "truck_inspected", True, tap_id=TAP)
        forget_old_taps()
        service.tick(kim.actor, journey.id, "truck_inspected", False, tap_id=TAP)
        with writing() as session:
            for tap in session.scalars(select(JourneyTap)):
                tap.tapped_at -= TAPS_KEPT + timedelta(minutes=1)
        forget_old_taps()
        assert db.session.scalar(select(func.count()).select_from(JourneyTap)) == 0
        assert [entry.kind for entry in queries.history(kim.actor, journey.id)] == ["tick"]
