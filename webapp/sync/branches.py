"""The branches that came from SmartMoving: its names for them, their places, and the time zones of their days."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy import func, select

from webapp.accounts.actor import Actor, in_scope
from webapp.accounts.models import Location
from webapp.clock import today
from webapp.db import db
from webapp.journeys.models import DataSource, TruckJourney
from webapp.smartmoving import queries
from webapp.smartmoving.zone_service import BY_HAND, BY_REGION

DEFAULT = "default"
WHO = {BY_HAND: "set by hand", BY_REGION: "its region's", DEFAULT: "the default"}


@dataclass(frozen=True)
class Branch:
    """A branch. `their_name` is empty where SmartMoving calls it as we do; `set_by` is hand, region or default."""

    id: int
    external_id: str
    name: str
    their_name: str
    city: str
    region: str
    timezone: str
    set_by: str
    jobs_today: int

    @property
    def set_by_words(self) -> str:
        """Who says so."""
        return WHO[self.set_by]


@dataclass(frozen=True)
class Region:
    """A state or province: its packaged zone, the one the company gave it (empty: none), and its branches."""

    code: str
    name: str
    packaged: str
    own: str
    branches: int


def branches(actor: Actor, company_id: int) -> list[Branch]:
    """The company's branches in the actor's scope, by name, with their journeys on the board today; two queries."""
    default: tzinfo = current_app.extensions["settings"].zone
    rows = db.session.scalars(
        select(Location).where(
            Location.company_id == company_id,
            Location.data_source == DataSource.SMARTMOVING,
            in_scope(actor, Location.company_id, Location.name),
        )
    ).all()
    days = {row.id: today(ZoneInfo(row.timezone) if row.timezone else default) for row in rows}
    counted = db.session.execute(
        select(TruckJourney.location_id, TruckJourney.scheduled_date, func.count())
        .where(
            TruckJourney.company_id == company_id,
            TruckJourney.on_board,
            TruckJourney.scheduled_date.in_(set(days.values())),
        )
        .group_by(TruckJourney.location_id, TruckJourney.scheduled_date)
    ).all()
    jobs = {(location_id, day): count for location_id, day, count in counted}
    found = [_branch(row, jobs.get((row.id, days[row.id]), 0), str(default)) for row in rows]
    return sorted(found, key=_in_order)


def regions(company_id: int, found: Sequence[Branch]) -> list[Region]:
    """Every state and province by name, with what the company changed."""
    count = Counter(branch.region for branch in found)
    listed = [Region(one.code, one.name, one.packaged, one.own, count[one.code]) for one in queries.regions(company_id)]
    return sorted(listed, key=lambda region: region.name)


def zone_choices(found: Sequence[Branch], listed: Sequence[Region]) -> list[str]:
    """The zones that are offered: those of the regions and those in use."""
    return sorted({branch.timezone for branch in found} | {region.packaged for region in listed})


def _in_order(branch: Branch) -> tuple[str, int]:
    # Some names begin with a picture, or in small letters.
    letters = "".join(letter for letter in branch.name if letter.isalnum() or letter == " ")
    return letters.strip().casefold(), branch.id


def _branch(row: Location, jobs_today: int, default: str) -> Branch:
    kept: Mapping[str, object] = row.external_data or {}
    their_name = str(kept.get("name") or "").strip()
    return Branch(
        id=row.id,
        external_id=row.external_id or "",
        name=row.name,
        their_name=their_name if their_name != row.name else "",
        city=str(kept.get("city") or ""),
        region=row.region,
        timezone=row.timezone or default,
        set_by=row.timezone_by if row.timezone and row.timezone_by in WHO else DEFAULT,
        jobs_today=jobs_today,
    )
