"""Rules about the days themselves: the order of start and end, the past, weekends, holidays."""

from collections.abc import Sequence
from datetime import date, timedelta

from webapp.dates import shown_with_weekday
from webapp.loans.periods import is_weekend, next_weekday
from webapp.loans.rules.facts import Facts
from webapp.loans.rules.findings import Finding, Severity

# Years travel to FMS as two digits, and it takes 69 for 1969.
LAST_DAY = date(2068, 12, 31)


def period(facts: Facts) -> Sequence[Finding]:
    """`period`: the end is after the start, and FMS can say it."""
    if facts.wanted.days <= 0:
        return [Finding("period", "The end must be after the start.", Severity.HARD, field="end_day")]
    if facts.wanted.end_day > LAST_DAY:
        text = f"FMS knows no day after {shown_with_weekday(LAST_DAY)}; check the year."
        return [Finding("period", text, Severity.HARD, field="end_day")]
    return ()


def past(facts: Facts) -> Sequence[Finding]:
    """`past`: a loan starts today at the earliest, by the office's day."""
    start, today = facts.wanted.start_day, facts.office.today
    if start >= today or facts.keeps_start:
        return ()
    text = f"{shown_with_weekday(start)} is in the past."
    return [Finding("past", text, Severity.HARD, until=today, field="start_day")]


def weekend(facts: Facts) -> Sequence[Finding]:
    """`weekend`: loans start Monday to Friday."""
    start = facts.wanted.start_day
    if not is_weekend(start):
        return ()
    text = f"{shown_with_weekday(start)} is a weekend; loans start Monday to Friday."
    return [Finding("weekend", text, Severity.HARD, until=next_weekday(start), field="start_day")]


def holiday(facts: Facts) -> Sequence[Finding]:
    """`holiday`: holidays of the office are no start or end days."""
    wanted, holidays = facts.wanted, facts.office.holidays
    if wanted.start_day not in holidays and wanted.end_day not in holidays:
        return ()
    return [
        Finding(
            "holiday",
            f"{shown_with_weekday(day)} is a holiday of the office ({holidays[day]}).",
            Severity.SOFT,
            until=wanted.start_day + timedelta(days=1),
        )
        for day in (wanted.start_day, wanted.end_day)
        if day in holidays
    ]
