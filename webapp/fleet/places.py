"""Where partners and offices are: looked up offline when an address is new, corrected by people."""

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Table, bindparam, func, select, update
from sqlalchemy.orm import Session

from webapp.accounts.actor import Actor
from webapp.accounts.models import Location
from webapp.accounts.permissions import Permission
from webapp.db import close_reading, db, refuse_open_transaction, writing
from webapp.errors import InvalidInput, NotFound
from webapp.fleet.models import Partner
from webapp.fleet.places_text import Wanted, in_address, in_office_name

ATLAS = Path(__file__).with_name("places_atlas.py")
ATLAS_SECONDS = 120
HAND = "hand"
Found = tuple[float, float, str] | None


@dataclass(frozen=True)
class Located:
    """What one round brought: texts looked up, rows placed by them, and partners and offices that are nowhere."""

    looked_up: int
    placed: int
    unplaced_partners: int
    unplaced_offices: int


@dataclass(frozen=True)
class _Unread:
    """A row whose address was not looked up yet."""

    row_id: int
    text: str
    wanted: Wanted


def locate(company_id: int, confirm: Callable[[Session], None] = lambda session: None) -> Located:
    """Place the company's partners and offices whose address is new or has changed since it was looked up.

    What was entered by hand stays. `confirm` is called first in the writing transaction and may raise.
    """
    partners, offices = _unread_partners(company_id), _unread_offices(company_id)
    close_reading()
    unread = [*partners, *offices]
    if unread:
        texts = list(dict.fromkeys(one.wanted for one in unread if one.wanted.is_anything))
        refuse_open_transaction()
        known = dict(zip(texts, look_up(texts), strict=True))
        with writing() as session:
            confirm(session)
            _store(session, Partner.__table__, Partner.__table__.c.address, partners, known)
            _store(session, Location.__table__, Location.__table__.c.name, offices, known)
    placed = sum(1 for one in unread if known.get(one.wanted)) if unread else 0
    nowhere = unplaced_partners(company_id), unplaced_offices(company_id)
    close_reading()
    return Located(len(unread), placed, *nowhere)


def look_up(wanted: Sequence[Wanted]) -> list[Found]:
    """Latitude, longitude and `zip` or `city` for each; None where it is nowhere. In a process of its own.

    Raises `subprocess.SubprocessError` when that process fails.
    """
    if not wanted:
        return []
    asked = json.dumps([asdict(one) for one in wanted])
    # -P: the folder of that file is not searched for what it imports.
    command = [sys.executable, "-P", str(ATLAS)]
    done = subprocess.run(command, input=asked, capture_output=True, text=True, timeout=ATLAS_SECONDS, check=True)
    return [tuple(found) if found else None for found in json.loads(done.stdout)]


def unplaced_partners(company_id: int) -> int:
    """How many partners in FMS's list have no coordinates."""
    mine = (Partner.company_id == company_id, Partner.gone_at.is_(None), Partner.latitude.is_(None))
    return db.session.scalar(select(func.count()).select_from(Partner).where(*mine)) or 0


def unplaced_offices(company_id: int) -> int:
    """How many offices have no coordinates."""
    mine = (Location.company_id == company_id, Location.is_office, Location.latitude.is_(None))
    return db.session.scalar(select(func.count()).select_from(Location).where(*mine)) or 0


def place_partner(actor: Actor, person_id: int, office: str, point: tuple[float, float] | None) -> None:
    """Put a partner, as listed at `office`, where a person says (degrees); None: look the address up again.

    Raises `Forbidden`, `NotFound`, `InvalidInput`. Who may plan loans at the office may do this.
    """
    actor.require(Permission.PLAN_LOANS)
    with writing() as session:
        row = session.scalar(
            select(Partner).where(
                Partner.company_id == actor.company_id, Partner.person_id == person_id, Partner.office == office
            )
        )
        if row is None or not actor.reaches(row.company_id, row.office):
            raise NotFound(f"No partner {person_id} at {office} is in FMS's list.")
        _place(row, point)


def place_office(actor: Actor, office: str, point: tuple[float, float] | None) -> None:
    """The same for an office."""
    actor.require(Permission.PLAN_LOANS)
    with writing() as session:
        mine = (Location.company_id == actor.company_id, Location.name == office, Location.is_office)
        row = session.scalar(select(Location).where(*mine))
        if row is None or not actor.reaches(row.company_id, row.name):
            raise NotFound(f"There is no office called {office}.")
        _place(row, point)


def _place(row: Partner | Location, point: tuple[float, float] | None) -> None:
    if point is None:
        row.latitude = row.longitude = None
        row.located_by = row.located_from = ""
        return
    latitude, longitude = point
    if not -90 <= latitude <= 90:
        raise InvalidInput("A latitude is between -90 and 90.", fields={"latitude": "is between -90 and 90"})
    if not -180 <= longitude <= 180:
        raise InvalidInput("A longitude is between -180 and 180.", fields={"longitude": "is between -180 and 180"})
    row.latitude, row.longitude, row.located_by = latitude, longitude, HAND


def _unread_partners(company_id: int) -> list[_Unread]:
    rows = db.session.execute(
        select(Partner.id, Partner.address).where(
            Partner.company_id == company_id,
            Partner.gone_at.is_(None),
            Partner.located_by != HAND,
            Partner.address != Partner.located_from,
        )
    )
    return [_Unread(row_id, text, in_address(text)) for row_id, text in rows]


def _unread_offices(company_id: int) -> list[_Unread]:
    rows = db.session.execute(
        select(Location.id, Location.name).where(
            Location.company_id == company_id,
            Location.is_office,
            Location.located_by != HAND,
            Location.name != Location.located_from,
        )
    )
    return [_Unread(row_id, text, in_office_name(text)) for row_id, text in rows]


def _store(session: Session, table: Any, text: Any, unread: list[_Unread], known: dict[Wanted, Found]) -> None:
    """Write what was found, unless a person was quicker or the address has changed meanwhile."""
    assert isinstance(table, Table)
    if not unread:
        return
    still = (table.c.id == bindparam("row_id"), table.c.located_by != HAND, text == bindparam("looked_up"))
    names = ("latitude", "longitude", "located_by")
    statement = (
        update(table)
        .where(*still)
        .values({"located_from": bindparam("looked_up"), **{name: bindparam(f"new_{name}") for name in names}})
    )
    rows = []
    for one in unread:
        latitude, longitude, located_by = known.get(one.wanted) or (None, None, "")
        new = {"new_latitude": latitude, "new_longitude": longitude, "new_located_by": located_by}
        rows.append({"row_id": one.row_id, "looked_up": one.text, **new})
    session.connection().execute(statement, rows)
