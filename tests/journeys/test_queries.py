"""The day's cards: who sees which, on whose day, narrowed how, and in how many queries."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine

from tests.journey_rows import DENVER, MONDAY_MORNING, Yard
from tests.queries_counted import queries_of
from tests.rows import DAY, People
from webapp.accounts.actor import Actor
from webapp.accounts.permissions import TABLE, Permission, Role
from webapp.db import close_reading, writing
from webapp.errors import Forbidden, NotFound
from webapp.journeys import queries, words
from webapp.journeys.cards import Card, Only, Wanted
from webapp.journeys.models import JourneyLook
from webapp.journeys.stages import Stage

pytestmark = pytest.mark.usefixtures("monday", "context")
LOOKING = [role for role in Role if Permission.VIEW_JOBS in TABLE[role]]
CREWS = [Role.DRIVER, Role.MOVER]


def numbers(cards: list[Card]) -> list[str]:
    return [card.job_number for card in cards]


def seen(actor: Actor, **wanted: object) -> list[str]:
    return numbers(queries.journeys_on(actor, replace(Wanted(), **wanted)))  # type: ignore[arg-type]


@pytest.mark.parametrize("role", LOOKING)
def test_a_card_shows_the_journey_and_money_only_to_whom_it_concerns(people: People, yard: Yard, role: Role) -> None:
    """Every column as stored; the value None for a role without money, whatever is stored."""
    journey = yard.journey(
        estimated_value=Decimal("2400.50"),
        notes="Mind the cat",
        crew=[yard.mover("Kim")],
        trucks=[yard.truck("T1")],
    )
    actor = people(role, locations=[DENVER]).actor
    [card] = queries.journeys_on(actor, Wanted())
    for name in ("id", "job_number", "customer_name", "customer_phone", "scheduled_date", "location_id", "version"):
        assert getattr(card, name) == getattr(journey, name)
    assert card.estimated_value == (Decimal("2400.50") if actor.may(Permission.SEE_MONEY) else None)
    assert (card.location, card.stage, card.notes) == (DENVER, Stage.MORNING_PREP, "Mind the cat")
    assert ([person.name for person in card.crew], [truck.name for truck in card.trucks]) == (["Kim"], ["T1"])
    assert card.stops == tuple(journey.stops)


@pytest.mark.parametrize("role", LOOKING)
def test_scope_is_the_location_the_company_or_all(people: People, yard: Yard, role: Role) -> None:
    """A branch's people see their branch, administrators the company, the super admin every company."""
    boulder = yard.location("Boulder")
    abroad = yard.location(DENVER, company="Other Movers")
    here, near, far = yard.journey(), yard.journey(boulder), yard.journey(abroad)
    actor = people(role, locations=[DENVER]).actor
    expected = [here]
    if actor.may(Permission.ALL_LOCATIONS):
        expected.append(near)
    if actor.may(Permission.ALL_COMPANIES):
        expected.append(far)
    assert sorted(seen(actor)) == sorted(row.job_number for row in expected)
    for row in (here, near, far):
        if row in expected:
            assert queries.journey(actor, row.id).card.job_number == row.job_number
        else:
            with pytest.raises(NotFound):
                queries.journey(actor, row.id)
            with pytest.raises(NotFound):
                queries.history(actor, row.id)


@pytest.mark.parametrize("role", CREWS)
def test_a_crew_sees_its_own_journeys_only(people: People, yard: Yard, role: Role) -> None:
    """With phone and address; the neighbour's of the same branch does not exist for it."""
    me, other = people(role, locations=[DENVER]), yard.mover()
    mine, theirs = yard.journey(crew=[me], estimated_value=Decimal(1)), yard.journey(crew=[other])
    assert seen(me.actor) == numbers(queries.own_journeys(me.actor)) == [mine.job_number]
    card = queries.journey(me.actor, mine.id).card
    assert (card.customer_phone, card.origin_address) == (mine.customer_phone, mine.origin_address)
    assert card.estimated_value is None
    for journey_id in (theirs.id, 999_999):
        with pytest.raises(NotFound):
            queries.journey(me.actor, journey_id)


def test_a_scheduler_has_no_jobs(people: People, yard: Yard) -> None:
    """The role decides, before anything is looked for."""
    actor = people(Role.SCHEDULER, locations=[DENVER]).actor
    yard.journey()
    for asked in (
        lambda: queries.journeys_on(actor, Wanted()),
        lambda: queries.own_journeys(actor),
        lambda: queries.journey(actor, 1),
        lambda: queries.locations(actor),
    ):
        with pytest.raises(Forbidden):
            asked()


@pytest.mark.parametrize("role", list(Role))
def test_a_person_without_locations_sees_nothing(people: People, yard: Yard, role: Role) -> None:
    """And nothing breaks; who sees all locations needs none."""
    yard.journey()
    actor = people(role, locations=[]).actor
    if role is not Role.SCHEDULER:
        assert bool(seen(actor)) == actor.may(Permission.ALL_LOCATIONS)


def test_today_is_each_location_s_own(yard: Yard, people: People) -> None:
    """At eleven at night in Honolulu it is tomorrow in Halifax: each branch shows its own day."""
    honolulu = yard.location("Honolulu", "Pacific/Honolulu")
    halifax = yard.location("Halifax", "America/Halifax")
    unset = yard.location("Los Angeles", None)
    rows = {
        (place.name, offset): yard.journey(place, day=DAY + timedelta(days=offset)).job_number
        for place in (honolulu, halifax, unset)
        for offset in (0, 1, 2)
    }
    actor = people(Role.ADMIN).actor
    with time_machine.travel(MONDAY_MORNING + timedelta(hours=16)):
        assert set(seen(actor)) == {rows["Honolulu", 0], rows["Halifax", 1], rows["Los Angeles", 1]}
        assert set(seen(actor, day="tomorrow")) == {rows["Honolulu", 1], rows["Halifax", 2], rows["Los Angeles", 2]}
        assert set(seen(actor, day=DAY)) == {rows[name, 0] for name in ("Honolulu", "Halifax", "Los Angeles")}
    assert set(seen(actor)) == {rows[name, 0] for name in ("Honolulu", "Halifax", "Los Angeles")}


def test_cards_come_in_arrival_order(yard: Yard) -> None:
    """Open times last, then by customer."""
    times = [(None, None, "Ash"), (600, 720, "Birch"), (480, None, "Cedar"), (480, 600, "elm"), (480, 600, "Dogwood")]
    for start, end, name in times:
        yard.journey(arrival_start=start, arrival_end=end, customer_name=name)
    cards = queries.journeys_on(yard.dispatcher().actor, Wanted())
    assert [card.customer_name for card in cards] == ["Dogwood", "elm", "Cedar", "Birch", "Ash"]


def test_a_board_is_narrowed(yard: Yard, people: People) -> None:
    """By location, stage, what is missing or wrong, and text in any case and order of words."""
    boulder = yard.location("Boulder")
    crewed = yard.journey(crew=[yard.mover()], trucks=[yard.truck()], customer_name="Émile Rowan").job_number
    crew_only = yard.journey(crew=[yard.mover()], confirmed=None).job_number
    wrong = yard.journey(boulder, trucks=[yard.truck()], problem="Flat tyre", stage=Stage.EN_ROUTE).job_number
    actor = people(Role.ADMIN).actor
    assert set(seen(actor, location="Boulder")) == {wrong}
    assert set(seen(actor, stage=Stage.EN_ROUTE)) == {wrong}
    assert set(seen(actor, only=frozenset({Only.UNASSIGNED}))) == {crew_only, wrong}
    assert set(seen(actor, only=frozenset({Only.UNCONFIRMED}))) == {crew_only}
    assert set(seen(actor, only=frozenset({"problem", "unassigned"}))) == {wrong}
    assert set(seen(actor, text="rowan ÉMILE")) == {crewed}
    assert set(seen(actor, text=crew_only)) == set(seen(actor, text=f"sm_job_{crew_only}")) == {crew_only}
    assert set(seen(actor, text="aspen court")) == {crewed, crew_only, wrong}
    assert seen(actor, text="nobody of that name") == []


def test_what_is_off_the_board_is_shown_only_where_tentative_and_asked_for(yard: Yard) -> None:
    """A cancelled job stays away, a lead comes when asked for."""
    on = yard.journey().job_number
    lead = yard.journey(on_board=False, off_reason=words.TENTATIVE, source_status=3).job_number
    yard.journey(on_board=False, off_reason="Cancelled in SmartMoving.", source_status=20)
    actor = yard.dispatcher().actor
    assert seen(actor) == [on]
    assert set(seen(actor, tentative=True)) == {on, lead}


def test_changed_is_what_somebody_else_changed_since_the_last_look(yard: Yard) -> None:
    """Not one's own change, not what was looked at since, not what never changed."""
    me, colleague = yard.dispatcher(), yard.dispatcher()
    moment = MONDAY_MORNING
    by_source = yard.journey(changed_at=moment, change_note="Moved to 11-24-26.")
    by_colleague = yard.journey(changed_at=moment, changed_by=colleague.user_id)
    by_me = yard.journey(changed_at=moment, changed_by=me.user_id)
    seen_before, seen_after = yard.journey(changed_at=moment), yard.journey(changed_at=moment)
    yard.journey()
    with writing() as session:
        session.add(JourneyLook(user_id=me.user_id, journey_id=seen_before.id, looked_at=moment - timedelta(hours=1)))
        session.add(JourneyLook(user_id=me.user_id, journey_id=seen_after.id, looked_at=moment + timedelta(hours=1)))
        session.add(JourneyLook(user_id=colleague.user_id, journey_id=by_source.id, looked_at=moment))
    changed = frozenset({"changed"})
    assert set(seen(me.actor, only=changed)) == {row.job_number for row in (by_source, by_colleague, seen_before)}
    assert by_me.job_number in seen(colleague.actor, only=changed)
    assert by_source.job_number not in seen(colleague.actor, only=changed)


def test_a_person_on_two_journeys_at_once_is_flagged_at_both(yard: Yard) -> None:
    """Also where the other journey is another branch's, which is then not named; off the board nothing clashes."""
    boulder = yard.location("Boulder")
    kim, truck = yard.mover("Kim Diaz"), yard.truck("Truck 7")
    first = yard.journey(crew=[kim], trucks=[truck])
    second = yard.journey(crew=[kim], trucks=[truck], arrival_start=660, arrival_end=None, customer_name="Rowan")
    hidden = yard.journey(boulder, crew=[kim], arrival_start=1200, arrival_end=1200)
    late = yard.journey(crew=[kim], arrival_start=1260, arrival_end=1260)
    yard.journey(crew=[kim], on_board=False)
    yard.journey(crew=[kim], day=DAY + timedelta(days=1))
    cards = {card.id: card for card in queries.journeys_on(yard.dispatcher().actor, Wanted())}
    assert [clash.text for clash in cards[first.id].clashes] == [
        f"Kim Diaz is also on {second.job_number} Rowan, 11:00 to 13:00.",
        f"Truck 7 is also on {second.job_number} Rowan, 11:00 to 13:00.",
    ]
    assert [clash.other_id for clash in cards[second.id].clashes] == [first.id, first.id]
    [clash] = cards[late.id].clashes
    assert (clash.text, clash.other_id) == ("Kim Diaz is also on another journey, 20:00 to 22:00.", None)
    assert hidden.id not in cards
    assert [card.clashes for card in queries.journeys_on(kim.actor, Wanted())] == [(), (), (), ()]


def test_a_changed_field_is_marked_while_the_source_says_otherwise(yard: Yard) -> None:
    """Equal values are no difference; the page tells both in words, with who entered it."""
    boulder = yard.location("Boulder")
    entry = {"by": "Ada", "user_id": 1, "at": MONDAY_MORNING.isoformat()}
    journey = yard.journey(
        overrides={
            "arrival_start": {"value": 570, **entry},
            "location_id": {"value": yard.denver.id, **entry},
            "move_size": {"value": "2 bedrooms", **entry},
        },
        source={"arrival_start": 480, "location_id": boulder.id, "move_size": "2 bedrooms"},
    )
    detail = queries.journey(yard.dispatcher().actor, journey.id)
    assert detail.card.overridden == ("arrival_start", "location_id")
    assert [(one.field.label, one.here, one.theirs, one.by, one.at) for one in detail.differences] == [
        ("Arrival from", "09:30", "08:00", "Ada", MONDAY_MORNING),
        ("Location", "Denver", "Boulder", "Ada", MONDAY_MORNING),
    ]


def test_the_number_of_queries_does_not_grow(yard: Yard, people: People) -> None:
    """Two journeys or forty, with crews and trucks and clashes: the same few questions."""
    crew, truck = [yard.driver(), yard.mover()], yard.truck()
    yard.journeys(2, crew=crew, trucks=[truck])
    actor = people(Role.ADMIN).actor
    with queries_of() as few:
        queries.journeys_on(actor, Wanted())
    close_reading()
    yard.journeys(38, crew=crew, trucks=[truck], overrides={"notes": {"value": ""}})
    with queries_of() as many:
        assert len(queries.journeys_on(actor, Wanted())) == 40
    assert len(many) == len(few) <= 6
    asked = " ".join(many)
    assert "external_data" not in asked
    assert "content_hash" not in asked


def test_a_dispatcher_s_board_does_not_even_ask_for_money(yard: Yard) -> None:
    """It cannot leak from what was never read."""
    yard.journey(estimated_value=Decimal(900))
    with queries_of() as asked:
        queries.journeys_on(yard.dispatcher().actor, Wanted())
    assert "truck_journeys.estimated_value" not in " ".join(asked)


def test_locations_are_those_where_jobs_can_be(yard: Yard, people: People) -> None:
    """Branches, and whatever has journeys or trucks; not the offices of the press fleet, nor what is out of scope."""
    yard.location("Depot", data_source="", external_id=None)
    yard.truck(location=yard.location("Garage", data_source="", external_id=None))
    yard.journey(yard.location("Warehouse", data_source="", external_id=None))
    yard.location("Elsewhere", company="Other Movers")
    admin = people(Role.ADMIN, locations=["Los Angeles"]).actor
    assert queries.locations(admin) == ["Denver", "Garage", "Warehouse"]
    assert queries.locations(yard.dispatcher().actor) == ["Denver"]
    assert "Elsewhere" in queries.locations(people(Role.SUPER_ADMIN).actor)
