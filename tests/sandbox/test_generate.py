"""The same scale, day and seed invent the same company; another seed or day another one."""

from datetime import date

import pytest

from webapp.sandbox.generate import generate
from webapp.sandbox.generate.scale import SCALES

THURSDAY = date(2026, 11, 19)


def test_same_input_same_company() -> None:
    """Two runs give equal rows, in every table."""
    assert generate("small", THURSDAY, 1) == generate("small", THURSDAY, 1)


def test_other_seed_other_company() -> None:
    """The seed changes the data but not their number."""
    one, other = generate("small", THURSDAY, 1), generate("small", THURSDAY, 2)
    assert one.vehicles != other.vehicles
    assert len(one.activities) == len(other.activities)


@pytest.mark.parametrize(
    "today",
    [date(2026, 1, 1), date(2027, 12, 31), date(2028, 2, 29), date(2027, 5, 1), date(2027, 7, 4)],
)
@pytest.mark.parametrize("scale_name", ["small", "full"])
def test_counts_hold_on_any_day(scale_name: str, today: date) -> None:
    """Whatever day it is, the reports have their rows: what ended before today is history."""
    scale, company = SCALES[scale_name], generate(scale_name, today, 3)
    ended = [row for row in company.activities if str(row[5]) < today.isoformat()]
    assert len(ended) == scale.history
    assert len(company.activities) - len(ended) == scale.activities
    assert (len(company.vehicles), len(company.partners)) == (sum(scale.offices.values()), scale.partners)
    assert (len(company.approvals), len(company.spending)) == (scale.approvals, scale.spending)


def test_no_loan_before_its_vehicle_came() -> None:
    """Nothing but a report's own oddity books a vehicle before its in-service day."""
    company = generate("full", THURSDAY, 1)
    came = {row[0]: str(row[11]) for row in company.vehicles}
    assert [row for row in company.activities if row[1] in came and str(row[4]) < came[row[1]]] == []


def test_partners_prefer_a_weekday() -> None:
    """Many partners start most of their loans on one weekday, so that a preference can be found."""
    company = generate("full", THURSDAY, 1)
    starts: dict[object, list[int]] = {}
    for row in company.activities:
        if row[2] is not None:
            starts.setdefault(row[2], []).append(date.fromisoformat(str(row[4])).weekday())
    clear = [days for days in starts.values() if len(days) >= 5 and max(map(days.count, days)) >= 0.4 * len(days)]
    assert len(clear) > 200
