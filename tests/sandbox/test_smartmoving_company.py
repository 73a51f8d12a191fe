"""The invented moving company has the mixes and the oddities of a real one, and the same seed invents the same."""

import json
from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest

from webapp.sandbox.generate.mover_branches import CUSTOM_SERVICES, STANDARD_SERVICES
from webapp.sandbox.generate.movers import invent_movers
from webapp.sandbox.smartmoving.payloads import respelled

TODAY = date(2026, 11, 19)
OPPORTUNITY, CUSTOMER, QUOTE, STATUS = range(4)


@pytest.fixture(scope="module")
def full() -> dict[str, list[Any]]:
    return invent_movers("full", TODAY, 1)


def opportunities_of(tables: dict[str, list[Any]], day: date) -> list[Any]:
    """The opportunities with a job on this day."""
    numbers = {job[1] for job in tables["smartmoving_jobs"] if job[4] == day.isoformat()}
    return [row for row in tables["smartmoving_opportunities"] if row[OPPORTUNITY] in numbers]


def share(values: list[Any], *wanted: object) -> float:
    return sum(value in wanted for value in values) / len(values)


def test_same_input_same_company() -> None:
    """The same scale, day and seed give the same rows; another seed or day other ones."""
    assert invent_movers("small", TODAY, 1) == invent_movers("small", TODAY, 1)
    assert invent_movers("small", TODAY, 2) != invent_movers("small", TODAY, 1)
    assert invent_movers("small", TODAY + timedelta(1), 1) != invent_movers("small", TODAY, 1)


def test_size_of_the_company(full: dict[str, list[Any]]) -> None:
    """66 branches; 190 customers for each service day around today; ids are nobody else's."""
    assert len(full["smartmoving_branches"]) == 66
    for offset in range(-7, 14):
        customers = {row[CUSTOMER] for row in opportunities_of(full, TODAY + timedelta(offset))}
        assert 175 <= len(customers) <= 205
    for table in ("branches", "customers", "opportunities", "jobs"):
        rows = full[f"smartmoving_{table}"]
        assert len({row[0] for row in rows}) == len(rows)


def test_ten_is_ten_times_as_many() -> None:
    """The big company has ten times the customers."""
    assert len(invent_movers("ten", TODAY, 1)["smartmoving_customers"]) == 10 * 22 * 176


def test_statuses(full: dict[str, list[Any]]) -> None:
    """Of what is on from today half is booked and a third lost; what is over is mostly completed."""
    coming = [row[STATUS] for offset in range(15) for row in opportunities_of(full, TODAY + timedelta(offset))]
    assert 0.45 <= share(coming, 4) <= 0.55
    assert 0.29 <= share(coming, 30) <= 0.38
    assert 0.04 <= share(coming, 20) <= 0.09
    assert 0.05 <= share(coming, 0, 1, 3) <= 0.09
    assert 0.02 <= share(coming, 50) <= 0.06
    assert {10} <= {row[STATUS] for row in opportunities_of(full, TODAY)}
    over = [row[STATUS] for offset in range(-7, -1) for row in opportunities_of(full, TODAY + timedelta(offset))]
    assert 0.4 <= share(over, 10, 11) <= 0.52
    assert share(over, 4) <= 0.12


def test_a_lead_status_proves_nothing(full: dict[str, list[Any]]) -> None:
    """Booked ones still say that they were lost or cancelled once, and lost ones that they were booked."""
    said = {(row[STATUS], row[7]) for row in full["smartmoving_opportunities"]}
    assert {(4, "Cancelled - reopened"), (4, "Lost - price"), (30, "Deposit paid"), (4, None)} <= said


def test_several_jobs_and_siblings(full: dict[str, list[Any]]) -> None:
    """Packing comes the day before the move; customers have other opportunities months away."""
    days: dict[str, list[tuple[int, str | None]]] = {}
    for job in full["smartmoving_jobs"]:
        days.setdefault(job[1], []).append((job[5], job[4]))
    packed = [found for found in days.values() if len(found) == 2 and found[0][0] == 3 and found[1][0] == 1]
    assert 0.05 <= len(packed) / len(days) <= 0.1
    for (_, before), (_, after) in packed:
        assert before
        assert after
        assert date.fromisoformat(after) - date.fromisoformat(before) == timedelta(1)
    of_customer = Counter(row[CUSTOMER] for row in full["smartmoving_opportunities"])
    assert 0.06 <= sum(count > 1 for count in of_customer.values()) / len(of_customer) <= 0.1
    assert [day for found in days.values() for _, day in found if day and day > "2027-02-15"]


def test_addresses(full: dict[str, list[Any]]) -> None:
    """One address in eleven of a hundred jobs, two in eighty-five, now and then three or four."""
    counts = [len(json.loads(job[7])) for job in full["smartmoving_jobs"]]
    assert 0.09 <= share(counts, 1) <= 0.13
    assert 0.82 <= share(counts, 2) <= 0.88
    assert set(counts) == {1, 2, 3, 4}


def test_oddities(full: dict[str, list[Any]]) -> None:
    """Missing numbers, dates, money, telephones and windows; fractions of hours; jobs of unlisted kinds."""
    jobs, customers = full["smartmoving_jobs"], full["smartmoving_customers"]
    assert 0.004 <= share([job[3] for job in jobs], None) <= 0.02
    assert 0.002 <= share([job[4] for job in jobs], None) <= 0.02
    assert 0.02 <= share([row[2] for row in customers], None) <= 0.05
    totals = [row[9] for row in full["smartmoving_opportunities"]]
    assert 0.02 <= share(totals, None) <= 0.05
    finals = [json.loads(total)["finalTotal"] for total in totals if total]
    assert None in finals
    assert 0 in finals
    starts = {json.loads(job[8])["startTime"] for job in jobs if job[8]}
    assert {8.5, 10.75, 7.333333333333333} <= starts
    assert None in [job[8] for job in jobs]
    assert {job[5] for job in jobs} - set(STANDARD_SERVICES) - set(CUSTOM_SERVICES) == {105, 112, 149}
    texts = {str(line["description"]) for job in jobs for line in json.loads(job[9])["estimated"]}
    assert [text for text in texts if text.endswith(" crew)") and " (1 truck, " in text]
    assert {"Flat rate", "None"} <= texts
    phones = [row[2] for row in customers if row[2]]
    assert [phone for phone in phones if "55501" not in "".join(letter for letter in phone if letter.isdigit())] == []


def test_branches_are_written_badly(full: dict[str, list[Any]]) -> None:
    """Emoji, stray and double spaces, accents, two names twice, two without a place, states in both ways."""
    rows = full["smartmoving_branches"]
    names = [row[2] for row in rows]
    assert [name for name, count in Counter(names).items() if count > 1] == ["Portland", "Springfield"]
    phones = {name: {row[3] for row in rows if row[2] == name} for name in ("Portland", "Springfield")}
    assert (len(phones["Portland"]), len(phones["Springfield"])) == (1, 2)
    assert [name for name in names if name != name.strip()]
    assert [name for name in names if "  " in name.strip()]
    assert "🚚 Halifax" in names
    assert "Québec" in [name.strip() for name in names]
    places = [json.loads(row[4]) if row[4] else None for row in rows]
    assert places.count(None) == 2
    assert {len(place["state"]) > 2 for place in places if place} == {True, False}
    assert {"NS", "NL", "HI", "AK", "AZ", "SK"} <= {row[7] for row in rows}


def test_details_spell_branches_their_own_way(full: dict[str, list[Any]]) -> None:
    """One in five or six details writes the name otherwise, and a few name a branch that there is not."""
    rows = full["smartmoving_opportunities"]
    assert 0.75 <= share([row[6] for row in rows], 0) <= 0.88
    assert 0.005 <= share([row[4] for row in rows], None) <= 0.02
    assert {"Corporate 2.0", None} <= {row[5] for row in rows if row[4] is None}
    assert [respelled("🚚 Halifax", style) for style in range(7)] == [
        "🚚 Halifax",
        "🚚 HALIFAX",
        "🚚 halifax",
        "  🚚 Halifax ",
        "🚚  Halifax",
        "🚚 Halifax",
        " Halifax",
    ]
    assert respelled("Québec", 5) == "Que\u0301bec"
    assert respelled("Boise", 4) == "Boise\u00a0"
