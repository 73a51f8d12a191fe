"""What stands around a saved chain: its timeline, the money left and what it takes of it, who it is for, its hops."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.accounts.actor import Actor
from webapp.accounts.permissions import Permission
from webapp.calendar.panels.budget_panel import Budget, Uses, uses_of
from webapp.calendar.panels.budget_reading import read_budget
from webapp.calendar.panels.partner_facts import PartnerPanel, read_partner
from webapp.calendar.panels.vehicle_facts import VehiclePanel, read_vehicle
from webapp.chains.asking import Kind
from webapp.chains.panels.hop_map import HopMap
from webapp.chains.panels.map_reading import read_map
from webapp.chains.panels.picture_reading import of_saved
from webapp.chains.panels.timeline import Timeline
from webapp.chains.panels.timeline_reading import read_timeline
from webapp.chains.saved.chain import SavedChain
from webapp.db import db
from webapp.errors import NotFound
from webapp.fleet.makes import make_key
from webapp.fleet.models import Vehicle
from webapp.loans.rules.money import cost_of_loan
from webapp.loans.spending import UNSPENT, costs_of, fleet_of


@dataclass(frozen=True)
class Around:
    """What changes with the chain's loans. `budget` None: not for this person; `map` only of a vehicle chain."""

    timeline: Timeline
    budget: Budget | None
    map: HopMap | None


@dataclass(frozen=True)
class Facts:
    """Whose chain it is; None where FMS does not list them (any more), or not for this person."""

    partner: PartnerPanel | None = None
    vehicle: VehiclePanel | None = None

    @property
    def panel(self) -> PartnerPanel | VehiclePanel | None:
        """The one that there is."""
        return self.partner or self.vehicle


def read_around(actor: Actor, chain: SavedChain, month: date | None = None) -> Around:
    """The chain in the month of that day; None: in which its middle is."""
    picture = of_saved(chain)
    middle = chain.loans[(len(chain.loans) - 1) // 2].start_day.replace(day=1)
    return Around(
        timeline=read_timeline(actor, picture, month or middle),
        budget=_budget(actor, chain),
        map=read_map(actor, picture) if chain.kind is Kind.VEHICLE else None,
    )


def read_facts(actor: Actor, chain: SavedChain) -> Facts:
    """The partner of a partner chain, the vehicle of a vehicle chain: of its first loan, where there are several."""
    first = chain.loans[0]
    try:
        if chain.kind is Kind.PARTNER:
            return Facts(partner=read_partner(actor, first.person_id, chain.office))
        return Facts(vehicle=read_vehicle(actor, first.vin))
    except NotFound:
        return Facts()


def _budget(actor: Actor, chain: SavedChain) -> Budget | None:
    if not actor.may(Permission.SEE_BUDGETS):
        return None
    first, is_of_partner = chain.loans[0], chain.kind is Kind.PARTNER
    try:
        return read_budget(
            actor,
            chain.office,
            chain.start_day,
            person_id=first.person_id if is_of_partner else None,
            vin=None if is_of_partner else first.vin,
            uses=_uses(actor, chain),
            is_saved=True,
        )
    except NotFound:
        return None


def _uses(actor: Actor, chain: SavedChain) -> Uses:
    """What the chain's loans take that are not in FMS's own figure yet: estimated as the rules do."""
    session: Session = db.session()
    loans = [loan for loan in chain.loans if loan.status in UNSPENT]
    costs = costs_of(session, actor.company_id, {loan.person_id for loan in loans})
    ids = {loan.vehicle_row_id for loan in loans}
    fleets = {
        row.id: row.fleet for row in session.execute(select(Vehicle.id, Vehicle.fleet).where(Vehicle.id.in_(ids)))
    }
    return uses_of(
        (
            fleet_of(fleets[loan.vehicle_row_id], loan.make),
            loan.start_day,
            cost_of_loan(costs[loan.person_id], make_key(loan.make)),
        )
        for loan in loans
    )
