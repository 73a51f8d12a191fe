"""What the chain builder says where there is little to suggest, and where the calendar's borders are; both engines."""

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal

import pytest
from flask import Flask

from tests.calendar.conftest import november as november
from tests.chains.builder import START, WEEK, Builder, vins
from tests.rows import OFFICE, Fleet, People
from webapp import clock
from webapp.accounts.permissions import Role
from webapp.chains.looking import suggesting
from webapp.chains.looking.suggestion import Key
from webapp.chains.solving.values import Status
from webapp.db import writing
from webapp.errors import InvalidInput, NotFound
from webapp.fleet.models import Budget, Holiday, LoanCost, Partner, Rule, Vehicle
from webapp.loans.models import SoftHold
from webapp.loans.periods import Period

pytestmark = pytest.mark.usefixtures("november", "context")


@pytest.fixture
def builder(app: Flask, people: People, fleet: Fleet) -> Builder:
    """See `Builder`."""
    return Builder(people(), fleet, app.test_client())


def test_no_approved_make(builder: Builder) -> None:
    """Nobody is suggested, and all are left out for one reason."""
    builder.audis(3)
    found = builder.suggest(builder.partner())
    assert (found.status, found.placed, found.excluded) == (Status.NONE, (), {"not_approved": 3})
    assert {one.code for one in found.unfilled} == {"no_candidate"}
    assert (found.looked_at, found.left_out) == (3, 3)


def test_nothing_free(builder: Builder) -> None:
    """Everything is held for months: each is counted once, whatever the number of slots."""
    for vehicle in builder.audis(3):
        builder.fleet.add_activity(vehicle, None, start_day=START, end_day=START + 20 * WEEK)
    found = builder.suggest(builder.partner("Audi"))
    assert (found.status, found.excluded) == (Status.NONE, {"held": 3})


def test_over_budget_everywhere(builder: Builder) -> None:
    """Nothing is suggested as long as budgets are respected, and the answer says that this is why."""
    builder.audis(3)
    partner = builder.partner("Audi")
    for year, quarter in ((2026, 4), (2027, 1)):
        builder.allocate(100, year=year, quarter=quarter)
    found = builder.suggest(partner)
    assert (found.status, found.excluded) == (Status.BUDGET_BLOCKED, {"over_budget": 3})
    assert {one.code for one in found.unfilled} == {"over_budget"}
    assert len(builder.suggest(partner, respect_budgets=False).placed) == 3


def test_money_that_is_spent_on_purpose_is_told_on_the_card(builder: Builder) -> None:
    """As a warning, before the loan is made: the history will say that it was known. Nobody is left out for it."""
    vehicle = builder.audis(1)[0]
    partner = builder.partner("Audi")
    builder.allocate(100)
    for whose in (partner, vehicle):
        ask = builder.ask(whose, respect_budgets=False, count=1)
        found = builder.suggest(whose, respect_budgets=False, count=1)
        assert (found.status, found.excluded) == (Status.OPTIMAL, {})
        (told,) = found.placed[0].findings
        assert (told.code, told.is_binding, "Over budget by $300" in told.text) == ("over_budget", False, True)
        (one,) = suggesting.candidates(builder.actor, ask, found.threaded.slots, {}, 1)
        assert (one.is_possible, [each.code for each in one.findings]) == (True, ["over_budget"])
        assert suggesting.left_out(builder.actor, ask).lines == ()


def test_the_chain_itself_spends(builder: Builder) -> None:
    """Money for two loans of 400 makes a chain of two, though each of four alone would be paid for."""
    builder.audis(4)
    builder.allocate(900)
    found = builder.suggest(builder.partner("Audi"))
    assert (found.status, len(found.placed), found.excluded) == (Status.PARTIAL, 2, {})
    assert [one.code for one in found.unfilled] == ["over_budget", "over_budget"]
    assert not [finding for one in found.placed for finding in one.findings]


def test_each_quarter_pays_for_the_loans_that_start_in_it(builder: Builder) -> None:
    """Across New Year: nothing is left of this quarter, the next one pays."""
    builder.audis(6)
    builder.allocate(0)
    builder.allocate(5000, year=2027, quarter=1)
    found = builder.suggest(builder.partner("Audi"), start=date(2026, 12, 21), count=4)
    starts = [one.slot.period.start_day for one in found.placed]
    assert starts == [date(2027, 1, 4), date(2027, 1, 11)]
    assert [one.slot.index for one in found.unfilled] == [1, 2]


def test_a_partner_with_a_loan_for_a_year(builder: Builder) -> None:
    """The start moves behind it, and is reported; booked twice on purpose, the days stay and the loan is named."""
    builder.audis(4)
    partner, lexus = builder.partner("Audi"), builder.fleet.add_vehicle(make="Lexus", model="ES 350")
    builder.fleet.add_activity(lexus, partner, start_day=date(2026, 11, 2), end_day=date(2027, 11, 1))
    found = builder.suggest(partner)
    assert (found.threaded.requested_start, found.threaded.actual_start) == (START, date(2027, 11, 1))
    assert found.threaded.banner(len(found.placed)) == "Start moved to 11-01-27, 4 of 4 placed"
    twice = builder.suggest(partner, allow_double_booking=True)
    assert twice.threaded.actual_start == START
    assert [one.text for one in twice.threaded.conflicts] == [
        f"Lexus ES 350 …{lexus.vin[-8:]} 11-02-26 to 11-01-27 overlaps loans 1, 2, 3 and 4"
    ]
    assert {finding.code for one in twice.placed for finding in one.findings} == {"partner_busy"}


def test_ten_asked_where_three_fit(builder: Builder) -> None:
    """Three are an answer, not an error; the empty slots say that every model is used."""
    builder.audis(3)
    found = builder.suggest(builder.partner("Audi"), count=10)
    assert (found.status, len(found.placed), len(found.unfilled)) == (Status.PARTIAL, 3, 7)
    assert {one.code for one in found.unfilled} == {"used"}


def test_where_the_calendar_ends_the_chain_is_partial(builder: Builder) -> None:
    """FMS knows no day after 12-31-68: what is left of the chain is said to be part of it."""
    builder.audis(4)
    found = builder.suggest(builder.partner("Audi"), start=date(2068, 12, 17), count=4)
    assert (found.status, len(found.threaded.slots), len(found.placed)) == (Status.PARTIAL, 2, 2)


def test_a_yearly_cap_counts_the_chains_own_loans(builder: Builder) -> None:
    """Two loans of a make a year: two of this chain in the old year, two in the new, and why the rest is empty."""
    builder.audis(10)
    partner = builder.partner("Audi")
    limits = {"loan_cap_per_year": 2, "cooldown_days": None, "is_hard": False, "description": "", "notes": ""}
    builder.put(Rule(make="AUDI", rank="A", **limits))
    found = builder.suggest(partner, start=date(2026, 12, 7), count=7)
    years = Counter(one.slot.period.start_day.year for one in found.placed)
    assert years == {2026: 2, 2027: 2}
    assert [one.code for one in found.unfilled] == ["yearly_cap"] * 3
    assert not [finding for one in found.placed for finding in one.findings if finding.is_binding]


def test_picks_count_against_a_yearly_cap(builder: Builder) -> None:
    """Of two loans a year one is picked: one more is suggested."""
    vehicles = builder.audis(4)
    limits = {"loan_cap_per_year": 2, "cooldown_days": None, "is_hard": False, "description": "", "notes": ""}
    partner = builder.partner("Audi")
    builder.put(Rule(make="Audi", rank="A", **limits))
    found = builder.suggest(partner, pinned={2: vehicles[3].vin}, count=3)
    assert len(found.placed) == 2
    assert [one.is_pinned for one in found.placed if one.vin == vehicles[3].vin] == [True]


@pytest.mark.parametrize(
    ("start", "code"),
    [(date(2026, 11, 18), "past"), (date(2026, 11, 28), "weekend"), (date(2026, 11, 26), "holiday")],
)
def test_a_start_that_nobody_may_ask_for(builder: Builder, start: date, code: str) -> None:
    """In the past, on a weekend, on a holiday of the office: refused, by its field."""
    times = {"kind": "", "is_all_day": True, "notes": ""}
    builder.put(Holiday(office=OFFICE, day=date(2026, 11, 26), name="Thanksgiving", **times))
    with pytest.raises(InvalidInput) as refused:
        builder.suggest(builder.partner("Audi"), start=start)
    assert (refused.value.code, list(refused.value.fields)) == (code, ["start"])


def test_pinned_picks_stay_and_are_suggested_around(builder: Builder) -> None:
    """Even where rules stand against them: those are told on the card. Neither comes again."""
    vehicles = builder.audis(4)
    partner = builder.partner("Audi")
    builder.fleet.add_history(vehicles[0], partner, start_day=date(2026, 1, 5))
    found = builder.suggest(partner, pinned={2: vehicles[0].vin.lower()})
    second = found.placed[1]
    assert (second.vin, second.is_pinned) == (vehicles[0].vin, True)
    assert [finding.code for finding in second.findings] == ["had_before"]
    assert sorted(vins(found)) == sorted(vehicle.vin for vehicle in vehicles)


@pytest.mark.parametrize("pinned", [{1: "NOSUCHVIN"}, {9: "WAUZZZ8V0KA000001"}, {1: 3001}])
def test_picks_that_make_no_sense(builder: Builder, pinned: dict[int, str | int]) -> None:
    """A VIN that nobody knows, a loan that is not in the chain, a person where a vehicle should be."""
    builder.audis(2)
    with pytest.raises(InvalidInput) as refused:
        builder.suggest(builder.partner("Audi"), pinned=pinned)
    assert list(refused.value.fields) == ["pinned"]


def test_what_is_pinned_is_not_left_out(builder: Builder) -> None:
    """It is in the chain: neither counted as left out, nor told of there. On either kind of chain."""
    builder.place_office()
    vehicle, partner = builder.audis(2)[0], builder.partner("Audi")
    asks: tuple[tuple[Partner | Vehicle, Key], ...] = ((partner, vehicle.vin), (vehicle, partner.person_id))
    for whose, key in asks:
        found = builder.suggest(whose, pinned={1: key}, count=2)
        assert (found.excluded, found.left_out) == ({}, 0)
        left = suggesting.left_out(builder.actor, builder.ask(whose, pinned={1: key}, count=2))
        assert (left.lines, left.counts) == ((), {})


def test_where_all_is_spent_loans_that_cost_nothing_are_left_out_for_that(builder: Builder) -> None:
    """And the answer says that budgets are why: without them there would be a chain."""
    builder.audis(2)
    partner = builder.partner("Audi")
    builder.put(LoanCost(person_id=partner.person_id, name=partner.name, make="Audi", cost=Decimal(0)))
    for year, quarter in ((2026, 4), (2027, 1)):
        amounts = {"allocation": Decimal(0), "amount_used": Decimal(100)}
        builder.put(Budget(office=OFFICE, fleet="AUDI", year=year, quarter=quarter, **amounts))
    found = builder.suggest(partner)
    assert (found.status, found.excluded) == (Status.BUDGET_BLOCKED, {"over_budget": 2})
    assert len(builder.suggest(partner, respect_budgets=False).placed) == 2


def test_one_vehicle_picked_twice(builder: Builder) -> None:
    """Refused, with both loans named."""
    vin = builder.audis(2)[0].vin
    with pytest.raises(InvalidInput, match="for loan 1 and for loan 3"):
        builder.suggest(builder.partner("Audi"), pinned={1: vin, 3: vin})


def test_makes_models_and_tiers_in_anybodys_spelling(builder: Builder) -> None:
    """What the person did not choose is not looked at; preferred models come first, and alone where that is strict."""
    builder.audis(3)
    golf = builder.fleet.add_vehicle(make="Volkswagen", model="Golf  R")
    partner = builder.partner("Audi")
    builder.fleet.approve_make(partner, "VW", "B")
    only = builder.suggest(partner, makes=("vw",))
    assert (vins(only), only.looked_at, only.left_out) == ([golf.vin], 1, 0)
    first = builder.suggest(partner, models=(("VW", "golf r"),), count=2)
    assert golf.vin in vins(first)
    assert len(first.placed) == 2
    strict = builder.suggest(partner, models=(("VW", "golf r"),), is_strict=True)
    assert (vins(strict), strict.status, strict.looked_at) == ([golf.vin], Status.PARTIAL, 1)
    assert vins(builder.suggest(partner, tiers=("B",))) == [golf.vin]


def test_pending_counts_only_where_it_is_asked_for(builder: Builder) -> None:
    """As a tier; the card still tells that the approval is pending."""
    vehicle = builder.audis(1)[0]
    partner = builder.partner("Audi", rank="Pending")
    assert builder.suggest(partner).excluded == {"not_approved": 1}
    found = builder.suggest(partner, tiers=("Pending",))
    assert vins(found) == [vehicle.vin]
    told = found.placed[0].findings
    assert [(finding.code, finding.is_binding) for finding in told] == [("not_approved", False)]


def test_a_scheduler_suggests_within_their_offices(builder: Builder, people: People) -> None:
    """Vehicles of the chain's office, partners of the offices in scope; what is elsewhere is not found."""
    here, there = builder.audis(1)[0], builder.fleet.add_vehicle(office="Miami")
    near, far = builder.partner("Audi"), builder.partner("Audi", name="Beach Wheels", office="Miami")
    assert vins(builder.suggest(near)) == [here.vin]
    found = builder.suggest(here)
    assert ([one.person_id for one in found.placed], found.looked_at) == ([near.person_id], 1)
    for whose, given in ((far, {}), (there, {}), (near, {"office": "Miami"}), (near, {"office": "Nowhere"})):
        with pytest.raises(NotFound):
            builder.suggest(whose, **given)
    everywhere = Builder(people(Role.ADMIN), builder.fleet, builder.client)
    assert everywhere.suggest(here).looked_at == 2


def test_a_partner_of_two_offices_is_one_candidate(builder: Builder, people: People) -> None:
    """As listed at the chain's office, else at the first."""
    vehicle, partner = builder.audis(1)[0], builder.partner("Audi")
    builder.partner(name=partner.name, person_id=partner.person_id, office="Boston", affiliation="Harbour Drive")
    admin = Builder(people(Role.ADMIN), builder.fleet, builder.client)
    ask = admin.ask(vehicle, count=2)
    slots = suggesting.threaded(admin.actor, ask).slots
    found = suggesting.candidates(admin.actor, ask, slots, {}, 1)
    assert [(one.key, one.detail) for one in found] == [(partner.person_id, "Weekly Torque · Los Angeles")]
    assert len(admin.suggest(vehicle).placed) == 1


def test_partners_without_coordinates_are_listed_apart(builder: Builder) -> None:
    """Never in a chain unless picked, never lost."""
    vehicle = builder.audis(1)[0]
    near = builder.partner("Audi")
    lost = builder.partner("Audi", name="Ring Report", latitude=None, longitude=None)
    builder.partner(name="Nobody's Friend", latitude=None, longitude=None)
    found = builder.suggest(vehicle)
    assert [one.person_id for one in found.placed] == [near.person_id]
    assert found.unplaced == ((lost.person_id, "Ring Report"),)
    assert found.excluded == {"not_approved": 1}
    picked = builder.suggest(vehicle, pinned={1: lost.person_id})
    assert [one.person_id for one in picked.placed] == [lost.person_id, near.person_id]
    assert {finding.code for finding in picked.placed[0].findings} == {"no_coordinates"}


def test_whom_no_row_of_hops_reaches_is_left_out(builder: Builder) -> None:
    """More than 50 miles from everybody, the office included; by way of others one may come further."""
    office = builder.audis(1)[0]
    builder.place_office()
    near = builder.partner("Audi")
    on_the_way = builder.partner("Audi", name="Border Motors", latitude=33.5, longitude=-117.7)
    beyond = builder.partner("Audi", name="South Wheels", latitude=32.95, longitude=-117.2)
    builder.partner("Audi", name="Bay Motors", latitude=37.77, longitude=-122.42)
    found = builder.suggest(office, count=3)
    assert found.excluded == {"too_far": 1}
    assert [one.person_id for one in found.placed] == [near.person_id, on_the_way.person_id, beyond.person_id]
    assert all(one.hop_miles is not None and one.hop_miles <= 50 for one in found.placed)
    lines = suggesting.left_out(builder.actor, builder.ask(office, count=3)).lines
    assert [(line.name, line.finding.code) for line in lines] == [("Bay Motors", "too_far")]
    assert "348 miles" in lines[0].finding.text


@pytest.mark.settings(max_hop_miles=400)
def test_how_far_a_hop_may_be_is_a_setting(builder: Builder) -> None:
    """MAX_HOP_MILES: what is too far by default is a hop like any other."""
    vehicle = builder.audis(1)[0]
    builder.place_office()
    far = builder.partner("Audi", name="Bay Motors", latitude=37.77, longitude=-122.42)
    found = builder.suggest(vehicle, count=1)
    assert ([one.person_id for one in found.placed], found.excluded) == ([far.person_id], {})
    (one,) = suggesting.candidates(builder.actor, builder.ask(vehicle), found.threaded.slots, {}, 1)
    assert (one.is_possible, one.hop_miles is not None and one.hop_miles > 300) == (True, True)


def test_who_was_left_out_is_who_was_counted(builder: Builder) -> None:
    """Each once, by name, with the first reason in the first slot; money too."""
    held, had, dear, free = builder.audis(4)
    partner = builder.partner("Audi")
    lexus = builder.fleet.add_vehicle(make="Lexus", model="ES 350", fleet="Lexus PR - Press")
    builder.fleet.approve_make(partner, "Lexus")
    builder.allocate(10, fleet="TOYOTA/LEXUS")
    builder.allocate(10, fleet="TOYOTA/LEXUS", year=2027, quarter=1)
    builder.fleet.add_activity(held, None, start_day=START, end_day=START + 9 * WEEK)
    builder.fleet.add_activity(dear, None, start_day=START, end_day=START + WEEK)
    builder.fleet.add_history(had, partner, start_day=date(2026, 1, 5))
    found, left = builder.suggest(partner), suggesting.left_out(builder.actor, builder.ask(partner))
    assert found.excluded == {"had_before": 1, "held": 1, "over_budget": 1}
    assert (dict(left.counts), left.looked_at, len(left.lines)) == (found.excluded, 5, found.left_out)
    assert [line.key for line in left.lines] == [held.vin, had.vin, lexus.vin]
    assert sorted(vins(found)) == sorted([dear.vin, free.vin])


def test_what_others_are_planning_is_told_and_excludes_nobody(builder: Builder, people: People) -> None:
    """Another scheduler's soft hold is a warning on the card; one's own is not told."""
    vehicle, partner = builder.audis(1)[0], builder.partner("Audi")
    other = people(name="Colleague")
    with writing() as session:
        session.add(
            SoftHold(
                company_id=other.company_id,
                fleet_vehicle_id=vehicle.id,
                start_day=START,
                end_day=START + WEEK,
                user_id=other.user_id,
                plan_id="theirs",
                until=clock.now() + timedelta(minutes=5),
            )
        )
    found = builder.suggest(partner, count=1)
    assert [[finding.code for finding in one.findings] for one in found.placed] == [["soft_hold"]]
    mine = Builder(other, builder.fleet, builder.client).suggest(partner, count=1)
    assert [one.findings for one in mine.placed] == [()]


def test_slots_go_around_what_a_person_chose(builder: Builder) -> None:
    """Chosen days stay; the others follow, and nobody has two loans at once."""
    builder.audis(4)
    chosen = Period(date(2026, 12, 10), date(2026, 12, 17))
    found = builder.suggest(builder.partner("Audi"), pinned_days={2: chosen}, count=3)
    periods = [one.slot.period for one in found.placed]
    assert periods == sorted(periods)
    assert chosen in periods
    assert not any(one.overlaps(other) for one in periods for other in periods if one is not other)


def test_the_vehicle_that_went_out_longest_ago_breaks_a_tie(builder: Builder) -> None:
    """Of two equal vehicles."""
    recent, rested = (builder.fleet.add_vehicle(make="Audi", model="A3") for _ in range(2))
    somebody = builder.fleet.add_partner()
    builder.fleet.add_history(recent, somebody, start_day=date(2026, 10, 5))
    builder.fleet.add_history(rested, somebody, start_day=date(2026, 3, 2))
    assert vins(builder.suggest(builder.partner("Audi"), count=1)) == [rested.vin]


def test_a_loan_that_has_just_ended_counts_before_it_is_history(builder: Builder) -> None:
    """FMS's calendar may still have it, or only we do: the vehicle that came back last week is not the rested one."""
    active, ours, rested = (builder.fleet.add_vehicle(make="Audi", model="A3") for _ in range(3))
    somebody = builder.fleet.add_partner()
    builder.fleet.add_activity(active, somebody, start_day=date(2026, 11, 2), end_day=date(2026, 11, 9))
    builder.fleet.add_loan(ours, somebody, start_day=date(2026, 11, 2), end_day=date(2026, 11, 9), status="active")
    builder.fleet.add_history(rested, somebody, start_day=date(2026, 3, 2))
    partner = builder.partner("Audi")
    assert vins(builder.suggest(partner, count=1)) == [rested.vin]
    found = suggesting.candidates(builder.actor, builder.ask(partner), builder.suggest(partner).threaded.slots, {}, 1)
    assert [one.key for one in found] == [rested.vin, active.vin, ours.vin]
