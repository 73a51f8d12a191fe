"""Use cases of journeys: what they do, what they leave behind, and what they refuse, in order."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.journey_rows import DENVER, MONDAY_MORNING, Yard, card_of, told
from tests.rows import People
from webapp.accounts.actor import Actor
from webapp.accounts.permissions import TABLE, Permission, Role
from webapp.errors import Forbidden, InvalidInput, NotFound, Refusal
from webapp.journeys import queries, service
from webapp.journeys.service import Stale, StepForbidden
from webapp.journeys.stages import Stage

pytestmark = pytest.mark.usefixtures("monday", "context")


def test_a_journey_goes_from_morning_to_audit(yard: Yard) -> None:
    """Its crew takes it to completed, the desk audits it; every step is told with its name."""
    kim, ada = yard.driver("Kim"), yard.dispatcher("Ada")
    journey = yard.journey(crew=[kim], trucks=[yard.truck()])
    for stage in (Stage.EN_ROUTE, Stage.ONSITE, Stage.COMPLETED):
        service.move_stage(kim.actor, journey.id, stage)
    with pytest.raises(Forbidden):
        service.move_stage(kim.actor, journey.id, Stage.AUDITED)
    service.move_stage(ada.actor, journey.id, Stage.AUDITED)
    with pytest.raises(Forbidden):
        service.move_stage(kim.actor, journey.id, Stage.COMPLETED, reason="Not done")
    service.move_stage(ada.actor, journey.id, Stage.COMPLETED, reason="Hours are missing")
    events = queries.history(ada.actor, journey.id)
    assert [(event.actor_name, event.text) for event in events] == [
        ("Ada", "Back to completed: Hours are missing"),
        ("Ada", "Audited."),
        ("Kim", "Completed."),
        ("Kim", "On site."),
        ("Kim", "En route."),
    ]
    assert {event.kind for event in events} == {"stage"}
    assert all(timedelta() <= event.happened_at - MONDAY_MORNING < timedelta(minutes=5) for event in events)
    card = card_of(ada.actor, journey.id)
    assert (card.stage, card.version, queries.mark(journey.company_id)) == (Stage.COMPLETED, 6, 5)


def test_the_same_stage_again_does_nothing(yard: Yard) -> None:
    """A tap that was repeated is no error, and leaves no trace."""
    kim = yard.driver()
    journey = yard.journey(crew=[kim], trucks=[yard.truck()])
    service.move_stage(kim.actor, journey.id, Stage.MORNING_PREP)
    assert (card_of(kim.actor, journey.id).version, told(kim.actor, journey.id)) == (1, [])


@pytest.mark.parametrize(
    ("columns", "has_crew", "has_truck", "codes"),
    [
        ({}, False, False, ["needs_crew", "needs_truck"]),
        ({}, True, False, ["needs_truck"]),
        ({}, False, True, ["needs_crew"]),
        ({"on_board": False, "off_reason": "Cancelled in SmartMoving."}, True, True, ["off_board"]),
        ({"stage": Stage.ONSITE}, True, True, ["not_next"]),
    ],
)
def test_what_cannot_set_out_says_why(
    yard: Yard, columns: dict[str, Any], has_crew: bool, has_truck: bool, codes: list[str]
) -> None:
    """Every obstacle is named, and the journey stays where it is."""
    ada = yard.dispatcher().actor
    to = Stage.EN_ROUTE if "stage" not in columns else Stage.AUDITED
    journey = yard.journey(
        **columns, crew=[yard.driver()] if has_crew else [], trucks=[yard.truck()] if has_truck else []
    )
    with pytest.raises(StepForbidden) as refused:
        service.move_stage(ada, journey.id, to)
    assert (refused.value.status, refused.value.code) == (409, codes[0])
    assert [reason["code"] for reason in refused.value.details["reasons"]] == codes
    assert card_of(ada, journey.id).stage == journey.stage


def test_a_step_back_needs_a_reason(yard: Yard) -> None:
    """White space is none; the refusal names the field."""
    ada = yard.dispatcher().actor
    journey = yard.journey(stage=Stage.ONSITE)
    with pytest.raises(InvalidInput) as refused:
        service.move_stage(ada, journey.id, Stage.EN_ROUTE, reason="  ")
    assert list(refused.value.fields) == ["reason"]


EDITS: dict[str, Callable[[Actor, int], object]] = {
    "set_crew": lambda actor, row: service.set_crew(actor, row, []),
    "set_trucks": lambda actor, row: service.set_trucks(actor, row, []),
    "change": lambda actor, row: service.change(actor, row, {"move_size": "Studio"}),
    "use_source": lambda actor, row: service.use_source(actor, row, ["move_size"]),
    "take_off": lambda actor, row: service.take_off(actor, row, "Gone"),
    "put_back": lambda actor, row: service.put_back(actor, row),
    "tick of the desk": lambda actor, row: service.tick(actor, row, "addresses_checked", True),
    "audit": lambda actor, row: service.move_stage(actor, row, Stage.AUDITED),
}


WORK: dict[str, Callable[[Actor, int], object]] = {
    "move_stage": lambda actor, row: service.move_stage(actor, row, Stage.EN_ROUTE),
    "tick": lambda actor, row: service.tick(actor, row, "truck_inspected", True),
    "report_problem": lambda actor, row: service.report_problem(actor, row, "Flat tyre"),
}


@pytest.mark.parametrize("role", list(Role))
def test_the_role_decides_first_and_then_the_scope(yard: Yard, people: People, role: Role) -> None:
    """Forbidden without the permission, wherever it is; not found out of scope; done in scope."""
    boulder, trucks = yard.location("Boulder"), [yard.truck()]
    me, other = people(role, locations=[DENVER]), yard.mover()
    for name, act in {**EDITS, **WORK}.items():
        columns: dict[str, Any] = {"stage": Stage.COMPLETED if name == "audit" else Stage.MORNING_PREP}
        if name in ("take_off", "put_back"):
            columns["data_source"] = "MANUAL"
        here = yard.journey(crew=[me], trucks=trucks, **columns)
        there = yard.journey(boulder, crew=[other], trucks=trucks, **columns)
        may_edit = Permission.EDIT_JOBS in TABLE[role]
        may = may_edit or (role in (Role.DRIVER, Role.MOVER) and name in WORK)
        sees_all = Permission.ALL_LOCATIONS in TABLE[role]
        outcome = [_outcome(act, me.actor, row) for row in (here.id, there.id, 999_999)]
        assert outcome == ([None, None if sees_all else NotFound, NotFound] if may else [Forbidden] * 3), name


def _outcome(act: Callable[[Actor, int], object], actor: Actor, journey_id: int) -> type[Refusal] | None:
    try:
        act(actor, journey_id)
    except Refusal as refusal:
        return type(refusal)
    return None


def test_what_a_dispatcher_enters_stands_beside_the_source(yard: Yard) -> None:
    """The column says what was entered, the source stays; both are shown until SmartMoving's is used again."""
    ada, bob = yard.dispatcher("Ada").actor, yard.dispatcher("Bob").actor
    journey = yard.journey()
    service.change(ada, journey.id, {"arrival_start": 570, "customer_phone": " 303  555 0199 "}, version=1)
    card = card_of(bob, journey.id)
    assert (card.arrival_start, card.customer_phone, card.version) == (570, "303 555 0199", 2)
    assert card.overridden == ("arrival_start", "customer_phone")
    assert (card.is_changed, card_of(ada, journey.id).is_changed) == (True, False)
    [first, second] = queries.journey(ada, journey.id).differences
    assert (first.here, first.theirs, first.by, second.theirs) == ("09:30", "08:00", "Ada", "3035550100")
    assert card.change_note == told(ada, journey.id)[0]
    assert card.change_note == "Arrival from: 09:30 instead of 08:00. Phone: 303 555 0199 instead of 3035550100."
    service.use_source(ada, journey.id, ["arrival_start"])
    service.change(ada, journey.id, {"customer_phone": "3035550100"})
    card = card_of(ada, journey.id)
    assert (card.arrival_start, card.customer_phone, card.overridden) == (480, "3035550100", ())


def test_what_changes_nothing_leaves_nothing(yard: Yard) -> None:
    """No version, no history, no mark."""
    ada = yard.dispatcher().actor
    journey = yard.journey(notes="Mind the cat")
    service.change(ada, journey.id, {"arrival_start": 480, "notes": "Mind the cat ", "stops": journey.stops})
    service.use_source(ada, journey.id, ["move_size"])
    service.set_crew(ada, journey.id, [])
    service.tick(ada, journey.id, "truck_inspected", False)
    service.report_problem(ada, journey.id, "")
    assert card_of(ada, journey.id).version == 1
    assert told(ada, journey.id) == []
    assert queries.mark(journey.company_id) == 0


def test_a_field_that_follows_the_source_again_is_told_though_it_looks_the_same(yard: Yard) -> None:
    """An override that the source has caught up with can still be given up."""
    ada = yard.dispatcher().actor
    journey = yard.journey(overrides={"move_size": {"value": "2 bedrooms", "by": "Ada", "user_id": 1, "at": ""}})
    service.use_source(ada, journey.id, ["move_size"])
    assert told(ada, journey.id) == ["The same as in SmartMoving from now on."]


def test_all_addresses_follow_the_ends_and_the_ends_follow_them(yard: Yard) -> None:
    """The card and the list of stops never send a crew two ways, in whichever order SmartMoving changes later."""
    ada = yard.dispatcher().actor
    journey = yard.journey(stops=["41 Larch Street", "Storage 7", "9 Aspen Court"], origin_address="41 Larch Street")
    service.change(ada, journey.id, {"destination_address": "12 Elm Road"})
    assert card_of(ada, journey.id).stops == ("41 Larch Street", "Storage 7", "12 Elm Road")
    service.change(ada, journey.id, {"stops": ["1 Oak Way", "2 Fir Lane"]})
    card = card_of(ada, journey.id)
    assert (card.origin_address, card.destination_address) == ("1 Oak Way", "12 Elm Road")
    assert card.stops == ("1 Oak Way", "12 Elm Road")
    service.use_source(ada, journey.id, ["destination_address"])
    card = card_of(ada, journey.id)
    assert (card.destination_address, card.stops) == ("2 Fir Lane", ("1 Oak Way", "2 Fir Lane"))
    service.use_source(ada, journey.id, ["stops"])
    assert card_of(ada, journey.id).stops == tuple(journey.stops)


UNUSABLE: list[tuple[dict[str, Any], list[str]]] = [
    ({"scheduled_date": None}, ["scheduled_date"]),
    ({"scheduled_date": "2026-11-24"}, ["scheduled_date"]),
    ({"scheduled_date": MONDAY_MORNING}, ["scheduled_date"]),
    ({"arrival_start": 1441, "arrival_end": -1}, ["arrival_start", "arrival_end"]),
    ({"arrival_start": True}, ["arrival_start"]),
    ({"arrival_start": 700}, ["arrival_end"]),
    ({"arrival_start": None}, ["arrival_start"]),
    ({"crew_needed": 100}, ["crew_needed"]),
    ({"confirmed": "yes"}, ["confirmed"]),
    ({"customer_name": "x" * 201}, ["customer_name"]),
    ({"customer_name": None}, ["customer_name"]),
    ({"stops": "one"}, ["stops"]),
    ({"stops": ["x"] * 21}, ["stops"]),
    ({"notes": "x" * 5001}, ["notes"]),
    ({"estimated_value": 1}, ["estimated_value"]),
    ({"stage": "AUDITED"}, ["stage"]),
    ({"location_id": 999_999}, ["location_id"]),
]


def test_unusable_values_are_named(yard: Yard) -> None:
    """Each by its field, and nothing is written."""
    ada = yard.dispatcher().actor
    journey = yard.journey()
    for values, fields in UNUSABLE:
        with pytest.raises(InvalidInput) as refused:
            service.change(ada, journey.id, values)
        assert list(refused.value.fields) == fields
    assert card_of(ada, journey.id).version == 1


def test_what_no_database_keeps_is_left_out(yard: Yard) -> None:
    """NUL and half characters, in any text."""
    ada = yard.dispatcher().actor
    journey = yard.journey(crew=[yard.driver()], trucks=[yard.truck()])
    service.change(ada, journey.id, {"customer_name": "A\x00da", "notes": "two\r\nlines \ud83d"})
    service.report_problem(ada, journey.id, "Fl\x00at tyre")
    card = card_of(ada, journey.id)
    assert (card.customer_name, card.notes, card.problem) == ("Ada", "two\nlines ?", "Flat tyre")


def test_a_journey_moves_only_to_a_location_in_scope(yard: Yard) -> None:
    """Of its own company too; there it is told with its name, and its crew stays with it."""
    boulder, abroad = yard.location("Boulder"), yard.location("Boulder", company="Other Movers")
    kim = yard.mover("Kim")
    journey = yard.journey(crew=[kim])
    ada, both = yard.dispatcher().actor, yard.dispatcher(locations=[DENVER, "Boulder"]).actor
    for actor, place in ((ada, boulder), (both, abroad)):
        with pytest.raises(InvalidInput):
            service.change(actor, journey.id, {"location_id": place.id})
    service.change(both, journey.id, {"location_id": boulder.id})
    with pytest.raises(NotFound):
        card_of(ada, journey.id)
    assert told(both, journey.id) == ["Location: Boulder instead of Denver."]
    service.set_crew(both, journey.id, [kim.user_id, yard.mover(locations=["Boulder"]).user_id])


def test_a_journey_is_left_to_the_source_only_where_one_can_follow_it(yard: Yard) -> None:
    """Somebody brought it here from a branch out of scope: giving that up would take it out of one's hands unseen."""
    boulder = yard.location("Boulder")
    ada, both = yard.dispatcher().actor, yard.dispatcher(locations=[DENVER, "Boulder"]).actor
    journey = yard.journey(boulder)
    service.change(both, journey.id, {"location_id": yard.denver.id})
    with pytest.raises(InvalidInput):
        service.use_source(ada, journey.id, ["location_id"])
    assert card_of(ada, journey.id).location == DENVER
    service.use_source(both, journey.id, ["location_id"])
    assert card_of(both, journey.id).location == "Boulder"


def test_an_old_picture_changes_nothing(yard: Yard) -> None:
    """Whoever saw an earlier version is told so, whatever they do; without a version the last one wins per field."""
    ada, bob = yard.dispatcher().actor, yard.dispatcher().actor
    journey, kim, truck = yard.journey(), yard.mover(), yard.truck()
    service.change(ada, journey.id, {"move_size": "Studio"}, version=1)
    for act in (
        lambda: service.change(bob, journey.id, {"move_size": "House"}, version=1),
        lambda: service.use_source(bob, journey.id, ["move_size"], version=1),
        lambda: service.set_crew(bob, journey.id, [kim.user_id], version=1),
        lambda: service.set_trucks(bob, journey.id, [truck.id], version=1),
    ):
        with pytest.raises(Stale) as refused:
            act()
        assert (refused.value.status, refused.value.code) == (409, "stale")
    service.change(bob, journey.id, {"service_type": "Packing"})
    card = card_of(ada, journey.id)
    assert (card.move_size, card.service_type, card.crew) == ("Studio", "Packing", ())
