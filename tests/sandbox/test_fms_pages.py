"""FMS staff can do their part on the page, by plain forms."""

import re

from tests.sandbox.caller import Caller


def test_page_lists_newest_first(fms: Caller) -> None:
    """The page lists requests newest first with requestor, loanee, dates and notes."""
    fms.created(requestor_notes="ref-old")
    fms.created(requestor_notes="ref-new")
    page = fms.call("GET", "/").text
    assert page.index("#4373") < page.index("#4372")
    assert "Tennant, Marisol (1949)" in page
    assert "02/05/29 - 02/12/29" in page
    assert "ref-new" in page


def test_page_pages(fms: Caller) -> None:
    """25 requests are on a page and the rest on the next."""
    for _ in range(26):
        fms.created()
    assert len(re.findall(r'id="request-\d+"', fms.call("GET", "/").text)) == 25
    assert re.findall(r'id="request-(\d+)"', fms.call("GET", "/?page=2").text) == ["4372"]


def test_approve_refuse_and_cancel_by_form(fms: Caller) -> None:
    """The three forms change the request and lead back to the list."""
    numbers = [fms.created(), fms.created(), fms.created()]
    for number, action in zip(numbers, ("approve", "refuse", "cancel"), strict=True):
        answer = fms.call("POST", f"/requests/{number}/{action}?page=1", data={"reason": f"to {action}"})
        assert (answer.status_code, answer.headers["Location"]) == (303, "/?page=1")
    assert [(one["status"], one["statusReason"]) for one in fms.sandbox.requests()] == [
        ("approved", "to approve"),
        ("refused", "to refuse"),
        ("cancelled", "to cancel"),
    ]
    assert re.findall(r'id="request-(\d+)"', fms.call("GET", "/?status=refused").text) == [str(numbers[1])]


def test_impossible_decision_is_explained(fms: Caller) -> None:
    """Approving what is taken answers 409 and says why on the page."""
    first, second = fms.created(), fms.created()
    fms.sandbox.approve(first)
    answer = fms.call("POST", f"/requests/{second}/approve")
    assert answer.status_code == 409
    assert "Vehicle is not available from 02/05/29 to 02/12/29" in answer.text
    assert fms.call("POST", "/requests/1/approve").status_code == 404


def test_other_sites_cannot_press_buttons(fms: Caller) -> None:
    """A form of another site is refused."""
    number = fms.created()
    answer = fms.call("POST", f"/requests/{number}/approve", headers={"Origin": "http://elsewhere.example"})
    assert answer.status_code == 403
    assert fms.sandbox.requests()[0]["status"] == "open"


def test_calendar_in_a_frame(fms: Caller) -> None:
    """The Scheduling tab frames our calendar, and its policy allows that frame only."""
    answer = fms.call("GET", "/scheduling")
    assert 'src="http://127.0.0.1:8000/calendar?embedded=1"' in answer.text
    assert "frame-src http://127.0.0.1:8000;" in answer.headers["Content-Security-Policy"]
    assert "<script" not in answer.text


def test_deep_links(fms: Caller) -> None:
    """The three addresses we link to show the vehicle's, the person's and the single activity."""
    fms.sandbox.approve(fms.created())
    (activity_id,) = fms.sandbox.requests()[0]["activityIds"]
    for path in (
        f"/vehicles/list_activities/{fms.vehicle_id}",
        f"/people/list_activities/{fms.person_id}",
        f"/activities/edit/{activity_id}",
    ):
        page = fms.call("GET", path)
        assert (page.status_code, str(activity_id) in page.text, fms.vin in page.text) == (200, True, True)
    assert fms.call("GET", "/vehicles/list_activities/1").status_code == 404
    assert fms.call("GET", "/people/list_activities/1").status_code == 404
    assert fms.call("GET", "/activities/edit/1").status_code == 404
