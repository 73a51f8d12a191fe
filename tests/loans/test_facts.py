"""What the rules look at, read from both engines: whose loans count, once each, and whose money."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.loans.planner import WEEK, Desk
from tests.queries_counted import queries_of
from tests.rows import DAY, OFFICE, People
from webapp.accounts.permissions import TABLE, Permission
from webapp.fleet.models import Budget, LoanCost, Rule, Vehicle
from webapp.loans import service
from webapp.loans.service import Change
from webapp.loans.states import Status

pytestmark = pytest.mark.usefixtures("november", "context")
GONE = datetime(2026, 11, 18, tzinfo=UTC)


def budget(allocation: int | None, used: float | None = 0, fleet: str = "AUDI", **columns: Any) -> Budget:
    """Money of Los Angeles for the fourth quarter of 2026."""
    amounts = {
        "allocation": None if allocation is None else Decimal(allocation),
        "amount_used": None if used is None else Decimal(str(used)),
    }
    return Budget(**{"office": OFFICE, "fleet": fleet, "year": 2026, "quarter": 4, **amounts, **columns})


def rule(make: str = "AUDI", rank: str = "A", cap: int | None = None, days: int | None = None) -> Rule:
    """What operations laid down."""
    return Rule(make=make, rank=rank, loan_cap_per_year=cap, cooldown_days=days, is_hard=True, description="", notes="")


def sibling(desk: Desk, **columns: Any) -> Vehicle:
    """Another vehicle of the same model."""
    return desk.fleet.add_vehicle(**columns)


def test_a_vehicle_is_never_offered_twice_whoever_knows_of_it(desk: Desk) -> None:
    """FMS's history, FMS's calendar and our own plans, each once though two of them hold the same loan."""
    year_ago = date(2025, 11, 3)
    past = desk.fleet.add_history(desk.vehicle, desk.partner, start_day=year_ago)
    desk.fleet.add_activity(desk.vehicle, desk.partner, start_day=year_ago, activity_id=past.activity_id)
    desk.fleet.add_loan(
        desk.vehicle, desk.partner, start_day=year_ago, status=Status.COMPLETED, activity_id=past.activity_id
    )
    (finding,) = desk.check().findings
    assert (finding.code, finding.text) == (
        "had_before",
        "Coastline Auto had Audi A3 Premium Plus …SA051916 11-03-25 to 11-10-25.",
    )
    other = sibling(desk)
    desk.fleet.add_activity(other, desk.partner, start_day=date(2027, 5, 3))
    assert desk.codes(vin=other.vin) == ["partner_has"]
    third = sibling(desk)
    desk.fleet.add_loan(third, desk.partner, start_day=date(2027, 3, 1))
    assert desk.codes(vin=third.vin) == ["partner_has"]


def test_what_fms_called_off_or_another_had_does_not_count(desk: Desk, people: People) -> None:
    """Vanished rows, cancelled loans, other people's, another company's, and rows without a person."""
    stranger = people(company="Elsewhere", locations=["Lisbon"]).company_id
    other = desk.fleet.add_partner("Ring Report")
    day = DAY - 2 * WEEK
    desk.fleet.add_history(desk.vehicle, desk.partner, start_day=day, gone_at=GONE)
    desk.fleet.add_history(desk.vehicle, desk.partner, start_day=day, company_id=stranger)
    desk.fleet.add_history(desk.vehicle, desk.partner, start_day=day, person_id=None)
    desk.fleet.add_history(desk.vehicle, other, start_day=day)
    desk.fleet.add_activity(desk.vehicle, desk.partner, start_day=day, gone_at=GONE)
    desk.fleet.add_activity(desk.vehicle, None, start_day=day)
    desk.fleet.add_loan(desk.vehicle, desk.partner, start_day=day, status=Status.CANCELLED)
    assert desk.codes() == []


def test_cooldown_counts_every_source_and_every_spelling(desk: Desk) -> None:
    """By make and FMS's own model, however both are spelled; a short name that is the same is another model."""
    golf = {"make": "Volkswagen", "model": "Golf GTI", "model_short_name": "Golf"}
    vehicle, near = sibling(desk, **golf), sibling(desk, **{**golf, "make": "VW", "model": "GOLF  gti "})
    variant = sibling(desk, **{**golf, "model": "Golf Variant"})
    desk.fleet.approve_make(desk.partner, "VW")
    desk.fleet.add_history(variant, desk.partner, start_day=DAY - 2 * WEEK)
    assert desk.codes(vin=vehicle.vin) == []
    desk.fleet.add_history(near, desk.partner, start_day=DAY - 2 * WEEK)
    (finding,) = desk.check(vin=vehicle.vin).findings
    assert finding.text.startswith("Cooldown until 12-16-26: Coastline Auto had VW GOLF  gti …")
    assert finding.until == date(2026, 12, 16)
    planned = sibling(desk, **golf)
    desk.fleet.add_loan(planned, desk.partner, start_day=DAY + 20 * WEEK)
    assert desk.check(vin=vehicle.vin).possible_from == date(2026, 12, 16)
    assert desk.codes(DAY + 18 * WEEK, vin=vehicle.vin) == ["cooldown"]
    assert desk.codes(DAY + 14 * WEEK, vin=vehicle.vin) == []
    desk.put(rule("VOLKSWAGEN", "A", days=6), rule("VOLKSWAGEN", "B", days=200), rule("AUDI", "A", days=100))
    assert desk.codes(vin=vehicle.vin) == []


def test_an_activity_of_a_strange_vin_counts_for_nothing_but_being_busy(desk: Desk) -> None:
    """No make and no model are known of it."""
    desk.put(rule(cap=0))
    desk.fleet.add_activity("ZZZ00000012345678", desk.partner)
    found = desk.check()
    assert [one.code for one in found.findings] == ["yearly_cap", "partner_busy"]
    assert found.findings[1].text == "Coastline Auto has …12345678 11-23-26 to 11-30-26."


def test_a_year_is_counted_over_every_source_the_loan_itself_apart(desk: Desk) -> None:
    """History, calendar and plans of the make; a loan at the cap can still be changed."""
    desk.put(rule(cap=3))
    q8s = desk.fleet.add_vehicles(3, model="Q8")
    desk.fleet.add_history(q8s[0], desk.partner, start_day=date(2026, 2, 2))
    desk.fleet.add_activity(q8s[1], desk.partner, start_day=date(2026, 10, 5))
    loan = desk.planned()
    assert desk.codes(DAY + WEEK, vin=q8s[2].vin) == ["yearly_cap"]
    assert service.check_change(desk.actor, loan.id, Change(end_day=DAY + WEEK + timedelta(days=1))).findings == ()
    assert desk.codes(date(2027, 1, 4), vin=q8s[2].vin) == []


BUDGETS: list[tuple[list[Budget], bool]] = [
    ([], False),
    ([budget(None, 9000)], False),
    ([budget(400, None)], False),
    ([budget(399, None)], True),
    ([budget(1000, 600.01)], True),
    ([budget(0, office="Miami")], False),
    ([budget(0, year=2027)], False),
    ([budget(0, quarter=3)], False),
    ([budget(0, gone_at=GONE)], False),
    ([budget(0, fleet="BMW")], False),
]


@pytest.mark.parametrize(("rows", "is_over"), BUDGETS)
def test_money_is_the_offices_the_fleets_and_the_quarters(desk: Desk, rows: list[Budget], is_over: bool) -> None:
    """Nothing allocated is no limit, nothing used is nothing; other offices, fleets and quarters do not matter."""
    desk.put(*(budget(**_columns(row)) for row in rows))
    assert desk.codes() == ["over_budget"] * is_over


def _columns(row: Budget) -> dict[str, Any]:
    """A row of its own for each engine."""
    names = ("office", "fleet", "year", "quarter", "gone_at")
    return {
        "allocation": row.allocation,
        "used": row.amount_used,
        **{name: getattr(row, name) for name in names if getattr(row, name) is not None},
    }


def test_our_own_loans_of_the_quarter_are_charged(desk: Desk) -> None:
    """Planned, picked by hand and requested ones of the office, by start, at what they cost; active ones are in FMS's
    figure, and the loan that is checked is not charged twice."""
    fleet = desk.fleet
    ring = fleet.add_partner("Ring Report")
    desk.put(
        budget(2000, 100),
        LoanCost(person_id=ring.person_id, name="", make="AUDI", cost=Decimal("500.00")),
        LoanCost(person_id=desk.partner.person_id, name="", make="BMW", cost=Decimal(200)),
        LoanCost(person_id=desk.partner.person_id, name="", make="ACURA", cost=Decimal("300.50")),
    )
    vehicles = fleet.add_vehicles(9, model="Q8")
    counted = [Status.PLANNED, Status.MANUAL, Status.REQUESTED]
    others = [Status.ACTIVE, Status.COMPLETED, Status.CANCELLED]
    loans = [fleet.add_loan(vehicles[number], ring, status=status) for number, status in enumerate(counted + others)]
    fleet.add_loan(vehicles[6], ring, start_day=date(2026, 12, 28))
    fleet.add_loan(vehicles[7], ring, start_day=date(2027, 1, 4))
    fleet.add_loan(vehicles[8], ring, office="Miami")
    (finding,) = desk.check().findings
    assert finding.text == (
        "Over budget by $350.25: Los Angeles has -$100 left for AUDI in Q4 2026, and this loan costs about $250.25."
    )
    assert finding.until == date(2027, 1, 1)
    changed = service.check_change(desk.actor, loans[0].id, Change(person_id=desk.partner.person_id))
    assert [one.code for one in changed.findings] == []
    found = service.check_change(desk.actor, loans[0].id, Change()).findings
    (again,) = [one for one in found if one.code == "over_budget"]
    assert again.text.startswith("Over budget by $100: Los Angeles has $400 left")


@pytest.mark.settings(default_loan_cost=650)
def test_who_has_no_costs_yet_costs_the_default(desk: Desk) -> None:
    """DEFAULT_LOAN_COST."""
    desk.put(budget(600))
    assert "this loan costs about $650" in desk.check().findings[0].text


def test_figures_of_budgets_reach_only_who_may_see_them() -> None:
    """Findings name figures, and loans' histories keep them: whoever may look at loans may see budgets. Should the
    table ever say otherwise, the finding has to lose its figures first."""
    for role, permissions in TABLE.items():
        if permissions & {Permission.VIEW_LOANS, Permission.PLAN_LOANS}:
            assert Permission.SEE_BUDGETS in permissions, role


def test_facts_take_as_many_queries_with_a_full_past_as_with_an_empty_one(desk: Desk) -> None:
    """History, rules, costs and other people's plans by the dozen cost no further query."""
    desk.put(budget(100_000))
    desk.fleet.add_loan(sibling(desk, model="Q8"), desk.partner, start_day=DAY + WEEK)

    def counted() -> int:
        with queries_of() as statements:
            desk.check()
        return len(statements)

    before = counted()
    for number in range(12):
        vehicle, partner = desk.fleet.add_vehicle(model=f"Q{number}"), desk.fleet.add_partner()
        desk.fleet.add_history(vehicle, desk.partner, start_day=DAY - (9 + number) * WEEK)
        desk.fleet.add_loan(vehicle, partner)
        desk.put(rule(f"MAKE {number}"), LoanCost(person_id=partner.person_id, name="", make="AUDI", cost=Decimal(1)))
    assert counted() == before
    assert before <= 17
