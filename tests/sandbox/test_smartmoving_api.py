"""The stand-in SmartMoving speaks the contract: addresses, envelopes, which fields are where, and their types."""

from datetime import date, timedelta
from typing import Any

import pytest

from tests.sandbox.mover import FLAGS, Mover, swept_day
from tests.sandbox_process import SMARTMOVING_KEY, TODAY

TOMORROW = TODAY + timedelta(1)
ENVELOPE = ["pageNumber", "pageSize", "lastPage", "totalPages", "totalResults", "totalThisPage", "pageResults"]
JOB = {"id", "jobNumber", "jobDate", "type", "confirmed", "arrivalWindow"}


def details(mover: Mover, *flags: str) -> list[dict[str, Any]]:
    """The details of all that is on in these two days."""
    found = mover.sandbox.smartmoving_state(TODAY, TOMORROW)["opportunities"]
    return [mover.detail(one["id"], *flags) for one in found]


@pytest.mark.parametrize("path", ["branches", "service-types", "customers", "opportunities/1", "jobs"])
@pytest.mark.parametrize("key", ["", "wrong"])
def test_missing_or_wrong_key(mover: Mover, path: str, key: str) -> None:
    """Without the right key everything answers 401 and does not count against the month."""
    assert mover.get(path, key=key).status_code == 401
    assert mover.sandbox.smartmoving_state()["month"] == 0


@pytest.mark.parametrize("path", ["jobs", "opportunities", "trucks", "branches/1", ""])
def test_other_addresses(mover: Mover, path: str) -> None:
    """There is no list of jobs or opportunities and no truck: 404, and the call counts."""
    assert mover.get(path).status_code == 404
    assert mover.sandbox.smartmoving_state()["month"] == 1


def test_branches(mover: Mover) -> None:
    """Branches have id, name, telephone, place and whether they are the primary one; no zone, no currency."""
    envelope = mover.get("branches").json()
    assert list(envelope) == ENVELOPE
    assert (envelope["totalResults"], envelope["lastPage"]) == (7, True)
    for branch in envelope["pageResults"]:
        assert {"id", "name", "isPrimary"} <= set(branch)
        assert set(branch) <= {"id", "name", "phoneNumber", "dispatchLocation", "isPrimary"}
    places = [branch.get("dispatchLocation") for branch in envelope["pageResults"]]
    assert places.count(None) == 1
    assert {tuple(place) for place in places if place} == {
        ("fullAddress", "street", "city", "state", "zip", "lat", "lng")
    }
    names = [branch["name"] for branch in envelope["pageResults"]]
    assert names.count("Springfield") == 2
    assert [branch["isPrimary"] for branch in envelope["pageResults"]].count(True) == 1


def test_service_types(mover: Mover) -> None:
    """Service types are named by number; some of the company's own have stray spaces, and some are not listed."""
    found = {one["id"]: one["name"] for one in mover.get("service-types").json()["pageResults"]}
    assert found[1] == "Moving"
    own = {number: name for number, name in found.items() if 101 <= number <= 150}
    assert [name for name in own.values() if name != name.strip()]
    state = mover.sandbox.smartmoving_state(TODAY - timedelta(7), TODAY + timedelta(14))
    used = {job["type"] for one in state["opportunities"] for job in one["jobs"]}
    assert [number for number in used if number not in found]


def test_reference_lists_can_be_bare(mover: Mover) -> None:
    """By switch, every list is a bare array."""
    envelope = mover.get("branches").json()
    mover.sandbox.switch_smartmoving(bare=True)
    assert mover.get("branches").json() == envelope["pageResults"]
    assert isinstance(mover.get("service-types").json(), list)
    assert isinstance(mover.page(1, TODAY, TODAY).json(), list)


def test_sweep_envelope_and_clamping(mover: Mover) -> None:
    """A page size above 200 is 200 without a word; the counts are of customers."""
    first, last = TODAY - timedelta(7), TODAY + timedelta(14)
    envelope = mover.page(1, first, last, size=5_000).json()
    assert list(envelope) == ENVELOPE
    assert (envelope["pageNumber"], envelope["pageSize"], envelope["totalThisPage"]) == (1, 200, 200)
    total = envelope["totalResults"]
    assert 380 < total < 420
    assert (envelope["totalPages"], envelope["lastPage"]) == (-(-total // 200), False)
    final = mover.page(envelope["totalPages"], first, last).json()
    assert (final["lastPage"], final["totalThisPage"]) == (True, len(final["pageResults"]))
    beyond = mover.page(99, first, last).json()
    assert (beyond["lastPage"], beyond["pageResults"]) == (True, [])


@pytest.mark.parametrize("size", [7, 200])
def test_sweep_is_ordered_by_name_and_complete(mover: Mover, size: int) -> None:
    """However it is paged, an undisturbed walk brings each customer once, ordered by name."""
    found = mover.sweep(TODAY, TOMORROW, size)
    assert len({row["id"] for row in found}) == len(found) == mover.page(1, TODAY, TOMORROW).json()["totalResults"]
    names = [row["name"].lower() for row in found]
    assert names == sorted(names, key=lambda name: name.encode())


def test_sweep_selects_customers_by_any_job(mover: Mover) -> None:
    """Exactly the customers with any job in the range come, and bring every opportunity and job they ever had."""
    found = mover.sweep(TODAY, TODAY)
    days = {row["id"]: [swept_day(job) for one in row["opportunities"] for job in one["jobs"]] for row in found}
    assert all(TODAY in of_customer for of_customer in days.values())
    truth = mover.sandbox.smartmoving_state(TODAY, TODAY)["opportunities"]
    assert {one["customer"]["id"] for one in truth} == set(days)
    # Asking for a day brings a sibling of another month along, and asking for that month brings this customer.
    far = next(
        (number, day)
        for row in mover.sweep(TODAY - timedelta(7), TODAY + timedelta(14))
        for number, day in ((row["id"], swept_day(job)) for one in row["opportunities"] for job in one["jobs"])
        if day and abs((day - TODAY).days) > 40
    )
    assert far[0] in [row["id"] for row in mover.sweep(far[1], far[1])]


def test_sweep_says_no_more_than_it_should(mover: Mover) -> None:
    """A sweep's customer, opportunity and job hold nothing of what only the detail has."""
    for row in mover.sweep(TODAY - timedelta(7), TODAY + timedelta(14)):
        assert set(row) <= {
            "id", "name", "phoneNumber", "phoneType", "emailAddress", "address", "secondaryPhoneNumbers",
            "opportunities",
        }  # fmt: skip
        for one in row["opportunities"]:
            assert list(one) == ["id", "quoteNumber", "status", "jobs"]
            assert isinstance(one["quoteNumber"], str)
            for job in one["jobs"]:
                assert {"id", "type"} <= set(job) <= {"id", "jobNumber", "serviceDate", "type"}


def test_sweep_dates_come_in_each_form(mover: Mover) -> None:
    """Service dates are ISO text or eight digits; some jobs have none, and some no number."""
    jobs = [
        job
        for row in mover.sweep(TODAY - timedelta(7), TODAY + timedelta(14))
        for one in row["opportunities"]
        for job in one["jobs"]
    ]
    texts = [job["serviceDate"] for job in jobs if job.get("serviceDate")]
    assert {len(text) for text in texts} == {8, 19}
    assert {text[10:] for text in texts if len(text) == 19} == {"T00:00:00"}
    assert [job for job in jobs if job.get("serviceDate") is None]
    assert [job for job in jobs if job.get("jobNumber") is None]


def test_opportunities_only_when_asked_for(mover: Mover) -> None:
    """Without IncludeOpportunityInfo a customer is only a customer; unknown parameters are ignored."""
    day = f"{TODAY:%Y%m%d}"
    days = {"FromServiceDate": day, "ToServiceDate": day}
    rows = mover.get("customers", days | {"BranchId": "x", "ModifiedSince": "2026-01-01"}).json()["pageResults"]
    assert len(rows) > 10
    assert [row for row in rows if "opportunities" in row] == []


@pytest.mark.parametrize(
    "parameters",
    [{"FromServiceDate": "2026-11-19"}, {"ToServiceDate": "20261399"}, {"Page": 0}, {"PageSize": "many"}],
)
def test_unreadable_parameters(mover: Mover, parameters: dict[str, object]) -> None:
    """What it knows and cannot read is refused with 400."""
    assert mover.get("customers", parameters).status_code == 400


def test_detail_without_flags(mover: Mover) -> None:
    """Unasked, a detail has the opportunity, its branch without an id, its money and plain jobs."""
    for one in details(mover):
        assert list(one) == [
            "id", "quoteNumber", "status", "leadStatus", "serviceDate", "createdAtUtc", "customer", "branch",
            "moveSize", "estimatedTotal", "salesAssignee", "jobs",
        ]  # fmt: skip
        assert isinstance(one["quoteNumber"], int)
        assert one["createdAtUtc"].endswith("Z")
        assert one["branch"] is None or set(one["branch"]) == {"name", "phoneNumber"}
        assert all(set(job) == JOB for job in one["jobs"])


@pytest.mark.parametrize(
    ("flag", "added"),
    [
        ("IncludeJobAddresses", {"jobAddresses"}),
        ("IncludeCharges", {"estimatedCharges", "actualCharges"}),
        ("IncludeDispatchInfo", {"crewMembers"}),
        ("IncludeTripInfo", {"jobTime"}),
    ],
)
def test_each_flag_adds_its_section(mover: Mover, flag: str, added: set[str]) -> None:
    """A section is there exactly when its flag is."""
    one = mover.sandbox.smartmoving_state(TODAY, TODAY)["opportunities"][0]
    assert {frozenset(job) for job in mover.detail(one["id"], flag)["jobs"]} == {frozenset(JOB | added)}


def test_detail_types(mover: Mover) -> None:
    """Dates are whole numbers, hours fractions, money doubles or null, addresses one to four texts."""
    found = details(mover, *FLAGS)
    jobs = [job for one in found for job in one["jobs"]]
    assert {type(job["jobDate"]) for job in jobs} <= {int, type(None)}
    assert {date.fromisoformat(str(job["jobDate"])) for job in jobs if job["jobDate"]} >= {TODAY, TOMORROW}
    assert {type(job["confirmed"]) for job in jobs} == {bool}
    assert {type(job["arrivalWindow"]["startTime"]) for job in jobs if job["arrivalWindow"]} == {float}
    assert {len(job["jobAddresses"]) for job in jobs} <= {1, 2, 3, 4}
    totals = [one["estimatedTotal"] for one in found if one["estimatedTotal"]]
    assert {tuple(total) for total in totals} == {("subtotal", "taxableAmount", "tax", "finalTotal")}
    assert {type(amount) for total in totals for amount in total.values()} <= {float, type(None)}
    charges = [charge for job in jobs for charge in job["estimatedCharges"]]
    assert {tuple(charge) for charge in charges} == {
        ("name", "chargeCategory", "description", "subtotal", "discountAmount", "totalCost")
    }
    assert [charge for charge in charges if "h @ $" in (charge["description"] or "")]


def test_detail_agrees_with_the_truth(mover: Mover) -> None:
    """What the detail says in its ways is what the truth says in plain ones."""
    for told in mover.sandbox.smartmoving_state(TODAY, TOMORROW)["opportunities"]:
        found = mover.detail(told["id"], *FLAGS)
        assert (found["quoteNumber"], found["status"]) == (told["quote_number"], told["status"])
        assert (found["branch"] or {}).get("name") == told["written_branch"]
        for job, plain in zip(found["jobs"], told["jobs"], strict=True):
            day = plain["date"]
            assert (job["id"], job["jobDate"]) == (plain["id"], int(day.replace("-", "")) if day else None)
            assert (job["jobAddresses"], job["confirmed"]) == (plain["addresses"], plain["confirmed"])


def test_unknown_opportunity(mover: Mover) -> None:
    """What is no id is 400; an id that nobody has is 400 or 404, always the same."""
    assert mover.get("opportunities/seven").status_code == 400
    numbers = [f"00000000-0000-4000-8000-0000000000{place:02d}" for place in range(20)]
    statuses = [mover.get(f"opportunities/{number}").status_code for number in numbers]
    assert set(statuses) == {400, 404}
    assert [mover.get(f"opportunities/{number}").status_code for number in numbers] == statuses


def test_key_is_nowhere(mover: Mover) -> None:
    """Journal, state, page and answers never hold the key."""
    told = [
        mover.get("branches").text,
        mover.get("branches", key="wrong").text,
        str(mover.sandbox.smartmoving_calls()),
        str(mover.sandbox.smartmoving_state()),
        str(mover.sandbox.state()),
    ]
    assert [text for text in told if SMARTMOVING_KEY in text] == []
