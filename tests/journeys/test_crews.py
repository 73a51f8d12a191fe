"""Putting people and trucks on journeys: whom, with which warnings; the trucks of a location."""

import pytest

from tests.journey_rows import DENVER, Yard, card_of, told
from tests.rows import People
from webapp.accounts.permissions import TABLE, Permission, Role
from webapp.errors import Forbidden, InvalidInput, NotFound
from webapp.journeys import queries, service
from webapp.journeys.service import NameTaken, StepForbidden
from webapp.journeys.stages import Stage

pytestmark = pytest.mark.usefixtures("monday", "context")


def test_a_crew_is_warned_of_and_not_refused_when_it_is_needed_twice(yard: Yard) -> None:
    """The warning is what the board flags; the history names who came and went."""
    ada, kim, lee = yard.dispatcher().actor, yard.driver("Kim"), yard.mover("Lee")
    truck, spare = yard.truck("Truck 7"), yard.truck("Truck 8")
    first = yard.journey(crew=[kim], trucks=[truck], customer_name="Rowan")
    second = yard.journey(arrival_start=660, arrival_end=720)
    [clash] = service.set_crew(ada, second.id, [kim.user_id, lee.user_id])
    assert clash.text == f"Kim is also on {first.job_number} Rowan, 08:00 to 12:00."
    assert [clash.name for clash in service.set_trucks(ada, second.id, [truck.id])] == ["Truck 7"]
    assert len(card_of(ada, second.id).clashes) == len(card_of(ada, first.id).clashes) == 2
    assert service.set_crew(ada, second.id, [lee.user_id]) == ()
    service.set_trucks(ada, second.id, [spare.id])
    assert told(ada, second.id) == [
        "Put Truck 8 on the job. Took Truck 7 off the job.",
        "Took Kim off the crew.",
        "Put Truck 7 on the job.",
        "Put Kim, Lee on the crew.",
    ]
    assert [person.name for person in card_of(ada, second.id).crew] == ["Lee"]


def test_only_the_location_s_own_active_crews_and_trucks_are_assigned(yard: Yard, people: People) -> None:
    """Nobody of another branch, role or company, nobody who left, nothing out of use or unknown."""
    boulder, ada, journey = yard.location("Boulder"), yard.dispatcher(), yard.journey()
    yard.location(DENVER, company="Other Movers")
    strangers = [
        yard.mover(locations=["Boulder"]),
        yard.mover(locations=[]),
        yard.mover(is_active=False),
        yard.mover(company="Other Movers"),
        people(Role.MANAGER, locations=[DENVER]),
        ada,
    ]
    for user_id in [*(one.user_id for one in strangers), 999_999, 2**70]:
        with pytest.raises(InvalidInput) as refused:
            service.set_crew(ada.actor, journey.id, [user_id])
        assert list(refused.value.fields) == ["user_ids"]
    for truck in (yard.truck(location=boulder), yard.truck(is_active=False)):
        with pytest.raises(InvalidInput) as refused:
            service.set_trucks(ada.actor, journey.id, [truck.id])
        assert list(refused.value.fields) == ["truck_ids"]
    gone = yard.mover(is_active=False)
    yard.assign(journey, gone)
    service.set_crew(ada.actor, journey.id, [gone.user_id, yard.mover().user_id])


def test_what_has_set_out_keeps_somebody_and_a_truck(yard: Yard) -> None:
    """They can be exchanged, not taken away."""
    ada, truck = yard.dispatcher().actor, yard.truck()
    journey = yard.journey(crew=[yard.driver()], trucks=[truck], stage=Stage.ONSITE)
    for act, code in ((service.set_crew, "needs_crew"), (service.set_trucks, "needs_truck")):
        with pytest.raises(StepForbidden) as refused:
            act(ada, journey.id, [])
        assert refused.value.code == code
    service.set_crew(ada, journey.id, [yard.mover().user_id])


def test_trucks_are_kept_by_the_desk_of_their_location(yard: Yard, people: People) -> None:
    """Their names are their own there, however they are spelt."""
    ada = yard.dispatcher().actor
    yard.location("Boulder")
    truck_id = service.add_truck(ada, DENVER, "  Truck   7 ")
    other_id = service.add_truck(ada, DENVER, "Truck 8")
    for act in (
        lambda: service.add_truck(ada, DENVER, "TRUCK 7"),
        lambda: service.rename_truck(ada, other_id, "truck 7"),
    ):
        with pytest.raises(NameTaken) as refused:
            act()
        assert (refused.value.status, refused.value.code) == (409, "name_taken")
    service.rename_truck(ada, truck_id, "truck 7")
    service.set_truck_active(ada, other_id, False)
    assert [(row.name, row.location, row.is_active) for row in queries.trucks(ada)] == [
        ("Truck 8", DENVER, False),
        ("truck 7", DENVER, True),
    ]
    assert [choice.name for choice in queries.truck_choices(ada, DENVER)] == ["truck 7"]
    for name in ("", "x" * 61):
        with pytest.raises(InvalidInput):
            service.add_truck(ada, DENVER, name)
    for place in ("Boulder", "Nowhere", "Den\x00ver "):
        with pytest.raises(NotFound):
            service.add_truck(ada, place, "Truck 9")
    theirs = yard.dispatcher(locations=["Boulder"]).actor
    with pytest.raises(NotFound):
        service.rename_truck(theirs, truck_id, "Mine")
    for role in set(Role) - {role for role in Role if Permission.EDIT_JOBS in TABLE[role]}:
        with pytest.raises(Forbidden):
            service.add_truck(people(role, locations=[DENVER]).actor, DENVER, "Truck 9")


def test_choices_say_what_they_would_clash_with(yard: Yard) -> None:
    """Who is on the journey stands among them wherever they are from, and does not clash with it."""
    ada = yard.dispatcher().actor
    yard.location("Boulder")
    kim, lee, visitor = yard.driver("Kim"), yard.mover("Lee"), yard.mover("Max", locations=["Boulder"])
    busy_truck, free = yard.truck("Truck 7"), yard.truck("Truck 8")
    first = yard.journey(crew=[lee], trucks=[busy_truck])
    journey = yard.journey(crew=[kim, visitor])
    card = card_of(ada, journey.id)
    choices = queries.crew_choices(ada, card=card)
    assert [(one.name, one.is_assigned, [clash.other_id for clash in one.clashes]) for one in choices] == [
        ("Kim", True, []),
        ("Lee", False, [first.id]),
        ("Max", True, []),
    ]
    assert [(one.name, bool(one.clashes)) for one in queries.truck_choices(ada, card=card)] == [
        ("Truck 7", True),
        (free.name, False),
    ]
    assert [one.name for one in queries.crew_choices(ada, DENVER, role=Role.DRIVER)] == ["Kim"]
    assert queries.crew_choices(ada, "Boulder") == []
    with pytest.raises(Forbidden):
        queries.crew_choices(kim.actor, DENVER)
