"""Every fault really happens on the wire, and the journal says truly whether FMS applied the call."""

import time

import pytest
from requests.exceptions import ChunkedEncodingError, ConnectionError, JSONDecodeError, ReadTimeout

from tests.sandbox.caller import Caller, details
from webapp.sandbox.faults import FaultQueue


def wait_for_a_request(fms: Caller) -> None:
    """Return once FMS has the one request of a caller who gave up on the answer."""
    deadline = time.monotonic() + 120
    while not fms.sandbox.requests():
        assert time.monotonic() < deadline
    assert len(fms.sandbox.requests()) == 1


@pytest.mark.parametrize(
    ("fault", "status"),
    [("refuse", 422), ("invalid", 422), ("unauthorized", 401), ("busy", 429), ("error_before", 500)],
)
def test_refusal_before_applying(fms: Caller, fault: str, status: int) -> None:
    """A fault before applying answers FMS's words, keeps nothing, and happens once."""
    fms.sandbox.fault("create", fault, text="Because of the rain")
    answer = fms.create()
    assert (answer.status_code, details(answer)) == (status, ["Because of the rain"])
    assert fms.sandbox.requests() == []
    assert fms.create().status_code == 201
    assert [(call["status"], call["applied"]) for call in fms.sandbox.calls()] == [
        (status, False),
        (201, True),
    ]


def test_busy_says_when_to_retry(fms: Caller) -> None:
    """429 carries Retry-After as ordered, and none when none was ordered."""
    fms.sandbox.fault("create", "busy", retry_after=7)
    fms.sandbox.fault("create", "busy")
    assert fms.create().headers["Retry-After"] == "7"
    assert "Retry-After" not in fms.create().headers


def test_error_after_applying(fms: Caller) -> None:
    """500 after applying: the caller reads an error, FMS holds the request."""
    fms.sandbox.fault("create", "error_after")
    assert fms.create().status_code == 500
    assert [request["requestorNotes"] for request in fms.sandbox.requests()] == ["ref-1"]


@pytest.mark.parametrize(("fault", "held"), [("reset_before", 0), ("reset_after", 1)])
def test_connection_is_really_reset(fms: Caller, fault: str, held: int) -> None:
    """A reset is a TCP reset without an answer, before or after FMS applied the call."""
    fms.sandbox.fault("create", fault)
    with pytest.raises(ConnectionError, match="reset by peer"):
        fms.create()
    assert len(fms.sandbox.requests()) == held
    call = fms.sandbox.calls()[0]
    assert (call["applied"], call["status"], call["ending"]) == (bool(held), None, "reset")


def test_success_without_an_id(fms: Caller) -> None:
    """2xx without an id: FMS holds the request and does not say which."""
    fms.sandbox.fault("create", "no_id")
    answer = fms.create()
    assert (answer.status_code, answer.json()) == (201, {"request": {"status": "open"}})
    assert len(fms.sandbox.requests()) == 1


@pytest.mark.parametrize(("fault", "held"), [("html_before", 0), ("html", 1)])
def test_html_instead_of_json(fms: Caller, fault: str, held: int) -> None:
    """An HTML page with status 200, whether or not FMS applied the call."""
    fms.sandbox.fault("create", fault)
    answer = fms.create()
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/html")
    assert len(fms.sandbox.requests()) == held


def test_truncated_json(fms: Caller) -> None:
    """JSON that stops in the middle although the answer is complete as HTTP."""
    fms.sandbox.fault("create", "truncated")
    answer = fms.create()
    assert answer.status_code == 201
    with pytest.raises(JSONDecodeError):
        answer.json()
    assert len(fms.sandbox.requests()) == 1


def test_cut_body(fms: Caller) -> None:
    """The connection ends before the announced length was sent."""
    fms.sandbox.fault("create", "cut")
    with pytest.raises((ChunkedEncodingError, ConnectionError)):
        fms.create()
    assert len(fms.sandbox.requests()) == 1


def test_no_answer_at_all(fms: Caller) -> None:
    """FMS applies the call and never answers; others are served meanwhile."""
    fms.sandbox.fault("create", "never")
    with pytest.raises(ReadTimeout):
        fms.create(timeout=2)
    wait_for_a_request(fms)
    assert fms.sandbox.calls()[0]["ending"] == "hang"


def test_slow_then_normal(fms: Caller) -> None:
    """Slow waits and goes on; a caller that gave up early still finds its request applied later."""
    fms.sandbox.fault("create", "slow", seconds=2)
    with pytest.raises(ReadTimeout):
        fms.create(timeout=0.1)
    assert fms.sandbox.requests() == []
    wait_for_a_request(fms)
    assert [call["applied"] for call in fms.sandbox.calls()] == [True]


def test_slow_after_applying(fms: Caller) -> None:
    """Slow after applying: the request is there while the caller still waits."""
    fms.sandbox.fault("create", "slow_after", seconds=30)
    with pytest.raises(ReadTimeout):
        fms.create(timeout=2)
    wait_for_a_request(fms)


def test_latency_delays_every_call(fms: Caller) -> None:
    """The base latency is waited for by each REST call."""
    fms.sandbox.latency(0.25)
    started = time.monotonic()
    fms.call("GET")
    assert time.monotonic() - started >= 0.25


def test_delete_and_look_up_break_too(fms: Caller) -> None:
    """A delete that was reset after applying has removed the request; the look-up can answer HTML."""
    number = fms.created()
    fms.sandbox.fault("delete", "reset_after")
    fms.sandbox.fault("lookup", "html")
    with pytest.raises(ConnectionError):
        fms.delete(number)
    assert fms.delete(number).status_code == 404
    assert fms.call("GET").headers["Content-Type"].startswith("text/html")
    assert fms.call("GET").json() == {"requests": []}


def test_faults_queue_in_order(fms: Caller) -> None:
    """Several faults follow one another, each as often as ordered, only for their target."""
    fms.sandbox.fault("delete", "error_before")
    fms.sandbox.fault("create", "error_before", times=2)
    fms.sandbox.fault("any", "busy")
    assert [fms.create().status_code for _ in range(4)] == [500, 500, 429, 201]
    assert fms.delete(4372).status_code == 500


def test_standing_fault_lasts_until_cleared(fms: Caller) -> None:
    """`times: null` breaks every call until the faults are cleared."""
    fms.sandbox.fault("create", "error_before", times=None)
    assert [fms.create().status_code for _ in range(3)] == [500, 500, 500]
    fms.sandbox.clear()
    assert fms.create().status_code == 201


def test_a_share_of_the_calls_suffers() -> None:
    """With a share of a tenth, about every tenth call is broken, and the others pass."""
    faults = FaultQueue()
    faults.add({"target": "any", "fault": "error_before", "times": None, "share": 0.1})
    suffered = sum(faults.take("create") is not None for _ in range(1000))
    assert 70 < suffered < 130


def test_refused_call_is_not_applied_by_an_after_fault(fms: Caller) -> None:
    """A call that FMS refuses by itself is answered as such: nothing was applied that could be hidden."""
    fms.sandbox.fault("create", "error_after")
    assert fms.create(loanee_id=1).status_code == 422
    assert [call["applied"] for call in fms.sandbox.calls()] == [False]


@pytest.mark.parametrize(
    "order",
    [
        {"target": "create", "fault": "gremlins"},
        {"target": "moon", "fault": "slow"},
        {"target": "create", "fault": "slow", "seconds": "long"},
        {"target": "report:vehicles", "fault": "no_id"},
        {"target": "create", "fault": "slow", "colour": "red"},
    ],
)
def test_unknown_orders_are_refused(fms: Caller, order: dict[str, object]) -> None:
    """A misspelt fault is an error at once, not a test that silently proves nothing."""
    assert fms.call("POST", "/control/faults", json=order).status_code == 422


def test_journal_names_reference_and_requestor(fms: Caller) -> None:
    """Each call is journalled with what a test needs to find orphans and doubles."""
    fms.created(requestor_notes="ref-9", requestor_id=1952)
    call = fms.sandbox.calls("POST")[0]
    assert (call["path"], call["reference"], call["requestor_id"], call["fault"]) == (
        "/api/v1/vehicle_requests",
        "ref-9",
        1952,
        None,
    )
