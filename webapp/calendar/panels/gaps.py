"""Where a vehicle comes off and where it goes to, and the days between that nobody has it. Pure.

What occupies a vehicle on which days, and what is free between, is `loans.periods`' to say.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from webapp.calendar.looks import Look
from webapp.calendar.panels.stays import Stay
from webapp.dates import shown_with_weekday
from webapp.loans.periods import Period, days_after, free_between, is_weekend, next_weekday, of_activity

# How far ahead gaps are listed: about two months, by the day they begin.
AHEAD = 61
# A loan is usually a week; what is offered for a longer gap is its first week.
A_LOAN = 7


@dataclass(frozen=True)
class Gap:
    """Days between two stays. `coming_off` and `going_to` are whom and when, empty where nothing is known of it.

    `days` are those of the gap, `length` how many of them and how many weekdays: of one without an end only the
    first is said. `loan` is what could be lent in it: ISO days, None where no weekday is left to go out and come back.
    """

    coming_off: str
    going_to: str
    days: str
    length: str
    loan: tuple[str, str] | None


@dataclass(frozen=True)
class Around:
    """A day: what has the vehicle then, and the gaps to what was before and to what comes after."""

    title: str
    has: str
    before: Gap | None
    after: Gap


def gaps(stays: Iterable[Stay], today: date, ahead: int = AHEAD) -> tuple[Gap, ...]:
    """Every gap that begins on one of the `ahead` days from today, the earliest first."""
    known = _in_order(stays)
    # What came back before its day holds the vehicle no longer.
    free = free_between([_period(stay) for stay in known if stay.look is not Look.OVER], today, date.max)
    return tuple(_gap(known, period, today) for period in free if period.start_day <= days_after(today, ahead))


def around(stays: Iterable[Stay], day: date, today: date) -> Around:
    """What has the vehicle on `day` (on a day of handing over: whom it goes to), and what is on either side."""
    known = _in_order(stays)
    here = [stay for stay in known if stay.start_day <= day < _end(stay)]
    title = f"Around {shown_with_weekday(day)}"
    if not here:
        return Around(title, "", None, _gap(known, Period(day, day), today))
    one = here[-1]
    others = [stay for stay in known if stay not in here]
    before = [stay for stay in others if stay.start_day < one.start_day]
    after = [stay for stay in others if stay.start_day >= one.start_day]
    last = max(before, key=_end, default=None)
    return Around(
        title,
        f"{one.holder} {shown_with_weekday(one.start_day)} → {shown_with_weekday(one.end_day)}",
        _between(last, one, today) if last else None,
        _between(one, after[0] if after else None, today),
    )


def _in_order(stays: Iterable[Stay]) -> Sequence[Stay]:
    return sorted(stays, key=lambda stay: (stay.start_day, stay.end_day, stay.holder))


def _period(stay: Stay) -> Period:
    return of_activity(stay.start_day, stay.end_day)


def _end(stay: Stay) -> date:
    return _period(stay).end_day


def _gap(known: Sequence[Stay], free: Period, today: date) -> Gap:
    """What is free from `free` on, or around it, with what is on either side."""
    before = max((stay for stay in known if _end(stay) <= free.start_day), key=_end, default=None)
    after = next((stay for stay in known if stay.start_day >= free.end_day), None)
    start = _end(before) if before and free.days <= 0 else free.start_day
    return _drawn(before, after, Period(start, after.start_day if after else date.max), today)


def _between(before: Stay, after: Stay | None, today: date) -> Gap:
    return _drawn(before, after, Period(_end(before), after.start_day if after else date.max), today)


def _drawn(before: Stay | None, after: Stay | None, free: Period, today: date) -> Gap:
    return Gap(
        coming_off=f"{before.holder} {shown_with_weekday(before.end_day)}" if before else "",
        going_to=f"{after.holder} {shown_with_weekday(after.start_day)}" if after else "",
        days=_days(free, is_open=after is None),
        length=_length(free, is_open=after is None),
        loan=_loan(free, today),
    )


def _days(free: Period, *, is_open: bool) -> str:
    start = shown_with_weekday(free.start_day)
    return f"from {start} on" if is_open else f"{start} → {shown_with_weekday(free.end_day)}"


def _length(free: Period, *, is_open: bool) -> str:
    """`11 days, 7 weekdays`, the day it goes out again not counted."""
    if is_open:
        return "nothing is planned after"
    if free.days <= 0:
        return "no day between" if free.days == 0 else f"{-free.days} {_day(-free.days)} both at once"
    weekdays = sum(not is_weekend(free.start_day + timedelta(number)) for number in range(free.days))
    return f"{free.days} {_day(free.days)}, {weekdays} {'weekday' if weekdays == 1 else 'weekdays'}"


def _day(number: int) -> str:
    return "day" if number == 1 else "days"


def _loan(free: Period, today: date) -> tuple[str, str] | None:
    """A week from the gap's first weekday that is not over, or as much of it as ends before the gap does."""
    start = next_weekday(max(free.start_day, today))
    end = min(next_weekday(days_after(start, A_LOAN)), free.end_day)
    while is_weekend(end):
        end -= timedelta(days=1)
    return (start.isoformat(), end.isoformat()) if end > start else None
