"""A scheduler of Los Angeles who builds chains: five vehicles, an approved partner, somebody else at the next desk."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest

from tests.rows import DAY, OFFICE, Fleet, People
from webapp.accounts.actor import Actor
from webapp.chains.asking import Ask, Kind
from webapp.chains.drafting import drafts
from webapp.chains.drafting import queries as draft_queries
from webapp.chains.drafting.queries import OpenDraft
from webapp.chains.looking.suggestion import Key
from webapp.db import close_reading
from webapp.fleet.models import Partner, Vehicle
from webapp.loans import service
from webapp.loans.periods import Period

MODELS = ("A3", "Q4", "A6", "Q8", "RS 6")


def week(number: int, weeks: int = 1) -> Period:
    """The week that begins so many weeks after Monday, 11-23-26, or several."""
    start = DAY + timedelta(weeks=number)
    return Period(start, start + timedelta(weeks=weeks))


class DraftDesk:
    """See the module. VINs sort as the models are listed, and nothing else tells the vehicles apart."""

    def __init__(self, people: People, fleet: Fleet) -> None:
        self.fleet = fleet
        self.people = people
        self.actor: Actor = people().actor
        self.vehicles: list[Vehicle] = [
            fleet.add_vehicle(f"WAUZZZ8V0SA05191{number}", model=model) for number, model in enumerate(MODELS)
        ]
        self.vins = [vehicle.vin for vehicle in self.vehicles]
        self.partner: Partner = fleet.add_partner("Coastline Auto", latitude=34.1, longitude=-118.3)
        fleet.approve_make(self.partner, "Audi")

    def ask(self, **given: Any) -> Ask:
        """Three weeks for the partner from 11-23-26 on, unless told otherwise."""
        values: dict[str, Any] = {"kind": Kind.PARTNER, "office": OFFICE, "start": DAY, "count": 3}
        if given.get("kind") is not Kind.VEHICLE:
            values["person_id"] = self.partner.person_id
        return Ask(**{**values, **given})

    def begin(self, *, suggest: bool = True, **given: Any) -> str:
        """A draft of that; its id."""
        close_reading()
        return drafts.create(self.actor, self.ask(**given), suggest=suggest)

    def open(self, draft_id: str, actor: Actor | None = None) -> OpenDraft:
        """The draft as it stands now."""
        close_reading()
        return draft_queries.opened(actor or self.actor, draft_id)

    def hold(self, vehicle: Vehicle, period: Period, partner: Partner | None = None) -> None:
        """Have FMS lend the vehicle to somebody (who is not ours) on these days."""
        taker = partner or self.fleet.add_partner("Ring Report")
        self.fleet.add_activity(vehicle, taker, start_day=period.start_day, end_day=period.end_day)

    def saved(self, picks: Mapping[int, Vehicle], *, chain_id: str = "saved", partner: Partner | None = None) -> str:
        """A saved chain with these vehicles in these weeks; its id."""
        taker = partner or self.partner
        for number, vehicle in picks.items():
            period = week(number)
            self.fleet.add_loan(vehicle, taker, start_day=period.start_day, end_day=period.end_day, chain_id=chain_id)
        return chain_id

    def told(self, vehicle: Vehicle, start_day: date = DAY, actor: Actor | None = None) -> list[str]:
        """What the rules say to somebody of lending the vehicle to a third partner for a week."""
        taker = self.fleet.add_partner("Weekly Torque", latitude=34.1, longitude=-118.3)
        self.fleet.approve_make(taker, "Audi")
        close_reading()
        assessment = service.check(
            actor or self.actor,
            vin=vehicle.vin,
            person_id=taker.person_id,
            office=OFFICE,
            start_day=start_day,
            end_day=start_day + timedelta(weeks=1),
        )
        return [finding.text for finding in assessment.findings]


def days(draft: OpenDraft) -> list[Period]:
    """The days of its loans."""
    return [slot.period for slot in draft.slots]


def picks(draft: OpenDraft) -> dict[int, Key]:
    """What fills them."""
    return dict(draft.picks)


def codes(draft: OpenDraft) -> dict[int, list[str]]:
    """What the card of each filled loan says."""
    return {placed.slot.index: [finding.code for finding in placed.findings] for placed in draft.placed}


@pytest.fixture
def desk(november: None, context: None, people: People, fleet: Fleet) -> DraftDesk:
    """See `DraftDesk`; it is Thursday, 11-19-26."""
    return DraftDesk(people, fleet)
