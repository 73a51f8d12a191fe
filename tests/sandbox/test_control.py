"""What FMS staff decide shows in the reports, and a sandbox survives being killed."""

from datetime import date
from pathlib import Path

import pytest
from requests.exceptions import ConnectionError

from tests.sandbox.caller import Caller
from tests.sandbox_process import SandboxProcess


def test_approval_makes_an_activity(fms: Caller) -> None:
    """An approved request is a Media Loan of that vehicle and person in the current activity."""
    before = fms.activities()
    number = fms.created()
    approved = fms.sandbox.approve(number)
    (made,) = [row for row in fms.activities() if row not in before]
    assert approved["status"] == "approved"
    assert [int(float(made[0]))] == fms.sandbox.requests()[0]["activityIds"]
    assert (int(float(made[1])), made[3]) == (fms.person_id, "Media Loan")


def test_approval_on_other_days(fms: Caller) -> None:
    """Staff may approve on other days; request and activity take them."""
    approved = fms.sandbox.approve(
        fms.created(), start_date="2029-02-06", end_date="2029-02-13", reason="One day later"
    )
    assert (approved["startDate"], approved["endDate"], approved["statusReason"]) == (
        "02/06/29",
        "02/13/29",
        "One day later",
    )
    assert fms.create(start_date="02/05/29", end_date="02/06/29").status_code == 201


def test_refused_request_makes_none(fms: Caller) -> None:
    """A refused request keeps its reason, makes no activity and cannot be decided again."""
    before, number = fms.activities(), fms.created()
    assert fms.sandbox.refuse(number, "No")["status"] == "refused"
    assert fms.activities() == before
    with pytest.raises(AssertionError, match=r"409 .*already refused"):
        fms.sandbox.approve(number)


def test_cancelling_takes_the_activity_away(fms: Caller) -> None:
    """Cancelling an approved request removes its activity."""
    before, number = fms.activities(), fms.created()
    fms.sandbox.approve(number)
    assert fms.sandbox.cancel(number, "Recalled")["statusReason"] == "Recalled"
    assert fms.activities() == before


def test_loan_that_is_over_moves_to_the_history(fms: Caller) -> None:
    """When the clock passes its end, a loan leaves the current activity and enters the history."""
    fms.sandbox.approve(fms.created())
    fms.sandbox.set_today(date(2029, 2, 13))
    assert fms.activities() == []
    assert fms.vin in [row[1].strip().upper() for row in fms.rows("loan_history")[-5:]]


def test_reset_brings_the_same_data_back(fms: Caller) -> None:
    """A reset forgets requests, calls and faults, and the reports are byte for byte as at the start."""
    before = fms.sandbox.report("current_activity").content
    fms.sandbox.approve(fms.created())
    fms.sandbox.fault("create", "busy")
    fms.sandbox.reset()
    state = fms.sandbox.state()
    assert (state["calls"], state["requests"], state["faults"]) == ([], [], [])
    assert fms.sandbox.report("current_activity").content == before


def test_killed_and_started_again(tmp_path: Path) -> None:
    """Down is down; on the same port again it has its requests, and its data were not invented anew."""
    with SandboxProcess(tmp_path) as sandbox:
        fms = Caller(sandbox)
        fms.created()
        before = sandbox.report("vehicles").headers["ETag"]
        sandbox.kill()
        with pytest.raises(ConnectionError):
            fms.create()
        sandbox.restart()
        assert [request["id"] for request in sandbox.requests()] == [4372]
        assert sandbox.report("vehicles").headers["ETag"] == before
