"""Jobs that a search names on whatever day they are, taken off the board or not: for who looks on the wrong day."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, or_, select

from webapp.accounts.actor import Actor
from webapp.accounts.models import Location
from webapp.accounts.permissions import Permission
from webapp.dates import shown_with_weekday
from webapp.db import db
from webapp.journeys.cards import label_of
from webapp.journeys.models import TruckJourney
from webapp.journeys.scope import visible

MOST = 6
LOOKED_AT = (TruckJourney.job_number, TruckJourney.quote_number, TruckJourney.customer_name)


@dataclass(frozen=True)
class Find:
    """A job found: what it is called, and `about`: its day, its location, and why it is off the board."""

    id: int
    label: str
    about: str


def found(actor: Actor, text: str) -> list[Find]:
    """At most `MOST` jobs in scope with every word of `text` in a number or the customer's name, latest day first.

    Nothing for an empty text. Raises `Forbidden` for who may not see jobs.
    """
    actor.require(Permission.VIEW_JOBS)
    words = text.split()
    if not words:
        return []
    named = (
        TruckJourney.id,
        TruckJourney.job_number,
        TruckJourney.quote_number,
        TruckJourney.customer_name,
        TruckJourney.scheduled_date,
        TruckJourney.on_board,
        TruckJourney.off_reason,
        Location.name.label("location"),
    )
    rows = db.session.execute(
        select(*named)
        .join(Location, Location.id == TruckJourney.location_id)
        .where(visible(actor), *(_has(word) for word in words))
        .order_by(TruckJourney.scheduled_date.desc(), TruckJourney.id)
        .limit(MOST)
    )
    return [
        Find(
            row.id,
            label_of(row.job_number or row.quote_number, row.customer_name),
            " · ".join(
                part
                for part in (
                    shown_with_weekday(row.scheduled_date),
                    row.location,
                    "" if row.on_board else row.off_reason or "off the board",
                )
                if part
            ),
        )
        for row in rows
    ]


def _has(word: str) -> ColumnElement[bool]:
    return or_(*(column.icontains(word, autoescape=True) for column in LOOKED_AT))
