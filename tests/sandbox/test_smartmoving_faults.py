"""Every fault of SmartMoving really happens on the wire, to the call that was meant and no other."""

import time

import pytest
from requests.exceptions import ChunkedEncodingError, ConnectionError, JSONDecodeError, ReadTimeout

from tests.sandbox.mover import FLAGS, Mover
from tests.sandbox_process import TODAY


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        ("busy", 429), ("unauthorized", 401), ("quota", 403), ("bad_request", 400), ("not_found", 404),
        ("error", 500),
    ],
)  # fmt: skip
@pytest.mark.parametrize("target", ["branches", "service-types", "customers"])
def test_refusals(mover: Mover, target: str, fault: str, status: int) -> None:
    """A refusal is JSON with the status and its words, happens once, and stands in the journal."""
    mover.sandbox.fault(f"smartmoving:{target}", fault, text="Because of the rain")
    answer = mover.get(target)
    assert (answer.status_code, answer.json()["message"]) == (status, "Because of the rain")
    assert mover.get(target).status_code == 200
    assert [(call["fault"], call["status"]) for call in mover.sandbox.smartmoving_calls()] == [
        (fault, status),
        (None, 200),
    ]


def test_busy_with_and_without_the_header(mover: Mover) -> None:
    """429 names the seconds in its text; Retry-After only where it was ordered."""
    mover.sandbox.fault("smartmoving:any", "busy", seconds=7)
    mover.sandbox.fault("smartmoving:any", "busy", retry_after=9)
    plain, telling = mover.get("branches"), mover.get("service-types")
    assert "Try again in 7 seconds." in plain.text
    assert "Retry-After" not in plain.headers
    assert ("Try again in 9 seconds." in telling.text, telling.headers["Retry-After"]) == (True, "9")


def test_fault_on_one_page(mover: Mover) -> None:
    """A fault of page 2 leaves page 1 and 3 alone."""
    mover.sandbox.fault("smartmoving:customers", "error", page=2, times=None)
    assert [mover.page(number, TODAY, TODAY, size=5).status_code for number in (1, 2, 3, 2)] == [200, 500, 200, 500]


def test_fault_of_one_opportunity(mover: Mover) -> None:
    """A fault of one detail leaves the others alone."""
    one, other = (found["id"] for found in mover.sandbox.smartmoving_state()["opportunities"][:2])
    mover.sandbox.fault("smartmoving:opportunity", "not_found", opportunity=other)
    assert [mover.get(f"opportunities/{number}").status_code for number in (one, other, other)] == [200, 404, 200]


def test_html_truncated_cut(mover: Mover) -> None:
    """HTML instead of JSON; JSON that stops; a connection that ends too early."""
    for fault in ("html", "truncated", "cut"):
        mover.sandbox.fault("smartmoving:customers", fault)
    page = mover.page(1, TODAY, TODAY)
    assert (page.status_code, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    with pytest.raises(JSONDecodeError):
        mover.page(1, TODAY, TODAY).json()
    with pytest.raises((ChunkedEncodingError, ConnectionError)):
        mover.page(1, TODAY, TODAY)


def test_reset_and_never(mover: Mover) -> None:
    """A connection that is reset, and an answer that never comes; neither has a status in the journal."""
    mover.sandbox.fault("smartmoving:branches", "reset")
    mover.sandbox.fault("smartmoving:branches", "never")
    with pytest.raises(ConnectionError, match="reset by peer"):
        mover.get("branches")
    with pytest.raises(ReadTimeout):
        mover.get("branches", timeout=2)
    assert [(call["status"], call["ending"]) for call in mover.sandbox.smartmoving_calls()] == [
        (None, "reset"),
        (None, "hang"),
    ]


def test_slow(mover: Mover) -> None:
    """Slow waits and then answers."""
    mover.sandbox.fault("smartmoving:branches", "slow", seconds=0.3)
    started = time.monotonic()
    assert mover.get("branches").status_code == 200
    assert time.monotonic() - started >= 0.3


def test_bare_once(mover: Mover) -> None:
    """A bare array, once."""
    mover.sandbox.fault("smartmoving:branches", "bare")
    assert [type(mover.get("branches").json()) for _ in range(2)] == [list, dict]


@pytest.mark.parametrize("page", [1, 2, 3])
def test_rows_move_between_pages(mover: Mover, page: int) -> None:
    """On a disturbed walk one customer comes twice or one too few come: fewer than totalResults, never more."""
    whole = mover.sweep(TODAY, TODAY, size=6)
    mover.sandbox.fault("smartmoving:customers", "shuffled", page=page)
    found = [row["id"] for row in mover.sweep(TODAY, TODAY, size=6)]
    assert len(set(found)) == len(whole) - 1
    assert mover.sandbox.state()["faults"] == []
    if page > 1:
        assert len(found) - len(set(found)) == 1


def test_shrunk(mover: Mover) -> None:
    """A shrunk page has fewer rows than its totalResults says."""
    mover.sandbox.fault("smartmoving:customers", "shrunk", percent=50)
    short, whole = mover.page(1, TODAY, TODAY).json(), mover.page(1, TODAY, TODAY).json()
    assert short["totalResults"] == whole["totalResults"] == len(whole["pageResults"])
    assert len(short["pageResults"]) == short["totalThisPage"] == len(whole["pageResults"]) // 2


def test_broken_job(mover: Mover) -> None:
    """One job of a detail or of a sweep has fields of other types; its id and all other jobs are as ever."""
    number = mover.sandbox.smartmoving_state()["opportunities"][0]["id"]
    mover.sandbox.fault("smartmoving:opportunity", "broken")
    mover.sandbox.fault("smartmoving:customers", "broken")
    broken, whole = (mover.detail(number, *FLAGS)["jobs"][-1] for _ in range(2))
    assert broken["id"] == whole["id"]
    assert isinstance(whole["jobDate"], int)
    assert (type(broken["jobDate"]), type(broken["type"]), type(broken["jobAddresses"])) == (str, str, int)
    swept = [
        [job for row in mover.sweep(TODAY, TODAY) for one in row["opportunities"] for job in one["jobs"]]
        for _ in range(2)
    ]
    assert sum(one != other for one, other in zip(*swept, strict=True)) == 1


@pytest.mark.parametrize(
    "order",
    [
        {"target": "smartmoving:branches", "fault": "broken"},
        {"target": "smartmoving:opportunity", "fault": "shuffled"},
        {"target": "smartmoving:customers", "fault": "error", "page": "two"},
        {"target": "smartmoving:jobs", "fault": "error"},
        {"target": "create", "fault": "quota"},
    ],
)
def test_unknown_orders_are_refused(mover: Mover, order: dict[str, str]) -> None:
    """A fault that its target cannot have is refused at once."""
    with pytest.raises(AssertionError, match="422"):
        mover.sandbox.fault(**order)


def test_faults_of_fms_stay_with_fms(mover: Mover) -> None:
    """`any` is for FMS's REST and leaves SmartMoving alone."""
    mover.sandbox.fault("any", "busy", times=None)
    assert mover.get("branches").status_code == 200
