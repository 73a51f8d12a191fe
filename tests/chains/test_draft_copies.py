"""Drafts that come from saved chains: copied to another partner, vehicle or date, and continued."""

from datetime import date, timedelta

import pytest
from sqlalchemy import update

from tests.chains.draft_desk import DraftDesk, codes, days, picks, week
from tests.chains.draft_desk import desk as desk
from tests.loans.conftest import november as november
from webapp.accounts.permissions import Role
from webapp.chains.asking import Kind
from webapp.chains.drafting import drafts
from webapp.chains.drafting import queries as draft_queries
from webapp.chains.saved import saving
from webapp.chains.solving.slots import Slot
from webapp.db import close_reading, writing
from webapp.errors import Forbidden, InvalidInput, NotFound
from webapp.fleet.models import Partner
from webapp.loans.models import Assignment
from webapp.loans.queries import loans_of_chain
from webapp.loans.states import Status


def another(desk: DraftDesk, *makes: str) -> Partner:
    """One more partner, approved for these makes."""
    partner = desk.fleet.add_partner("Weekly Torque", latitude=34.1, longitude=-118.3)
    for make in makes:
        desk.fleet.approve_make(partner, make)
    return partner


def test_a_chain_is_copied_to_another_partner_with_what_nothing_binds(desk: DraftDesk) -> None:
    """The same vehicles, pinned, where they are free; else the loan is empty, and says what was there and why not."""
    chain_id = desk.saved({0: desk.vehicles[0], 1: desk.vehicles[1], 2: desk.vehicles[2]})
    taker = another(desk, "Audi")
    desk.hold(desk.vehicles[4], week(3))
    desk.hold(desk.vehicles[1], week(4))
    found = desk.open(drafts.copy(desk.actor, chain_id, person_id=taker.person_id, start=week(3).start_day))
    assert days(found) == [week(3), week(4), week(5)]
    assert picks(found) == {1: desk.vins[0], 3: desk.vins[2]}
    assert found.ask.pinned == picks(found)
    assert found.ask.person_id == taker.person_id
    assert (found.ask.days, found.ask.count) == (7, 3)
    assert set(found.ask.models) == {("Audi", "A3"), ("Audi", "Q4"), ("Audi", "A6")}
    assert (found.chain_id, found.outcome, found.banner) == (None, None, "")
    (empty,) = found.unfilled
    assert (empty.slot, empty.code) == (Slot(2, week(4)), "held")
    assert empty.text == (
        "Audi Q4 …SA051911 was not copied. Audi Q4 …SA051911 is held by Ring Report 12-21-26 to 12-28-26."
    )


@pytest.mark.usefixtures("sqlite_app")
def test_a_copy_for_the_same_partner_is_empty_and_prefers_the_models(desk: DraftDesk) -> None:
    """The partner has had these very vehicles; suggesting finds others, of those models where there are."""
    chain_id = desk.saved({0: desk.vehicles[0], 1: desk.vehicles[1]})
    sister = desk.fleet.add_vehicle(model="Q4")
    draft_id = drafts.copy(desk.actor, chain_id, start=week(9).start_day)
    found = desk.open(draft_id)
    assert picks(found) == {}
    assert [one.code for one in found.unfilled] == ["partner_has", "partner_has"]
    drafts.suggest(desk.actor, draft_id, 1)
    assert sister.vin in picks(desk.open(draft_id)).values()


@pytest.mark.usefixtures("sqlite_app")
def test_lengths_are_copied_around_what_the_partner_has(desk: DraftDesk) -> None:
    """Three days, two weeks, one week; the loan that is booked already is gone around, and most decide the length."""
    for number, (start, length) in enumerate([(week(0).start_day, 3), (week(1).start_day, 14), (week(3).start_day, 7)]):
        desk.fleet.add_loan(
            desk.vehicles[number],
            desk.partner,
            start_day=start,
            end_day=start + timedelta(days=length),
            chain_id="mixed",
        )
    taker = another(desk, "Audi")
    desk.hold(desk.fleet.add_vehicle(model="TT"), week(5), taker)
    found = desk.open(drafts.copy(desk.actor, "mixed", person_id=taker.person_id, start=week(4).start_day))
    assert [(period.start_day, period.days) for period in days(found)] == [
        (week(4).start_day, 3),
        (week(6).start_day, 14),
        (week(8).start_day, 7),
    ]


@pytest.mark.usefixtures("sqlite_app")
def test_a_copy_starts_as_the_chain_did_or_as_soon_as_it_can(desk: DraftDesk) -> None:
    """A chain to come: on its start; one that is over: today. A start that was asked for is refused, not moved."""
    taker = another(desk, "Audi")
    coming = desk.saved({2: desk.vehicles[0]})
    past = desk.saved({-9: desk.vehicles[1]}, chain_id="past")
    assert desk.open(drafts.copy(desk.actor, coming, person_id=taker.person_id)).ask.start == week(2).start_day
    assert desk.open(drafts.copy(desk.actor, past, person_id=taker.person_id)).ask.start == date(2026, 11, 19)
    with pytest.raises(InvalidInput) as refused:
        drafts.copy(desk.actor, past, person_id=taker.person_id, start=date(2026, 11, 21))
    assert list(refused.value.fields) == ["start"]


@pytest.mark.usefixtures("sqlite_app")
def test_a_vehicle_chain_is_copied_to_another_vehicle(desk: DraftDesk) -> None:
    """Its partners come again; who is not approved for the other make stays out, with the reason."""
    taker = another(desk, "Audi", "Lexus")
    for number, partner in enumerate([desk.partner, taker]):
        desk.saved({number: desk.vehicles[0]}, chain_id="tour", partner=partner)
    lexus = desk.fleet.add_vehicle(make="Lexus", model="ES 350")
    found = desk.open(drafts.copy(desk.actor, "tour", vin=lexus.vin, start=week(5).start_day))
    assert (found.ask.kind, found.ask.vin, found.ask.person_id) == (Kind.VEHICLE, lexus.vin, None)
    assert picks(found) == {2: taker.person_id}
    assert [(one.slot.index, one.code) for one in found.unfilled] == [(1, "not_approved")]
    assert found.unfilled[0].text.startswith("Coastline Auto was not copied. ")


def test_a_chain_goes_on_after_its_last_loan_and_the_new_ones_join_it(desk: DraftDesk) -> None:
    """One empty loan; when it is saved, the chain has it too, and FMS has heard of nothing."""
    chain_id = desk.saved({0: desk.vehicles[0], 1: desk.vehicles[1]})
    draft_id = drafts.continue_chain(desk.actor, chain_id)
    found = desk.open(draft_id)
    assert (found.chain_id, days(found), picks(found)) == (chain_id, [week(2)], {})
    assert (found.ask.start, found.ask.count, found.banner, found.conflicts) == (week(2).start_day, 1, "", ())
    assert draft_queries.mine(desk.actor)[0].chain_id == chain_id
    drafts.suggest(desk.actor, draft_id, 1)
    assert set(picks(desk.open(draft_id)).values()) <= set(desk.vins[2:])
    assert codes(desk.open(draft_id)) == {1: []}
    close_reading()
    saving.save(desk.actor, draft_id, 2)
    assert [loan.start_day for loan in loans_of_chain(desk.actor, chain_id)] == [week(n).start_day for n in range(3)]


@pytest.mark.usefixtures("sqlite_app")
def test_a_chain_that_is_over_goes_on_today(desk: DraftDesk) -> None:
    """Not in the past; twice at once is one draft."""
    chain_id = desk.saved({-9: desk.vehicles[0]})
    draft_id = drafts.continue_chain(desk.actor, chain_id)
    assert days(desk.open(draft_id))[0].start_day == date(2026, 11, 19)
    close_reading()
    assert drafts.continue_chain(desk.actor, chain_id) == draft_id


@pytest.mark.usefixtures("sqlite_app")
def test_loans_that_fms_cancelled_are_not_copied(desk: DraftDesk) -> None:
    """Nor is a chain of which nothing else is left."""
    chain_id = desk.saved({0: desk.vehicles[0], 1: desk.vehicles[1]})
    _cancel(desk.vehicles[1].id)
    taker = another(desk, "Audi")
    assert picks(desk.open(drafts.copy(desk.actor, chain_id, person_id=taker.person_id, start=week(3).start_day))) == {
        1: desk.vins[0]
    }
    _cancel(desk.vehicles[0].id)
    close_reading()
    with pytest.raises(NotFound):
        drafts.copy(desk.actor, chain_id, person_id=taker.person_id)


def test_only_chains_in_scope_are_copied_or_continued(desk: DraftDesk) -> None:
    """By who may plan; another office's chain is not found."""
    chain_id = desk.saved({0: desk.vehicles[0]})
    miami = desk.people(locations=["Miami"]).actor
    auditor = desk.people(Role.AUDITOR).actor
    for act in (drafts.copy, drafts.continue_chain):
        with pytest.raises(NotFound):
            act(miami, chain_id)
        with pytest.raises(NotFound):
            act(desk.actor, "a\x00b")
        with pytest.raises(Forbidden):
            act(auditor, chain_id)


def _cancel(fleet_vehicle_id: int) -> None:
    with writing() as session:
        session.execute(
            update(Assignment).where(Assignment.fleet_vehicle_id == fleet_vehicle_id).values(status=Status.CANCELLED)
        )
