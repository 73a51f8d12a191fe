"""What loan history says about people: the weekday they start on, and how often they publish.

Rules: feeds.md, "After the feeds". Pure; days are calendar days.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from webapp.fleet.makes import make_key

RECENT_MONTHS, RECENT_WEIGHT = 12, 2
FEWEST_LOANS, SMALLEST_SHARE = 5, Decimal("0.4")
RATE_MONTHS = 24
# Loans start from Monday to Friday.
WORKDAYS = range(5)
EVERYBODY, ALL_MAKES = 0, ""


class PastLoan(NamedTuple):
    """A loan that is over. `clips` None: not known whether anything was published."""

    person_id: int
    office: str
    make: str
    start_day: date
    end_day: date
    clips: int | None


class Preference(NamedTuple):
    """A weekday (0 is Monday), how many loans it was found in, and its share of their weight (0 to 1)."""

    weekday: int
    loans: int
    share: Decimal


class Rate(NamedTuple):
    """Loans of which it is known whether they were published, and those that were."""

    known: int
    published: int


def preferred_weekdays(loans: Iterable[PastLoan], today: date) -> dict[tuple[int, str], Preference]:
    """The preferred start per person and office; those without one are not in it.

    Starts of the last twelve months weigh double. At least five loans, at least 40 % of the weight on the
    weekday, and more than on any other: of two equal days neither is preferred.
    """
    recent = months_before(today, RECENT_MONTHS)
    starts: defaultdict[tuple[int, str], list[date]] = defaultdict(list)
    for loan in loans:
        starts[loan.person_id, loan.office].append(loan.start_day)
    found = {}
    for key in sorted(starts):
        if preference := _preference(starts[key], recent):
            found[key] = preference
    return found


def publication_rates(loans: Iterable[PastLoan], today: date) -> dict[tuple[int, str], Rate]:
    """Rates of the loans that ended in the last 24 months, where the count of clips is known.

    Keys: (person, make), (person, "") for all makes together, (0, make) for everybody together.
    """
    first = months_before(today, RATE_MONTHS)
    known: Counter[tuple[int, str]] = Counter()
    published: Counter[tuple[int, str]] = Counter()
    keys_of_makes: dict[str, str] = {}
    for loan in loans:
        if loan.clips is None or not first < loan.end_day <= today:
            continue
        make = keys_of_makes.get(loan.make)
        if make is None:
            make = keys_of_makes[loan.make] = make_key(loan.make)
        keys = {(loan.person_id, ALL_MAKES), (loan.person_id, make), (EVERYBODY, make)}
        known.update(keys)
        if loan.clips > 0:
            published.update(keys)
    return {key: Rate(known[key], published[key]) for key in sorted(known) if key != (EVERYBODY, ALL_MAKES)}


def months_before(day: date, months: int) -> date:
    """The same day of the month so many months earlier, or that month's last where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, min(day.day, last))
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")


def _preference(starts: list[date], recent: date) -> Preference | None:
    if len(starts) < FEWEST_LOANS:
        return None
    weights: Counter[int] = Counter()
    for day in starts:
        weights[day.weekday()] += RECENT_WEIGHT if day > recent else 1
    (weekday, weight), *others = weights.most_common()
    share = Decimal(weight) / weights.total()
    is_tied = bool(others) and others[0][1] == weight
    if is_tied or share < SMALLEST_SHARE or weekday not in WORKDAYS:
        return None
    return Preference(weekday, len(starts), share.quantize(Decimal("0.001")))
