"""Reading what an office has left to spend, and which of it concerns a vehicle or a partner."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from webapp import clock
from webapp.accounts.actor import Actor
from webapp.accounts.permissions import Permission
from webapp.accounts.queries import zone_of
from webapp.calendar.panels.budget_panel import Budget, Concern, Uses, draw_budget, fleet_name, quarters_of
from webapp.db import db
from webapp.errors import NotFound
from webapp.fleet.makes import budget_fleet
from webapp.fleet.models import Vehicle
from webapp.fleet.names import normal_vin
from webapp.loans.checks import require_office
from webapp.loans.facts import ranks_of
from webapp.loans.rules.facts import PENDING
from webapp.loans.spending import accounts_of, fleet_of

FLEETS = (
    select(Vehicle.fleet, Vehicle.make)
    .where(
        Vehicle.company_id == bindparam("company_id"),
        Vehicle.office == bindparam("office"),
        Vehicle.gone_at.is_(None),
    )
    .distinct()
)
FLEET_OF_VIN = select(Vehicle.fleet, Vehicle.make, Vehicle.office).where(
    Vehicle.company_id == bindparam("company_id"), Vehicle.vin == bindparam("vin")
)


def read_budget(
    actor: Actor,
    office: str,
    start: date | None = None,
    *,
    person_id: int | None = None,
    vin: str | None = None,
    uses: Uses | None = None,
    is_saved: bool = False,
) -> Budget:
    """Available to spend at `office` from the quarter of `start` (None: today) on, as `budget_panel` shows it.

    `person_id` or `vin` says whose chain it is; `uses` (`budget_panel.uses_of`) what it takes. Raises `Forbidden`
    without SEE_BUDGETS, `NotFound` for an office or a vehicle out of scope.
    """
    actor.require(Permission.SEE_BUDGETS)
    session: Session = db.session()
    require_office(session, actor, office)
    today = clock.today(zone_of(actor.company_id, office))
    quarters = quarters_of(start or today, uses or {})
    names = _names(session.execute(FLEETS, {"company_id": actor.company_id, "office": office}))
    accounts = accounts_of(session, actor.company_id, office, min(quarters))
    concern = _concern(session, actor, person_id, vin)
    return draw_budget(office, quarters, accounts, names, today, uses=uses, is_saved=is_saved, concern=concern)


def _names(rows: Iterable[tuple[str, str]]) -> dict[str, str]:
    found = list(rows)
    makes = {make for _, make in found}
    return {fleet: fleet_name(fleet, makes) for fleet in {fleet_of(named, make) for named, make in found}}


def _concern(session: Session, actor: Actor, person_id: int | None, vin: str | None) -> Concern | None:
    if vin is not None:
        row = session.execute(FLEET_OF_VIN, {"company_id": actor.company_id, "vin": normal_vin(vin)}).first()
        if row is None or not actor.reaches(actor.company_id, row.office):
            raise NotFound("There is no such vehicle, or you may not see it.")
        return Concern({fleet_of(row.fleet, row.make)}, "Other makes")
    if person_id is not None:
        ranks = ranks_of(session, actor.company_id, person_id)
        approved = {budget_fleet(make) for make, rank in ranks.items() if rank != PENDING}
        return Concern(approved, "Makes the partner is not approved for")
    return None
