"""Figures over journeys: how many jobs when, where, of what kind and how far; what they are worth; who works on them.

A journey that was taken off the board is no job; it is counted as taken off. What is tentative never was one.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, and_, exists, func, null, or_, select
from sqlalchemy.orm import aliased

from webapp.accounts.actor import Actor, in_scope
from webapp.accounts.models import Location, User
from webapp.accounts.permissions import Permission
from webapp.db import db
from webapp.journeys.counts import Asked, Count, Figures, Use, total_of
from webapp.journeys.models import JourneyCrew, JourneyTruck, Truck, TruckJourney
from webapp.journeys.spans import LEAST_MINUTES
from webapp.journeys.stages import Stage
from webapp.journeys.words import TENTATIVE

K = TypeVar("K", bound=Hashable)
# Day, location, type and stage that some jobs have in common, and how many there are.
Cell = tuple[date, str, str, str, Count]


def figures(actor: Actor, asked: Asked) -> Figures:
    """The figures of what `actor` may see, in three queries. Raises `Forbidden`."""
    actor.require(Permission.VIEW_JOBS)
    cells = _cells(actor, asked)
    nothing = Count(value=Decimal(0) if actor.may(Permission.SEE_MONEY) else None)
    by_day = _summed((day, count) for day, _, _, _, count in cells)
    by_stage = _summed((Stage(stage), count) for _, _, _, stage, count in cells)
    return Figures(
        total=total_of([nothing, *(count for *_, count in cells)]),
        by_day={day: by_day.get(day, nothing) for day in asked.days},
        by_location=_by_most(_summed((location, count) for _, location, _, _, count in cells)),
        by_type=_by_most(_summed((kind or "Not named", count) for _, _, kind, _, count in cells)),
        by_stage={stage: by_stage.get(stage, nothing) for stage in Stage},
        crew=_crew_use(actor, asked),
        trucks=_truck_use(actor, asked),
    )


def _cells(actor: Actor, asked: Asked) -> list[Cell]:
    may_see_money = actor.may(Permission.SEE_MONEY)
    on, off = TruckJourney.on_board, and_(~TruckJourney.on_board, TruckJourney.off_reason != TENTATIVE)
    # Money that may not be seen is not even asked for.
    value: Any = func.sum(TruckJourney.estimated_value).filter(_carries_value()) if may_see_money else null()
    keys = (TruckJourney.scheduled_date, Location.name, TruckJourney.service_type, TruckJourney.stage)
    rows = db.session.execute(
        select(
            *keys,
            func.count().filter(on),
            func.count().filter(and_(on, TruckJourney.confirmed.is_(True))),
            func.count().filter(off),
            value,
        )
        .join(Location, Location.id == TruckJourney.location_id)
        .where(*_asked_for(actor, asked), or_(on, off))
        .group_by(*keys)
    )
    known = Decimal(0) if may_see_money else None
    return [
        (day, location, kind, stage, Count(jobs, confirmed, taken_off, known if worth is None else worth))
        for day, location, kind, stage, jobs, confirmed, taken_off, worth in rows
    ]


def _carries_value() -> ColumnElement[bool]:
    """Whether this journey stands for its opportunity's value: the first of its jobs on the board that knows one.

    The estimate is of the opportunity, so it is counted on one day and at one branch, whatever is asked for.
    """
    other = aliased(TruckJourney)
    # Not the bare column: SQLite would look up all journeys of earlier days instead of the opportunity's few.
    other_day = func.coalesce(other.scheduled_date, other.scheduled_date)
    is_earlier = or_(
        other_day < TruckJourney.scheduled_date,
        and_(other_day == TruckJourney.scheduled_date, other.id < TruckJourney.id),
    )
    has_earlier = exists().where(
        other.company_id == TruckJourney.company_id,
        other.opportunity_id == TruckJourney.opportunity_id,
        other.on_board,
        other.estimated_value.is_not(None),
        is_earlier,
    )
    return and_(TruckJourney.on_board, TruckJourney.estimated_value.is_not(None), ~has_earlier)


def _crew_use(actor: Actor, asked: Asked) -> list[Use]:
    rows = db.session.execute(
        select(User.name, User.role, func.count(), _minutes())
        .join(JourneyCrew, JourneyCrew.user_id == User.id)
        .join(TruckJourney, TruckJourney.id == JourneyCrew.journey_id)
        .join(Location, Location.id == TruckJourney.location_id)
        .where(*_asked_for(actor, asked), TruckJourney.on_board)
        .group_by(User.id, User.name, User.role)
    )
    return _most_used(Use(name, role.capitalize(), jobs, minutes) for name, role, jobs, minutes in rows)


def _truck_use(actor: Actor, asked: Asked) -> list[Use]:
    home = aliased(Location)
    rows = db.session.execute(
        select(Truck.name, home.name, func.count(), _minutes())
        .join(JourneyTruck, JourneyTruck.truck_id == Truck.id)
        .join(home, home.id == Truck.location_id)
        .join(TruckJourney, TruckJourney.id == JourneyTruck.journey_id)
        .join(Location, Location.id == TruckJourney.location_id)
        .where(*_asked_for(actor, asked), TruckJourney.on_board)
        .group_by(Truck.id, Truck.name, home.name)
    )
    return _most_used(Use(*row) for row in rows)


def _minutes() -> ColumnElement[int]:
    return func.sum(func.coalesce(TruckJourney.minutes_needed, LEAST_MINUTES))


def _asked_for(actor: Actor, asked: Asked) -> list[ColumnElement[bool]]:
    conditions = [
        in_scope(actor, TruckJourney.company_id, Location.name),
        TruckJourney.scheduled_date.between(asked.first, asked.last),
    ]
    return conditions if asked.location is None else [*conditions, Location.name == asked.location]


def _summed(counts: Iterable[tuple[K, Count]]) -> dict[K, Count]:
    grouped: dict[K, list[Count]] = defaultdict(list)
    for key, count in counts:
        grouped[key].append(count)
    return {key: total_of(each) for key, each in grouped.items()}


def _by_most(counts: dict[str, Count]) -> dict[str, Count]:
    return dict(sorted(counts.items(), key=lambda each: (-each[1].jobs, each[0].casefold(), each[0])))


def _most_used(uses: Iterable[Use]) -> list[Use]:
    return sorted(uses, key=lambda use: (-use.minutes, -use.jobs, use.name.casefold(), use.of))
