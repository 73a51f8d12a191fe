"""Putting people and trucks on journeys. Whoever is held twice is flagged, never refused."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace

from sqlalchemy import delete, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from webapp import clock
from webapp.accounts.actor import Actor
from webapp.accounts.models import Location, User, user_locations
from webapp.accounts.permissions import Role
from webapp.db import LARGEST, writing
from webapp.journeys.bookings import bookings_on
from webapp.journeys.errors import StepForbidden, invalid
from webapp.journeys.models import JourneyCrew, JourneyTruck, Truck, TruckJourney
from webapp.journeys.scope import journey_to_edit
from webapp.journeys.spans import Clash, Kind, clashes
from webapp.journeys.stages import Obstacle, Stage
from webapp.journeys.writing import record, refuse_stale

CREW_ROLES = (Role.DRIVER, Role.MOVER)
MOST = 50


@dataclass(frozen=True)
class _Sort:
    """What differs between people and trucks when they are put on a journey."""

    kind: Kind
    field: str
    holding: type[JourneyCrew] | type[JourneyTruck]
    holder: InstrumentedAttribute[int]
    named: type[User] | type[Truck]
    free: Callable[[Session, TruckJourney, Collection[int]], set[int]]
    what: str
    event: str
    of: str
    bare: Obstacle


def set_crew(
    actor: Actor, journey_id: int, user_ids: Iterable[int], *, version: int | None = None
) -> tuple[Clash, ...]:
    """Make the crew these people, and return where they are needed at the same time.

    Drivers and movers of the journey's location, or who were on it already. Raises `Forbidden`, `NotFound`,
    `Stale`, `InvalidInput` (field `user_ids`), `StepForbidden` where a journey under way would be left alone.
    """
    return _assign(_people(), actor, journey_id, frozenset(user_ids), version)


def set_trucks(
    actor: Actor, journey_id: int, truck_ids: Iterable[int], *, version: int | None = None
) -> tuple[Clash, ...]:
    """Make the trucks these, and return where they are needed at the same time.

    Trucks in use of the journey's location, or that were on it already. Raises as `set_crew` (field `truck_ids`).
    """
    return _assign(_trucks(), actor, journey_id, frozenset(truck_ids), version)


def _people() -> _Sort:
    return _Sort(
        kind=Kind.PERSON,
        field="user_ids",
        holding=JourneyCrew,
        holder=JourneyCrew.user_id,
        named=User,
        free=_free_people,
        what="drivers and movers",
        event="crew",
        of="crew",
        bare=Obstacle("needs_crew", "it needs somebody on the crew"),
    )


def _trucks() -> _Sort:
    return _Sort(
        kind=Kind.TRUCK,
        field="truck_ids",
        holding=JourneyTruck,
        holder=JourneyTruck.truck_id,
        named=Truck,
        free=_free_trucks,
        what="trucks in use",
        event="truck",
        of="job",
        bare=Obstacle("needs_truck", "it needs a truck"),
    )


def _assign(
    sort: _Sort, actor: Actor, journey_id: int, wanted: frozenset[int], version: int | None
) -> tuple[Clash, ...]:
    with writing() as session:
        journey, location = journey_to_edit(session, actor, journey_id)
        refuse_stale(journey, version)
        before = set(session.scalars(select(sort.holder).where(sort.holding.journey_id == journey_id)))
        added, gone = wanted - before, before - wanted
        _refuse_unknown(sort, added, sort.free(session, journey, added), location)
        if gone and not wanted:
            _refuse_bare(sort, journey)
        if added or gone:
            session.execute(delete(sort.holding).where(sort.holding.journey_id == journey_id, sort.holder.in_(gone)))
            now = clock.now()
            rows = [{"journey_id": journey_id, sort.holder.key: each, "assigned_at": now} for each in sorted(added)]
            session.add_all(sort.holding(**row) for row in rows)
            said = _said(sort, _names(session, sort, added | gone), added, gone)
            details = {"before": sorted(before), "after": sorted(wanted)}
            record(session, actor, journey, sort.event, said, details=details, is_news=True)
        session.flush()
        found = clashes(bookings_on(session, actor, [journey.scheduled_date])).get(journey_id, ())
        return tuple(clash for clash in found if clash.kind is sort.kind)


def _free_people(session: Session, journey: TruckJourney, ids: Collection[int]) -> set[int]:
    return set(
        session.scalars(
            select(User.id)
            .join(user_locations, user_locations.c.user_id == User.id)
            .where(
                User.id.in_(_storable(ids)),
                User.is_active,
                User.role.in_(CREW_ROLES),
                User.company_id == journey.company_id,
                user_locations.c.location_id == journey.location_id,
            )
        )
    )


def _free_trucks(session: Session, journey: TruckJourney, ids: Collection[int]) -> set[int]:
    return set(
        session.scalars(
            select(Truck.id).where(
                Truck.id.in_(_storable(ids)),
                Truck.is_active,
                Truck.company_id == journey.company_id,
                Truck.location_id == journey.location_id,
            )
        )
    )


def _storable(ids: Collection[int]) -> list[int]:
    return [each for each in ids if abs(each) <= LARGEST]


def _refuse_unknown(sort: _Sort, added: Collection[int], free: Collection[int], location: Location) -> None:
    if len(added) > MOST:
        raise invalid(sort.field, f"At most {MOST} on one job.")
    if unknown := sorted(set(added) - set(free)):
        numbers = ", ".join(str(each) for each in unknown)
        raise invalid(sort.field, f"Only {sort.what} of {location.name} can be put on this job; not so: {numbers}.")


def _refuse_bare(sort: _Sort, journey: TruckJourney) -> None:
    """What has set out had a crew and a truck: they can be exchanged, not taken away."""
    stage = Stage(journey.stage)
    if stage is not Stage.MORNING_PREP:
        text = f"This job is {stage.label.lower()}: {sort.bare.text}."
        raise StepForbidden([replace(sort.bare, text=text)])


def _names(session: Session, sort: _Sort, ids: Collection[int]) -> dict[int, str]:
    rows = session.execute(select(sort.named.id, sort.named.name).where(sort.named.id.in_(ids)))
    return {row.id: row.name for row in rows}


def _said(sort: _Sort, names: dict[int, str], added: Collection[int], gone: Collection[int]) -> str:
    put, took = (", ".join(sorted(names[each] for each in ids)) for ids in (added, gone))
    said = [f"Put {put} on the {sort.of}."] if put else []
    return " ".join([*said, f"Took {took} off the {sort.of}."] if took else said)
