"""Which time zone a branch is in: set by hand, or taken from its state's, which a company may change."""

from collections.abc import Iterable
from functools import lru_cache
from zoneinfo import available_timezones

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from webapp.accounts.actor import Actor
from webapp.accounts.models import Location
from webapp.accounts.permissions import Permission
from webapp.db import writing
from webapp.errors import InvalidInput, NotFound
from webapp.journeys.marks import bump
from webapp.journeys.models import DataSource
from webapp.smartmoving import zones
from webapp.smartmoving.models import RegionZone

BY_HAND = "hand"
BY_REGION = "region"
UNKNOWN = "There is no time zone of that name. Write it like America/Denver."


def set_branch_zone(actor: Actor, location_id: int, timezone: str) -> None:
    """Give a branch this zone by hand, which no sync changes; empty: back to its region's.

    Raises `Forbidden`, `NotFound`, and `InvalidInput` for a zone that does not exist.
    """
    actor.require(Permission.RUN_SYNCS)
    timezone = _checked(timezone)
    with writing() as session:
        branch = session.get(Location, location_id, with_for_update=True)
        is_known = branch is not None and branch.data_source == DataSource.SMARTMOVING
        if branch is None or not is_known or not actor.reaches(branch.company_id, branch.name):
            raise NotFound
        if timezone:
            branch.timezone, branch.timezone_by = timezone, BY_HAND
        else:
            _by_region(branch, _own_zones(session, branch.company_id))
        session.flush()
        # What is today at the branch may be another day now.
        bump(session, branch.company_id)


def set_region_zone(actor: Actor, region: str, timezone: str, *, company_id: int | None = None) -> int:
    """Give a state or province of the company this zone (empty: the packaged one); how many branches changed.

    Those set by hand stay. `company_id` None is the actor's own. Raises `Forbidden`, `NotFound`, `InvalidInput`.
    """
    actor.require(Permission.RUN_SYNCS)
    owner = actor.company_id if company_id is None else company_id
    timezone = _checked(timezone)
    if region not in zones.regions() or not actor.reaches(owner, None):
        raise NotFound
    with writing() as session:
        _keep(session, owner, region, timezone)
        changed = _follow(session, owner, region)
        bump(session, owner)
        return changed


def follow_regions(session: Session, branches: Iterable[Location], company_id: int) -> None:
    """Give branches that nobody set by hand the zone of their region; for those that a sync has just read."""
    own = _own_zones(session, company_id)
    for branch in branches:
        if branch.timezone_by != BY_HAND:
            _by_region(branch, own)


def _follow(session: Session, company_id: int, region: str) -> int:
    of_region = (
        Location.company_id == company_id,
        Location.region == region,
        Location.data_source == DataSource.SMARTMOVING,
        Location.timezone_by != BY_HAND,
    )
    branches = session.scalars(select(Location).where(*of_region).order_by(Location.id).with_for_update()).all()
    before = {branch.id: branch.timezone for branch in branches}
    follow_regions(session, branches, company_id)
    session.flush()
    return sum(branch.timezone != before[branch.id] for branch in branches)


def _keep(session: Session, company_id: int, region: str, timezone: str) -> None:
    if not timezone:
        session.execute(delete(RegionZone).where(RegionZone.company_id == company_id, RegionZone.region == region))
        return
    insert = (sqlite if session.get_bind().dialect.name == "sqlite" else postgresql).insert(RegionZone)
    session.execute(
        insert.values(company_id=company_id, region=region, timezone=timezone).on_conflict_do_update(
            index_elements=[RegionZone.company_id, RegionZone.region], set_={"timezone": timezone}
        )
    )


def _own_zones(session: Session, company_id: int) -> dict[str, str]:
    kept = session.scalars(select(RegionZone).where(RegionZone.company_id == company_id))
    return {one.region: one.timezone for one in kept}


def _by_region(branch: Location, own: dict[str, str]) -> None:
    zone = own.get(branch.region) or zones.zone_of(branch.region, branch.latitude, branch.longitude)
    branch.timezone, branch.timezone_by = (zone, BY_REGION) if zone else (None, "")


def _checked(timezone: str) -> str:
    name = timezone.strip()
    if name and name not in _zone_names():
        raise InvalidInput(UNKNOWN, fields={"timezone": UNKNOWN})
    return name


@lru_cache(maxsize=1)
def _zone_names() -> frozenset[str]:
    return frozenset(available_timezones())
