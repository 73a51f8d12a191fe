"""Jobs that left a day since a person looked: taken off the board, or moved to another day. Nobody misses them then."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, or_, select

from webapp import clock
from webapp.accounts.actor import Actor
from webapp.accounts.models import Location
from webapp.accounts.permissions import Permission
from webapp.db import db
from webapp.journeys.cards import Wanted, label_of
from webapp.journeys.days import day_at
from webapp.journeys.models import JourneyEvent, JourneyLook, TruckJourney
from webapp.journeys.scope import visible
from webapp.journeys.words import TENTATIVE

# Longer ago, whoever had to know has heard of it another way.
TOLD_FOR = timedelta(days=2)
SOURCES = ("source", "edit")


class Left(NamedTuple):
    """A job that left: what it is called, and what became of it, in a sentence."""

    id: int
    label: str
    why: str


def left(actor: Actor, wanted: Wanted) -> list[Left]:
    """The jobs that left the wanted day in the last two days, by the last change that this person has not seen.

    Of the wanted location, if one is named; in the order in which they left. Raises `Forbidden` for who may not see
    jobs.
    """
    actor.require(Permission.VIEW_JOBS)
    statement = _unseen(actor)
    if wanted.location is not None:
        statement = statement.where(Location.name == wanted.location)
    # Each with the day that is meant where it is.
    rows = [(row, day_at(row.timezone, wanted.day)) for row in db.session.execute(statement)]
    moved = _moved_from(row.id for row, day in rows if row.scheduled_date != day)
    return [
        Left(row.id, label_of(row.job_number or row.quote_number, row.customer_name), row.change_note)
        for row, day in rows
        if (not row.on_board if row.scheduled_date == day else day in moved.get(row.id, ()))
    ]


def _unseen(actor: Actor) -> Select[*tuple[Any, ...]]:
    named = (
        TruckJourney.id,
        TruckJourney.job_number,
        TruckJourney.quote_number,
        TruckJourney.customer_name,
        TruckJourney.scheduled_date,
        TruckJourney.on_board,
        TruckJourney.change_note,
        Location.timezone,
    )
    look = and_(JourneyLook.journey_id == TruckJourney.id, JourneyLook.user_id == actor.user_id)
    return (
        select(*named)
        .join(Location, Location.id == TruckJourney.location_id)
        .outerjoin(JourneyLook, look)
        .where(
            visible(actor),
            or_(TruckJourney.on_board, TruckJourney.off_reason != TENTATIVE),
            TruckJourney.changed_at > clock.now() - TOLD_FOR,
            or_(TruckJourney.changed_by.is_(None), TruckJourney.changed_by != actor.user_id),
            or_(JourneyLook.looked_at.is_(None), JourneyLook.looked_at < TruckJourney.changed_at),
        )
        .order_by(TruckJourney.changed_at, TruckJourney.id)
    )


def _moved_from(journey_ids: Iterable[int]) -> dict[int, set[date]]:
    """The days from which each of these journeys was moved lately."""
    ids = list(journey_ids)
    if not ids:
        return {}
    found: dict[int, set[date]] = {}
    events = db.session.execute(
        select(JourneyEvent.journey_id, JourneyEvent.details).where(
            JourneyEvent.journey_id.in_(ids),
            JourneyEvent.kind.in_(SOURCES),
            JourneyEvent.happened_at > clock.now() - TOLD_FOR,
        )
    )
    for journey_id, details in events:
        before = details.get("before", {}).get("scheduled_date")
        if before:
            found.setdefault(journey_id, set()).add(date.fromisoformat(before))
    return found
