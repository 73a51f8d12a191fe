"""Bulk runs from the page: started, watched, found again, retried, put away."""

import re
import time

import pytest
from werkzeug.test import TestResponse

from tests.calendar.conftest import FREE_DAY, PAGE, FmsDesk

VIEW = f"{PAGE}&start=2028-06-05"

# What differs between the engines is proved where it is read and written.
pytestmark = pytest.mark.usefixtures("sqlite_app")


def watched(desk: FmsDesk, answer: TestResponse) -> list[TestResponse]:
    """The panels that polling gets until the run is finished, the one that began it first."""
    panels = [answer]
    deadline = time.monotonic() + 30
    while 'hx-trigger="every 1s"' in panels[-1].text:
        assert time.monotonic() < deadline, panels[-1].text
        found = re.search(r'hx-get="([^"]+)"', panels[-1].text)
        assert found
        panels.append(desk.get(found.group(1), fragment=True, page=VIEW))
        assert panels[-1].status_code == 200
    return panels


def begin(desk: FmsDesk, kind: str, ids: list[int]) -> TestResponse:
    """The bar's form, with several loans chosen."""
    headers = {"HX-Request": "true", "HX-Current-URL": f"http://localhost{VIEW}", "X-CSRFToken": desk.token}
    return desk.client.post("/calendar/bulk", data={"kind": kind, "id": ids}, headers=headers)


def loans(desk: FmsDesk, count: int) -> list[int]:
    """Green loans of vehicles that FMS does not know, but for the first."""
    ids = [desk.add_loan()]
    for _ in range(count - 1):
        vehicle = desk.fleet.add_vehicle(vehicle_id=None)
        ids.append(desk.fleet.add_loan(vehicle, desk.partner, start_day=FREE_DAY).id)
    return ids


def test_a_run_goes_on_past_failures_and_draws_each_row_once(fms_desk: FmsDesk) -> None:
    """One is requested, two are refused with their reasons; every row that ended is drawn again exactly once."""
    ids = loans(fms_desk, 3)
    panels = watched(fms_desk, begin(fms_desk, "request", ids))
    last = panels[-1].text
    assert "1 of 3 requested · 2 failed" in last
    assert "vehicle id" in last
    assert "Retry the 2 failed" in last
    drawn = [key for panel in panels for key in re.findall(r'class="row" id="(v\d+)"', panel.text)]
    assert len(drawn) == len(set(drawn)) == 3
    assert len(fms_desk.sandbox.requests()) == 1


def test_closing_the_tab_loses_nothing(fms_desk: FmsDesk) -> None:
    """The page shows the latest run again until it is put away."""
    watched(fms_desk, begin(fms_desk, "request", loans(fms_desk, 1)))
    page = fms_desk.get(PAGE).text
    assert "1 of 1 requested" in page
    found = re.search(r'action="(/calendar/bulk/[^"]+/dismiss)"', page)
    assert found
    assert fms_desk.post(found.group(1)).text == ""
    assert "1 of 1 requested" not in fms_desk.get(PAGE).text


def test_deleted_loans_leave_the_board(fms_desk: FmsDesk) -> None:
    """A loan that is no more takes its bar along."""
    ids = loans(fms_desk, 2)
    text = "".join(panel.text for panel in watched(fms_desk, begin(fms_desk, "delete", ids)))
    assert "2 of 2 deleted" in text
    for number in ids:
        assert f'<div id="b{number}" hx-swap-oob="delete">' in text


@pytest.mark.parametrize(
    ("kind", "ids"), [("request", []), ("explode", [1]), ("request", list(range(1, 102))), ("request", [2**40])]
)
def test_what_cannot_be_run_is_refused(fms_desk: FmsDesk, kind: str, ids: list[int]) -> None:
    """Nothing chosen, more than a hundred, or no such action: 422 with a sentence, and no run."""
    answer = begin(fms_desk, kind, ids)
    assert answer.status_code == 422
    assert 'class="message refused" role="alert"' in answer.text


def test_a_run_shows_nothing_of_loans_out_of_scope(fms_desk: FmsDesk) -> None:
    """Numbers that somebody guessed bring neither a row nor whether there is such a loan."""
    elsewhere = fms_desk.fleet.add_vehicle("WAUZZZ8V0CHICAGO1", office="Chicago")
    other = fms_desk.fleet.add_loan(elsewhere, fms_desk.partner, office="Chicago")
    panels = "".join(panel.text for panel in watched(fms_desk, begin(fms_desk, "request", [other.id, other.id + 99])))
    assert "0 of 2 requested · 2 failed" in panels
    assert 'class="row"' not in panels
    assert "CHICAGO1" not in panels
    for number in (other.id, other.id + 99):
        assert f'<div id="b{number}" hx-swap-oob="delete">' in panels


def test_a_run_is_its_persons_own(fms_desk: FmsDesk) -> None:
    """Nobody else's run can be watched or put away."""
    unknown = "00000000-0000-0000-0000-000000000001"
    assert fms_desk.get(f"/calendar/bulk/{unknown}", fragment=True).status_code == 404
    assert fms_desk.post(f"/calendar/bulk/{unknown}/dismiss").status_code in (200, 404)
