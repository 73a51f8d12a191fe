"""Available to spend: what is left, what the chain takes of it by each loan's own quarter, and who may know."""

from datetime import date
from decimal import Decimal

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from tests.calendar.conftest import november as november
from tests.chains.draft_desk import DraftDesk
from tests.chains.draft_desk import desk as desk
from tests.queries_counted import queries_of
from tests.rows import OFFICE, Fleet, People
from tests.servers import sign_in
from webapp.accounts.permissions import TABLE, Permission, Role
from webapp.calendar.panels.budget_panel import Budget, Cell, Concern, Uses, draw_budget, quarters_of, uses_of
from webapp.calendar.panels.budget_reading import read_budget
from webapp.chains.panels.draft_budget import read_budget_of
from webapp.db import close_reading, writing
from webapp.errors import NotFound
from webapp.fleet.models import Budget as BudgetRow
from webapp.fleet.models import LoanCost
from webapp.loans.periods import Quarter
from webapp.loans.rules.facts import Account

FOURTH, FIRST, SECOND = Quarter(2026, 4), Quarter(2027, 1), Quarter(2027, 2)
TODAY, START = date(2026, 11, 19), date(2026, 12, 28)
NAMES = {"AUDI": "Audi", "KIA": "Kia", "TOYOTA/LEXUS": "Toyota/Lexus"}


def account(left: object, planned: object = 0) -> Account:
    return Account(Decimal(str(left)) + Decimal(str(planned)), Decimal(0), Decimal(str(planned)))


def drawn(uses: Uses | None = None, *, is_saved: bool = False, concern: Concern | None = None) -> Budget:
    """Audi has $500.90 left in Q4 and nothing allocated in Q1; Kia is $145 over in Q4."""
    accounts = {("AUDI", FOURTH): account("500.90"), ("KIA", FOURTH): account(-145), ("KIA", FIRST): account(900)}
    quarters = quarters_of(START, uses or {})
    return draw_budget(OFFICE, quarters, accounts, NAMES, TODAY, uses=uses, is_saved=is_saved, concern=concern)


def cells(panel: Budget, fleet: str) -> tuple[Cell, ...]:
    return next(line.cells for line in (*panel.lines, *panel.others) if line.fleet == fleet)


def test_this_and_the_next_quarter_from_a_to_z() -> None:
    """Report 10: the next quarter's money stands beside this one's; today's quarter is marked."""
    panel = drawn()
    assert [(column.label, column.note) for column in panel.columns] == [("Q4 2026", "now"), ("Q1 2027", "")]
    assert [line.fleet for line in panel.lines] == ["Audi", "Kia", "Toyota/Lexus"]
    assert [cell.left for cell in cells(panel, "Audi")] == ["$500", "not limited"]
    assert [cell.left for cell in cells(panel, "Toyota/Lexus")] == ["not limited", "not limited"]
    assert panel.uses == ""


def test_what_is_overspent_says_so_in_words() -> None:
    """A minus and a sentence, not red alone."""
    assert cells(drawn(), "Kia")[0] == Cell("\N{MINUS SIGN}$145", True, "", "over budget")


def test_the_chain_takes_from_each_loans_own_quarter() -> None:
    """Two Audis, one on either side of New Year, and what does not fit is told before it is saved."""
    uses = uses_of(
        [("Audi", date(2026, 12, 28), Decimal("331.40")), ("Audi PR - Press", date(2027, 1, 4), Decimal(200))]
    )
    fourth, first = cells(drawn(uses), "Audi")
    assert fourth == Cell("$500", True, "\N{MINUS SIGN}$332 chain")
    assert first == Cell("not limited", False, "\N{MINUS SIGN}$200 chain")
    twice = uses_of([("Audi", START, Decimal("331.40")), ("Audi", START, Decimal(200))])
    assert cells(drawn(twice), "Audi")[0].fault == "$31 short with this chain"
    kia = uses_of([("Kia", START, Decimal(100))])
    assert cells(drawn(kia), "Kia")[0].fault == "over budget, \N{MINUS SIGN}$245 with this chain"
    assert drawn(twice).uses == "This chain would use about $532."
    assert drawn({}).uses == "This chain uses nothing yet."


def test_a_saved_chain_is_not_counted_twice() -> None:
    """What is left has its loans in it already, and says so."""
    uses = uses_of([("Audi", START, Decimal(501))])
    panel = drawn(uses, is_saved=True)
    assert cells(panel, "Audi")[0] == Cell("$500", True, "\N{MINUS SIGN}$501 chain")
    assert "counted already" in panel.uses


def test_a_chain_that_fms_approved_is_in_fmss_figures() -> None:
    """Nothing of it counts as ours, and nobody reads that it costs nothing."""
    assert drawn({}, is_saved=True).uses.endswith("what FMS approved is in FMS's own figures.")


def test_toyota_and_lexus_are_one() -> None:
    """Report 10: in whatever spelling, their loans come from one budget."""
    uses = uses_of([(name, START, Decimal(100)) for name in ("Toyota", "Lexus PR - Press", "Lexus / Toyota")])
    assert uses == {("TOYOTA/LEXUS", FOURTH): Decimal(300)}
    assert cells(drawn(uses), "Toyota/Lexus")[0].use == "\N{MINUS SIGN}$300 chain"


def test_a_long_chain_shows_every_quarter_it_is_in() -> None:
    """Ten loans of two weeks reach a third quarter; what today's money is not for is told."""
    uses = uses_of([("Audi", date(2027, 4, 5), Decimal(1))])
    assert [column.label for column in drawn(uses).columns] == ["Q4 2026", "Q1 2027", "Q2 2027"]
    later = draw_budget(OFFICE, quarters_of(date(2027, 3, 1), {}), {}, NAMES, TODAY)
    assert [column.note for column in later.columns] == ["", ""]
    assert later.remark == (
        "Today is in Q4 2026: its money is not this chain's. Nothing is allocated to Los Angeles in Q1 2027 or Q2 2027."
    )


def test_makes_that_do_not_matter_stand_apart() -> None:
    """What the partner may not borrow is folded away, but not what the chain takes all the same."""
    uses = uses_of([("Kia", START, Decimal(100))])
    panel = drawn(uses, concern=Concern({"AUDI", "BMW"}, "Not approved"))
    assert [line.fleet for line in panel.lines] == ["Audi", "Kia"]
    assert (panel.others_title, [line.fleet for line in panel.others]) == ("Not approved (1)", ["Toyota/Lexus"])


fleets = st.sampled_from(["Audi", "Kia", "Volvo"])


@given(
    st.dictionaries(
        st.tuples(st.sampled_from(["AUDI", "KIA", "BMW"]), st.sampled_from([FOURTH, FIRST, SECOND])),
        st.decimals(-2000, 2000, places=2),
    ),
    st.lists(st.tuples(fleets, st.dates(START, date(2027, 6, 30)), st.just(Decimal(99)))),
)
def test_money_never_looks_better_than_it_is(
    left: dict[tuple[str, Quarter], Decimal], loans: list[tuple[str, date, Decimal]]
) -> None:
    """Whatever the figures: every fleet once, a fault exactly where the chain or the past leaves less than nothing."""
    uses = uses_of(loans)
    accounts = {key: Account(amount, Decimal(0), Decimal(0)) for key, amount in left.items()}
    quarters = quarters_of(START, uses)
    panel = draw_budget(OFFICE, quarters, accounts, {}, TODAY, uses=uses)
    names = [line.fleet for line in panel.lines]
    assert names == sorted(set(names))
    for line in panel.lines:
        for quarter, cell in zip(sorted(quarters), line.cells, strict=True):
            amount = left.get((line.fleet, quarter))
            use = uses.get((line.fleet.upper(), quarter), Decimal(0))
            assert cell.is_limited is (amount is not None)
            assert bool(cell.fault) is (amount is not None and (amount < 0 or amount < use))


# --- read from the database


def allocate(app: Flask, fleet: str, year: int, quarter: int, allocation: object, used: object = 0) -> None:
    amounts = {"allocation": Decimal(str(allocation)), "amount_used": Decimal(str(used))}
    with app.app_context(), writing() as session:
        session.add(BudgetRow(company_id=1, office=OFFICE, fleet=fleet, year=year, quarter=quarter, **amounts))


@pytest.mark.usefixtures("november", "context")
def test_read_with_our_own_plans_counted(app: Flask, people: People, fleet: Fleet) -> None:
    """Left is the allocation without what FMS says is used and without what our planned loans will cost."""
    actor, partner = people().actor, fleet.add_partner()
    vehicle = fleet.add_vehicle()
    fleet.add_vehicle(make="Volkswagen", fleet="")
    fleet.add_loan(vehicle, partner, start_day=date(2026, 12, 1))
    allocate(app, "AUDI", 2026, 4, 1000, 350)
    allocate(app, "MASERATI", 2027, 1, 700)
    panel = read_budget(actor, OFFICE, START)
    assert {line.fleet: [cell.left for cell in line.cells] for line in panel.lines} == {
        "Audi": ["$250", "not limited"],
        "MASERATI": ["not limited", "$700"],
        "Volkswagen": ["not limited", "not limited"],
    }
    of_partner = read_budget(actor, OFFICE, person_id=partner.person_id)
    assert of_partner.lines == ()
    assert len(of_partner.others) == 3
    of_vehicle = read_budget(actor, OFFICE, vin=vehicle.vin.lower())
    assert [line.fleet for line in of_vehicle.lines] == ["Audi"]


@pytest.mark.usefixtures("november", "context")
def test_as_many_queries_for_many_fleets_as_for_few(app: Flask, people: People, fleet: Fleet) -> None:
    """No query per fleet, vehicle or loan."""
    actor, partner = people().actor, fleet.add_partner()
    with app.app_context(), writing() as session:
        session.add(LoanCost(company_id=1, person_id=partner.person_id, name="", make="Audi", cost=Decimal(300)))
    counts = []
    for number in range(2):
        for make in ("Audi", "Kia", "BMW", "Volvo")[: 1 + 3 * number]:
            allocate(app, f"{make} {number}", 2026, 4, 100)
            fleet.add_loan(fleet.add_vehicle(make=make, fleet=f"{make} {number}"), partner)
        with queries_of() as statements:
            read_budget(actor, OFFICE, START, person_id=partner.person_id)
        counts.append(len(statements))
        close_reading()
    assert counts[0] == counts[1] <= 7


@pytest.mark.usefixtures("november", "context")
def test_offices_and_vehicles_out_of_scope_are_not_found(people: People, fleet: Fleet) -> None:
    """Neither another office's money, nor an office that does not exist, nor a vehicle that stands elsewhere."""
    fleet.add_partner(office="Miami")
    theirs = fleet.add_vehicle(office="Miami")
    actor, admin = people().actor, people(Role.ADMIN).actor
    for who, office in ((actor, "Miami"), (actor, "Nowhere"), (admin, "Nowhere")):
        with pytest.raises(NotFound):
            read_budget(who, office)
    assert read_budget(admin, "Miami").office == "Miami"
    with pytest.raises(NotFound):
        read_budget(actor, OFFICE, vin=theirs.vin)


def test_a_draft_says_whose_money_and_how_much(desk: DraftDesk, app: Flask) -> None:
    """Its office, its quarter, its partner's makes, and what its loans would take; to nobody else."""
    desk.fleet.add_vehicle(make="Kia", fleet="")
    allocate(app, "AUDI", 2026, 4, 1000)
    draft_id = desk.begin()
    panel = read_budget_of(desk.actor, desk.open(draft_id))
    assert [line.fleet for line in panel.lines] == ["Audi"]
    assert panel.lines[0].cells[0] == Cell("$1,000", True, "\N{MINUS SIGN}$800 chain")
    assert panel.others_title == "Makes the partner is not approved for (1)"
    client = app.test_client()
    sign_in(client, desk.people(email="colleague@example.com"))
    assert client.get(f"/chains/budget?draft={draft_id}").status_code == 404


@pytest.mark.parametrize("role", list(Role))
def test_money_is_for_whom_the_table_lets_see_it(sqlite_app: Flask, people: People, role: Role) -> None:
    """A page or a fragment, with what the builder's form sends along; 403 for every other role."""
    client = sqlite_app.test_client()
    sign_in(client, people(role))
    address = f"/chains/budget?office={OFFICE}&start=2026-12-28&days=7&makes=Audi&person_id="
    is_allowed = {Permission.VIEW_LOANS, Permission.SEE_BUDGETS} <= TABLE[role]
    assert client.get(address).status_code == (200 if is_allowed else 403)
    if is_allowed:
        fragment = client.get(address, headers={"HX-Request": "true"}).text
        assert "<html" not in fragment
        assert "Available to spend" in fragment


@pytest.mark.parametrize("wrong", ["office=", "office=Los+Angeles&start=tomorrow", "office=Los+Angeles&person_id=x"])
def test_what_cannot_be_read_is_refused(sqlite_app: Flask, people: People, wrong: str) -> None:
    """422, not a guess."""
    client: FlaskClient = sqlite_app.test_client()
    sign_in(client, people())
    assert client.get(f"/chains/budget?{wrong}").status_code == 422
