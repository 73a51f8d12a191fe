"""Rules about money: what a loan is likely to cost, and whether the fleet's budget of its quarter bears it."""

from collections.abc import Sequence
from decimal import Decimal

from webapp.loans.periods import quarter_of
from webapp.loans.rules.facts import Costs, Facts
from webapp.loans.rules.findings import Finding, Severity


def cost_of_loan(costs: Costs, make_key: str) -> Decimal:
    """US dollars that a loan of this make to this partner is likely to cost."""
    return costs.by_make.get(make_key, costs.otherwise)


def over_budget(facts: Facts) -> Sequence[Finding]:
    """`over_budget`: what is available to the fleet at the office, in the quarter of the loan's start, pays for it."""
    quarter = quarter_of(facts.wanted.start_day)
    account = facts.office.accounts.get((facts.vehicle.fleet, quarter))
    if account is None or account.available is None:
        return ()
    cost = cost_of_loan(facts.partner.costs, facts.vehicle.make_key)
    missing = cost - account.available
    if missing <= 0:
        return ()
    text = (
        f"Over budget by {dollars(missing)}: {facts.office.name} has {dollars(account.available)} left for "
        f"{facts.vehicle.fleet} in {quarter}, and this loan costs about {dollars(cost)}."
    )
    return [Finding("over_budget", text, Severity.SOFT, until=quarter.next.first_day)]


def dollars(amount: Decimal) -> str:
    """`$1,234`, `$1,234.50`, `-$300`."""
    digits = f"{abs(amount):,.2f}".removesuffix(".00")
    return f"-${digits}" if amount < 0 else f"${digits}"
