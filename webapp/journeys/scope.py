"""Which journeys a person may see, work on and change, and the one at hand, found and locked."""

from sqlalchemy import ColumnElement, and_, exists, select
from sqlalchemy.orm import Session

from webapp.accounts.actor import Actor, in_scope
from webapp.accounts.models import Company, Location
from webapp.accounts.permissions import Permission
from webapp.db import is_writing
from webapp.errors import NotFound
from webapp.journeys.models import JourneyCrew, TruckJourney

GONE = "This job does not exist, or you may not see it."


def of_companies(actor: Actor) -> ColumnElement[bool]:
    """The condition that keeps a query over journeys to the actor's company, or names them all.

    Named, so that the index of days, which begins with the company, is of use to who sees all of them too.
    """
    if actor.may(Permission.ALL_COMPANIES):
        return TruckJourney.company_id.in_(select(Company.id))
    return TruckJourney.company_id == actor.company_id


def visible(actor: Actor) -> ColumnElement[bool]:
    """The condition that keeps a query over journeys and `Location` to what the actor may see.

    The desk sees its locations, a crew the journeys it is on. Raises `Forbidden` for every other role.
    """
    if actor.may(Permission.VIEW_JOBS):
        return and_(of_companies(actor), in_scope(actor, TruckJourney.company_id, Location.name))
    return own(actor)


def own(actor: Actor) -> ColumnElement[bool]:
    """The condition that keeps a query over journeys to those on whose crew the actor is. Raises `Forbidden`."""
    actor.require(Permission.VIEW_OWN_JOBS)
    on_crew = exists().where(JourneyCrew.journey_id == TruckJourney.id, JourneyCrew.user_id == actor.user_id)
    return and_(of_companies(actor), on_crew)


def journey_to_edit(session: Session, actor: Actor, journey_id: int) -> tuple[TruckJourney, Location]:
    """The journey and its location, for the desk. Raises `Forbidden`, then `NotFound` out of scope."""
    actor.require(Permission.EDIT_JOBS)
    return _found(session, actor, journey_id, visible(actor))


def journey_to_work_on(session: Session, actor: Actor, journey_id: int) -> tuple[TruckJourney, Location]:
    """The journey and its location, for the desk or its own crew. Raises `Forbidden`, then `NotFound`."""
    actor.require(Permission.WORK_ON_OWN_JOBS)
    return _found(session, actor, journey_id, visible(actor))


def journey_to_see(session: Session, actor: Actor, journey_id: int) -> tuple[TruckJourney, Location]:
    """The journey and its location, for whoever may see it. Raises `Forbidden`, then `NotFound`."""
    return _found(session, actor, journey_id, visible(actor))


def _found(
    session: Session, actor: Actor, journey_id: int, condition: ColumnElement[bool]
) -> tuple[TruckJourney, Location]:
    if is_writing(session):
        # Locked before it is looked at: crew, trucks, ticks and version are decided under this one lock, and
        # whether it is in scope by where it stands once it is ours.
        session.execute(select(TruckJourney.id).where(TruckJourney.id == journey_id).with_for_update())
    row = session.execute(
        select(TruckJourney, Location)
        .join(Location, Location.id == TruckJourney.location_id)
        .where(TruckJourney.id == journey_id, condition)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        raise NotFound(GONE)
    return row.TruckJourney, row.Location
