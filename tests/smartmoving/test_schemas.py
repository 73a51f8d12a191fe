"""Answers of SmartMoving as they are, as they might be, and as nobody would write them."""

from contextlib import suppress
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.smartmoving.test_values import ANYTHING
from webapp.smartmoving.schemas import (
    Unreadable,
    read_branch,
    read_detail,
    read_service_types,
    read_swept,
)

DETAIL: dict[str, Any] = {
    "id": "o1",
    "quoteNumber": 20401,
    "status": 4,
    "customer": {"name": " Ann  Lee ", "phoneNumber": "(555) 555-0100", "emailAddress": "ann@example.com"},
    "branch": {"name": "Tulsa", "phoneNumber": ""},
    "moveSize": {"name": "2 Bedroom Apartment ", "volume": 612.5},
    "estimatedTotal": {"finalTotal": 1234.5},
    "jobs": [
        {
            "id": "j1",
            "jobNumber": "20401-1",
            "jobDate": 20261122,
            "type": 1,
            "confirmed": True,
            "jobAddresses": ["1 First St, Tulsa, OK", "2 Second St, Tulsa, OK"],
            "arrivalWindow": {"description": "Morning", "startTime": 8.5, "endTime": 10},
            "estimatedCharges": [{"name": "Labor", "description": "2h @ $349.00/hr (1 truck, 5 crew)"}],
        }
    ],
}


def test_a_detail_as_it_is() -> None:
    """Every field that a journey needs is read."""
    detail = read_detail(DETAIL, "o1")
    (job,) = detail.jobs
    assert (detail.quote_number, detail.status, detail.customer_name, detail.branch_name, detail.move_size) == (
        "20401", 4, "Ann Lee", "Tulsa", "2 Bedroom Apartment",
    )  # fmt: skip
    assert detail.estimated_value == Decimal("1234.50")
    assert (job.day, job.arrival_start, job.arrival_end, job.confirmed) == (date(2026, 11, 22), 510, 600, True)
    assert (job.hints.trucks, job.hints.crew, job.hints.minutes) == (1, 5, 120)
    assert len(job.stops) == 2
    assert detail.broken == ()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"status": None}, "status"),
        ({"status": "booked"}, "status"),
        ({"jobs": None}, "jobs"),
        ({"jobs": {}}, "jobs"),
        ({"id": "o2"}, "another"),
    ],
)
def test_a_detail_that_cannot_be_used(changes: dict[str, Any], words: str) -> None:
    """Without its status or its jobs a detail says nothing, and another opportunity's is not taken for ours."""
    with pytest.raises(Unreadable, match=words):
        read_detail(DETAIL | changes, "o1")


@pytest.mark.parametrize("raw", [None, [], "no", 3])
def test_what_is_no_detail(raw: Any) -> None:
    """Any other JSON is refused."""
    with pytest.raises(Unreadable):
        read_detail(raw, "o1")


def test_null_money_is_unknown() -> None:
    """Null, no total and a missing total are unknown; nought is nought."""
    for total in (None, {}, {"finalTotal": None}, 7):
        assert read_detail(DETAIL | {"estimatedTotal": total}, "o1").estimated_value is None
    assert read_detail(DETAIL | {"estimatedTotal": {"finalTotal": 0}}, "o1").estimated_value == 0


def test_broken_jobs_spare_the_rest() -> None:
    """Each broken job is told with its number and reason; a job listed twice is one."""
    good = DETAIL["jobs"][0]
    jobs = [
        good | {"jobDate": "soon", "id": "j2", "jobNumber": "20401-2"},
        good | {"id": None, "jobNumber": "20401-3"},
        None,
        good,
        good | {"jobNumber": "again"},
    ]
    detail = read_detail(DETAIL | {"jobs": jobs}, "o1")
    assert [(job.job_id, job.job_number, job.reason) for job in detail.broken] == [
        ("j2", "20401-2", "The job's date cannot be read."),
        ("", "20401-3", "The job has no id."),
        ("", "", "The job has no id."),
    ]
    assert [(job.job_id, job.job_number) for job in detail.jobs] == [("j1", "20401-1")]


def test_odd_parts_of_a_job_are_unknown() -> None:
    """A window in words, addresses that are none, a type in letters: the job is taken in without them."""
    odd = {
        "arrivalWindow": "morning",
        "jobAddresses": 7,
        "type": "Moving",
        "confirmed": "perhaps",
        "estimatedCharges": "a lot",
        "jobNumber": None,
    }
    (job,) = read_detail(DETAIL | {"jobs": [DETAIL["jobs"][0] | odd]}, "o1").jobs
    assert (job.arrival_start, job.stops, job.type, job.confirmed, job.hints.crew, job.job_number) == (
        None, (), None, None, None, "",
    )  # fmt: skip


def test_sweep_and_detail_have_one_fingerprint() -> None:
    """The same status, jobs, days and types have the same fingerprint, however each writes them."""
    customer = {
        "id": "c1",
        "opportunities": [
            {
                "id": "o1",
                "quoteNumber": "20401",
                "status": 4,
                "jobs": [{"id": "j1", "serviceDate": "2026-11-22T00:00:00", "type": 1}],
            }
        ],
    }
    ((swept,), faults) = read_swept(customer)
    assert faults == []
    assert swept.fingerprint == read_detail(DETAIL, "o1").fingerprint
    assert swept.last_day == date(2026, 11, 22)


@pytest.mark.parametrize("change", [{"serviceDate": "20261123"}, {"type": 4}, {"id": "j9"}, {"serviceDate": {}}])
def test_a_fingerprint_changes_with_what_it_covers(change: dict[str, Any]) -> None:
    """Another day, type or job is another fingerprint."""
    job = {"id": "j1", "serviceDate": "20261122", "type": 1}
    prints = set()
    for one in (job, job | change):
        ((swept,), _) = read_swept({"id": "c", "opportunities": [{"id": "o", "status": 4, "jobs": [one]}]})
        prints.add(swept.fingerprint)
    assert len(prints) == 2


def test_a_broken_opportunity_spares_its_customer() -> None:
    """One without a status is told; the others of the customer are read."""
    raw = {"id": "c", "opportunities": [{"id": "o1"}, None, {"id": "o2", "status": 30, "jobs": None}]}
    found, faults = read_swept(raw)
    assert [one.opportunity_id for one in found] == ["o2"]
    assert len(faults) == 2
    with pytest.raises(Unreadable):
        read_swept({"name": "nobody"})


def test_service_types_are_stripped() -> None:
    """Stray spaces go; a type without a name or number is none."""
    rows = [
        {"id": 104, "name": "Gun Safe  Delivery "},
        {"id": 105, "name": " "},
        {"name": "x"},
        None,
        {"id": "106", "name": "Y"},
    ]
    assert read_service_types(rows) == {104: "Gun Safe Delivery", 106: "Y"}


@given(ANYTHING)
def test_nothing_crashes_a_reader(value: Any) -> None:
    """Whatever JSON holds is read, or refused as unreadable."""
    names = ("id", "status", "jobs", "customer", "branch", "estimatedTotal", "moveSize", "dispatchLocation", "name")
    for raw in (value, dict.fromkeys(names, value), DETAIL | {"jobs": [dict.fromkeys(DETAIL["jobs"][0], value)]}):
        for read in (read_swept, read_branch, lambda one: read_detail(one, "o1")):
            with suppress(Unreadable):
                read(raw)
    read_service_types([value])


@given(st.permutations(["a", "b", "c"]))
def test_the_order_of_jobs_does_not_matter(order: list[str]) -> None:
    """Jobs in another order are the same jobs."""
    jobs = [{"id": name, "serviceDate": "20261122", "type": 1} for name in order]
    ((swept,), _) = read_swept({"id": "c", "opportunities": [{"id": "o", "status": 4, "jobs": jobs}]})
    ((other,), _) = read_swept({"id": "c", "opportunities": [{"id": "o", "status": 4, "jobs": sorted(jobs, key=str)}]})
    assert swept.fingerprint == other.fingerprint
