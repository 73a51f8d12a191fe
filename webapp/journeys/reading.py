"""Reading cards: the columns a card shows, then crews, trucks and clashes, in a constant number of queries."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Row, Select, String, and_, case, cast, null, select
from sqlalchemy.orm import Session

from webapp.accounts.actor import Actor
from webapp.accounts.models import Location, User
from webapp.accounts.permissions import Permission
from webapp.journeys.bookings import bookings_elsewhere, place_of
from webapp.journeys.cards import Card, Person, TruckName
from webapp.journeys.fields import differing
from webapp.journeys.models import JourneyCrew, JourneyLook, JourneyTruck, Truck, TruckJourney
from webapp.journeys.spans import Booking, Clash, Kind, Place, clashes
from webapp.journeys.stages import Stage

H = TypeVar("H", Person, TruckName)
# Each person or truck with its name and the journeys it is on.
_Holders = dict[int, tuple[str, list[Row[Any]]]]
# Faster than asking the enumeration, for hundreds of cards.
STAGES = {stage.value: stage for stage in Stage}
# Whose overrides are empty has no differences: neither JSON is worth carrying.
_HAS_OVERRIDES = cast(TruckJourney.overrides, String) != "{}"
# The members of a card that are columns as they are: the first of them, up to the first that is worked out.
_AS_READ = Card._fields[: Card._fields.index("stage")]


def cards(session: Session, actor: Actor, *conditions: ColumnElement[bool], is_everything: bool = False) -> list[Card]:
    """The cards of the journeys that meet the conditions (over `TruckJourney` and `Location`), in arrival order.

    `is_everything`: they are all that the company has on their days, so nobody can be needed elsewhere.
    """
    # Past the ORM, which adds nothing to plain columns but time: this is what boards are drawn from, again and again.
    rows = session.connection().execute(_columns(actor).where(*conditions)).all()
    if not rows:
        return []
    ids = [row.id for row in rows]
    crews, trucks = _crews(session, ids), _trucks(session, ids)
    # A crew is not told where its colleagues are.
    is_told = actor.may(Permission.VIEW_JOBS)
    clashing = _clashes(session, actor, rows, crews, trucks, is_everything) if is_told else {}
    found = [_card(row, crews.get(row.id, ()), trucks.get(row.id, ()), clashing.get(row.id, ())) for row in rows]
    return sorted(found, key=in_order)


def in_order(card: Card) -> tuple[Any, ...]:
    """By day, then by arrival, open times last; then by customer, and always the same way."""
    start, end = card.arrival_start, card.arrival_end
    return (
        card.scheduled_date,
        start is None,
        start or 0,
        end is None,
        end or 0,
        card.customer_name.casefold(),
        card.id,
    )


def _columns(actor: Actor) -> Select[*tuple[Any, ...]]:
    special: dict[str, ColumnElement[Any]] = {
        # Money that may not be seen is not even asked for.
        "estimated_value": TruckJourney.estimated_value.expression if actor.may(Permission.SEE_MONEY) else null(),
        "location": Location.name.expression,
    }
    return (
        select(
            *((special[name] if name in special else getattr(TruckJourney, name)).label(name) for name in _AS_READ),
            TruckJourney.stage,
            TruckJourney.stops,
            TruckJourney.changed_at,
            (TruckJourney.changed_by == actor.user_id).label("is_own_change"),
            JourneyLook.looked_at,
            case((_HAS_OVERRIDES, TruckJourney.overrides)).label("overrides"),
            case((_HAS_OVERRIDES, TruckJourney.source)).label("source"),
        )
        .join(Location, Location.id == TruckJourney.location_id)
        .outerjoin(JourneyLook, and_(JourneyLook.journey_id == TruckJourney.id, JourneyLook.user_id == actor.user_id))
    )


def _crews(session: Session, ids: list[int]) -> dict[int, tuple[Person, ...]]:
    statement = (
        select(JourneyCrew.journey_id, User.id, User.name, User.role)
        .join(User, User.id == JourneyCrew.user_id)
        .where(JourneyCrew.journey_id.in_(ids))
        .order_by(User.role, User.name, User.id)
    )
    return _by_journey(session, statement, Person)


def _trucks(session: Session, ids: list[int]) -> dict[int, tuple[TruckName, ...]]:
    statement = (
        select(JourneyTruck.journey_id, Truck.id, Truck.name)
        .join(Truck, Truck.id == JourneyTruck.truck_id)
        .where(JourneyTruck.journey_id.in_(ids))
        .order_by(Truck.name, Truck.id)
    )
    return _by_journey(session, statement, TruckName)


def _by_journey(
    session: Session, statement: Select[*tuple[Any, ...]], make: Callable[..., H]
) -> dict[int, tuple[H, ...]]:
    made: dict[int, H] = {}
    found: dict[int, list[H]] = defaultdict(list)
    for journey_id, holder_id, *told in session.connection().execute(statement):
        if holder_id not in made:
            made[holder_id] = make(holder_id, *told)
        found[journey_id].append(made[holder_id])
    return {journey_id: tuple(each) for journey_id, each in found.items()}


def _clashes(
    session: Session,
    actor: Actor,
    rows: Sequence[Row[Any]],
    crews: Mapping[int, Iterable[Person]],
    trucks: Mapping[int, Iterable[TruckName]],
    is_everything: bool,
) -> Mapping[int, tuple[Clash, ...]]:
    on_board = [row for row in rows if row.on_board]
    held = {Kind.PERSON: _held(on_board, crews), Kind.TRUCK: _held(on_board, trucks)}
    elsewhere: list[Booking] = []
    if not is_everything:
        days, shown = {row.scheduled_date for row in rows}, [row.id for row in rows]
        elsewhere = bookings_elsewhere(session, actor, days, held, shown)
    return clashes([*_bookings(held, elsewhere), *elsewhere])


def _bookings(held: Mapping[Kind, _Holders], elsewhere: Sequence[Booking]) -> Iterator[Booking]:
    """Of who and what is on several journeys: most are on one, cannot clash, and are passed over."""
    places: dict[int, Place] = {}
    for kind, holders in held.items():
        asked = {booking.id for booking in elsewhere if booking.kind is kind}
        for holder_id, (name, rows) in holders.items():
            for row in rows if len(rows) > 1 or holder_id in asked else ():
                place = places.get(row.id)
                if place is None:
                    place = places[row.id] = place_of(row)
                yield Booking(kind, holder_id, name, place)


def _held(rows: Sequence[Row[Any]], holders: Mapping[int, Iterable[Person | TruckName]]) -> _Holders:
    held: _Holders = {}
    for row in rows:
        for holder in holders.get(row.id, ()):
            held.setdefault(holder.id, (holder.name, []))[1].append(row)
    return held


def _card(row: Row[Any], crew: tuple[Person, ...], trucks: tuple[TruckName, ...], clashing: tuple[Clash, ...]) -> Card:
    stage, stops, changed_at, is_own_change, looked_at, overrides, source = row[len(_AS_READ) :]
    is_unseen = changed_at is not None and (looked_at is None or looked_at < changed_at)
    worked_out = (
        STAGES[stage],
        tuple(stops),
        is_unseen and not is_own_change,
        tuple(differing(source, overrides)) if overrides else (),
        crew,
        trucks,
        clashing,
    )
    return Card._make((*row[: len(_AS_READ)], *worked_out))
