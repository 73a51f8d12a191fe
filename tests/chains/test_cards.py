"""Cards and candidates of a chain that is being built: the rest of it counts; on both engines."""

from datetime import timedelta

import pytest
from flask import Flask

from tests.calendar.conftest import november as november
from tests.chains.builder import START, WEEK, Builder
from tests.rows import Fleet, People
from webapp.chains.asking import Ask
from webapp.chains.looking import suggesting
from webapp.chains.looking.suggestion import Candidate, Key, Placed
from webapp.chains.solving.slots import Slot
from webapp.fleet.models import Partner, Vehicle
from webapp.loans.periods import Period

pytestmark = pytest.mark.usefixtures("november", "context")
SLOTS = tuple(
    Slot(index, Period(START + (index - 1) * 7 * WEEK / 7, START + index * 7 * WEEK / 7)) for index in (1, 2, 3)
)


@pytest.fixture
def builder(app: Flask, people: People, fleet: Fleet) -> Builder:
    """See `Builder`."""
    return Builder(people(), fleet, app.test_client())


def placed(builder: Builder, whose: Partner | Vehicle, picks: dict[int, Key], **given: object) -> tuple[Placed, ...]:
    """The cards of these picks."""
    return suggesting.placed(builder.actor, builder.ask(whose, **given), SLOTS, picks)


def candidates(
    builder: Builder, whose: Partner | Vehicle, picks: dict[int, Key], index: int, **given: object
) -> dict[Key, Candidate]:
    """The candidates of a slot, in their order."""
    ask: Ask = builder.ask(whose, **given)
    return {one.key: one for one in suggesting.candidates(builder.actor, ask, SLOTS, picks, index)}


def codes(one: Placed | Candidate) -> list[str]:
    """What is said of it."""
    return [finding.code for finding in one.findings]


def test_one_model_twice_is_told_on_both_cards(builder: Builder) -> None:
    """Too soon after each other by the rule for loans; and where no cooldown is laid down, by that of the chain."""
    one, other = (builder.fleet.add_vehicle(make=make, model="A3") for make in ("Audi", "AUDI"))
    partner = builder.partner("Audi")
    cards = placed(builder, partner, {1: one.vin, 3: other.vin})
    assert [codes(card) for card in cards] == [["cooldown"], ["cooldown"]]
    assert cards[0].findings[0].text.startswith("Cooldown until 01-20-27: Wendy Torque is to get AUDI A3")
    far = Slot(9, Period(START + 12 * WEEK, START + 13 * WEEK))
    cards = suggesting.placed(builder.actor, builder.ask(partner), (*SLOTS, far), {1: one.vin, 9: other.vin})
    assert [[(each.code, each.text) for each in card.findings] for card in cards] == [
        [("cooldown", "Audi A3 is in this chain twice.")]
    ] * 2


def test_one_vehicle_twice_is_told_once_a_card(builder: Builder) -> None:
    """By the rule about VINs, beside the cooldown that it breaks too."""
    vin = builder.audis(1)[0].vin
    cards = placed(builder, builder.partner("Audi"), {1: vin, 2: vin})
    assert [codes(card) for card in cards] == [["partner_has", "cooldown"]] * 2


def test_the_rest_of_the_chain_has_spent_its_money(builder: Builder) -> None:
    """Two loans of 400 and 700 to spend: each is too dear beside the other; told, but not binding, where that is so
    on purpose."""
    one, other, third = builder.audis(3)
    partner = builder.partner("Audi")
    builder.allocate(700)
    cards = placed(builder, partner, {1: one.vin, 2: other.vin})
    assert [codes(card) for card in cards] == [["over_budget"], ["over_budget"]]
    assert "Los Angeles has $300 left for AUDI in Q4 2026" in cards[0].findings[0].text
    known = placed(builder, partner, {1: one.vin, 2: other.vin}, respect_budgets=False)
    assert [(one.code, one.is_binding) for card in known for one in card.findings] == [("over_budget", False)] * 2
    assert codes(candidates(builder, partner, {1: one.vin}, 2)[third.vin]) == ["over_budget"]
    # What the slot has itself is not spent beside its candidates.
    assert codes(candidates(builder, partner, {1: one.vin}, 1)[third.vin]) == []


def test_candidates_come_best_first_then_by_name(builder: Builder) -> None:
    """Rank, a preferred model, home; what stands beside a vehicle of the same make comes later."""
    a3, a4, held = builder.audis(3)
    golf = builder.fleet.add_vehicle(make="Volkswagen", model="Golf R")
    beetle = builder.fleet.add_vehicle(make="Volkswagen", model="Beetle")
    partner = builder.partner("Audi", rank="A+")
    builder.fleet.approve_make(partner, "VW", "A")
    builder.fleet.add_activity(held, None, start_day=START, end_day=START + 9 * WEEK)
    lexus = builder.fleet.add_vehicle(make="Lexus", model="ES 350")
    found = candidates(builder, partner, {}, 1, models=(("VW", "Golf R"),))
    assert list(found) == [golf.vin, *sorted([a3.vin, a4.vin]), beetle.vin, held.vin, lexus.vin]
    assert [one.is_possible for one in found.values()] == [True] * 4 + [False] * 2
    assert [(one.is_hard, codes(one)) for one in list(found.values())[4:]] == [
        (True, ["held"]),
        (False, ["not_approved"]),
    ]
    assert found[a3.vin].detail == f"Silver · …{a3.vin[-8:]}"
    only = candidates(builder, partner, {}, 1, makes=("Volkswagen",))
    assert list(only)[:2] == sorted([golf.vin, beetle.vin])
    assert len(only) == 6


def test_hops_count_from_the_loan_before_and_to_the_one_after(builder: Builder) -> None:
    """Too far from either, and it is not suggested; who picks it by hand is told."""
    builder.place_office()
    vehicle = builder.audis(1)[0]
    near = builder.partner("Audi")
    south = builder.partner("Audi", name="South Wheels", latitude=33.5, longitude=-117.7)
    north = builder.partner("Audi", name="North Auto", latitude=34.7, longitude=-118.2)
    lost = builder.partner("Audi", name="Ring Report", latitude=None, longitude=None)
    found = candidates(builder, vehicle, {1: south.person_id}, 2)
    assert list(found)[:2] == [near.person_id, lost.person_id]
    assert codes(found[north.person_id]) == ["too_far"]
    assert "from South Wheels; a hop is at most 50" in found[north.person_id].findings[0].text
    assert codes(found[south.person_id])[:1] == ["partner_has"]
    assert (found[lost.person_id].is_unplaced, found[lost.person_id].hop_miles) == (True, None)
    assert found[near.person_id].hop_miles == pytest.approx(49, abs=1)
    between = candidates(builder, vehicle, {1: near.person_id, 3: north.person_id}, 2)
    assert "North Auto, who is next, is" in between[south.person_id].findings[0].text
    cards = placed(builder, vehicle, {1: south.person_id, 2: north.person_id})
    assert [codes(card) for card in cards] == [[], ["too_far"]]
    assert cards[1].hop_miles == pytest.approx(87, abs=1)


def test_a_pick_that_fms_lists_no_more_stays_on_its_card(builder: Builder) -> None:
    """As unknown; the others are told as before."""
    one, partner = builder.audis(1)[0], builder.partner("Audi")
    cards = placed(builder, partner, {1: "NOSUCHVIN", 2: one.vin})
    assert [(card.vin, codes(card)) for card in cards] == [("NOSUCHVIN", ["unknown"]), (one.vin, [])]
    cards = placed(builder, one, {1: 999_999, 2: partner.person_id})
    assert [(card.person_id, codes(card)) for card in cards] == [(999_999, ["unknown"]), (partner.person_id, [])]


def test_a_vehicle_of_another_office_is_a_candidate_only_where_it_is_picked(builder: Builder, people: People) -> None:
    """By whoever may see it; to others it is unknown."""
    builder.audis(1)
    there = builder.fleet.add_vehicle(make="Audi", model="TT", office="Miami")
    partner = builder.partner("Audi")
    both = Builder(people(locations=["Los Angeles", "Miami"]), builder.fleet, builder.client)
    assert there.vin not in candidates(both, partner, {}, 1)
    assert candidates(both, partner, {1: there.vin}, 1)[there.vin].is_possible
    assert [codes(card) for card in placed(both, partner, {1: there.vin})] == [[]]
    assert [(card.model, codes(card)) for card in placed(builder, partner, {1: there.vin})] == [("", ["unknown"])]


def test_days_that_have_passed_are_told(builder: Builder) -> None:
    """A draft may lie about for weeks: its cards say what is wrong with the days."""
    vehicle, partner = builder.audis(1)[0], builder.partner("Audi")
    past = Slot(1, Period(START - 4 * WEEK, START - 3 * WEEK))
    builder.fleet.add_activity(vehicle, None, start_day=past.period.start_day, end_day=START - timedelta(days=18))
    cards = suggesting.placed(builder.actor, builder.ask(partner), (past,), {1: vehicle.vin})
    assert [codes(card) for card in cards] == [["past", "held"]]


def test_nothing_is_asked_about_an_empty_chain(builder: Builder) -> None:
    """No pick, no slot, no card; and a slot that is not there is the caller's mistake."""
    partner = builder.partner("Audi")
    assert placed(builder, partner, {}) == ()
    assert suggesting.placed(builder.actor, builder.ask(partner), (), {}) == ()
    with pytest.raises(KeyError):
        candidates(builder, partner, {}, 7)
