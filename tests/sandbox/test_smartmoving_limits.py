"""SmartMoving takes so many calls a minute and a month, and everything counts."""

from pathlib import Path

import pytest
from requests.exceptions import ReadTimeout

from tests.sandbox.mover import Mover
from tests.sandbox_process import TODAY, SandboxProcess
from webapp.sandbox.settings import read_settings
from webapp.sandbox.smartmoving.limits import MinuteLimit


class Clock:
    """Seconds that a test sets."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_a_minute_slides() -> None:
    """Of any sixty seconds the limit holds, refused calls included, and it names the wait in whole seconds."""
    clock = Clock()
    minute = MinuteLimit(clock)
    assert [minute.count(3) for _ in range(3)] == [0, 0, 0]
    clock.now += 20.5
    assert minute.count(3) == 40
    clock.now += 39.5
    # The first three are over; the refused one still counts.
    assert [minute.count(3) for _ in range(3)] == [0, 0, 60]


def test_no_limit() -> None:
    """A limit of nought is none."""
    minute = MinuteLimit(Clock())
    assert {minute.count(0) for _ in range(500)} == {0}


def test_waiting_as_told_is_enough() -> None:
    """Whoever waits as long as it was told gets through at once."""
    clock = Clock()
    minute = MinuteLimit(clock)
    for _ in range(7):
        minute.count(5)
        clock.now += 3.3
    clock.now += minute.count(5)
    assert minute.count(5) == 0


def test_busy_over_http(mover: Mover) -> None:
    """The call beyond the limit is 429 with the seconds in its text, the header only by switch."""
    mover.sandbox.switch_smartmoving(per_minute=2)
    answers = [mover.get("branches") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert "Try again in 60 seconds." in answers[2].text
    assert "Retry-After" not in answers[2].headers
    mover.sandbox.switch_smartmoving(retry_after=True)
    assert mover.get("branches").headers["Retry-After"] == "60"


def test_short_minute(mover: Mover) -> None:
    """A test may make the minute as short as it likes; when it is over, calls are taken again."""
    mover.sandbox.switch_smartmoving(per_minute=1)
    assert [mover.get("branches").status_code for _ in range(2)] == [200, 429]
    mover.sandbox.switch_smartmoving(minute_seconds=0.0001)
    assert mover.get("branches").status_code == 200


def test_month(mover: Mover) -> None:
    """Refused and broken calls count against the month; at its end everything is 403, and a new month is new."""
    mover.sandbox.switch_smartmoving(quota=4, per_minute=0)
    mover.sandbox.fault("smartmoving:branches", "error")
    paths = ["branches", "jobs", "opportunities/x", "branches", "branches"]
    answers = [mover.get(path) for path in paths]
    assert [answer.status_code for answer in answers] == [500, 404, 400, 200, 403]
    assert "Out of call volume quota" in answers[4].text
    assert mover.sandbox.smartmoving_state()["month"] == 5
    mover.sandbox.set_today(TODAY.replace(month=12))
    assert mover.get("branches").status_code == 200
    assert mover.sandbox.smartmoving_state()["month"] == 1


def test_calls_by_path(mover: Mover) -> None:
    """Calls are told by path and status, in a journal of their own."""
    mover.get("branches")
    mover.page(1, TODAY, TODAY)
    mover.page(2, TODAY, TODAY)
    mover.get("branches", key="wrong")
    assert mover.sandbox.smartmoving_state()["calls"] == {
        "branches": {"200": 1, "401": 1},
        "customers": {"200": 2},
    }
    assert [call["path"].partition("?")[0] for call in mover.sandbox.smartmoving_calls("customers")] == [
        "/smartmoving/v1/api/customers"
    ] * 2
    assert mover.sandbox.calls() == []
    mover.sandbox.forget_smartmoving_calls()
    assert mover.sandbox.smartmoving_calls() == []


@pytest.mark.parametrize(
    ("switch", "slow", "quick"),
    [("page_seconds", "customers", "branches"), ("call_seconds", "service-types", "customers")],
)
def test_latency(mover: Mover, switch: str, slow: str, quick: str) -> None:
    """Sweep pages and other calls wait as long as each was told, and not for one another."""
    mover.sandbox.switch_smartmoving(**{switch: 60})
    with pytest.raises(ReadTimeout):
        mover.get(slow, timeout=0.3)
    assert mover.get(quick, timeout=30).status_code == 200


@pytest.mark.parametrize(
    "switches", [{"per_minute": -1}, {"quota": "many"}, {"bare": 1}, {"colour": 1}, {"quota": True}]
)
def test_unknown_switches(mover: Mover, switches: dict[str, object]) -> None:
    """A misspelt switch is an error at once."""
    with pytest.raises(AssertionError, match="422"):
        mover.sandbox.switch_smartmoving(**switches)  # type: ignore[arg-type]


def test_options(tmp_path: Path) -> None:
    """Limits and key come from the environment, the limits also from the command line; a reset restores them."""
    found = read_settings(
        ["--smartmoving-quota", "9"],
        {"SANDBOX_SMARTMOVING_PER_MINUTE": "7", "SANDBOX_SMARTMOVING_QUOTA": "8", "SANDBOX_SMARTMOVING_KEY": "k-e-y"},
    )
    assert (found.smartmoving_per_minute, found.smartmoving_quota, found.smartmoving_key) == (7, 9, "k-e-y")
    with SandboxProcess(tmp_path, smartmoving_per_minute=3, smartmoving_quota=0) as sandbox:
        sandbox.switch_smartmoving(per_minute=5)
        sandbox.reset()
        switches = sandbox.smartmoving_state()["switches"]
    assert (switches["per_minute"], switches["quota"]) == (3, 0)
