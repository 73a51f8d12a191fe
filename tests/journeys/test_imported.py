"""What a source says becomes journeys: only its own side is written, and history says what changed."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from webapp.accounts.models import Location
from webapp.accounts.service import ensure_company
from webapp.db import db, writing
from webapp.journeys import imported
from webapp.journeys.imported import Taken
from webapp.journeys.models import JourneyEvent, TruckJourney
from webapp.journeys.source_job import SourceJob
from webapp.journeys.stages import Stage
from webapp.journeys.words import TENTATIVE

NOW = datetime(2026, 11, 22, 14, tzinfo=UTC)
LATER = datetime(2026, 11, 22, 15, tzinfo=UTC)


@pytest.fixture
def places(app: Flask) -> Iterator[tuple[int, list[int]]]:
    """A company with two branches, inside a context."""
    with app.app_context():
        company_id = ensure_company("Motorpool")
        with writing() as session:
            rows = [Location(company_id=company_id, name=name, is_office=False) for name in ("Tulsa", "Phoenix")]
            session.add_all(rows)
            session.flush()
            ids = [row.id for row in rows]
        yield company_id, ids


def job(places: tuple[int, list[int]], **changes: Any) -> SourceJob:
    """A booked job of the first branch."""
    fields = {
        "scheduled_date": date(2026, 11, 22),
        "arrival_start": 480,
        "arrival_end": 600,
        "location_id": places[1][0],
        "customer_name": "Ann Lee",
        "customer_phone": "(555) 555-0100",
        "customer_email": "",
        "origin_address": "1 First St",
        "destination_address": "2 Second St",
        "stops": ["1 First St", "2 Second St"],
        "service_type": "Moving",
        "move_size": "Studio",
        "confirmed": False,
        "crew_needed": 3,
        "trucks_needed": 1,
        "minutes_needed": 120,
    }
    made = SourceJob("j1", "o1", "20401-1", "20401", 4, fields, Decimal("100.00"), {"branch": "Tulsa"})
    return replace(made, **{"fields": fields | changes.pop("fields", {}), **changes})


def take(places: tuple[int, list[int]], *jobs: SourceJob, moment: datetime = NOW) -> Taken:
    """Take jobs in, in one transaction."""
    with writing() as session:
        return imported.take_in(session, places[0], jobs, moment)


def journey() -> TruckJourney:
    """The only journey."""
    return db.session.scalars(select(TruckJourney).execution_options(populate_existing=True)).one()


def history() -> list[str]:
    """All sentences, oldest first."""
    return list(db.session.scalars(select(JourneyEvent.text).order_by(JourneyEvent.id)))


def test_a_new_job_is_a_journey(places: tuple[int, list[int]]) -> None:
    """Every column is filled; stage, version and history begin."""
    taken = take(places, job(places))
    assert taken == Taken(created=frozenset({"j1"}))
    row = journey()
    assert (row.external_id, row.job_number, row.stage, row.on_board, row.version) == (
        "sm_job_20401-1", "20401-1", Stage.MORNING_PREP, True, 1,
    )  # fmt: skip
    assert (row.estimated_value, row.stops, row.confirmed, row.source["scheduled_date"]) == (
        Decimal("100.00"), ["1 First St", "2 Second St"], False, "2026-11-22",
    )  # fmt: skip
    assert history() == ["Came from SmartMoving."]


def test_what_is_known_is_not_written(places: tuple[int, list[int]]) -> None:
    """The same again changes nothing, not even a time."""
    take(places, job(places))
    taken = take(places, job(places), moment=LATER)
    assert taken == Taken(unchanged=frozenset({"j1"}))
    assert not taken.changes_a_board
    assert (journey().updated_at, journey().version) == (NOW, 1)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"fields": {"scheduled_date": date(2026, 11, 24)}}, "SmartMoving moved it from 11-22-26 to 11-24-26."),
        ({"fields": {"arrival_start": 540}}, "SmartMoving changed arrival from: 09:00 (was 08:00)."),
        ({"fields": {"confirmed": True}}, "SmartMoving changed confirmed: yes (was no)."),
        ({"source_status": 10}, "Completed in SmartMoving, was Booked."),
        ({"source_status": 20}, "Off the board: Cancelled in SmartMoving."),
        ({"source_status": 1}, "Off the board: Lead in progress in SmartMoving."),
        (
            {"fields": {"destination_address": "3 Third St", "stops": ["1 First St", "3 Third St"]}},
            "SmartMoving changed to: 3 Third St (was 2 Second St).",
        ),
        ({"estimated_value": Decimal("999.00")}, ""),
        ({"estimated_value": None}, ""),
    ],
)
def test_changes_are_told(places: tuple[int, list[int]], changes: dict[str, Any], sentence: str) -> None:
    """A sentence for what people need to know, a mark on the card, a new version; money is never told."""
    take(places, job(places))
    taken = take(places, job(places, **changes), moment=LATER)
    assert taken.updated == {"j1"}
    row = journey()
    assert history()[1:] == ([sentence] if sentence else [])
    assert (row.change_note, row.changed_at) == ((sentence, LATER) if sentence else ("", None))
    assert (row.version, row.changed_by) == (2, None)
    assert take(places, job(places, **changes)).unchanged == {"j1"}


def test_a_change_of_branch_is_told_by_name(places: tuple[int, list[int]]) -> None:
    """History names the locations, not their numbers."""
    take(places, job(places))
    take(places, job(places, fields={"location_id": places[1][1]}))
    assert history()[1] == "SmartMoving changed location: Phoenix (was Tulsa)."
    assert journey().location_id == places[1][1]


def test_an_override_wins_and_the_source_goes_on(places: tuple[int, list[int]]) -> None:
    """The column keeps what was entered here; beside it stands what SmartMoving says now."""
    take(places, job(places))
    with writing() as session:
        row = session.scalars(select(TruckJourney)).one()
        row.overrides = {"arrival_start": {"value": 600, "by": "Dana", "user_id": None, "at": ""}}
        row.arrival_start, row.stage, row.notes = 600, Stage.ONSITE, "Dog."
    take(places, job(places, fields={"arrival_start": 540, "arrival_end": 660}))
    row = journey()
    assert (row.arrival_start, row.source["arrival_start"], row.arrival_end) == (600, 540, 660)
    assert (row.stage, row.notes) == (Stage.ONSITE, "Dog.")


def test_the_sweeps_word_leaves_the_rest_as_it_is(places: tuple[int, list[int]]) -> None:
    """A partial job moves the day; money, addresses, location and how it was read stay."""
    take(places, job(places))
    partial = SourceJob(
        "j1", "o1", "", "", 4, {"scheduled_date": date(2026, 11, 23)}, sync_status="PENDING", is_partial=True
    )
    assert take(places, partial).updated == {"j1"}
    row = journey()
    assert (row.scheduled_date, row.estimated_value, row.origin_address, row.job_number, row.sync_status) == (
        date(2026, 11, 23), Decimal("100.00"), "1 First St", "20401-1", "SYNCED",
    )  # fmt: skip
    assert take(places, partial).unchanged == {"j1"}


def test_a_lead_is_off_the_board_until_it_is_booked(places: tuple[int, list[int]]) -> None:
    """Tentative, then booked: on the board, with a sentence; its first reading is no list of changes."""
    lead = SourceJob(
        "j1", "o1", "20401-1", "20401", 3,
        {"scheduled_date": date(2026, 11, 22), "location_id": places[1][1]}, sync_status="PENDING", is_partial=True,
    )  # fmt: skip
    take(places, lead)
    assert (journey().on_board, journey().off_reason, journey().sync_status) == (False, TENTATIVE, "PENDING")
    take(places, job(places))
    assert (journey().on_board, journey().off_reason, journey().sync_status) == (True, "", "SYNCED")
    assert history()[1] == "On the board: Booked in SmartMoving. Its details were read."


def test_off_and_back(places: tuple[int, list[int]]) -> None:
    """Taken off with a reason once; the same job again puts it back."""
    take(places, job(places))
    for expected in ({"j1"}, set()):
        with writing() as session:
            assert imported.off_board(session, places[0], ["j1", "j9"], "SmartMoving no longer has it", NOW) == expected
    assert (journey().on_board, journey().off_reason) == (False, "SmartMoving no longer has it")
    assert take(places, job(places)).updated == {"j1"}
    assert journey().on_board
    assert history()[1:] == [
        "Off the board: SmartMoving no longer has it.",
        "Back on the board: Booked in SmartMoving.",
    ]


def test_a_job_without_a_number_is_known_by_its_id(places: tuple[int, list[int]]) -> None:
    """People see its id instead."""
    take(places, job(places, job_number=""))
    assert journey().external_id == "sm_job_j1"


def test_companies_do_not_meet(places: tuple[int, list[int]]) -> None:
    """The same job id at another company is another journey."""
    take(places, job(places))
    other = ensure_company("Another")
    with writing() as session:
        place = Location(company_id=other, name="Tulsa", is_office=False)
        session.add(place)
        session.flush()
        theirs = job(places, fields={"location_id": place.id, "customer_name": "Bo"})
        assert imported.take_in(session, other, [theirs], NOW).created == {"j1"}
    names = db.session.scalars(select(TruckJourney.customer_name).order_by(TruckJourney.id)).all()
    assert names == ["Ann Lee", "Bo"]


def test_a_dispatcher_and_a_sync_at_once(
    postgres_app: Flask, places: tuple[int, list[int]], make_app: Callable[..., Flask]
) -> None:
    """The sync waits for a change that is under way, and computes the column from what was entered."""
    take(places, job(places))
    other, has_begun = make_app(), threading.Event()

    def sync() -> None:
        with other.app_context():
            has_begun.set()
            take(places, job(places, fields={"arrival_start": 540}))

    thread = threading.Thread(target=sync)
    with writing() as session:
        row = session.scalars(select(TruckJourney).with_for_update()).one()
        thread.start()
        has_begun.wait()
        row.overrides = {"arrival_start": {"value": 600, "by": "Dana", "user_id": None, "at": ""}}
        row.arrival_start = 600
    thread.join()
    db.session.rollback()
    assert (journey().arrival_start, journey().source["arrival_start"]) == (600, 540)
