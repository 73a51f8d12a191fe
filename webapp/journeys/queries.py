"""What pages, JSON and other rooms read of journeys."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, exists, func, or_, select

from webapp.accounts.actor import Actor, in_scope
from webapp.accounts.models import Location
from webapp.accounts.permissions import Permission
from webapp.db import db
from webapp.journeys import words
from webapp.journeys.cards import Card as Card
from webapp.journeys.cards import Day, Wanted, matches
from webapp.journeys.cards import Person as Person
from webapp.journeys.cards import TruckName as TruckName
from webapp.journeys.choices import CrewChoice as CrewChoice
from webapp.journeys.choices import TruckChoice as TruckChoice
from webapp.journeys.choices import TruckRow as TruckRow
from webapp.journeys.choices import crew_choices as crew_choices
from webapp.journeys.choices import truck_choices as truck_choices
from webapp.journeys.choices import trucks as trucks
from webapp.journeys.days import days_of
from webapp.journeys.detail import Detail as Detail
from webapp.journeys.detail import Event as Event
from webapp.journeys.detail import history as history
from webapp.journeys.detail import journey as journey
from webapp.journeys.marks import mark as mark
from webapp.journeys.marks import mark_for as mark_for
from webapp.journeys.models import DataSource, Truck, TruckJourney
from webapp.journeys.reading import cards
from webapp.journeys.scope import own, visible


def journeys_on(actor: Actor, wanted: Wanted) -> list[Card]:
    """The cards of a day that the actor may see, in arrival order; a crew sees its own. Raises `Forbidden`.

    The number of queries does not depend on what there is. `today` and `tomorrow` are each location's own.
    """
    days = days_of(actor, [wanted.day])
    conditions = [visible(actor), days.condition, _on_board(is_tentative_shown=wanted.tentative)]
    if wanted.location is not None:
        conditions.append(Location.name == wanted.location)
    if wanted.stage is not None:
        conditions.append(TruckJourney.stage == wanted.stage)
    is_everything = actor.may(Permission.ALL_LOCATIONS) and len(conditions) == 3 and len(days.dates) == 1
    found = cards(db.session(), actor, *conditions, is_everything=is_everything)
    return [card for card in found if matches(card, wanted)]


def own_journeys(actor: Actor, days: Iterable[Day] = ("today", "tomorrow")) -> list[Card]:
    """The journeys of those days on whose crew the actor is, by day and arrival. Raises `Forbidden`."""
    mine = own(actor)
    return cards(db.session(), actor, mine, days_of(actor, days).condition, _on_board())


def locations(actor: Actor) -> list[str]:
    """Names in scope that are branches, or have journeys or trucks; offices of the press fleet alone are left out.

    Raises `Forbidden` for who may not see jobs.
    """
    actor.require(Permission.VIEW_JOBS)
    has_journey = exists().where(TruckJourney.location_id == Location.id)
    has_truck = exists().where(Truck.location_id == Location.id)
    is_branch = Location.data_source == DataSource.SMARTMOVING
    return list(
        db.session.scalars(
            select(Location.name)
            .where(in_scope(actor, Location.company_id, Location.name), or_(is_branch, has_journey, has_truck))
            .distinct()
            .order_by(Location.name)
        )
    )


def location_id(actor: Actor, company_id: int, name: str) -> int | None:
    """The id of the company's location of that name; None where there is none in scope."""
    return db.session.scalar(
        select(Location.id).where(
            in_scope(actor, Location.company_id, Location.name),
            Location.company_id == company_id,
            Location.name == name,
        )
    )


def last_sync(company_id: int) -> datetime | None:
    """When SmartMoving last told something about a branch or a journey; None: never."""
    told = [
        db.session.scalar(select(func.max(model.last_sync_at)).where(model.company_id == company_id))
        for model in (TruckJourney, Location)
    ]
    return max((moment for moment in told if moment), default=None)


def _on_board(*, is_tentative_shown: bool = False) -> ColumnElement[bool]:
    on_board = TruckJourney.on_board.is_(True)
    return or_(on_board, TruckJourney.off_reason == words.TENTATIVE) if is_tentative_shown else on_board
