"""The locations a job can be at, for choosing one."""

from sqlalchemy import exists, or_, select

from webapp.accounts.actor import Actor, in_scope
from webapp.accounts.models import Location
from webapp.accounts.permissions import Permission
from webapp.db import db
from webapp.journeys.models import DataSource, Truck, TruckJourney


def places(actor: Actor, *, but_also: int | None = None) -> list[tuple[int, str]]:
    """Id and name of the locations in scope that are branches, or have jobs or trucks, by name.

    `but_also` is the location a job is at anyway. Raises `Forbidden` for who may not see jobs.
    """
    actor.require(Permission.VIEW_JOBS)
    is_used = or_(
        Location.data_source == DataSource.SMARTMOVING,
        exists().where(TruckJourney.location_id == Location.id),
        exists().where(Truck.location_id == Location.id),
        Location.id == but_also,
    )
    rows = db.session.execute(
        select(Location.id, Location.name)
        .where(in_scope(actor, Location.company_id, Location.name), is_used)
        .order_by(Location.name, Location.id)
    )
    return [(row.id, row.name) for row in rows]
