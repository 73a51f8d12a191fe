"""SmartMoving's own page: whoever tries the demo can change a job there and see the board react."""

from datetime import timedelta
from typing import Any

from requests import Response, get, post

from tests.sandbox.mover import Mover
from tests.sandbox_process import TODAY


def press(mover: Mover, number: str, action: str, **form: str) -> Response:
    """Send one of the page's forms."""
    return post(
        f"{mover.sandbox.url}/smartmoving/opportunities/{number}/{action}",
        data={"day": TODAY.isoformat(), **form},
        allow_redirects=False,
        timeout=30,
    )


def booked(mover: Mover) -> dict[str, Any]:
    found = mover.sandbox.smartmoving_state(TODAY, TODAY)["opportunities"]
    return dict(next(one for one in found if one["status"] == 4 and one["branch_id"] and len(one["jobs"]) == 1))


def test_the_day_is_listed(mover: Mover) -> None:
    """The page lists every opportunity of the day, or of one branch; FMS's page leads there."""
    one = booked(mover)
    page = get(f"{mover.sandbox.url}/smartmoving/", timeout=30).text
    told = mover.sandbox.smartmoving_state(TODAY, TODAY)["opportunities"]
    assert [found for found in told if f'id="opportunity-{found["id"]}"' not in page] == []
    of_branch = get(f"{mover.sandbox.url}/smartmoving/?branch={one['branch_id']}", timeout=30).text
    assert of_branch.count('id="opportunity-') == sum(found["branch_id"] == one["branch_id"] for found in told)
    assert 'href="/smartmoving/"' in get(mover.sandbox.url, timeout=30).text


def test_cancel_book_again_and_move(mover: Mover) -> None:
    """The three forms change what the API says and lead back to the day."""
    one = booked(mover)
    answer = press(mover, one["id"], "cancel")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/smartmoving/?day={TODAY}&branch=")
    assert mover.detail(one["id"])["status"] == 20
    press(mover, one["id"], "reopen")
    assert mover.detail(one["id"])["status"] == 4
    later = TODAY + timedelta(3)
    press(mover, one["id"], "reschedule", to_day=later.isoformat())
    assert [job["jobDate"] for job in mover.detail(one["id"])["jobs"]] == [int(f"{later:%Y%m%d}")]


def test_nonsense_is_refused(mover: Mover) -> None:
    """No such day, no such opportunity, no button of another site."""
    one = booked(mover)
    assert press(mover, one["id"], "reschedule").status_code == 400
    assert press(mover, one["id"], "reschedule", to_day="soon").status_code == 400
    assert press(mover, "nobody", "cancel").status_code == 404
    elsewhere = post(
        f"{mover.sandbox.url}/smartmoving/opportunities/{one['id']}/cancel",
        data={"day": TODAY.isoformat()},
        headers={"Origin": "http://elsewhere.example"},
        timeout=30,
    )
    assert elsewhere.status_code == 403
    assert mover.detail(one["id"])["status"] == 4
