"""What a change of a journey leaves behind: a sentence of history, mostly a new version, a mark on the board."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from webapp import clock
from webapp.accounts.actor import Actor
from webapp.db import writing
from webapp.journeys.entries import plain
from webapp.journeys.errors import Stale, invalid
from webapp.journeys.marks import bump
from webapp.journeys.models import JourneyEvent, JourneyTap, TruckJourney
from webapp.journeys.upserts import upsert

# A phone that has been out of reach for longer than this starts afresh.
TAPS_KEPT = timedelta(days=14)


def refuse_stale(journey: TruckJourney, version: int | None) -> None:
    """Raise `Stale` where the person looked at an older picture of the journey."""
    if version is not None and version != journey.version:
        raise Stale


def record(
    session: Session,
    actor: Actor,
    journey: TruckJourney,
    kind: str,
    text: str,
    *,
    details: Mapping[str, Any] | None = None,
    is_news: bool = False,
    makes_stale: bool = True,
) -> None:
    """Note a change and make older pictures of the journey stale. `is_news`: colleagues see it marked as changed.

    `makes_stale` False: forms that are open stay good, as they show nothing of it. The last thing a use case does:
    it locks the company's board mark.
    """
    now = clock.now()
    session.add(
        JourneyEvent(
            journey_id=journey.id,
            happened_at=now,
            user_id=actor.user_id,
            actor_name=actor.name,
            kind=kind,
            text=plain(text),
            details=dict(details or {}),
        )
    )
    if makes_stale:
        journey.version += 1
    journey.updated_at = now
    if is_news:
        journey.changed_at, journey.changed_by, journey.change_note = now, actor.user_id, plain(text)
    session.flush()
    bump(session, journey.company_id)


def is_repeated(session: Session, actor: Actor, journey_id: int, tap_id: str | None) -> bool:
    """Whether this tap of a phone was carried out before; if not, it is now remembered. None is no phone's.

    Two processes that get it at once: one waits for the other here, and then knows. A tap that is refused is
    forgotten with its transaction. Raises `InvalidInput` for an id that is none, or is another's.
    """
    if tap_id is None:
        return False
    known = _tap_id(tap_id)
    added = session.execute(
        upsert(session, JourneyTap)
        .values(tap_id=known, user_id=actor.user_id, journey_id=journey_id, tapped_at=clock.now())
        .on_conflict_do_nothing()
        .returning(JourneyTap.tap_id)
    ).scalar()
    if added is not None:
        return False
    of = session.execute(select(JourneyTap.user_id, JourneyTap.journey_id).where(JourneyTap.tap_id == known)).one()
    if tuple(of) != (actor.user_id, journey_id):
        raise invalid("tap_id", "This tap's id belongs to another.")
    return True


def forget_old_taps() -> None:
    """Delete taps that no phone sends again any more. Repeatable."""
    with writing() as session:
        session.execute(delete(JourneyTap).where(JourneyTap.tapped_at < clock.now() - TAPS_KEPT))


def _tap_id(given: str) -> str:
    try:
        return str(UUID(given))
    except ValueError:
        raise invalid("tap_id", "is not a UUID") from None
