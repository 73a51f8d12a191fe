"""Reading where a chain leads: its office, its partners, and who else could take the vehicle."""

from collections.abc import Collection, Iterable

from flask import current_app
from sqlalchemy import bindparam, select

from webapp.accounts.actor import Actor
from webapp.accounts.models import Location
from webapp.chains.looking.loan_reading import prefixes_of, spelt_like
from webapp.chains.panels.chain_picture import Picture
from webapp.chains.panels.hop_map import HopMap, Spot, draw_map
from webapp.dates import days_shown
from webapp.db import db
from webapp.fleet.distances import Point
from webapp.fleet.makes import make_key
from webapp.fleet.models import ApprovedMake, Partner, Vehicle
from webapp.loans.rules.facts import PENDING

# Statements are built once: here that takes longer than the database needs to answer.
OFFICE = select(Location.latitude, Location.longitude).where(
    Location.company_id == bindparam("company_id"), Location.name == bindparam("office"), Location.is_office
)
PLACED = select(Partner.person_id, Partner.name, Partner.office, Partner.latitude, Partner.longitude).where(
    Partner.company_id == bindparam("company_id"), Partner.gone_at.is_(None), Partner.latitude.is_not(None)
)
OF_PEOPLE = PLACED.where(Partner.person_id.in_(bindparam("person_ids", expanding=True))).order_by(Partner.office)
APPROVED = (
    PLACED.add_columns(ApprovedMake.make)
    .join(
        ApprovedMake,
        (ApprovedMake.company_id == Partner.company_id) & (ApprovedMake.person_id == Partner.person_id),
    )
    .where(ApprovedMake.gone_at.is_(None), ApprovedMake.rank != PENDING, spelt_like(ApprovedMake.make))
    .order_by(Partner.name, Partner.person_id, Partner.office)
)
MAKE = select(Vehicle.make).where(Vehicle.company_id == bindparam("company_id"), Vehicle.vin == bindparam("vin"))


def read_map(actor: Actor, picture: Picture) -> HopMap:
    """The map of the chain. On a partner chain it is the way to that one partner."""
    which = {"company_id": actor.company_id, "office": picture.office}
    row = db.session.execute(OFFICE, which).first()
    office = Spot(picture.office, None if row is None or row.latitude is None else (row.latitude, row.longitude))
    chosen = [piece for piece in picture.pieces if piece.person_id is not None]
    points = _points(actor, {piece.person_id for piece in chosen if piece.person_id is not None}, picture.office)
    stops = [
        Spot(
            piece.partner,
            points.get(piece.person_id or 0),
            piece.number,
            piece.look.value,
            days_shown(piece.start_day, piece.end_day),
        )
        for piece in (chosen[:1] if picture.is_of_partner else chosen)
    ]
    reach = current_app.extensions["settings"].max_hop_miles
    return draw_map(office, stops, _others(actor, picture, points), reach_miles=reach)


def _points(actor: Actor, person_ids: Collection[int], office: str) -> dict[int, Point]:
    """Where they are: as listed at the office, else at another."""
    rows = db.session.execute(OF_PEOPLE, {"company_id": actor.company_id, "person_ids": list(person_ids)})
    found: dict[int, Point] = {}
    for row in rows:
        if row.office == office or row.person_id not in found:
            found[row.person_id] = (row.latitude, row.longitude)
    return found


def _others(actor: Actor, picture: Picture, chosen: Collection[int]) -> Iterable[Spot]:
    """Whoever else may have the vehicle's make, and is listed where the person may see it; each once."""
    if picture.is_of_partner:
        return []
    make = db.session.scalar(MAKE, {"company_id": actor.company_id, "vin": picture.vin})
    key = make_key(make or "")
    seen: set[int] = set(chosen)
    found = []
    for row in db.session.execute(APPROVED, {"company_id": actor.company_id, "prefixes": prefixes_of(key)}):
        is_meant = make_key(row.make) == key and actor.reaches(actor.company_id, row.office)
        if is_meant and row.person_id not in seen:
            seen.add(row.person_id)
            found.append(Spot(row.name, (row.latitude, row.longitude)))
    return found
