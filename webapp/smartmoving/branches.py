"""The branches of SmartMoving as locations of ours: made, renamed, told apart, given zones and places on the map."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.accounts.models import Location
from webapp.db import db
from webapp.journeys.models import DataSource
from webapp.smartmoving.branch_names import Branch, Branches, normal_name
from webapp.smartmoving.branch_naming import location_names, plain_name
from webapp.smartmoving.schemas import BranchRow
from webapp.smartmoving.zone_service import follow_regions
from webapp.smartmoving.zones import region_of

UNASSIGNED = "Unassigned"
UNASSIGNED_ID = "unassigned"
LOCATED_BY = "branch"
BY_HAND = "hand"


def take_in_branches(session: Session, company_id: int, rows: Sequence[BranchRow], moment: datetime) -> bool:
    """Make the company's locations say what SmartMoving lists; whether any name changed that boards show.

    `rows` is the whole list. A branch that is no longer listed keeps its location, but no job is matched to it.
    """
    # Not against those who only point at a location: a dispatcher who moves a job to one holds the job meanwhile.
    everywhere = session.scalars(
        select(Location).where(Location.company_id == company_id).order_by(Location.id).with_for_update(key_share=True)
    ).all()
    ours = {place.external_id: place for place in everywhere if place.data_source == DataSource.SMARTMOVING}
    listed = {row.branch_id: row for row in rows}
    _adopt(listed.values(), everywhere, ours)
    current = {branch_id: ours[branch_id].name for branch_id in listed if branch_id in ours}
    # An office keeps its name: vehicles and loans know it by that.
    fixed = {branch_id: name for branch_id, name in current.items() if ours[branch_id].is_office}
    names = fixed | location_names(
        [row for row in listed.values() if row.branch_id not in fixed],
        current,
        [place.name for place in everywhere if place.external_id not in listed or place.is_office],
    )
    renamed = _rename(session, ours, names)
    for branch_id, row in listed.items():
        place = ours.get(branch_id)
        if place is None:
            place = Location(company_id=company_id, name=names[branch_id], external_id=branch_id, is_office=False)
            place.timezone_by = place.located_by = ""
            session.add(place)
            ours[branch_id] = place
        _describe(place, row, moment)
    for known_id, place in ours.items():
        if known_id not in listed and known_id != UNASSIGNED_ID and (place.external_data or {}).get("is_listed"):
            place.external_data = {**(place.external_data or {}), "is_listed": False}
    follow_regions(session, [ours[branch_id] for branch_id in listed], company_id)
    session.flush()
    return renamed


def known_branches(company_id: int) -> Branches:
    """The branches that SmartMoving listed last, for matching."""
    rows = db.session.execute(
        select(Location.id, Location.region, Location.external_data).where(
            Location.company_id == company_id,
            Location.data_source == DataSource.SMARTMOVING,
            Location.external_id != UNASSIGNED_ID,
        )
    )
    return Branches(
        Branch(location_id, data.get("name", ""), data.get("phone", ""), region)
        for location_id, region, data in rows
        if data and data.get("is_listed")
    )


def unassigned(session: Session, company_id: int) -> int:
    """The id of the location for jobs whose branch is none we know, made when missing."""
    named = (Location.company_id == company_id, Location.name == UNASSIGNED)
    by_id = (Location.company_id == company_id, Location.external_id == UNASSIGNED_ID)
    place = session.scalar(select(Location).where(*by_id)) or session.scalar(select(Location).where(*named))
    if place is None:
        place = Location(company_id=company_id, name=UNASSIGNED, is_office=False)
        session.add(place)
    if place.external_id is None:
        place.external_id, place.data_source = UNASSIGNED_ID, DataSource.SMARTMOVING
    session.flush()
    return place.id


def _adopt(rows: Iterable[BranchRow], everywhere: Sequence[Location], ours: dict[str | None, Location]) -> None:
    """A location that somebody made under a branch's name becomes that branch: of one name they are one place."""
    free = {normal_name(place.name): place for place in everywhere if place.external_id is None}
    for row in sorted(rows, key=lambda row: (not row.is_primary, row.branch_id)):
        name = normal_name(plain_name(row))
        has_namesake = any(normal_name(place.name) == name for place in ours.values())
        if row.branch_id not in ours and name in free and not has_namesake:
            place = free.pop(name)
            place.external_id = row.branch_id
            ours[row.branch_id] = place


def _rename(session: Session, ours: dict[str | None, Location], names: dict[str, str]) -> bool:
    """Give locations their names, also where two swap theirs."""
    changing = [(ours[key], name) for key, name in names.items() if key in ours and ours[key].name != name]
    for place, _ in changing:
        place.name = f"~{place.id}"
    session.flush()
    for place, name in changing:
        place.name = name
    session.flush()
    return bool(changing)


def _describe(place: Location, row: BranchRow, moment: datetime) -> None:
    place.data_source = DataSource.SMARTMOVING
    place.region = region_of(row.state)
    data: dict[str, Any] = asdict(row) | {"is_listed": True}
    if place.external_data != data:
        place.external_data = data
    place.last_sync_at = moment
    if row.latitude is not None and row.longitude is not None and place.located_by != BY_HAND:
        place.latitude, place.longitude = row.latitude, row.longitude
        place.located_by, place.located_from = LOCATED_BY, row.address
