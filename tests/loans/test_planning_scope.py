"""Who may plan which vehicle for which office, in how few questions, and exactly when no day is taken."""

from datetime import date, timedelta

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.loans.planner import WEEK, Desk
from tests.queries_counted import queries_of
from tests.rows import DAY, OFFICE, Fleet, People
from webapp.accounts.permissions import Role
from webapp.errors import Forbidden, NotFound
from webapp.loans import queries, service
from webapp.loans.errors import BrokenRule
from webapp.loans.periods import Period
from webapp.loans.service import Change
from webapp.loans.states import BLOCKING, Status

pytestmark = pytest.mark.usefixtures("november", "context")
days = st.integers(0, 40).map(lambda number: DAY + timedelta(days=number))


def test_offices_out_of_scope_are_not_found(desk: Desk, people: People, fleet: Fleet) -> None:
    """Another's, one that does not exist even for who sees all, none at all, and one of another company."""
    fleet.add_vehicle(office="Miami")
    admin = people(Role.ADMIN, locations=[]).actor
    stranger = people(Role.ADMIN, company="Elsewhere", locations=["Lisbon"]).actor
    assert desk.plan(actor=admin).warnings == ()
    for actor, office in [
        (desk.actor, "Miami"),
        (desk.actor, ""),
        (admin, "Atlantis"),
        (admin, "Los\x00Angeles"),
        (admin, "Lisbon"),
        (stranger, OFFICE),
    ]:
        with pytest.raises(NotFound):
            desk.plan(DAY + WEEK, actor=actor, office=office)
        with pytest.raises(NotFound):
            service.check(actor, vin=desk.vehicle.vin, person_id=1, office=office, start_day=DAY, end_day=DAY + WEEK)


def test_a_vehicle_of_an_office_out_of_scope_is_not_given_away(desk: Desk, people: People, fleet: Fleet) -> None:
    """Who may plan for Los Angeles cannot take Miami's vehicle; a loan that has one already stays in their hands,
    and who looks after Miami sees that loan."""
    theirs = fleet.add_vehicle(office="Miami")
    with pytest.raises(NotFound, match=r"^This vehicle stands at an office where you may not plan"):
        desk.plan(vin=theirs.vin)
    mine = desk.planned()
    with pytest.raises(NotFound, match=r"^This vehicle stands at an office where you may not plan"):
        service.change(desk.actor, mine.id, Change(vin=theirs.vin))
    given = desk.planned(vin=theirs.vin, actor=people(Role.ADMIN, locations=[]).actor)
    service.change(desk.actor, given.id, Change(end_day=given.end_day - timedelta(days=1)))
    assert queries.loan(people(locations=["Miami"]).actor, given.id).office == OFFICE


def test_what_another_company_owns_is_unknown(desk: Desk, people: People) -> None:
    """Its vehicles and partners, to whoever plans here; and its loans are not found."""
    stranger = people(Role.SCHEDULER, company="Elsewhere", locations=["Lisbon"]).actor
    loan = desk.planned()
    with pytest.raises(BrokenRule) as refused:
        desk.plan(actor=stranger, office="Lisbon")
    assert [one.code for one in refused.value.findings] == ["unknown", "unknown"]
    for act in (
        lambda: service.change(stranger, loan.id, Change()),
        lambda: service.recolour(stranger, loan.id, Status.PLANNED),
        lambda: service.remove_green(stranger, loan.id),
        lambda: service.check_change(stranger, loan.id, Change()),
        lambda: queries.loan(stranger, loan.id),
        lambda: queries.history(stranger, loan.id),
    ):
        with pytest.raises(NotFound):
            act()


def test_only_who_plans_loans_writes_them(desk: Desk, people: People) -> None:
    """The role decides before anything is looked at."""
    loan = desk.planned()
    for role in set(Role) - {Role.SUPER_ADMIN, Role.ADMIN, Role.MANAGER, Role.SCHEDULER}:
        actor = people(role).actor
        with pytest.raises(Forbidden):
            desk.plan(actor=actor)
        with pytest.raises(Forbidden):
            service.change(actor, loan.id, Change())
        with pytest.raises(Forbidden):
            service.recolour(actor, loan.id, Status.PLANNED)
        with pytest.raises(Forbidden):
            service.remove_green(actor, loan.id)


def test_planning_takes_few_queries_however_full_the_calendar_is(desk: Desk) -> None:
    """As many with a hundred neighbours, approvals and activities as with none."""

    def counted(start_day: date) -> tuple[int, int]:
        with queries_of() as while_checking:
            service.check(
                desk.actor,
                vin=desk.vehicle.vin,
                person_id=desk.partner.person_id,
                office=OFFICE,
                start_day=start_day,
                end_day=start_day + WEEK,
            )
        with queries_of() as while_planning:
            desk.plan(start_day)
        return len(while_checking), len(while_planning)

    before = counted(DAY)
    others = desk.fleet.add_vehicles(20)
    for number, vehicle in enumerate(others):
        desk.fleet.add_loan(vehicle, desk.partner, start_day=DAY + WEEK, end_day=DAY + 2 * WEEK)
        desk.fleet.add_activity(vehicle, desk.partner, start_day=DAY + WEEK)
        desk.fleet.approve_make(desk.partner, f"Make {number}")
    after = counted(DAY + WEEK)
    assert before == after
    assert after[0] <= 14
    # Its turn, the loan, its history, its deed, the audit, and what open calendars are told.
    assert after[1] <= 21


things = st.lists(
    st.tuples(st.sampled_from(["activity", *Status]), days, st.integers(0, 12)),
    max_size=6,
)


@given(start=days, length=st.integers(1, 12), given=things)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_plan_succeeds_exactly_when_no_day_is_taken(
    app: Flask, desk: Desk, start: date, length: int, given: list[tuple[str, date, int]]
) -> None:
    """Against a calendar ticked off day by day: activities of any length, loans in any state."""
    vehicle = desk.fleet.add_vehicle()
    taken: set[date] = set()
    exclusive: set[date] = set()
    for kind, first, days_long in given:
        if kind == "activity":
            desk.fleet.add_activity(vehicle, start_day=first, end_day=first + timedelta(days=days_long))
            taken |= ticked(first, max(1, days_long))
            continue
        wanted = ticked(first, max(1, days_long))
        if kind in {Status.PLANNED, Status.MANUAL, Status.REQUESTED}:
            if wanted & exclusive:
                continue
            exclusive |= wanted
        taken |= wanted if kind in BLOCKING else set()
        end_day = first + timedelta(days=max(1, days_long))
        desk.fleet.add_loan(vehicle, desk.partner, start_day=first, end_day=end_day, status=kind)
    end = start + timedelta(days=length)
    booked = Period(start, end + timedelta(days=(7 - end.weekday()) if end.weekday() > 4 else 0))
    is_possible = start.weekday() < 5 and not taken & ticked(start, booked.days)
    if not is_possible:
        with pytest.raises(BrokenRule) as refused:
            desk.plan(start, end, vin=vehicle.vin)
        assert {one.code for one in refused.value.findings} <= {"held", "weekend"}
        return
    loan = desk.planned(start_day=start, end_day=end, vin=vehicle.vin)
    assert Period(loan.start_day, loan.end_day) == booked


def ticked(first: date, length: int) -> set[date]:
    return {first + timedelta(days=number) for number in range(length)}
