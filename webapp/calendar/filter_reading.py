"""What filters ask beyond what is drawn: makes to choose from, how partners are ranked, what they write for."""

from collections.abc import Collection, Mapping

from sqlalchemy import select, true

from webapp.accounts.actor import Actor, in_company, in_scope
from webapp.db import db
from webapp.fleet.models import ApprovedMake, Partner, Vehicle
from webapp.loans.facts import best_ranks
from webapp.names import folded

# By company and FMS's id of a person: rank by make key.
Ranks = Mapping[tuple[int, int], Mapping[str, str]]


def makes(actor: Actor, office: str = "") -> list[str]:
    """The makes that FMS has at the office now, or at any in scope, sorted; whatever days are shown."""
    named = select(Vehicle.make).where(Vehicle.gone_at.is_(None), Vehicle.make != "").distinct()
    scope = in_scope(actor, Vehicle.company_id, Vehicle.office)
    return sorted(db.session.scalars(named.where(scope, Vehicle.office == office if office else true())))


def ranks(actor: Actor, people: Collection[int]) -> Ranks:
    """By company and FMS's id of those people: their best rank by make key, pending ones among them."""
    if not people:
        return {}
    rows = db.session.execute(
        select(ApprovedMake.company_id, ApprovedMake.person_id, ApprovedMake.make, ApprovedMake.rank).where(
            in_company(actor, ApprovedMake.company_id),
            ApprovedMake.gone_at.is_(None),
            ApprovedMake.person_id.in_(people),
        )
    )
    spelt: dict[tuple[int, int], list[tuple[str, str]]] = {}
    for company_id, person_id, make, rank in rows:
        spelt.setdefault((company_id, person_id), []).append((make, rank))
    return {who: best_ranks(those) for who, those in spelt.items()}


def outlets(actor: Actor, people: Collection[int]) -> dict[tuple[int, int], str]:
    """By company and FMS's id of those people: what they write for, without accents and capitals."""
    rows = db.session.execute(
        select(Partner.company_id, Partner.person_id, Partner.affiliation)
        .where(in_company(actor, Partner.company_id), Partner.person_id.in_(people))
        .order_by(Partner.id)
    )
    known: dict[tuple[int, int], str] = {}
    for company_id, person_id, affiliation in rows:
        known[company_id, person_id] = f"{known.get((company_id, person_id), '')} {folded(affiliation)}"
    return known
