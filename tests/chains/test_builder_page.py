"""What the builder says of a draft: how good it is and why no better, whom it is for, what its cards show."""

from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from tests.chains.draft_desk import DraftDesk, week
from tests.chains.draft_desk import desk as desk
from tests.loans.conftest import november as november
from tests.rows import OFFICE
from webapp.accounts.models import Location
from webapp.chains.asking import Kind
from webapp.chains.builder.page import ChainPage, chain_page, clock_time
from webapp.chains.drafting import drafts
from webapp.chains.drafting.queries import OpenDraft
from webapp.chains.solving.values import Status
from webapp.db import close_reading, writing
from webapp.fleet.models import Budget, Holiday
from webapp.loans.periods import Period

pytestmark = pytest.mark.usefixtures("sqlite_app")


def page(desk: DraftDesk, draft: OpenDraft) -> ChainPage:
    """The page of that draft."""
    close_reading()
    return chain_page(desk.actor, draft)


def told(desk: DraftDesk, **outcome: object) -> ChainPage:
    """The page of a full draft of which the suggestion said something else."""
    draft = desk.open(desk.begin())
    assert draft.outcome
    return page(desk, replace(draft, outcome=replace(draft.outcome, **outcome)))  # type: ignore[arg-type]


def test_the_best_chain_is_called_so(desk: DraftDesk) -> None:
    """With how many were looked at, and the way to those left out."""
    found = told(desk, looked_at=148, left_out=97)
    assert (found.placed, found.words) == ("3 of 3 loans placed", "best possible under the rules")
    assert (found.looked_at, found.left_out) == ("148 vehicles looked at", "97 left out: why?")
    assert found.save == "Save"


def test_the_solvers_limit_is_said(desk: DraftDesk) -> None:
    """Nobody is told that it is the best where that was not proved."""
    assert told(desk, status=Status.FEASIBLE).words == (
        "the best found in the time the solver has; there may be a better one"
    )


def test_a_chain_changed_by_hand_is_nobodys_best(desk: DraftDesk) -> None:
    """Neither after a pick, nor after its pin is taken out, nor after a loan is gone; pins alone change nothing."""
    draft_id = desk.begin()
    drafts.pin(desk.actor, draft_id, 1, 1)
    assert page(desk, desk.open(draft_id)).words == "the best around the 1 picked by hand"
    drafts.unpin(desk.actor, draft_id, 2, 1)
    assert page(desk, desk.open(draft_id)).words == "best possible under the rules"
    drafts.pick(desk.actor, draft_id, 3, 1, desk.vins[4])
    assert page(desk, desk.open(draft_id)).words == "1 picked by hand, the others suggested"
    drafts.unpin(desk.actor, draft_id, 4, 1)
    assert page(desk, desk.open(draft_id)).words == "suggested, and changed since"
    drafts.suggest(desk.actor, draft_id, 5)
    assert page(desk, desk.open(draft_id)).words == "best possible under the rules"
    drafts.remove(desk.actor, draft_id, 6, 1)
    assert page(desk, desk.open(draft_id)).words == "suggested, and changed since"


def test_a_suggestion_that_fits_no_more_is_not_called_the_best(desk: DraftDesk) -> None:
    """Something came in between: its card says what."""
    draft_id = desk.begin()
    desk.hold(desk.vehicles[1], week(1))
    found = page(desk, desk.open(draft_id))
    assert found.words == "suggested, but not all of it fits any more"
    assert [note.tone for note in found.cards[1].notes] == ["hard"]


def test_a_chain_built_by_hand_says_so(desk: DraftDesk) -> None:
    """And nothing of looking at anybody."""
    found = page(desk, desk.open(desk.begin(suggest=False)))
    assert (found.words, found.looked_at, found.left_out, found.reasons) == ("by hand", "", "", ())


def test_nothing_free_is_an_answer(desk: DraftDesk) -> None:
    """With the reason, and for whom."""
    for vehicle in desk.vehicles:
        desk.hold(vehicle, week(0, weeks=9))
    found = page(desk, desk.open(desk.begin(count=1)))
    assert (found.placed, found.save) == ("0 of 1 loan placed", "")
    assert found.reasons[0] == "Nothing fits under the rules."
    assert found.reasons[1].startswith("Loan 1: ")


def test_budgets_that_block_can_be_switched_off(desk: DraftDesk) -> None:
    """It is said that without them something would fit, and one click asks so."""
    with writing() as session:
        for year, quarter in ((2026, 4), (2027, 1)):
            session.add(
                Budget(
                    company_id=desk.actor.company_id,
                    office=OFFICE,
                    fleet="AUDI",
                    year=year,
                    quarter=quarter,
                    allocation=100,
                    amount_used=100,
                )
            )
    found = page(desk, desk.open(desk.begin()))
    assert found.reasons[0] == "Nothing fits within the budgets; without them something would."
    assert [(switch.label, switch.name, switch.value) for switch in found.switches] == [
        ("Do not respect budgets", "respect_budgets", "false")
    ]


def test_one_reason_is_said_once_for_all_its_loans(desk: DraftDesk) -> None:
    """With their numbers; and only what was asked for can be given up."""
    found = page(desk, desk.open(desk.begin(count=8, makes=("Audi",), models=(("Audi", "A3"),), is_strict=True)))
    (reason,) = found.reasons
    assert reason.startswith("Loans 2, 3, 4, 5, 6, 7 and 8: ")
    assert [switch.name for switch in found.switches] == ["strict", "makes"]


def test_a_moved_start_says_what_it_went_around(desk: DraftDesk) -> None:
    """A vehicle's own loans too; there nobody can be double-booked."""
    other = desk.fleet.add_vehicle("KNAE1234567890123", make="Kia", model="EV6")
    desk.hold(other, week(0), desk.partner)
    banner = page(desk, desk.open(desk.begin())).banner
    assert banner
    assert banner.switch
    assert banner.text == "Start moved to 11-30-26, 3 of 3 placed."
    assert banner.detail == "The partner has Kia EV6 …67890123 11-23-26 to 11-30-26."
    assert (banner.switch.label, banner.switch.name) == ("Keep 11-23-26 and double-book", "allow_double_booking")
    desk.hold(desk.vehicles[0], week(0))
    desk.hold(desk.vehicles[0], week(1))
    of_vehicle = page(desk, desk.open(desk.begin(kind=Kind.VEHICLE, vin=desk.vins[0], count=1))).banner
    assert of_vehicle
    held = "held by Ring Report"
    assert of_vehicle.detail == f"The vehicle is {held} 11-23-26 to 11-30-26 and {held} 11-30-26 to 12-07-26."
    assert of_vehicle.switch is None


def test_a_moved_start_names_the_holidays_too(desk: DraftDesk) -> None:
    """The partner's loan comes back on Thanksgiving: without that day nobody sees why the start is the Monday after."""
    other = desk.fleet.add_vehicle("KNAE1234567890123", make="Kia", model="EV6")
    desk.hold(other, Period(date(2026, 11, 19), date(2026, 11, 26)), desk.partner)
    with writing() as session:
        for day in (26, 27):
            session.add(
                Holiday(
                    company_id=desk.actor.company_id,
                    office=OFFICE,
                    day=date(2026, 11, day),
                    name="Thanksgiving",
                    kind="",
                    is_all_day=True,
                    notes="",
                )
            )
    banner = page(desk, desk.open(desk.begin(count=2))).banner
    assert banner
    assert banner.text == "Start moved to 11-30-26, 2 of 2 placed."
    assert banner.detail.endswith(" to 11-26-26. Thu 11-26-26 and Fri 11-27-26 are holidays of the office.")


def test_nothing_is_called_placed_before_it_is_tried(desk: DraftDesk) -> None:
    """By hand, every loan is empty: the banner tells of the start alone."""
    other = desk.fleet.add_vehicle("KNAE1234567890123", make="Kia", model="EV6")
    desk.hold(other, week(0), desk.partner)
    found = page(desk, desk.open(desk.begin(suggest=False)))
    assert found.placed == "0 of 3 loans placed"
    assert found.banner
    assert found.banner.text == "Start moved to 11-30-26."


def test_only_what_was_meant_is_called_on_purpose(desk: DraftDesk) -> None:
    """Booked meanwhile, a loan is nobody's purpose; and of a vehicle that is taken the cards tell, in red."""
    of_partner, of_vehicle = desk.begin(count=1), desk.begin(kind=Kind.VEHICLE, vin=desk.vins[2], count=1)
    assert page(desk, desk.open(of_partner)).overlaps == ""
    other = desk.fleet.add_vehicle("KNAE1234567890123", make="Kia", model="EV6")
    desk.hold(other, week(0), desk.partner)
    desk.hold(desk.vehicles[2], week(0))
    assert page(desk, desk.open(of_partner)).overlaps == "Booked since this chain was suggested"
    taken = page(desk, desk.open(of_vehicle))
    assert (taken.overlaps, taken.cards[0].notes[0].tone) == ("", "hard")
    meant = page(desk, desk.open(desk.begin(count=1, allow_double_booking=True)))
    assert meant.overlaps == "Double-booked on purpose"


def test_dates_that_a_person_chose_are_not_called_moved(desk: DraftDesk) -> None:
    """No banner then: nobody but they moved it."""
    draft_id = desk.begin()
    drafts.set_days(desk.actor, draft_id, 1, 1, week(1).start_day, week(1).end_day)
    found = page(desk, desk.open(draft_id))
    assert found.banner is None
    assert found.cards[0].has_chosen_days


def test_cards_show_what_tells_a_vehicle_from_another(desk: DraftDesk) -> None:
    """Colour and the last eight of the VIN, rank, what it is likely to cost."""
    card = page(desk, desk.open(desk.begin())).cards[0]
    assert (card.title, card.choice) == ("Audi A3", "Silver · …SA051910")
    assert card.facts == ("Rank A", "same office", "about $400")
    assert (card.look, card.badge, card.notes) == ("planned", "Suggested", ())


def test_a_vehicles_cards_show_partners_and_hops(desk: DraftDesk) -> None:
    """By last name, each with the way from the one before."""
    desk.fleet.approve_make(desk.fleet.add_partner("Ana Rivers", latitude=34.2, longitude=-118.3), "Audi")
    with writing() as session:
        office = session.query(Location).filter_by(name=OFFICE).one()
        office.latitude, office.longitude = 34.05, -118.25
    cards = page(desk, desk.open(desk.begin(kind=Kind.VEHICLE, vin=desk.vins[0], count=2))).cards
    assert [card.title for card in cards] == ["Auto, Coastline", "Rivers, Ana"]
    assert "miles from the office" in cards[0].facts[1]
    assert cards[1].facts[1] == "6.9 miles from the one before"


def test_a_warning_is_amber_and_what_nobody_may_is_red(desk: DraftDesk) -> None:
    """The edge is never alone: each note says it in words, what binds most first, and a link tells the rest."""
    late = desk.fleet.add_vehicle("WAUZZZ8V0SA051999", model="TT", expected_turn_in_date=week(0).start_day)
    draft_id = desk.begin(count=1)
    drafts.pick(desk.actor, draft_id, 1, 1, late.vin)
    card = page(desk, desk.open(draft_id)).cards[0]
    assert card.look == "manual warned"
    assert [note.tone for note in card.notes] == ["told"]
    assert "11-23-26" in card.notes[0].text
    desk.hold(late, week(0))
    held = page(desk, desk.open(draft_id)).cards[0]
    assert held.look == "manual refused"
    assert [note.tone for note in held.notes] == ["hard", "told"]
    address = f"/chains/why-not?vin={late.vin}&person_id={desk.partner.person_id}&start=2026-11-23&end=2026-11-30"
    assert held.why_not.startswith(address)


def test_what_else_the_partner_has_is_said_once(desk: DraftDesk) -> None:
    """By the page, with the loans it overlaps, and not again on each card."""
    other = desk.fleet.add_vehicle("KNAE1234567890123", make="Kia", model="EV6")
    desk.hold(other, week(0, weeks=2), desk.partner)
    found = page(desk, desk.open(desk.begin(allow_double_booking=True)))
    assert found.conflicts == ("Kia EV6 …67890123 11-23-26 to 12-07-26 overlaps loans 1 and 2",)
    assert [card.notes for card in found.cards] == [(), (), ()]


def test_times_carry_their_zone() -> None:
    """The office's; nothing is held where there is no time."""
    zone = ZoneInfo("America/Los_Angeles")
    assert clock_time(datetime(2026, 11, 19, 18, 42, tzinfo=UTC), zone) == "10:42 PST"
    assert clock_time(None, zone) == ""
