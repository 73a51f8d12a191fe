"""Journeys made by hand, checklists, problems, looks and taps."""

from datetime import timedelta

import pytest

from tests.journey_rows import MONDAY_MORNING, Yard, card_of, told
from tests.rows import DAY
from webapp.errors import Forbidden, InvalidInput
from webapp.journeys import queries, service
from webapp.journeys.cards import Wanted
from webapp.journeys.checklists import ITEMS, Phase
from webapp.journeys.service import NotByHand, StepForbidden
from webapp.journeys.stages import Stage

pytestmark = pytest.mark.usefixtures("monday", "context")


TAP = "0b5bd6f5-8f5c-4be1-9c5f-0d1f5a7f2c11"


def test_a_journey_by_hand_is_on_the_board_and_its_own_source(yard: Yard) -> None:
    """It has no overrides, ever; it can be taken off with a reason and put back."""
    ada = yard.dispatcher("Ada").actor
    values = {
        "scheduled_date": DAY,
        "location_id": yard.denver.id,
        "customer_name": "Rowan",
        "stops": ["1 Oak", "2 Elm"],
    }
    journey_id = service.create(ada, values, notes="Paid in cash")
    [card] = queries.journeys_on(ada, Wanted())
    assert (card.id, card.data_source, card.stage, card.version) == (journey_id, "MANUAL", Stage.MORNING_PREP, 1)
    assert (card.origin_address, card.destination_address, card.notes) == ("1 Oak", "2 Elm", "Paid in cash")
    assert (card.external_id, card.source_status, card.estimated_value, card.arrival_start) == (None,) * 4
    service.change(ada, journey_id, {"arrival_start": 480, "origin_address": "3 Fir"})
    detail = queries.journey(ada, journey_id)
    assert (detail.is_manual, detail.card.overridden, detail.differences) == (True, (), ())
    assert (detail.card.arrival_start, detail.card.stops) == (480, ("3 Fir", "2 Elm"))
    with pytest.raises(InvalidInput):
        service.take_off(ada, journey_id, " ")
    service.take_off(ada, journey_id, "Customer called it off")
    assert queries.journeys_on(ada, Wanted()) == []
    service.put_back(ada, journey_id)
    assert told(ada, journey_id) == [
        "Put back on the board.",
        "Taken off the board: Customer called it off",
        "Arrival from: 08:00 instead of unknown. From: 3 Fir instead of 1 Oak. "
        "All addresses: 3 Fir; 2 Elm instead of 1 Oak; 2 Elm.",
        "Added by hand.",
    ]


def test_a_journey_by_hand_needs_a_day_a_place_and_a_customer(yard: Yard) -> None:
    """All that is missing is named; a place out of scope is none."""
    ada = yard.dispatcher().actor
    with pytest.raises(InvalidInput) as refused:
        service.create(ada, {"move_size": "Studio"})
    assert list(refused.value.fields) == ["scheduled_date", "location_id"]
    there = yard.location("Boulder")
    with pytest.raises(InvalidInput):
        service.create(ada, {"scheduled_date": DAY, "location_id": there.id, "customer_name": "Rowan"})
    with pytest.raises(InvalidInput):
        service.create(ada, {"scheduled_date": DAY, "location_id": yard.denver.id, "customer_name": " "})
    assert queries.journeys_on(ada, Wanted()) == []


def test_smartmoving_s_jobs_are_not_taken_off_by_hand(yard: Yard) -> None:
    """They follow their source."""
    ada, journey = yard.dispatcher().actor, yard.journey()
    with pytest.raises(NotByHand):
        service.take_off(ada, journey.id, "No")
    with pytest.raises(NotByHand):
        service.put_back(ada, journey.id)


def test_a_checklist_is_set_and_unset_and_told(yard: Yard) -> None:
    """Whoever did it and when stands at the item; said twice it stays."""
    kim, ada = yard.driver("Kim"), yard.dispatcher("Ada").actor
    journey = yard.journey(crew=[kim])
    service.tick(kim.actor, journey.id, "truck_inspected", True)
    service.tick(kim.actor, journey.id, "truck_inspected", True)
    service.tick(ada, journey.id, "truck_inspected", True)
    service.tick(ada, journey.id, "addresses_checked", True)
    with pytest.raises(Forbidden):
        service.tick(kim.actor, journey.id, "addresses_checked", False)
    with pytest.raises(InvalidInput):
        service.tick(kim.actor, journey.id, "coffee", True)
    checklist = queries.journey(kim.actor, journey.id).checklist
    assert [phase.phase for phase in checklist] == list(Phase)
    assert {item.item.code: item.done_by for phase in checklist for item in phase.items if item.is_done} == {
        "truck_inspected": "Kim",
        "addresses_checked": "Ada",
    }
    assert [phase.may_tick for phase in checklist] == [False, True, True, True, True, True]
    service.tick(kim.actor, journey.id, "truck_inspected", False)
    label = ITEMS["truck_inspected"].label
    assert told(ada, journey.id) == [
        f"No longer ticked: {label}.",
        "Ticked: Addresses and access checked.",
        f"Ticked: {label}.",
    ]


def test_ticks_leave_the_desk_s_open_forms_good(yard: Yard) -> None:
    """Boards hear of a tick by the mark; the version that a form was drawn with still counts."""
    kim, ada = yard.driver("Kim"), yard.dispatcher("Ada").actor
    journey = yard.journey(crew=[kim])
    drawn = card_of(ada, journey.id).version
    service.tick(kim.actor, journey.id, "truck_inspected", True)
    service.tick(kim.actor, journey.id, "truck_inspected", False)
    assert (card_of(ada, journey.id).version, queries.mark(journey.company_id)) == (drawn, 2)
    service.change(ada, journey.id, {"move_size": "Studio"}, version=drawn)
    assert (len(told(ada, journey.id)), card_of(ada, journey.id).version) == (3, drawn + 1)


def test_a_reported_problem_is_on_the_card_until_it_is_solved(yard: Yard) -> None:
    """The desk sees it as a change."""
    kim, ada = yard.driver(), yard.dispatcher().actor
    journey = yard.journey(crew=[kim])
    service.report_problem(kim.actor, journey.id, "Flat tyre", tap_id=TAP)
    card = card_of(ada, journey.id)
    assert (card.problem, card.is_changed, card.change_note) == ("Flat tyre", True, "Problem: Flat tyre")
    service.report_problem(ada, journey.id, "")
    assert (card_of(ada, journey.id).problem, told(ada, journey.id)[0]) == ("", "No longer a problem: Flat tyre")


def test_a_look_takes_the_mark_away_until_the_next_change(yard: Yard) -> None:
    """For the one who looked, for what was in scope, and for what the page they saw was drawn of."""
    ada, bob = yard.dispatcher().actor, yard.dispatcher().actor
    elsewhere = yard.journey(yard.location("Boulder"), changed_at=MONDAY_MORNING)
    before = MONDAY_MORNING - timedelta(minutes=1)
    journey = yard.journey(changed_at=MONDAY_MORNING)
    service.look(ada, [journey.id], drawn_at=before)
    assert card_of(ada, journey.id).is_changed
    service.look(ada, [journey.id, elsewhere.id, 999_999, 2**70])
    service.look(ada, [journey.id], drawn_at=before)
    assert not card_of(ada, journey.id).is_changed
    assert card_of(bob, journey.id).is_changed
    service.report_problem(bob, journey.id, "Flat tyre")
    assert card_of(ada, journey.id).is_changed
    admin = yard.dispatcher(locations=["Boulder"]).actor
    assert card_of(admin, elsewhere.id).is_changed


def test_a_tap_that_was_sent_twice_counts_once(yard: Yard) -> None:
    """Even when the journey has moved on meanwhile; one that was refused can be tried again."""
    kim = yard.driver()
    journey, truck = yard.journey(crew=[kim]), yard.truck()
    with pytest.raises(StepForbidden):
        service.move_stage(kim.actor, journey.id, Stage.EN_ROUTE, tap_id=TAP)
    yard.assign(journey, truck)
    service.move_stage(kim.actor, journey.id, Stage.EN_ROUTE, tap_id=TAP)
    service.move_stage(kim.actor, journey.id, Stage.ONSITE)
    service.move_stage(kim.actor, journey.id, Stage.EN_ROUTE, tap_id=TAP.upper())
    assert card_of(kim.actor, journey.id).stage is Stage.ONSITE
    other = yard.journey(crew=[kim])
    for tap_id in ("tap", TAP):
        with pytest.raises(InvalidInput) as refused:
            service.tick(kim.actor, other.id, "truck_inspected", True, tap_id=tap_id)
        assert list(refused.value.fields) == ["tap_id"]
