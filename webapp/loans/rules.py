"""The rules for one loan, as findings: a code, a sentence, whether it binds everybody, and until when.

Always refused: `unknown`, `period`, `past`, `weekend`, `not_in_service`, `held`. Everything else informs the
person who picks by hand (chains.md, section 3).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from webapp.dates import shown, shown_with_weekday
from webapp.loans.availability import Occupation, in_the_way
from webapp.loans.periods import Period, is_weekend, next_weekday

PENDING = "Pending"
# Years travel to FMS as two digits, and it takes 69 for 1969.
LAST_DAY = date(2068, 12, 31)


@dataclass(frozen=True)
class Finding:
    """What one rule has to say.

    `until`: the first day from which it would no longer say so, where there is one. `field`: what the person
    would have to give differently: vin, person_id, start_day or end_day.
    """

    code: str
    text: str
    is_hard: bool
    until: date | None = None
    in_the_way: Occupation | None = None
    field: str = ""


@dataclass(frozen=True)
class Facts:
    """All that the rules look at. `today` is the office's day; `assignment_id` the loan that is checked, if any.

    `wanted` is the period as it will be booked, `keeps_start` whether the loan had this start already: a start
    that has passed since it was planned does not stand in the way of moving its end. `rank` is None where the
    partner is not approved for the make.
    """

    wanted: Period
    today: date
    vehicle_name: str
    vehicle_id: int | None
    is_vehicle_known: bool
    is_partner_known: bool
    partner_name: str
    make: str
    rank: str | None
    in_service_date: date | None
    expected_turn_in_date: date | None
    vehicle_occupations: tuple[Occupation, ...]
    partner_occupations: tuple[Occupation, ...]
    holidays: tuple[tuple[date, str], ...] = ()
    assignment_id: int | None = None
    keeps_start: bool = False


def findings(facts: Facts) -> tuple[Finding, ...]:
    """Everything the rules say, what binds first; the same facts give the same findings."""
    senseless = (*_unknown(facts), *_period(facts))
    if senseless:
        return senseless
    every = [*_calendar_days(facts), *_in_service(facts), *_held(facts), *_approval(facts), *_turn_in(facts)]
    every += [*_holidays(facts), *_partner_busy(facts), *_without_fms_id(facts)]
    return tuple(sorted(every, key=lambda finding: not finding.is_hard))


def _unknown(facts: Facts) -> Iterator[Finding]:
    if not facts.is_vehicle_known:
        yield Finding("unknown", f"No vehicle {facts.vehicle_name} is in FMS's list.", is_hard=True, field="vin")
    if not facts.is_partner_known:
        yield Finding("unknown", f"No partner {facts.partner_name} is in FMS's list.", is_hard=True, field="person_id")


def _period(facts: Facts) -> Iterator[Finding]:
    if facts.wanted.days <= 0:
        yield Finding("period", "The end must be after the start.", is_hard=True, field="end_day")
    elif facts.wanted.end_day > LAST_DAY:
        text = f"FMS knows no day after {shown_with_weekday(LAST_DAY)}; check the year."
        yield Finding("period", text, is_hard=True, field="end_day")


def _calendar_days(facts: Facts) -> Iterator[Finding]:
    start = facts.wanted.start_day
    if start < facts.today and not facts.keeps_start:
        text = f"{shown_with_weekday(start)} is in the past."
        yield Finding("past", text, is_hard=True, until=next_weekday(facts.today), field="start_day")
    if is_weekend(start):
        text = f"{shown_with_weekday(start)} is a weekend; loans start Monday to Friday."
        yield Finding("weekend", text, is_hard=True, until=next_weekday(start), field="start_day")


def _in_service(facts: Facts) -> Iterator[Finding]:
    first = facts.in_service_date
    if first is not None and facts.wanted.start_day < first:
        text = f"{facts.vehicle_name} does not join the fleet until {shown(first)}."
        yield Finding("not_in_service", text, is_hard=True, until=next_weekday(first), field="start_day")


def _held(facts: Facts) -> Iterator[Finding]:
    for occupation in in_the_way(facts.wanted, facts.vehicle_occupations, but_not=facts.assignment_id):
        text, free = f"{facts.vehicle_name} is {occupation.sentence()}.", next_weekday(occupation.period.end_day)
        yield Finding("held", text, is_hard=True, until=free, in_the_way=occupation, field="vin")


def _approval(facts: Facts) -> Iterator[Finding]:
    if facts.rank is None:
        yield Finding("not_approved", f"{facts.partner_name} is not approved for {facts.make}.", is_hard=False)
    elif facts.rank == PENDING:
        text = f"The approval of {facts.partner_name} for {facts.make} is pending."
        yield Finding("not_approved", text, is_hard=False)


def _turn_in(facts: Facts) -> Iterator[Finding]:
    day = facts.expected_turn_in_date
    if day is not None and day < facts.wanted.end_day:
        text = f"Expected turn-in {shown(day)} falls before the end of this loan. FMS still books past it."
        yield Finding("turn_in", text, is_hard=False)


def _holidays(facts: Facts) -> Iterator[Finding]:
    for day, name in facts.holidays:
        if day in (facts.wanted.start_day, facts.wanted.end_day):
            text = f"{shown_with_weekday(day)} is a holiday of the office ({name})."
            yield Finding("holiday", text, is_hard=False)


def _partner_busy(facts: Facts) -> Iterator[Finding]:
    for occupation in in_the_way(facts.wanted, facts.partner_occupations, but_not=facts.assignment_id):
        text = f"{facts.partner_name} has {occupation.vehicle_name} {occupation.dates}."
        free = next_weekday(occupation.period.end_day)
        yield Finding("partner_busy", text, is_hard=False, until=free, in_the_way=occupation)


def _without_fms_id(facts: Facts) -> Iterator[Finding]:
    if facts.vehicle_id is None:
        text = f"FMS has not given {facts.vehicle_name} a vehicle id: it can be planned, but not requested yet."
        yield Finding("no_vehicle_id", text, is_hard=False)
