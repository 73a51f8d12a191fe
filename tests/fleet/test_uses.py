"""How much each vehicle was lent: the loans of twelve months, what is usual at its office, the last day out."""

from datetime import date

import pytest

from webapp.fleet.uses import Stay, Use, vehicle_uses

TODAY = date(2026, 11, 23)
OFFICES = {"A": "Los Angeles", "B": "Los Angeles", "C": "Los Angeles", "D": "Miami"}


def stay(vin: str, number: int, start: str, end: str, *, is_loan: bool = True) -> Stay:
    return Stay(vin, number, date.fromisoformat(start), date.fromisoformat(end), is_loan)


def test_loans_of_twelve_months_are_counted_once() -> None:
    """A loan listed in both reports is one; one that began a year ago or begins tomorrow is none; a hold is no loan."""
    stays = [
        stay("A", 1, "2026-11-10", "2026-11-17"),
        stay("A", 1, "2026-11-10", "2026-11-18"),
        stay("A", 2, "2025-11-24", "2025-12-01"),
        stay("A", 3, "2025-11-23", "2025-12-01"),
        stay("A", 4, "2026-11-24", "2026-12-01"),
        stay("A", 5, "2026-11-01", "2026-11-03", is_loan=False),
        stay("elsewhere", 6, "2026-11-01", "2026-11-03"),
    ]
    assert vehicle_uses(stays, {"A": "Los Angeles"}, TODAY) == {"A": Use(2, 2, date(2026, 11, 18))}


@pytest.mark.parametrize(
    ("start", "end", "last_day"),
    [
        ("2026-11-01", "2026-11-08", date(2026, 11, 8)),
        ("2026-11-20", "2026-12-01", TODAY),
        ("2026-11-24", "2026-12-01", None),
    ],
    ids=["over", "under way", "to come"],
)
def test_the_last_day_out_is_never_in_the_future(start: str, end: str, last_day: date | None) -> None:
    """What is under way counts up to today; what is to come does not count; a service is a day out as well."""
    found = vehicle_uses([stay("A", 1, start, end, is_loan=False)], {"A": "Los Angeles"}, TODAY)
    assert found["A"].last_day == last_day


def test_what_is_usual_is_the_median_of_the_office_s_lent_vehicles() -> None:
    """Vehicles never lent do not pull it down, and each office has its own."""
    stays = [stay("A", number, "2026-11-01", "2026-11-03") for number in range(9)]
    stays += [stay("B", 20 + number, "2026-11-01", "2026-11-03") for number in range(3)]
    stays += [stay("D", 40, "2026-11-01", "2026-11-03")]
    found = vehicle_uses(stays, OFFICES, TODAY)
    assert {vin: (use.loans, use.usual) for vin, use in found.items()} == {
        "A": (9, 3),
        "B": (3, 3),
        "C": (0, 3),
        "D": (1, 1),
    }
