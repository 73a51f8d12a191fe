"""The promise under kill -9: every fault of FMS, every action, and a process that dies at every step."""

from typing import Any

import pytest

from tests.promise.desk import READ_TIMEOUT, Desk
from tests.promise.promise import assert_promise
from tests.promise.troupe import DONE, KILLED, Troupe
from webapp.loans.states import Status

STEPS = (
    "none",
    "in transaction 1",
    "after transaction 1",
    "before the call",
    "sent, unanswered",
    "answered",
    "in transaction 2",
    "after transaction 2",
)
ACTIONS = ("create", "unrequest", "remove")
# What each fault does is in webapp/sandbox/faults.py. `slow` carries the call out after we gave up waiting.
FAULTS: dict[str, dict[str, Any]] = {
    "": {},
    "refuse": {},
    "unauthorized": {},
    "invalid": {},
    "busy": {},
    "error_before": {},
    "reset_before": {},
    "html_before": {},
    "slow": {"seconds": READ_TIMEOUT + 0.3},
    "slow_after": {"seconds": READ_TIMEOUT + 0.3},
    "error_after": {},
    "reset_after": {},
    "no_id": {},
    "html": {},
    "truncated": {},
    "cut": {},
    "never": {},
}


# Only where FMS is silent does it matter how long we wait, and only there is it worth waiting less.
IMPATIENT = pytest.mark.settings(fms_read_timeout=READ_TIMEOUT)
SILENT = ("slow", "slow_after", "never")


@pytest.mark.parametrize("fault", [pytest.param(one, marks=IMPATIENT) if one in SILENT else one for one in FAULTS])
def test_every_fault_and_every_crash(desk: Desk, troupe: Troupe, fault: str) -> None:
    """Whatever FMS does and wherever the process dies: after recovery our bars and FMS's requests are the same."""
    cases: list[dict[str, Any]] = [{"action": action, "step": step} for action in ACTIONS for step in STEPS]
    asked = iter(desk.add_requested(2 * len(STEPS)))
    for case in cases:
        case["loan"] = desk.add_loan(Status.PLANNED) if case["action"] == "create" else next(asked)
    if fault:
        for target in ("create", "delete"):
            desk.sandbox.fault(target, fault, times=None, **FAULTS[fault])

    ended = troupe.perform(desk, cases)

    assert ended == [DONE if case["step"] == "none" else KILLED for case in cases]
    # Before anything has settled, recovery may help, and must not harm.
    desk.recover()
    desk.settle_everything()
    assert_promise(desk)
