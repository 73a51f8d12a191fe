"""Gathering what the rules look at for several loans at once: what they have in common is read once."""

from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from webapp import clock
from webapp.accounts.queries import zone_of
from webapp.fleet.models import Vehicle
from webapp.fleet.names import normal_vin
from webapp.loans.facts import (
    holds_of,
    holidays_of,
    limits_of,
    partner_of,
    ranks_of,
    unknown_partner,
    unknown_vehicle,
    vehicle_facts,
)
from webapp.loans.occupations import loans_of_partner, occupations_of_vehicle
from webapp.loans.periods import Period, quarter_of
from webapp.loans.rules.facts import NO_COSTS, Costs, Facts, OfficeFacts, PartnerFacts
from webapp.loans.spending import accounts_of, costs_of


def gather_all(
    session: Session,
    *,
    company_id: int,
    office: str,
    wanted: Sequence[tuple[str, int, Period]],
    vehicles: Mapping[str, Vehicle],
    viewer: int | None = None,
) -> list[Facts]:
    """The facts about several loans of VIN, person and period, each as if it were the only one.

    `vehicles` are those that FMS lists, by VIN; `viewer` as for `gather`.
    """
    since = min(period.start_day for _, _, period in wanted)
    people = {person_id for _, person_id, _ in wanted}
    accounts = accounts_of(session, company_id, office, quarter_of(since))
    costs = costs_of(session, company_id, people) if accounts else {}
    office_facts = OfficeFacts(
        name=office,
        today=clock.today(zone_of(company_id, office)),
        holidays=holidays_of(session, company_id, office, since),
        limits=limits_of(session, company_id),
        accounts=accounts,
    )
    held = holds_of(session, vehicles.values(), viewer)
    by_vin = {
        vin: vehicle_facts(vehicle, occupations_of_vehicle(session, vehicle, since), held.get(vehicle.id, ()))
        for vin, vehicle in vehicles.items()
    }
    by_person = {
        person_id: _partner_facts(session, company_id, person_id, office, costs.get(person_id, NO_COSTS))
        for person_id in sorted(people)
    }
    return [
        Facts(period, office_facts, by_vin.get(normal_vin(vin)) or unknown_vehicle(vin), by_person[person_id])
        for vin, person_id, period in wanted
    ]


def _partner_facts(session: Session, company_id: int, person_id: int, office: str, costs: Costs) -> PartnerFacts:
    partner = partner_of(session, company_id, person_id, office)
    if partner is None:
        return unknown_partner(person_id)
    return PartnerFacts(
        name=partner.name,
        ranks=ranks_of(session, company_id, person_id),
        loans=loans_of_partner(session, company_id, person_id),
        costs=costs,
        person_id=person_id,
    )
