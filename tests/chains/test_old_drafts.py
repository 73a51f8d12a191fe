"""Drafts from which the world has moved on: days that have passed, a partner or a vehicle that FMS lists no more."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import update

from tests.calendar.conftest import november as november
from tests.chains.builder_site import Site, words_of
from tests.chains.draft_desk import DraftDesk, codes, days, picks
from tests.chains.draft_desk import desk as desk
from tests.rows import Fleet, People
from webapp import clock
from webapp.chains.asking import Kind
from webapp.chains.drafting import drafts
from webapp.chains.drafting import queries as draft_queries
from webapp.db import writing
from webapp.errors import NotFound
from webapp.fleet.models import Partner, Vehicle
from webapp.loans.errors import BrokenRule

NEW_YEARS_EVE = datetime(2026, 12, 31, 18, 0, tzinfo=UTC)


def leave(kind: type[Partner] | type[Vehicle]) -> None:
    """Have all of them gone from FMS's list; inside an application context."""
    with writing() as session:
        session.execute(update(kind).values(gone_at=clock.now()))


def test_a_partner_who_left_leaves_a_draft_that_opens(desk: DraftDesk) -> None:
    """Each card says so; nothing more can be suggested or picked, and the draft can be thrown away."""
    draft_id = desk.begin()
    leave(Partner)
    found = desk.open(draft_id)
    assert codes(found) == {1: ["unknown"], 2: ["unknown"], 3: ["unknown"]}
    assert picks(found) == dict(enumerate(desk.vins[:3], start=1))
    with pytest.raises(NotFound, match="no such partner"):
        drafts.suggest(desk.actor, draft_id, found.version)
    with pytest.raises(BrokenRule, match="in FMS's list"):
        drafts.pick(desk.actor, draft_id, found.version, 1, desk.vins[4])
    drafts.discard(desk.actor, draft_id)
    assert draft_queries.mine(desk.actor) == []


def test_a_vehicle_that_left_leaves_a_chain_that_opens(desk: DraftDesk) -> None:
    """The same for the chain of a vehicle, with somebody in it or not."""
    vehicle: dict[str, Any] = {"kind": Kind.VEHICLE, "vin": desk.vins[0], "count": 2}
    full = desk.begin(**vehicle, pinned={1: desk.partner.person_id})
    empty = desk.begin(**vehicle, suggest=False)
    leave(Vehicle)
    found = desk.open(full)
    assert (picks(found), codes(found)) == ({1: desk.partner.person_id}, {1: ["unknown"]})
    assert len(desk.open(empty).slots) == 2


@pytest.mark.parametrize("given", [{}, {"vin": "WAUZZZ8V0SA051916"}])
@pytest.mark.usefixtures("november")
def test_its_page_opens_too_and_offers_to_throw_it_away(
    sqlite_app: Flask, people: People, fleet: Fleet, given: dict[str, Any]
) -> None:
    """Which does throw it away: nobody is left with a draft that neither opens nor goes."""
    site = Site(sqlite_app, people, fleet)
    site.add_vehicle("Audi", "A3", vin="WAUZZZ8V0SA051916")
    address = site.draft(**given)
    with sqlite_app.app_context():
        leave(Vehicle if given else Partner)
    page = site.get(address)
    assert "is in FMS's list" in words_of(page)
    draft_id = address.partition("draft=")[2]
    site.send(f"/chains/drafts/{draft_id}/discard")
    assert site.client.get(address).status_code == 404


@pytest.mark.usefixtures("sqlite_app")
def test_a_loan_added_after_days_that_have_passed_starts_today_or_later(desk: DraftDesk) -> None:
    """The draft of three weeks in November is opened again at New Year."""
    draft_id = desk.begin()
    with time_machine.travel(NEW_YEARS_EVE):
        drafts.add(desk.actor, draft_id, 1)
        found = desk.open(draft_id)
    assert [period.start_day for period in days(found)][2:] == [date(2026, 12, 7), date(2026, 12, 31)]
    assert codes(found) == {1: ["past"], 2: ["past"], 3: ["past"]}
