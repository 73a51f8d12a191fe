"""All rules asked about one loan: what each has to say, and the first day from which none of it stands."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from webapp.dates import shown_with_weekday
from webapp.loans.periods import next_weekday
from webapp.loans.rules.days import LAST_DAY, holiday, past, period, weekend
from webapp.loans.rules.facts import Facts
from webapp.loans.rules.findings import Finding
from webapp.loans.rules.money import over_budget
from webapp.loans.rules.partner import (
    cooldown,
    had_before,
    no_coordinates,
    not_approved,
    partner_busy,
    partner_has,
    partner_unknown,
    yearly_cap,
)
from webapp.loans.rules.vehicle import held, no_vehicle_id, not_in_service, soft_hold, turn_in, vehicle_unknown

Rule = Callable[[Facts], Sequence[Finding]]

# Where one of these speaks, the others have nothing to look at.
SENSE: tuple[Rule, ...] = (vehicle_unknown, partner_unknown, period)
# What time does not mend.
UNDATED: tuple[Rule, ...] = (not_approved, partner_has, had_before, no_vehicle_id)
# What a later start mends.
DATED: tuple[Rule, ...] = (past, weekend, not_in_service, held, cooldown, yearly_cap, over_budget, holiday)
WARNINGS: tuple[Rule, ...] = (turn_in, partner_busy, soft_hold, no_coordinates)
# Whoever it is lent to.
OF_VEHICLE: tuple[Rule, ...] = (past, weekend, not_in_service, held, no_vehicle_id, holiday, turn_in, soft_hold)


@dataclass(frozen=True)
class Assessment:
    """Everything the rules say of a loan, what binds most first.

    `possible_from`: the first start, of a loan as long, from which nothing dated that binds stands any more; None
    where nothing dated stands, or it never ends.
    """

    findings: tuple[Finding, ...]
    possible_from: date | None = None

    @property
    def is_possible(self) -> bool:
        """Whether we would suggest it."""
        return not any(finding.is_binding for finding in self.findings)

    @property
    def hard(self) -> tuple[Finding, ...]:
        """What binds everybody."""
        return tuple(finding for finding in self.findings if finding.is_hard)

    @property
    def outlook(self) -> str:
        """When it would work, in a sentence; empty where no day helps."""
        if self.possible_from is None:
            return ""
        day = shown_with_weekday(self.possible_from)
        is_mended = all(finding.until for finding in self.findings if finding.is_binding)
        return f"Possible from {day}." if is_mended else f"The days alone would work from {day}."


def assess(facts: Facts) -> Assessment:
    """Ask every rule; the same facts give the same answer."""
    senseless = [finding for rule in SENSE for finding in rule(facts)]
    if senseless:
        return Assessment(tuple(senseless))
    found: list[Finding] = []
    for rule in (*UNDATED, *DATED, *WARNINGS):
        said = rule(facts)
        if said and said[0].until is not None:
            until = _first_day(facts, (past, rule))
            said = [replace(finding, until=until) for finding in said]
        found.extend(said)
    is_dated = any(finding.until for finding in found if finding.is_binding)
    found.sort(key=lambda finding: finding.severity)
    return Assessment(tuple(found), _first_day(facts, DATED) if is_dated else None)


def assess_vehicle(facts: Facts) -> tuple[Finding, ...]:
    """What the rules say of the vehicle and the days alone, before anybody is chosen: what binds most first."""
    found = [finding for rule in (vehicle_unknown, period) for finding in rule(facts)]
    found = found or [finding for rule in OF_VEHICLE for finding in rule(facts)]
    return tuple(sorted(found, key=lambda finding: finding.severity))


def obstacle(facts: Facts) -> Finding | None:
    """The first finding that binds what we suggest: the same rules, asked only until one speaks.

    For looking through whole fleets; its `until` is that of the one thing in the way.
    """
    for rules in (SENSE, UNDATED, DATED):
        for rule in rules:
            said = rule(facts)
            if said:
                return said[0]
    return None


def _first_day(facts: Facts, rules: tuple[Rule, ...]) -> date | None:
    """The first start from Monday to Friday, none before the wanted one, on which `rules` are silent.

    Every rule names the day before which it cannot fall silent, so the days between need not be tried.
    """
    tried = facts
    while tried.wanted.end_day <= LAST_DAY:
        days = [finding.until for rule in rules for finding in rule(tried) if finding.until]
        if not days:
            return tried.wanted.start_day
        later = next_weekday(max(days))
        if later > LAST_DAY:
            break
        # As long as the wish, not as the last try: a weekend may have made that one longer.
        tried = facts.starting(later)
    return None
