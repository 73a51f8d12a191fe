"""Loans of a chain planned together: all or none, each in sight of those before it, on both engines."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from tests.loans.chain_wishes import CHAIN, back_to_back, plan_all, told, wish
from tests.loans.planner import WEEK, Desk, count_of_loans
from tests.queries_counted import queries_of
from tests.rows import DAY, OFFICE, People
from webapp.accounts.permissions import Role
from webapp.db import close_reading, db, writing
from webapp.errors import Forbidden, InvalidInput, NotFound
from webapp.fleet.models import Budget, Holiday
from webapp.loans import holds, queries
from webapp.loans.errors import BrokenChain, BrokenRule, Stale
from webapp.loans.models import Assignment, SoftHold
from webapp.loans.periods import Period
from webapp.loans.rules import Finding
from webapp.loans.service import LoanWish
from webapp.loans.states import Status

pytestmark = pytest.mark.usefixtures("november", "context")
THE_WEEK = Period(DAY, DAY + WEEK)
# What was said of each loan without forbidding it; or which place was refused, and why.
Said = list[list[str]] | tuple[int, list[str]]


def money(allocation: int) -> Budget:
    """What Los Angeles may spend on Audis in the last quarter of 2026."""
    columns: dict[str, Any] = {"office": OFFICE, "fleet": "AUDI", "year": 2026, "quarter": 4}
    return Budget(**columns, allocation=Decimal(allocation), amount_used=Decimal(0))


def holding_plans() -> list[str]:
    """The plans that have soft holds."""
    close_reading()
    return sorted(db.session.scalars(select(SoftHold.plan_id)))


def test_all_are_planned_with_one_chain_id(desk: Desk) -> None:
    """Green as each was wished, an end on Saturday moved to Monday, answered in the order of the wishes."""
    first, second, third = back_to_back(desk, "A4", "Q5", "Q8")
    second = LoanWish(second.vin, second.person_id, second.start_day, date(2026, 12, 5), Status.MANUAL)
    planned = plan_all(desk, third, second, first, remark="As agreed")
    loans = queries.loans_of_chain(desk.actor, CHAIN)
    assert [loan.id for loan in loans] == [one.assignment_id for one in reversed(planned)]
    assert [loan.vin for loan in loans] == [first.vin, second.vin, third.vin]
    assert [loan.status for loan in loans] == [Status.PLANNED, Status.MANUAL, Status.PLANNED]
    assert {(loan.chain_id, loan.office, loan.partner_name) for loan in loans} == {(CHAIN, OFFICE, "Coastline Auto")}
    assert loans[1].end_day == date(2026, 12, 7)
    assert told(planned) == [[], [], []]
    said = f"Planned Audi Q8 …{third.vin[-8:]} for Coastline Auto, 12-07-26 to 12-14-26. Note: As agreed"
    assert desk.history(loans[2]) == [said]


def test_each_counts_for_those_after_it(desk: Desk) -> None:
    """The same vehicle again, the same model within its cooldown, the money of both: told, and kept in the history."""
    desk.put(money(1000))
    sibling = desk.fleet.add_vehicle()
    planned = plan_all(
        desk,
        wish(desk, desk.vehicle),
        wish(desk, sibling, DAY + WEEK),
        wish(desk, desk.vehicle, DAY + 4 * WEEK),
    )
    assert told(planned) == [[], ["cooldown"], ["partner_has", "cooldown", "cooldown", "over_budget"]]
    said = planned[2].warnings[-1].text
    assert said.startswith("Over budget by $200: Los Angeles has $200 left for AUDI in Q4 2026")
    assert said in desk.history(queries.loan(desk.actor, planned[2].assignment_id))[0]


def test_one_vehicle_goes_from_hand_to_hand(desk: Desk) -> None:
    """Back and out again on the same day, to one partner after another: nothing to say."""
    ring = desk.fleet.add_partner("Ring Report")
    desk.fleet.approve_make(ring, "Audi")
    handed_on = wish(desk, desk.vehicle, DAY + WEEK, person_id=ring.person_id)
    assert told(plan_all(desk, wish(desk, desk.vehicle), handed_on)) == [[], []]


def test_what_others_hold_is_told_and_what_one_holds_oneself_is_not(desk: Desk, people: People) -> None:
    """Whoever saves their draft is not warned of themselves."""
    other, somebody = desk.fleet.add_vehicle(model="Q8"), people().actor
    with writing() as session:
        holds.hold(session, desk.actor, "mine", [holds.Wish(desk.vehicle.id, THE_WEEK)])
        holds.hold(session, somebody, "theirs", [holds.Wish(other.id, THE_WEEK)])
    planned = plan_all(desk, wish(desk, desk.vehicle), wish(desk, other, DAY + timedelta(days=4)))
    assert told(planned) == [[], ["partner_busy", "soft_hold"]]


class TestWithTheCaller:
    def test_what_the_loans_were_made_from_goes_as_they_come(self, desk: Desk) -> None:
        """In the same transaction: where they are refused, it stays."""
        with writing() as session:
            holds.hold(session, desk.actor, "the draft", [holds.Wish(desk.vehicle.id, THE_WEEK)])

        def also(session: Session) -> None:
            holds.release(session, "the draft")

        with pytest.raises(BrokenChain):
            plan_all(desk, wish(desk, desk.vehicle), wish(desk, desk.vehicle), also=also)
        assert holding_plans() == ["the draft"]
        plan_all(desk, wish(desk, desk.vehicle), also=also)
        assert holding_plans() == []

    def test_it_is_called_off_before_anything_is_checked(self, desk: Desk) -> None:
        """A draft that was saved before is not explained by the loans it became."""

        def also(_session: Session) -> None:
            raise Stale("This draft has been saved already.")

        plan_all(desk, wish(desk, desk.vehicle))
        with pytest.raises(Stale, match="saved already"):
            plan_all(desk, wish(desk, desk.vehicle), also=also)
        assert count_of_loans() == 1


class TestRefused:
    def test_everything_that_binds_is_told_loan_by_loan(self, desk: Desk) -> None:
        """409, as somebody holds one of them; nothing is written, and the link leads to who holds it."""
        (fine,) = back_to_back(desk, "Q8")
        late = wish(desk, desk.fleet.add_vehicle(model="Q5"), date(2026, 11, 14))
        theirs = desk.fleet.add_loan(desk.vehicle, desk.fleet.add_partner("Ring Report"))
        with pytest.raises(BrokenChain) as refused:
            plan_all(desk, late, fine, wish(desk, desk.vehicle), wish(desk, desk.vehicle, vin="NOSUCHVIN"))
        held = "Audi A3 Premium Plus …SA051916 is held by Ring Report 11-23-26 to 11-30-26."
        assert refused.value.sentence == (
            "Loan 1: Sat 11-14-26 is in the past. Sat 11-14-26 is a weekend; loans start Monday to Friday. "
            f"Loan 3: {held} Loan 4: No vehicle NOSUCHVIN is in FMS's list."
        )
        codes = {place: [one.code for one in said] for place, said in refused.value.findings_by_loan.items()}
        assert codes == {0: ["past", "weekend"], 2: ["held"], 3: ["unknown"]}
        assert (refused.value.status, refused.value.code) == (409, "held")
        assert refused.value.details["reasons"][2] == {"loan": 3, "code": "held", "text": held}
        assert refused.value.link == ("Show it", f"/calendar?start=2026-11-23&loan={theirs.id}")
        assert count_of_loans() == 1

    def test_where_nobody_holds_anything_it_is_422(self, desk: Desk) -> None:
        """With the code of the first."""
        with pytest.raises(BrokenChain) as refused:
            plan_all(desk, *back_to_back(desk, "Q8"), wish(desk, desk.vehicle, DAY + WEEK, person_id=999_999))
        assert refused.value.sentence == "Loan 2: No partner 999999 is in FMS's list."
        assert (refused.value.status, refused.value.code, refused.value.link) == (422, "unknown", None)
        assert count_of_loans() == 0

    def test_one_vehicle_is_not_given_twice_by_one_call(self, desk: Desk) -> None:
        """However its VIN is typed; the first is on no page yet to which a link could lead."""
        typed = f" {desk.vehicle.vin.lower()} "
        with pytest.raises(BrokenChain) as refused:
            plan_all(desk, wish(desk, desk.vehicle), wish(desk, desk.vehicle, DAY + timedelta(days=4), vin=typed))
        held = "Loan 2: Audi A3 Premium Plus …SA051916 is held by Coastline Auto 11-23-26 to 11-30-26, in this chain."
        assert (refused.value.status, refused.value.sentence, refused.value.link) == (409, held, None)
        assert count_of_loans() == 0

    @pytest.mark.parametrize("status", [Status.REQUESTED, Status.ACTIVE, Status.CANCELLED])
    def test_nobody_but_fms_gives_another_colour(self, sqlite_app: Flask, desk: Desk, status: Status) -> None:
        """422, whatever the others are."""
        with pytest.raises(InvalidInput, match="planned, or picked by hand"):
            plan_all(desk, wish(desk, desk.vehicle), wish(desk, desk.vehicle, DAY + WEEK, status=status))

    def test_a_chain_has_loans(self, sqlite_app: Flask, desk: Desk) -> None:
        """422 for none."""
        with pytest.raises(InvalidInput, match="no loan"):
            plan_all(desk)

    def test_only_who_may_plan_where_they_may(self, desk: Desk, people: People) -> None:
        """By role; offices, and vehicles of offices, out of scope are not found."""
        theirs = desk.fleet.add_vehicle(office="Miami")
        with pytest.raises(Forbidden):
            plan_all(desk, wish(desk, desk.vehicle), actor=people(Role.AUDITOR).actor)
        for office in ("Miami", "", "Atlantis"):
            with pytest.raises(NotFound, match="office"):
                plan_all(desk, wish(desk, desk.vehicle), office=office)
        with pytest.raises(NotFound, match="stands at an office"):
            plan_all(desk, wish(desk, desk.vehicle), wish(desk, theirs, DAY + WEEK))
        assert count_of_loans() == 0


def test_a_chain_is_seen_by_whoever_may_see_its_loans(desk: Desk, people: People) -> None:
    """Not by another office or company; no chain, and what no chain can be called, is empty."""
    plan_all(desk, *back_to_back(desk, "Q5", "Q8"))
    miami, abroad = people(locations=["Miami"]).actor, people(company="Elsewhere", locations=["Lisbon"]).actor
    assert len(queries.loans_of_chain(desk.actor, CHAIN)) == 2
    for actor, chain_id in [(miami, CHAIN), (abroad, CHAIN), (desk.actor, "nobody's"), (desk.actor, "\x00")]:
        assert queries.loans_of_chain(actor, chain_id) == []


def test_it_takes_as_many_queries_with_a_full_calendar_as_with_an_empty_one(desk: Desk) -> None:
    """What the loans have in common is read once; each costs two questions, turn, row, history, deed; the audit one."""
    desk.put(money(100_000))
    desk.fleet.add_loan(desk.vehicle, desk.partner, start_day=DAY + 3 * WEEK)

    def counted(*models: str) -> int:
        wishes = back_to_back(desk, *models)
        with queries_of() as statements:
            plan_all(desk, *wishes)
        return len(statements)

    before = counted(*"ABCDEFGH")
    for number, vehicle in enumerate(desk.fleet.add_vehicles(12, model="Q2")):
        desk.fleet.add_activity(vehicle, desk.partner, start_day=DAY + 9 * WEEK)
        desk.fleet.add_loan(vehicle, desk.fleet.add_partner(), start_day=DAY + 10 * WEEK)
        desk.fleet.approve_make(desk.partner, f"Make {number}")
    assert counted(*"IJKLMNOP") == before
    assert before <= 18 + 8 * 6


@pytest.fixture
def cast(desk: Desk) -> tuple[list[str], list[int]]:
    """VINs of two models, two of each, and two partners; money for a few loans, a holiday, and a vehicle in service."""
    holiday = Holiday(office=OFFICE, day=DAY + WEEK, name="Founders' Day", kind="Public", is_all_day=True, notes="")
    desk.put(money(1300), holiday)
    desk.fleet.add_activity(desk.vehicle, start_day=DAY + timedelta(days=8), activity_type="Service")
    ring = desk.fleet.add_partner("Ring Report")
    desk.fleet.approve_make(ring, "Audi", "B")
    others = desk.fleet.add_vehicles(2, model="Q8")
    vehicles = [desk.vehicle, desk.fleet.add_vehicle(), *others]
    return [vehicle.vin for vehicle in vehicles], [desk.partner.person_id, ring.person_id]


starts = st.integers(0, 30).map(lambda number: DAY + timedelta(days=number)).filter(lambda day: day.weekday() < 5)
loans = st.tuples(st.integers(0, 3), st.integers(0, 1), starts, st.integers(1, 9))


@given(chain=st.lists(loans, min_size=1, max_size=5))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_together_is_as_one_by_one(
    sqlite_app: Flask, desk: Desk, cast: tuple[list[str], list[int]], chain: list[tuple[int, int, date, int]]
) -> None:
    """Loans are planned together exactly when they can be planned one after another, and the same is said of them;
    where one cannot, it is the first that is named, with the same words, but that the others stand in the chain."""
    vins, people = cast
    wishes = [
        LoanWish(vins[vehicle], people[person], start, start + timedelta(days=days))
        for vehicle, person, start, days in chain
    ]
    alone = _one_by_one(desk, wishes)
    try:
        together: Said = [_texts(loan.warnings) for loan in plan_all(desk, *wishes)]
    except BrokenChain as refusal:
        place = next(iter(refusal.findings_by_loan))
        together = (place, _texts(refusal.findings_by_loan[place]))
    _forget_loans()
    assert together == alone


def _one_by_one(desk: Desk, wishes: list[LoanWish]) -> Said:
    said = []
    for place, one in enumerate(wishes):
        try:
            planned = desk.plan(one.start_day, one.end_day, vin=one.vin, person_id=one.person_id)
        except BrokenRule as refusal:
            _forget_loans()
            return place, _texts(refusal.findings)
        said.append(_texts(planned.warnings))
    _forget_loans()
    return said


def _texts(findings: tuple[Finding, ...]) -> list[str]:
    return [one.text.replace(", in this chain", "").replace("is to get", "is booked for") for one in findings]


def _forget_loans() -> None:
    with writing() as session:
        session.execute(delete(Assignment))
