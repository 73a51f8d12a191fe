"""Rules about the vehicle: known, in service, free, not planned with by others, with an id in FMS, to be turned in."""

from collections.abc import Sequence

from webapp.dates import shown
from webapp.loans.availability import in_the_way
from webapp.loans.rules.facts import Facts
from webapp.loans.rules.findings import Finding, Severity


def vehicle_unknown(facts: Facts) -> Sequence[Finding]:
    """`unknown`: the vehicle is in FMS's list."""
    if facts.vehicle.is_known:
        return ()
    return [Finding("unknown", f"No vehicle {facts.vehicle.name} is in FMS's list.", Severity.HARD, field="vin")]


def not_in_service(facts: Facts) -> Sequence[Finding]:
    """`not_in_service`: a loan does not start before the vehicle joins the fleet."""
    first = facts.vehicle.in_service_date
    if first is None or facts.wanted.start_day >= first:
        return ()
    text = f"{facts.vehicle.name} does not join the fleet until {shown(first)}."
    return [Finding("not_in_service", text, Severity.HARD, until=first, field="start_day")]


def held(facts: Facts) -> Sequence[Finding]:
    """`held`: no activity of FMS's and no loan of ours has the vehicle on one of these days."""
    vehicle = facts.vehicle
    return [
        Finding(
            "held",
            f"{vehicle.name} is {occupation.sentence()}.",
            Severity.HARD,
            until=occupation.period.end_day,
            in_the_way=occupation,
            field="vin",
        )
        for occupation in in_the_way(facts.wanted, vehicle.occupations)
    ]


def turn_in(facts: Facts) -> Sequence[Finding]:
    """`turn_in`: the vehicle is expected to be turned in before the end. Only a warning: FMS books past it."""
    day = facts.vehicle.expected_turn_in_date
    if day is None or day >= facts.wanted.end_day:
        return ()
    text = f"Expected turn-in {shown(day)} falls before the end of this loan. FMS still books past it."
    return [Finding("turn_in", text, Severity.WARNING)]


def soft_hold(facts: Facts) -> Sequence[Finding]:
    """`soft_hold`: no other scheduler is planning with the vehicle just now. Only a warning: it may be taken."""
    until = [hold.until for hold in facts.vehicle.holds if hold.period.overlaps(facts.wanted)]
    if not until:
        return ()
    text = f"{facts.vehicle.name} is being planned by another scheduler until {until[-1]}."
    return [Finding("soft_hold", text, Severity.WARNING)]


def no_vehicle_id(facts: Facts) -> Sequence[Finding]:
    """`no_vehicle_id`: FMS has given the vehicle an id under which it can be requested."""
    if facts.vehicle.vehicle_id is not None:
        return ()
    text = f"FMS has not given {facts.vehicle.name} a vehicle id: it can be planned, but not requested yet."
    return [Finding("no_vehicle_id", text, Severity.SOFT)]
