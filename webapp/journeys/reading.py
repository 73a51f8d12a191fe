"""Reading cards: the columns a card shows, then crews, trucks and clashes, in a constant number of queries."""

from collections import defaultdict
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, String, and_, case, cast, null, select
from sqlalchemy.orm import Session

from webapp.accounts.actor import Actor
from webapp.accounts.models import Location, User
from webapp.accounts.permissions import Permission
from webapp.journeys.bookings import clashes_on
from webapp.journeys.cards import Card, Person, TruckName
from webapp.journeys.fields import differing
from webapp.journeys.models import JourneyCrew, JourneyLook, JourneyTruck, Truck, TruckJourney
from webapp.journeys.spans import Clash
from webapp.journeys.stages import Stage

# Whose overrides are empty has no differences: neither JSON is worth carrying.
_HAS_OVERRIDES = cast(TruckJourney.overrides, String) != "{}"
PLAIN = (
    "id",
    "company_id",
    "external_id",
    "job_number",
    "quote_number",
    "customer_name",
    "customer_phone",
    "customer_email",
    "scheduled_date",
    "arrival_start",
    "arrival_end",
    "origin_address",
    "destination_address",
    "service_type",
    "move_size",
    "confirmed",
    "source_status",
    "location_id",
    "data_source",
    "sync_status",
    "sync_error",
    "last_sync_at",
    "on_board",
    "off_reason",
    "change_note",
    "crew_needed",
    "trucks_needed",
    "minutes_needed",
    "notes",
    "problem",
    "version",
)


def cards(session: Session, actor: Actor, *conditions: ColumnElement[bool]) -> list[Card]:
    """The cards of the journeys that meet the conditions (over `TruckJourney` and `Location`), in arrival order."""
    rows = session.execute(_columns(actor).where(*conditions)).all()
    if not rows:
        return []
    ids = [row.id for row in rows]
    crews, trucks = _crews(session, ids), _trucks(session, ids)
    clashing = clashes_on(session, actor, {row.scheduled_date for row in rows})
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
    # Money that may not be seen is not even asked for.
    money = TruckJourney.estimated_value if actor.may(Permission.SEE_MONEY) else null()
    return (
        select(
            *(getattr(TruckJourney, name) for name in PLAIN),
            TruckJourney.stage,
            TruckJourney.stops,
            TruckJourney.changed_at,
            TruckJourney.changed_by,
            money.label("estimated_value"),
            case((_HAS_OVERRIDES, TruckJourney.overrides)).label("overrides"),
            case((_HAS_OVERRIDES, TruckJourney.source)).label("source"),
            Location.name.label("location"),
            JourneyLook.looked_at,
            (TruckJourney.changed_by == actor.user_id).label("is_own_change"),
        )
        .join(Location, Location.id == TruckJourney.location_id)
        .outerjoin(JourneyLook, and_(JourneyLook.journey_id == TruckJourney.id, JourneyLook.user_id == actor.user_id))
    )


def _crews(session: Session, ids: list[int]) -> dict[int, tuple[Person, ...]]:
    rows = session.execute(
        select(JourneyCrew.journey_id, User.id, User.name, User.role)
        .join(User, User.id == JourneyCrew.user_id)
        .where(JourneyCrew.journey_id.in_(ids))
        .order_by(User.role, User.name, User.id)
    )
    found: dict[int, list[Person]] = defaultdict(list)
    for journey_id, user_id, name, role in rows:
        found[journey_id].append(Person(user_id, name, role))
    return {journey_id: tuple(each) for journey_id, each in found.items()}


def _trucks(session: Session, ids: list[int]) -> dict[int, tuple[TruckName, ...]]:
    rows = session.execute(
        select(JourneyTruck.journey_id, Truck.id, Truck.name)
        .join(Truck, Truck.id == JourneyTruck.truck_id)
        .where(JourneyTruck.journey_id.in_(ids))
        .order_by(Truck.name, Truck.id)
    )
    found: dict[int, list[TruckName]] = defaultdict(list)
    for journey_id, truck_id, name in rows:
        found[journey_id].append(TruckName(truck_id, name))
    return {journey_id: tuple(each) for journey_id, each in found.items()}


def _card(row: Row[Any], crew: tuple[Person, ...], trucks: tuple[TruckName, ...], clashing: tuple[Clash, ...]) -> Card:
    values = row._mapping
    is_unseen = row.looked_at is None or (row.changed_at is not None and row.looked_at < row.changed_at)
    return Card(
        **{name: values[name] for name in PLAIN},
        estimated_value=row.estimated_value,
        stops=tuple(row.stops),
        stage=Stage(row.stage),
        location=row.location,
        is_changed=row.changed_at is not None and not row.is_own_change and is_unseen,
        overridden=tuple(differing(row.source, row.overrides)) if row.overrides else (),
        crew=crew,
        trucks=trucks,
        clashes=clashing,
    )
