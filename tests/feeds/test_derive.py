"""After the reports are in, everything derived from them is brought up to date, writing only what differs."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, update

from tests import atlas
from tests.queries_counted import queries_of
from tests.rows import Fleet, company_id_of
from webapp.accounts.queries import company_named
from webapp.db import close_reading, db, writing
from webapp.feeds.derive import derive
from webapp.feeds.service import ImportStopped
from webapp.fleet.models import LoanHistory, PreferredWeekday, PublicationRate, VehicleUse
from webapp.sync import after
from webapp.sync.queries import run
from webapp.sync.service import run_feeds

NOON = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)
MONDAY = date(2026, 11, 2)

pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture(autouse=True)
def atlas_in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look addresses up in this process."""
    monkeypatch.setattr("webapp.fleet.places.look_up", atlas.look_up)


@pytest.fixture
def company_id(app: Flask) -> int:
    """A company with six loans of one person, all started on a Monday."""
    with writing() as session:
        company_id = company_id_of(session, app)
        session.add_all(history(company_id, number) for number in range(6))
    return company_id


def history(company_id: int, number: int, **columns: Any) -> LoanHistory:
    start = MONDAY - timedelta(weeks=number)
    values: dict[str, Any] = {
        "activity_id": 700_000 + number,
        "vin": "WAUZZZ8V0KA000001",
        "person_id": 3001,
        "make": "Audi",
        "model": "A3",
        "model_short_name": "A3",
        "start_day": start,
        "end_day": start + timedelta(days=7),
        "clips_received": number % 2,
        "office": "Los Angeles",
        "name": "Noor Ashdown",
        "partner_address": "",
        "region": "",
        **columns,
    }
    return LoanHistory(company_id=company_id, **values)


def stored() -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    weekdays = select(PreferredWeekday.person_id, PreferredWeekday.office, PreferredWeekday.weekday)
    rates = select(
        PublicationRate.person_id, PublicationRate.make, PublicationRate.known, PublicationRate.published
    ).order_by(PublicationRate.person_id, PublicationRate.make)
    found = [tuple(row) for row in db.session.execute(weekdays)], [tuple(row) for row in db.session.execute(rates)]
    close_reading()
    return found


@time_machine.travel(NOON, tick=False)
def test_patterns_are_stored_and_the_same_data_cost_no_writing(company_id: int) -> None:
    """One row per key; a second round finds nothing to write."""
    first = derive(company_id)
    assert (first.weekdays, first.rates) == (1, 3)
    assert stored() == ([(3001, "Los Angeles", 0)], [(0, "AUDI", 6, 3), (3001, "", 6, 3), (3001, "AUDI", 6, 3)])
    with queries_of() as statements:
        again = derive(company_id)
    assert (again.weekdays, again.rates) == (0, 0)
    assert not [one for one in statements if not one.startswith("SELECT")]


@time_machine.travel(NOON, tick=False)
def test_a_loan_that_vanished_counts_no_more(company_id: int) -> None:
    """FMS took it back; with it goes what rested on it."""
    derive(company_id)
    gone = [700_000, 700_001]
    with writing() as session:
        session.execute(update(LoanHistory).where(LoanHistory.activity_id.in_(gone)).values(gone_at=NOON))
    derived = derive(company_id)
    assert (derived.weekdays, derived.rates) == (1, 3)
    assert stored() == ([], [(0, "AUDI", 4, 2), (3001, "", 4, 2), (3001, "AUDI", 4, 2)])


def test_windows_move_with_the_day(company_id: int) -> None:
    """Two years later nothing is known any more, without a new report."""
    with time_machine.travel(NOON, tick=False):
        derive(company_id)
    with time_machine.travel(NOON + timedelta(days=800), tick=False):
        derive(company_id)
    assert stored()[1] == []


def test_other_companies_are_left_alone(app: Flask, company_id: int) -> None:
    """Each company has its own history."""
    with writing() as session:
        other = company_id_of(session, app, "Another Press Fleet")
    with time_machine.travel(NOON, tick=False):
        derive(company_id)
        assert derive(other).rates == 0
    assert len(stored()[0]) == 1


@pytest.mark.usefixtures("sandbox")
def test_a_run_of_the_feeds_derives() -> None:
    """What FMS's reports bring is on the map and has its patterns when the run ends."""
    assert run(run_feeds("command")).status == "succeeded"
    close_reading()
    company_id = company_named("Motorpool")
    assert company_id is not None
    close_reading()
    weekdays, rates = stored()
    assert weekdays
    assert rates
    again = derive(company_id)
    assert (again.places.looked_up, again.weekdays, again.rates) == (0, 0, 0)
    assert again.places.unplaced_offices == 0


@pytest.mark.usefixtures("sandbox")
def test_a_step_that_breaks_makes_the_run_partial(monkeypatch: pytest.MonkeyPatch) -> None:
    """The reports are in; the run says what is missing, and the other steps have their turn."""
    done = []

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    steps = (after.Step("patterns", broken), after.Step("more", lambda *_: done.append(True)))
    monkeypatch.setattr(after, "STEPS", steps)
    found = run(run_feeds("command"))
    assert (found.status, found.error) == ("partial", "patterns: Something broke on our side. The log says why.")
    assert done == [True]


def test_a_runner_that_was_replaced_stops(company_id: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Losing the lease is no failure of a step: the run ends here."""

    def replaced(*_: object) -> None:
        raise ImportStopped

    monkeypatch.setattr(after, "STEPS", (after.Step("patterns", replaced),))
    with pytest.raises(ImportStopped):
        after.follow_up(company_id, [], lambda session: None)


@time_machine.travel(NOON, tick=False)
def test_how_much_vehicles_were_lent_is_stored(app: Flask, company_id: int) -> None:
    """A vehicle has its loans of a year, a loan that FMS lists in both reports once; one that is gone has no row."""
    fleet = Fleet(app)
    vehicle = fleet.add_vehicle("WAUZZZ8V0KA000001")
    partner = fleet.add_partner()
    fleet.add_activity(vehicle, partner, start_day=MONDAY, activity_id=700_000)
    fleet.add_activity(vehicle, None, start_day=date(2026, 11, 19), end_day=date(2026, 11, 20))
    fleet.add_vehicle("WAUZZZ8V0KA000002", gone_at=NOON)
    assert derive(company_id).uses == 1
    columns = (VehicleUse.vin, VehicleUse.loans, VehicleUse.usual, VehicleUse.last_day)
    (use,) = db.session.execute(select(*columns))
    assert tuple(use) == ("WAUZZZ8V0KA000001", 6, 6, date(2026, 11, 20))
    close_reading()
    assert derive(company_id).uses == 0
