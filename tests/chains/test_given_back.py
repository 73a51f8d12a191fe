"""Candidates for a loan of a saved chain are those that the chain had while it was built: it is not in its own way."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pytest

from tests.chains.saved_desk import ChainDesk, week
from tests.chains.saved_desk import desk as desk
from webapp.chains.asking import Ask, Kind
from webapp.chains.looking import suggesting
from webapp.chains.looking.suggestion import Candidate, Key
from webapp.chains.solving.slots import Slot
from webapp.db import writing
from webapp.fleet.models import Budget, Partner
from webapp.loans.models import BatchKind
from webapp.loans.states import Status


def seen(desk: ChainDesk, ask: Ask, picks: Sequence[Key], standing: Sequence[int]) -> list[list[Candidate]]:
    """The candidates of each slot beside the others, without what only the loans' own rows can say."""
    slots = [Slot(number, week(number - 1)) for number in range(1, len(picks) + 1)]
    chosen = dict(enumerate(picks, 1))
    return [
        [
            replace(one, findings=tuple(replace(found, in_the_way=None) for found in one.findings))
            for one in desk.do(suggesting.candidates, ask, slots, chosen, slot.index, standing=standing)
        ]
        for slot in slots
    ]


def allocate(desk: ChainDesk, fleet: str, dollars: int) -> None:
    """Money for two loans at 400 dollars, or fewer, in the quarters of the chain."""
    with desk.app.app_context(), writing() as session:
        session.add_all(
            Budget(
                company_id=desk.actor.company_id,
                office="Los Angeles",
                fleet=fleet,
                year=2060,
                quarter=quarter,
                allocation=Decimal(dollars),
                amount_used=Decimal(0),
            )
            for quarter in (2, 3)
        )


def codes_of(found: Sequence[Sequence[Candidate]]) -> set[str]:
    """All codes of all findings."""
    return {finding.code for candidates in found for one in candidates for finding in one.findings}


@pytest.mark.parametrize("status", [Status.PLANNED, Status.REQUESTED])
def test_of_a_partner_chain(desk: ChainDesk, status: Status) -> None:
    """Every vehicle with every finding: own VIN, own model, the days, the money, whether planned or requested."""
    for make, model in (("Audi", "Q6 e-tron"), ("Kia", "EV6 GT"), ("Kia", "EV9"), ("Mazda", "CX-90")):
        desk.fleet.add_vehicle(make=make, model=model, fleet=make)
    for fleet, dollars in (("Audi PR - Press", 1100), ("Kia", 500)):
        allocate(desk, fleet, dollars)
    ask = Ask(Kind.PARTNER, "Los Angeles", week(0).start_day, person_id=desk.partner.person_id, count=3)
    picks = [vehicle.vin for vehicle in desk.vehicles[:3]]
    built = seen(desk, ask, picks, ())
    assert "over_budget" in codes_of(built)
    _, ids = desk.chain(3)
    if status == Status.REQUESTED:
        desk.run(BatchKind.REQUEST, ids)
    assert {desk.status(one) for one in ids} == {status}
    assert seen(desk, ask, picks, ids) == built
    assert seen(desk, ask, picks, ()) != built, "else this proves nothing"


def test_of_a_vehicle_chain(desk: ChainDesk) -> None:
    """Every partner with every finding and the hops: the vehicle's own days do not hold it against itself."""
    people = [partner_at(desk, number) for number in range(5)]
    allocate(desk, "Audi PR - Press", 1100)
    vehicle = desk.vehicles[0]
    ask = Ask(Kind.VEHICLE, "Los Angeles", week(0).start_day, vin=vehicle.vin, count=3)
    picks = [person.person_id for person in people[:3]]
    built = seen(desk, ask, picks, ())
    assert {"over_budget", "too_far"} <= codes_of(built)
    ids = [
        desk.fleet.add_loan(vehicle, person, start_day=week(number).start_day, status=Status.PLANNED).id
        for number, person in enumerate(people[:3])
    ]
    assert seen(desk, ask, picks, ids) == built
    assert seen(desk, ask, picks, ()) != built, "else this proves nothing"


def partner_at(desk: ChainDesk, number: int) -> Partner:
    """An approved partner some miles east of the one before."""
    person = desk.fleet.add_partner(f"Person Nr{number}", latitude=34.05, longitude=-118.24 + number / 2)
    desk.fleet.approve_make(person, "Audi", rank="ABC"[number % 3])
    return person


def test_what_others_do_still_counts(desk: ChainDesk) -> None:
    """Only the chain's own loans step aside: a stranger's loan on the same days holds its vehicle."""
    _, ids = desk.chain(2)
    desk.fleet.add_loan(desk.vehicles[3], desk.fleet.add_partner("Ring Report"), start_day=week(0).start_day)
    ask = Ask(Kind.PARTNER, "Los Angeles", week(0).start_day, person_id=desk.partner.person_id, count=2)
    first = seen(desk, ask, [vehicle.vin for vehicle in desk.vehicles[:2]], ids)[0]
    found = {one.key: [finding.code for finding in one.findings] for one in first}
    assert found[desk.vehicles[3].vin] == ["held"]
    assert found[desk.vehicles[0].vin] == []
