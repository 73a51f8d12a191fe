"""Rules about the partner: known, approved, no VIN twice, cooldown by model, loans a year, busy, on the map."""

from collections.abc import Sequence
from datetime import date

from webapp.dates import shown
from webapp.loans.availability import in_the_way
from webapp.loans.periods import days_after
from webapp.loans.rules.facts import DEFAULT_COOLDOWN, PENDING, Facts, PartnerLoan
from webapp.loans.rules.findings import Finding, Severity


def partner_unknown(facts: Facts) -> Sequence[Finding]:
    """`unknown`: the partner is in FMS's list."""
    if facts.partner.is_known:
        return ()
    return [Finding("unknown", f"No partner {facts.partner.name} is in FMS's list.", Severity.HARD, field="person_id")]


def not_approved(facts: Facts) -> Sequence[Finding]:
    """`not_approved`: FMS lists the partner for the make, and the approval is not pending."""
    rank = facts.rank
    if rank is None:
        text = f"{facts.partner.name} is not approved for {facts.vehicle.make}."
    elif rank == PENDING:
        text = f"The approval of {facts.partner.name} for {facts.vehicle.make} is pending."
    else:
        return ()
    return [Finding("not_approved", text, Severity.SOFT)]


def had_before(facts: Facts) -> Sequence[Finding]:
    """`had_before`: the partner has not had this very vehicle, at any date."""
    loans = [loan for loan in facts.partner.by_vin.get(facts.vehicle.vin, ()) if _was(loan, facts.office.today)]
    if not loans:
        return ()
    again = "" if len(loans) == 1 else f", and {len(loans) - 1} times before" if len(loans) > 2 else ", and once before"
    text = f"{facts.partner.name} had {facts.vehicle.name} {loans[-1].occupation.dates}{again}."
    return [Finding("had_before", text, Severity.SOFT, in_the_way=loans[-1].occupation)]


def partner_has(facts: Facts) -> Sequence[Finding]:
    """`partner_has`: the partner neither has this very vehicle now nor is booked for it, at any date."""
    today = facts.office.today
    return [
        Finding(
            "partner_has",
            f"{facts.partner.name} {_verb(loan, today)} {facts.vehicle.name} {loan.occupation.dates}.",
            Severity.SOFT,
            in_the_way=loan.occupation,
        )
        for loan in facts.partner.by_vin.get(facts.vehicle.vin, ())
        if not _was(loan, today)
    ]


def cooldown(facts: Facts) -> Sequence[Finding]:
    """`cooldown`: days between two loans of one make and model, after an earlier one and before a later one.

    As many as operations laid down for make and rank, else 30: a loan may start on the earlier one's end and
    that many days. Concurrent loans of one model are too close, too.
    """
    loans = facts.partner.by_model.get(facts.vehicle.model_key)
    if not loans or facts.vehicle.model_key is None:
        return ()
    laid_down = facts.limits.cooldown_days
    days = DEFAULT_COOLDOWN if laid_down is None else laid_down
    start, latest_start = facts.wanted.start_day, days_after(facts.wanted.end_day, days)
    return [
        _cooling(facts, loan, days, over)
        for loan in loans
        if loan.occupation.start_day < latest_start and start < (over := days_after(loan.occupation.end_day, days))
    ]


def yearly_cap(facts: Facts) -> Sequence[Finding]:
    """`yearly_cap`: so many loans of a make a calendar year, counted by their starts, as laid down for the rank."""
    cap = facts.limits.loans_a_year
    if cap is None:
        return ()
    year = facts.wanted.start_day.year
    count = facts.partner.starts.get((facts.vehicle.make_key, year), 0)
    if count < cap:
        return ()
    loans, allowed = ("1 loan" if number == 1 else f"{number} loans" for number in (count, cap))
    text = (
        f"{facts.partner.name} has {loans} of {facts.vehicle.make} in {year}; "
        f"rank {facts.rank} allows {allowed} a year."
    )
    return [Finding("yearly_cap", text, Severity.SOFT, until=date(year + 1, 1, 1))]


def partner_busy(facts: Facts) -> Sequence[Finding]:
    """`partner_busy`: the partner has another vehicle meanwhile. Only a warning: doing so on purpose is a choice."""
    others = [loan.occupation for loan in facts.partner.current if loan.vin != facts.vehicle.vin]
    return [
        Finding(
            "partner_busy",
            f"{facts.partner.name} has {occupation.vehicle_name} {occupation.dates}.",
            Severity.WARNING,
            until=occupation.period.end_day,
            in_the_way=occupation,
        )
        for occupation in in_the_way(facts.wanted, others)
    ]


def no_coordinates(facts: Facts) -> Sequence[Finding]:
    """`no_coordinates`: where distances are asked for, the partner has a place on the map. Only a warning."""
    if facts.partner.is_placed:
        return ()
    text = f"{facts.partner.name} has no place on the map, so no distance is known."
    return [Finding("no_coordinates", text, Severity.WARNING)]


def _cooling(facts: Facts, loan: PartnerLoan, days: int, over: date) -> Finding:
    one = loan.occupation
    text = (
        f"Cooldown until {shown(over)}: {facts.partner.name} {_verb(loan, facts.office.today)} {one.vehicle_name} "
        f"{one.dates} ({days} days between loans of one model)."
    )
    return Finding("cooldown", text, Severity.SOFT, until=over, in_the_way=one)


def _was(loan: PartnerLoan, today: date) -> bool:
    return loan.is_over or loan.occupation.end_day < today


def _verb(loan: PartnerLoan, today: date) -> str:
    if _was(loan, today):
        return "had"
    if loan.occupation.start_day <= today:
        return "has"
    return "is to get" if loan.occupation.is_wished else "is booked for"
