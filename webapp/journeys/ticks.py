"""Ticking a journey's checklist, and noting who has looked at which journey."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, func, select

from webapp import clock
from webapp.accounts.actor import Actor
from webapp.accounts.models import Location
from webapp.accounts.permissions import Permission
from webapp.db import LARGEST, writing
from webapp.errors import Forbidden
from webapp.journeys.checklists import ITEMS
from webapp.journeys.errors import invalid
from webapp.journeys.models import JourneyLook, JourneyTick, TruckJourney
from webapp.journeys.scope import journey_to_work_on, visible
from webapp.journeys.upserts import upsert
from webapp.journeys.writing import is_repeated, record


def tick(actor: Actor, journey_id: int, item: str, is_done: bool, *, tap_id: str | None = None) -> None:
    """Set an item of the checklist done or not done: said twice, it stays.

    The creation phase is the desk's, the others the crew's, with whom the desk may help. Raises `Forbidden`,
    `NotFound`, `InvalidInput` (field `item`).
    """
    known = ITEMS.get(item)
    if known is None:
        raise invalid("item", "is not on the checklist")
    if known.phase.is_of_desk and not actor.may(Permission.EDIT_JOBS):
        raise Forbidden("This part of the checklist is the desk's.")
    with writing() as session:
        journey, _ = journey_to_work_on(session, actor, journey_id)
        if is_repeated(session, actor, journey_id, tap_id):
            return
        found = session.get(JourneyTick, (journey_id, item))
        if (found is not None) is is_done:
            return
        if found is not None:
            session.execute(delete(JourneyTick).where(JourneyTick.journey_id == journey_id, JourneyTick.item == item))
        else:
            session.add(JourneyTick(journey_id=journey_id, item=item, done_at=clock.now(), done_by=actor.user_id))
        said = f"{'Ticked' if is_done else 'No longer ticked'}: {known.label}."
        details = {"item": item, "is_done": is_done}
        # A crew ticks all day, while the desk's forms are open: they show no tick.
        record(session, actor, journey, "tick", said, details=details, makes_stale=False)


def look(actor: Actor, journey_ids: Iterable[int], *, drawn_at: datetime | None = None) -> None:
    """Note that the actor has seen these journeys as they were at `drawn_at` (None: as they are now).

    What changes later is marked for them again. Journeys out of scope are passed over. Raises `Forbidden`.
    """
    seen = visible(actor)
    wanted = sorted({each for each in journey_ids if abs(each) <= LARGEST})
    at = min(drawn_at, clock.now()) if drawn_at else clock.now()
    with writing() as session:
        ids = session.scalars(
            select(TruckJourney.id)
            .join(Location, Location.id == TruckJourney.location_id)
            .where(TruckJourney.id.in_(wanted), seen)
            .order_by(TruckJourney.id)
        ).all()
        if not ids:
            return
        adding = upsert(session, JourneyLook).values(
            [{"user_id": actor.user_id, "journey_id": each, "looked_at": at} for each in ids]
        )
        newer = func.greatest if session.get_bind().dialect.name == "postgresql" else func.max
        session.execute(
            adding.on_conflict_do_update(
                index_elements=[JourneyLook.user_id, JourneyLook.journey_id],
                set_={"looked_at": newer(JourneyLook.looked_at, adding.excluded.looked_at)},
            )
        )
