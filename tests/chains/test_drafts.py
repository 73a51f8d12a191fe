"""Building a chain by hand: what a person chose stays and is checked again, and nobody changes what they do not see."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from tests.chains.draft_desk import DraftDesk, codes, days, picks, week
from tests.chains.draft_desk import desk as desk
from tests.loans.conftest import november as november
from webapp import clock
from webapp.chains.asking import Kind
from webapp.chains.drafting import drafts
from webapp.chains.drafting import queries as draft_queries
from webapp.chains.solving.values import Status
from webapp.db import db, writing
from webapp.errors import InvalidInput
from webapp.fleet.models import ApprovedMake
from webapp.loans.errors import BrokenRule
from webapp.loans.models import Assignment
from webapp.loans.periods import Period


def test_a_draft_begins_with_the_best_chain(desk: DraftDesk) -> None:
    """Its loans filled but not pinned, and what the suggestion said of the whole; nothing was planned by it."""
    found = desk.open(desk.begin())
    assert days(found) == [week(0), week(1), week(2)]
    assert picks(found) == {1: desk.vins[0], 2: desk.vins[1], 3: desk.vins[2]}
    assert (found.version, found.ask, found.banner, found.notes) == (1, desk.ask(), "", ())
    assert not any(placed.is_pinned or placed.findings for placed in found.placed)
    assert found.outcome is not None
    assert (found.outcome.status, found.outcome.looked_at, found.outcome.left_out) == (Status.OPTIMAL, 5, 0)
    assert found.is_full
    assert db.session.scalar(select(func.count()).select_from(Assignment)) == 0


def test_a_draft_begins_empty_to_be_filled_by_hand(desk: DraftDesk) -> None:
    """With the days threaded through what the partner has; where the start moved, it says so."""
    desk.hold(desk.fleet.add_vehicle(model="TT"), week(0), desk.partner)
    found = desk.open(desk.begin(suggest=False))
    assert days(found) == [week(1), week(2), week(3)]
    assert (picks(found), found.placed, found.outcome, found.unfilled) == ({}, (), None, ())
    assert found.banner == "Start moved to 11-30-26"
    assert not found.is_full


@pytest.mark.usefixtures("sqlite_app")
def test_what_stays_empty_says_why(desk: DraftDesk) -> None:
    """Fewer loans than asked is an answer; its reasons go with the days that they speak of."""
    found = desk.open(desk.begin(count=7))
    assert [one.slot.index for one in found.unfilled] == [6, 7]
    assert found.unfilled[0].text.startswith("Every model that is free on these days is in this chain already.")
    assert found.banner == "5 of 7 placed"
    assert found.outcome is not None
    assert found.outcome.status is Status.PARTIAL
    drafts.remove(desk.actor, found.id, 1, 1)
    less = desk.open(found.id)
    assert [one.slot.index for one in less.unfilled] == [5, 6]
    drafts.set_days(desk.actor, found.id, 2, 5, week(9).start_day, week(9).end_day)
    assert desk.open(found.id).unfilled == ()


@pytest.mark.usefixtures("sqlite_app")
def test_double_booking_on_purpose_lists_what_is_overlapped(desk: DraftDesk) -> None:
    """The dates stay, and each loan that was there is named once."""
    desk.hold(
        desk.fleet.add_vehicle(model="TT", vin="WAUZZZ8V0SA00000T"),
        Period(date(2026, 11, 26), week(1).end_day),
        desk.partner,
    )
    found = desk.open(desk.begin(allow_double_booking=True))
    assert days(found)[0] == week(0)
    assert [conflict.text for conflict in found.conflicts] == [
        "Audi TT …SA00000T 11-26-26 to 12-07-26 overlaps loans 1 and 2"
    ]
    assert codes(found)[1] == ["partner_busy"]


def test_a_pick_by_hand_is_pinned_and_the_others_are_checked_against_it(desk: DraftDesk) -> None:
    """The vehicle that loan 3 has, too, in loan 1: both cards say so; asking again finds another one for loan 3."""
    draft_id = desk.begin()
    drafts.pick(desk.actor, draft_id, 1, 1, desk.vins[2].lower())
    found = desk.open(draft_id)
    assert picks(found) == {1: desk.vins[2], 2: desk.vins[1], 3: desk.vins[2]}
    assert found.ask.pinned == {1: desk.vins[2]}
    assert "partner_has" in codes(found)[1]
    assert "partner_has" in codes(found)[3]
    drafts.suggest(desk.actor, draft_id, 2)
    again = desk.open(draft_id)
    assert picks(again)[1] == desk.vins[2]
    assert len(set(picks(again).values())) == 3
    assert [placed.is_pinned for placed in again.placed] == [True, False, False]


@pytest.mark.usefixtures("sqlite_app")
def test_what_only_informs_may_be_picked(desk: DraftDesk) -> None:
    """A make for which the partner is not approved: shown on the card, not refused."""
    lexus = desk.fleet.add_vehicle(make="Lexus", model="ES 350")
    draft_id = desk.begin()
    drafts.pick(desk.actor, draft_id, 1, 2, lexus.vin)
    assert codes(desk.open(draft_id))[2] == ["not_approved"]


def test_what_nobody_may_have_cannot_be_picked(desk: DraftDesk) -> None:
    """Held by somebody else: 409 with the sentence; a VIN that nobody knows, or that is none: 422. Nothing changes."""
    draft_id = desk.begin()
    desk.hold(desk.vehicles[4], week(1))
    before = desk.open(draft_id)
    with pytest.raises(BrokenRule) as refused:
        drafts.pick(desk.actor, draft_id, 1, 2, desk.vins[4])
    assert refused.value.status == 409
    assert refused.value.sentence == "Audi RS 6 …SA051914 is held by Ring Report 11-30-26 to 12-07-26."
    with pytest.raises(BrokenRule) as unknown:
        drafts.pick(desk.actor, draft_id, 1, 2, "NOSUCHVIN")
    assert unknown.value.code == "unknown"
    with pytest.raises(InvalidInput):
        drafts.pick(desk.actor, draft_id, 1, 2, "no\x00VIN")
    assert desk.open(draft_id) == before
    drafts.pick(desk.actor, draft_id, 1, 1, desk.vins[4])


@pytest.mark.usefixtures("sqlite_app")
def test_a_pick_stays_when_its_days_move_and_says_what_is_in_the_way(desk: DraftDesk) -> None:
    """Also what nobody may have there: saving would refuse it, the draft only shows it."""
    draft_id = desk.begin()
    desk.hold(desk.vehicles[1], week(3))
    drafts.set_days(desk.actor, draft_id, 1, 1, week(0).start_day, week(1).end_day)
    drafts.set_days(desk.actor, draft_id, 2, 2, week(3).start_day, week(3).end_day)
    found = desk.open(draft_id)
    assert days(found) == [week(0, weeks=2), week(3), week(4)]
    assert picks(found) == {1: desk.vins[0], 2: desk.vins[1], 3: desk.vins[2]}
    assert codes(found) == {1: [], 2: ["held"], 3: []}
    assert found.ask.pinned_days == {1: week(0, weeks=2), 2: week(3)}
    assert found.banner == ""


def test_asking_again_keeps_pins_and_chosen_days(desk: DraftDesk) -> None:
    """Parameters may change; suggested loans are suggested anew, around what a person chose."""
    draft_id = desk.begin()
    drafts.pin(desk.actor, draft_id, 1, 2)
    drafts.set_days(desk.actor, draft_id, 2, 3, week(5).start_day, week(5).end_day)
    wanted = desk.ask(count=4, start=week(1).start_day, models=(("Audi", "RS 6"),))
    assert drafts.suggest(desk.actor, draft_id, 3, wanted) == draft_id
    found = desk.open(draft_id)
    assert days(found) == [week(1), week(2), week(5), week(6)]
    assert picks(found)[2] == desk.vins[1]
    assert desk.vins[4] in picks(found).values()
    assert [slot.is_pinned for slot in found.slots] == [False, False, True, False]
    assert found.ask == replace(wanted, pinned={2: desk.vins[1]}, pinned_days={3: week(5)})


@pytest.mark.usefixtures("sqlite_app")
def test_only_the_empty_ones_may_be_asked_for(desk: DraftDesk) -> None:
    """What was suggested before stays, although something better has come, and is not pinned by that."""
    draft_id = desk.begin()
    drafts.clear(desk.actor, draft_id, 1, 2)
    better = desk.fleet.add_vehicle("WAUZZZ8V0SA051909", model="RS 3")
    drafts.suggest(desk.actor, draft_id, 2, only_empty=True)
    found = desk.open(draft_id)
    assert picks(found) == {1: desk.vins[0], 2: better.vin, 3: desk.vins[2]}
    assert found.ask.pinned == {}
    drafts.unpin(desk.actor, draft_id, 3, 1)
    assert desk.open(draft_id).version == 3


@pytest.mark.usefixtures("sqlite_app")
def test_fewer_loans_leave_the_pinned_ones(desk: DraftDesk) -> None:
    """Only suggested ones go from the end, and the person is told why more stay; the next change forgets the note."""
    draft_id = desk.begin(count=4)
    drafts.pin(desk.actor, draft_id, 1, 4)
    drafts.suggest(desk.actor, draft_id, 2, desk.ask(count=2))
    found = desk.open(draft_id)
    assert days(found) == [week(0), week(1), week(3)]
    assert picks(found)[3] == desk.vins[3]
    assert found.ask.count == 3
    assert found.notes == ("2 loans were asked for; 3 stay, for what a person chose is only removed by hand.",)
    drafts.unpin(desk.actor, draft_id, 3, 3)
    assert desk.open(draft_id).notes == ()


@pytest.mark.usefixtures("sqlite_app")
def test_another_partner_vehicle_or_kind_begins_another_draft(desk: DraftDesk) -> None:
    """The old one stays as it was, and none of its picks are taken over."""
    draft_id = desk.begin()
    drafts.pin(desk.actor, draft_id, 1, 1)
    other = desk.fleet.add_partner("Weekly Torque")
    desk.fleet.approve_make(other, "Audi")
    before = desk.open(draft_id)
    new_id = drafts.suggest(desk.actor, draft_id, 2, desk.ask(person_id=other.person_id))
    assert new_id != draft_id
    assert desk.open(new_id).ask == desk.ask(person_id=other.person_id)
    third = drafts.suggest(desk.actor, draft_id, 2, desk.ask(kind=Kind.VEHICLE, vin=desk.vins[0].lower()))
    assert desk.open(third).ask.vin == desk.vins[0]
    assert {line.id for line in draft_queries.mine(desk.actor)} == {draft_id, new_id, third}
    assert replace(desk.open(draft_id), placed=()) == replace(before, placed=())


@pytest.mark.usefixtures("sqlite_app")
def test_removing_and_adding(desk: DraftDesk) -> None:
    """The others keep their days; after the first was removed, the chain is one that starts later."""
    draft_id = desk.begin()
    drafts.remove(desk.actor, draft_id, 1, 2)
    drafts.add(desk.actor, draft_id, 2)
    found = desk.open(draft_id)
    assert days(found) == [week(0), week(2), week(3)]
    assert picks(found) == {1: desk.vins[0], 2: desk.vins[2]}
    assert found.ask.count == 3
    drafts.remove(desk.actor, draft_id, 3, 1)
    later = desk.open(draft_id)
    assert (later.ask.start, later.ask.count) == (week(2).start_day, 2)
    assert later.banner == "1 of 2 placed"
    for version in (4, 5):
        drafts.remove(desk.actor, draft_id, version, 1)
    assert desk.open(draft_id).slots == ()
    drafts.suggest(desk.actor, draft_id, 6)
    assert days(desk.open(draft_id)) == [week(3)]


@pytest.mark.usefixtures("sqlite_app")
def test_a_chain_of_ten_is_full(desk: DraftDesk) -> None:
    """With the field named."""
    draft_id = desk.begin(suggest=False, count=10)
    with pytest.raises(InvalidInput) as refused:
        drafts.add(desk.actor, draft_id, 1)
    assert "count" in refused.value.fields


@pytest.mark.usefixtures("sqlite_app")
@pytest.mark.parametrize(
    ("period", "field"),
    [
        (Period(date(2026, 11, 18), date(2026, 11, 25)), "start"),
        (Period(date(2026, 11, 28), date(2026, 12, 2)), "start"),
        (Period(date(2026, 11, 30), date(2026, 11, 30)), "end"),
    ],
)
def test_days_that_nobody_may_have_are_refused(desk: DraftDesk, period: Period, field: str) -> None:
    """Past, on a weekend, without a day: with the field and the sentence."""
    draft_id = desk.begin()
    with pytest.raises(InvalidInput) as refused:
        drafts.set_days(desk.actor, draft_id, 1, 2, period.start_day, period.end_day)
    assert list(refused.value.fields) == [field]


@pytest.mark.parametrize(
    ("change", "field"),
    [({"count": 11}, "count"), ({"days": 0}, "days"), ({"start": date(2026, 11, 21)}, "start")],
)
def test_parameters_that_cannot_be_are_refused(desk: DraftDesk, change: dict[str, Any], field: str) -> None:
    """At the beginning and when asking again; the draft stays as it was."""
    with pytest.raises(InvalidInput) as refused:
        desk.begin(**change)
    assert field in refused.value.fields
    draft_id = desk.begin()
    with pytest.raises(InvalidInput) as again:
        drafts.suggest(desk.actor, draft_id, 1, desk.ask(**change))
    assert field in again.value.fields
    assert desk.open(draft_id).version == 1


def test_a_vehicle_chain_is_built_the_same_way(desk: DraftDesk) -> None:
    """Its picks are partners, as a number or as a form sends it; the vehicle is held on the days of all loans."""
    near = [desk.fleet.add_partner(f"Near {letter}", latitude=34.1, longitude=-118.3) for letter in "BCD"]
    for partner in near:
        desk.fleet.approve_make(partner, "Audi")
    draft_id = desk.begin(kind=Kind.VEHICLE, vin=desk.vins[0], count=2)
    found = desk.open(draft_id)
    assert set(picks(found).values()) <= {desk.partner.person_id, *(one.person_id for one in near)}
    free = next(one for one in near if one.person_id not in picks(found).values())
    drafts.pick(desk.actor, draft_id, 1, 1, str(free.person_id))
    drafts.clear(desk.actor, draft_id, 2, 2)
    assert picks(desk.open(draft_id)) == {1: free.person_id}
    assert desk.open(draft_id).ask.pinned == {1: free.person_id}
    assert desk.told(desk.vehicles[0], week(1).start_day, desk.people().actor) == [
        "Audi A3 …SA051910 is being planned by another scheduler until 10:15 PST."
    ]
    with pytest.raises(InvalidInput):
        drafts.pick(desk.actor, draft_id, 3, 1, "somebody")
    with pytest.raises(InvalidInput):
        drafts.pick(desk.actor, draft_id, 3, 1, 2**31)
    with pytest.raises(BrokenRule):
        drafts.pick(desk.actor, draft_id, 3, 1, 999_999)
    (line,) = draft_queries.mine(desk.actor)
    assert (line.title, line.filled, line.count) == ("Audi A3 …SA051910", 1, 2)


@pytest.mark.usefixtures("sqlite_app")
def test_pins_given_at_the_beginning_stay(desk: DraftDesk) -> None:
    """As when the calendar opens the builder with a vehicle; one that nobody may have is refused."""
    found = desk.open(desk.begin(pinned={2: desk.vins[4]}, pinned_days={3: week(6)}))
    assert picks(found)[2] == desk.vins[4]
    assert days(found) == [week(0), week(1), week(6)]
    assert found.ask == desk.ask(pinned={2: desk.vins[4]}, pinned_days={3: week(6)})
    desk.hold(desk.vehicles[3], week(1))
    for suggest in (True, False):
        with pytest.raises(BrokenRule):
            desk.begin(suggest=suggest, pinned={2: desk.vins[3]})


def test_a_rank_that_went_is_said_when_the_draft_is_opened_again(sqlite_app: Flask, desk: DraftDesk) -> None:
    """Everything is checked as of now, not as of when it was suggested."""
    draft_id = desk.begin()
    with writing() as session:
        session.execute(update(ApprovedMake).values(gone_at=clock.now()))
    assert codes(desk.open(draft_id)) == {1: ["not_approved"], 2: ["not_approved"], 3: ["not_approved"]}
