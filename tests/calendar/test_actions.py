"""Request, unrequest, delete and settle from the page, against a real FMS: success, refusal, failure, unknown."""

import json
import re
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.calendar.conftest import PAGE, FmsDesk

# What differs between the engines is proved where it is read and written.
pytestmark = pytest.mark.usefixtures("sqlite_app")


def look_in(answer: TestResponse, loan_id: int) -> str:
    """The look of a loan's bar in the row that came back."""
    found = re.search(rf'<div class="bar ([a-z]+)[^"]*" id="b{loan_id}"', answer.text)
    return found.group(1) if found else ""


def undo_of(answer: TestResponse) -> str:
    """Where the message's Undo leads."""
    found = re.search(r'action="([^"]+)"[^>]*data-undo', answer.text)
    return found.group(1) if found else ""


def press_undo(desk: FmsDesk, answer: TestResponse) -> TestResponse:
    """What the message's Undo answers."""
    values = dict(re.findall(r'name="(\w+)" value="([^"]*)"', answer.text.split("data-undo")[1]))
    return desk.post(undo_of(answer), page=f"{PAGE}&start=2028-06-05", **values)


def test_a_request_turns_the_row_magenta_and_can_be_undone(fms_desk: FmsDesk) -> None:
    """The row comes again with its bar magenta, the message has FMS's number, Undo unrequests it."""
    loan_id = fms_desk.add_loan()
    answer = fms_desk.post(f"/calendar/loans/{loan_id}/request", page=f"{PAGE}&start=2028-06-05")
    (request,) = fms_desk.sandbox.requests()
    assert answer.status_code == 200
    assert look_in(answer, loan_id) == "requested"
    assert f"Requested in FMS (#{request['id']})" in answer.text
    assert answer.text.count('hx-swap-oob="true"') == 1, "only the row that changed"
    assert json.loads(answer.headers["HX-Trigger-After-Settle"]) == {"loanDone": {"loans": [loan_id]}}
    undone = press_undo(fms_desk, answer)
    assert look_in(undone, loan_id) == "manual"
    assert fms_desk.sandbox.requests() == []
    again = press_undo(fms_desk, undone)
    assert look_in(again, loan_id) == "requested"


def test_fms_refusing_leaves_the_bar_and_says_why(fms_desk: FmsDesk) -> None:
    """502: the bar keeps its colour, the person reads FMS's own reason, nothing to undo."""
    loan_id = fms_desk.add_loan()
    fms_desk.sandbox.fault("create", "refuse", text="Vehicle is reserved for an event")
    answer = fms_desk.post(f"/calendar/loans/{loan_id}/request", page=f"{PAGE}&start=2028-06-05")
    assert answer.status_code == 502
    assert look_in(answer, loan_id) == "manual"
    assert re.search(r'class="message failed"[^>]* role="alert"', answer.text)
    assert undo_of(answer) == ""


def test_no_answer_is_amber(fms_desk: FmsDesk) -> None:
    """202: hatched, held, with what to do; every other action answers 409 meanwhile."""
    loan_id = fms_desk.add_loan()
    fms_desk.sandbox.fault("create", "error_before")
    answer = fms_desk.post(f"/calendar/loans/{loan_id}/request", page=f"{PAGE}&start=2028-06-05")
    assert answer.status_code == 202
    assert look_in(answer, loan_id) == "uncertain"
    assert "we are checking" in answer.text
    assert f"/calendar/loans/{loan_id}/settle" in answer.text, "the card stays open and offers to settle it"
    blocked = fms_desk.post(f"/calendar/loans/{loan_id}/delete", page=f"{PAGE}&start=2028-06-05")
    assert blocked.status_code == 409
    assert look_in(blocked, loan_id) == "uncertain"


@pytest.mark.parametrize(
    ("fields", "status", "look"),
    [
        ({"verdict": "present", "number": 987654}, 200, "requested"),
        ({"verdict": "absent"}, 200, "manual"),
        ({"verdict": "present"}, 422, "uncertain"),
        ({"verdict": "maybe"}, 422, "uncertain"),
    ],
)
def test_a_person_settles_what_fms_did_not_confirm(
    fms_desk: FmsDesk, fields: dict[str, Any], status: int, look: str
) -> None:
    """It is in FMS under a number, or it is not: the row follows. Anything else is asked again."""
    loan_id = fms_desk.add_loan()
    fms_desk.sandbox.fault("create", "error_before")
    fms_desk.sandbox.lookup("off")
    fms_desk.post(f"/calendar/loans/{loan_id}/request")
    answer = fms_desk.post(f"/calendar/loans/{loan_id}/settle", page=f"{PAGE}&start=2028-06-05", **fields)
    assert answer.status_code == status
    assert look_in(answer, loan_id) == look


def test_checking_again_finds_what_fms_took(fms_desk: FmsDesk) -> None:
    """FMS had accepted it before it failed to answer: the look-up finds the number, the bar turns magenta."""
    loan_id = fms_desk.add_loan()
    fms_desk.sandbox.fault("create", "error_after")
    assert fms_desk.post(f"/calendar/loans/{loan_id}/request").status_code == 202
    answer = fms_desk.post(f"/calendar/loans/{loan_id}/settle", page=f"{PAGE}&start=2028-06-05", verdict="check")
    assert answer.status_code == 200
    assert look_in(answer, loan_id) == "requested"
    settled = fms_desk.post(f"/calendar/loans/{loan_id}/settle", verdict="check")
    assert settled.status_code == 409


def test_deleting_takes_the_bar_away_and_the_request_with_it(fms_desk: FmsDesk) -> None:
    """A requested loan goes only together with its request; Undo plans it again and asks FMS again."""
    loan_id = fms_desk.requested()
    answer = fms_desk.post(f"/calendar/loans/{loan_id}/delete", page=f"{PAGE}&start=2028-06-05")
    assert answer.status_code == 200
    assert f'<div id="b{loan_id}" hx-swap-oob="delete">' in answer.text
    assert fms_desk.sandbox.requests() == []
    back = press_undo(fms_desk, answer)
    assert back.status_code == 200
    assert look_in(back, loan_id) == "requested"


def test_a_plain_form_does_the_same(fms_desk: FmsDesk) -> None:
    """Without a script: done goes back to the page it came from, which says so; refused is that page, 409."""
    loan_id = fms_desk.add_loan()
    answer = fms_desk.send(f"/calendar/loans/{loan_id}/request")
    assert (answer.status_code, answer.location) == (303, PAGE)
    assert "Requested in FMS" in fms_desk.get(PAGE).text
    refused = fms_desk.send(f"/calendar/loans/{loan_id}/request")
    assert refused.status_code == 409
    assert 'class="message refused" role="alert"' in refused.text
    assert "already requested" in refused.text
    assert 'id="board"' in refused.text


def test_what_is_not_there_is_said_in_place(fms_desk: FmsDesk) -> None:
    """A loan that somebody else deleted: 404 with a sentence, and the page stays as it is."""
    answer = fms_desk.post("/calendar/loans/999/request")
    assert answer.status_code == 404
    assert "does not exist any more" in answer.text


def test_acting_from_another_page_draws_no_rows(fms_desk: FmsDesk) -> None:
    """The answer names what happened; rows belong to the calendar's page alone, whatever the address says."""
    loan_id = fms_desk.add_loan()
    for page in ("/chains", "//elsewhere.example/calendar"):
        answer = fms_desk.post(f"/calendar/loans/{loan_id}/unrequest", page=page)
        assert answer.status_code == 409
        assert 'class="row"' not in answer.text
