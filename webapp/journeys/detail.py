"""One journey with all that its page shows: what SmartMoving says otherwise, the checklist, the steps, its history."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.accounts.actor import Actor
from webapp.accounts.models import Location, User
from webapp.accounts.permissions import Permission
from webapp.db import db
from webapp.errors import NotFound
from webapp.journeys.cards import Card
from webapp.journeys.checklists import Item, Phase, items_of
from webapp.journeys.days import zone
from webapp.journeys.fields import FIELDS, Field, differing, read
from webapp.journeys.models import DataSource, JourneyEvent, JourneyTick, TruckJourney
from webapp.journeys.reading import cards
from webapp.journeys.scope import GONE, visible
from webapp.journeys.stages import Obstacle, Stage, following, is_of_crew, obstacles, preceding
from webapp.journeys.words import value_words


@dataclass(frozen=True)
class Difference:
    """A field in which what was entered here is not what the source says; both in words, with who entered it."""

    field: Field
    here: str
    theirs: str
    by: str
    at: datetime | None


@dataclass(frozen=True)
class Ticked:
    """An item of the checklist and, where it is done, when and by whom."""

    item: Item
    done_at: datetime | None = None
    done_by: str = ""

    @property
    def is_done(self) -> bool:
        """Whether somebody ticked it."""
        return self.done_at is not None


@dataclass(frozen=True)
class PhaseTicks:
    """One phase of the checklist. `may_tick`: whether this person may."""

    phase: Phase
    items: tuple[Ticked, ...]
    may_tick: bool

    @property
    def done(self) -> int:
        """How many items are done."""
        return sum(item.is_done for item in self.items)


@dataclass(frozen=True)
class Step:
    """A step to another stage that this person could take, and what stands in its way, a missing reason aside."""

    to: Stage
    is_back: bool
    obstacles: tuple[Obstacle, ...]


@dataclass(frozen=True)
class Detail:
    """A journey as its page shows it. `zone` is the location's, for telling when things happened.

    `may_edit`: the desk in scope; `may_work`: the desk or the crew. `forward` and `back` are None where there is
    no such stage or it is not this person's to take.
    """

    card: Card
    is_manual: bool
    may_edit: bool
    may_work: bool
    differences: tuple[Difference, ...]
    checklist: tuple[PhaseTicks, ...]
    forward: Step | None
    back: Step | None
    zone: tzinfo
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class Event:
    """One sentence of a journey's history, with who and when."""

    happened_at: datetime
    actor_name: str
    kind: str
    text: str


def journey(actor: Actor, journey_id: int) -> Detail:
    """One journey. Raises `Forbidden`, and `NotFound` out of scope or, for a crew, on somebody else's journey."""
    session = db.session()
    found = cards(session, actor, visible(actor), TruckJourney.id == journey_id)
    if not found:
        raise NotFound(GONE)
    card = found[0]
    source, overrides, created_at, updated_at, timezone = session.execute(
        select(
            TruckJourney.source,
            TruckJourney.overrides,
            TruckJourney.created_at,
            TruckJourney.updated_at,
            Location.timezone,
        )
        .join(Location, Location.id == TruckJourney.location_id)
        .where(TruckJourney.id == journey_id)
    ).one()
    may_edit = actor.may(Permission.EDIT_JOBS)
    may_work = may_edit or not actor.may(Permission.VIEW_JOBS)
    return Detail(
        card=card,
        is_manual=card.data_source == DataSource.MANUAL,
        may_edit=may_edit,
        may_work=may_work,
        differences=_differences(session, source, overrides),
        checklist=_checklist(session, journey_id, may_edit=may_edit, may_work=may_work),
        forward=_step(card, following(card.stage), may_edit=may_edit, may_work=may_work),
        back=_step(card, preceding(card.stage), may_edit=may_edit, may_work=may_work),
        zone=zone(timezone),
        created_at=created_at,
        updated_at=updated_at,
    )


def history(actor: Actor, journey_id: int) -> list[Event]:
    """What happened to a journey, newest first. Raises as `journey` does."""
    known = db.session.scalar(
        select(TruckJourney.id)
        .join(Location, Location.id == TruckJourney.location_id)
        .where(TruckJourney.id == journey_id, visible(actor))
    )
    if known is None:
        raise NotFound(GONE)
    rows = db.session.execute(
        select(JourneyEvent.happened_at, JourneyEvent.actor_name, JourneyEvent.kind, JourneyEvent.text)
        .where(JourneyEvent.journey_id == journey_id)
        .order_by(JourneyEvent.id.desc())
    )
    return [Event(*row) for row in rows]


def _step(card: Card, to: Stage | None, *, may_edit: bool, may_work: bool) -> Step | None:
    if to is None or not (may_edit or (may_work and is_of_crew(card.stage, to))):
        return None
    in_the_way = obstacles(
        card.stage,
        to,
        has_crew=bool(card.crew),
        has_truck=bool(card.trucks),
        off_reason="" if card.on_board else card.off_reason,
        reason="to be given",
    )
    return Step(to, to is preceding(card.stage), in_the_way)


def _differences(
    session: Session, source: Mapping[str, Any], overrides: Mapping[str, Mapping[str, Any]]
) -> tuple[Difference, ...]:
    names = differing(source, overrides)
    places = location_names(session, [source.get("location_id"), overrides.get("location_id", {}).get("value")])
    return tuple(
        Difference(
            field=FIELDS[name],
            here=_told(name, overrides[name]["value"], places),
            theirs=_told(name, source[name], places),
            by=overrides[name].get("by") or "",
            at=datetime.fromisoformat(at) if (at := overrides[name].get("at")) else None,
        )
        for name in names
    )


def _told(name: str, kept: Any, places: Mapping[int, str]) -> str:
    value = read(name, kept)
    return value_words(name, value, location=places.get(value, "") if name == "location_id" else "")


def location_names(session: Session, ids: list[int | None]) -> dict[int, str]:
    """The names of these locations; no query where there is none to name."""
    known = sorted({each for each in ids if each is not None})
    if not known:
        return {}
    rows = session.execute(select(Location.id, Location.name).where(Location.id.in_(known)))
    return {row.id: row.name for row in rows}


def _checklist(session: Session, journey_id: int, *, may_edit: bool, may_work: bool) -> tuple[PhaseTicks, ...]:
    rows = session.execute(
        select(JourneyTick.item, JourneyTick.done_at, User.name)
        .join(User, User.id == JourneyTick.done_by)
        .where(JourneyTick.journey_id == journey_id)
    )
    done = {item: (done_at, name) for item, done_at, name in rows}
    return tuple(
        PhaseTicks(
            phase,
            tuple(Ticked(item, *done.get(item.code, ())) for item in items_of(phase)),
            may_tick=may_edit or (may_work and not phase.is_of_desk),
        )
        for phase in Phase
    )
