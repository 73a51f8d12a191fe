"""Undo from the page, several loans at once with what is asked before, notes on a loan and its whole history."""

import re
from datetime import timedelta
from html import unescape

import pytest
from werkzeug.test import TestResponse

from tests.calendar.conftest import FREE_DAY, PAGE, FmsDesk
from tests.calendar.test_actions import look_in
from tests.calendar.test_bulk import watched
from tests.rows import People
from tests.servers import sign_in
from webapp.accounts.permissions import Role
from webapp.loans import service
from webapp.loans.checks import Change

# What differs between the engines is proved where it is read and written.
pytestmark = pytest.mark.usefixtures("sqlite_app")
VIEW = f"{PAGE}&start=2028-06-05"
WEEK = timedelta(days=7)


def words(answer: TestResponse) -> str:
    """What the message says."""
    found = re.search(r'class="message [^"]*"[^>]*><p>(.*?)</p>', answer.text)
    return unescape(found.group(1)) if found else ""


def send(desk: FmsDesk, path: str, **fields: object) -> TestResponse:
    """A form from the view in which the loans stand, with lists of values."""
    headers = {"HX-Request": "true", "HX-Current-URL": f"http://localhost{VIEW}", "X-CSRFToken": desk.token}
    return desk.client.post(path, data=fields, headers=headers)


def undo(desk: FmsDesk, **fields: object) -> TestResponse:
    """The key, or a button."""
    return send(desk, "/calendar/undo", **fields)


def several(desk: FmsDesk) -> list[int]:
    """Three loans of a vehicle, week after week, the last of them requested in FMS."""
    ids = [
        desk.fleet.add_loan(desk.vehicle, desk.partner, start_day=FREE_DAY + number * WEEK).id for number in range(3)
    ]
    assert send(desk, f"/calendar/loans/{ids[2]}/request").status_code == 200
    return ids


def test_undo_takes_a_request_back_and_redo_asks_again(fms_desk: FmsDesk) -> None:
    """The newest is undone through FMS, the row comes again, Redo stands beside it; then there is nothing more."""
    loan_id = fms_desk.requested()
    undone = undo(fms_desk)
    assert look_in(undone, loan_id) == "manual"
    assert words(undone).startswith("Undone: Audi A3")
    assert "taken back in FMS" in words(undone)
    assert fms_desk.sandbox.requests() == []
    again = undo(fms_desk, redo=1)
    assert look_in(again, loan_id) == "requested"
    assert "requested in FMS as #" in words(again)
    undo(fms_desk)
    nothing = undo(fms_desk)
    assert nothing.status_code == 404
    assert "nothing of yours to undo" in words(nothing)


def test_one_step_of_the_list_is_undone_once(fms_desk: FmsDesk) -> None:
    """A deleted loan comes back in its row, from the list; the same button again says that it is undone."""
    loan_id = fms_desk.requested()
    assert fms_desk.post(f"/calendar/loans/{loan_id}/delete").status_code == 200
    listed = fms_desk.get("/calendar/deeds", fragment=True).text
    assert "Undoing it plans it again; it is requested in FMS again, under a new number." in listed
    step = re.findall(r'name="step" value="([^"]+)"', listed)[0]
    back = undo(fms_desk, step=step)
    assert look_in(back, loan_id) == "requested"
    twice = undo(fms_desk, step=step)
    assert (twice.status_code, words(twice)) == (409, "This has been undone already.")
    page = fms_desk.get("/calendar/deeds").text
    assert "<h1" in page or "<h2" in page
    assert "Undid: " in page


def test_others_changes_are_not_undone(fms_desk: FmsDesk, people: People) -> None:
    """409 with who did what since."""
    loan_id = fms_desk.add_loan()
    change = {"vin": fms_desk.vehicle.vin, "person_id": fms_desk.partner.person_id, "start_day": FREE_DAY.isoformat()}
    send(fms_desk, f"/calendar/loans/{loan_id}/change", **change, end_day=(FREE_DAY + WEEK * 2).isoformat(), version=1)
    listed = fms_desk.get("/calendar/deeds", fragment=True).text
    (step,) = re.findall(r'name="step" value="([^"]+)"', listed)
    other = people(name="Ben Ames")
    with fms_desk.client.application.app_context():
        from webapp.loans import service
        from webapp.loans.service import Change

        service.change(other.actor, loan_id, Change(2, end_day=FREE_DAY + WEEK * 3))
    answer = undo(fms_desk, step=step)
    assert answer.status_code == 409
    assert "Ben Ames" in words(answer)
    assert "Ben Ames" in fms_desk.get("/calendar/deeds", fragment=True).text


def test_moving_is_looked_at_before_it_is_done(fms_desk: FmsDesk) -> None:
    """The preview tells each loan's days, what stays and why, and what goes through FMS; the run does just that."""
    ids = several(fms_desk)
    fms_desk.fleet.add_activity(fms_desk.vehicle, None, start_day=FREE_DAY + 4 * WEEK)
    query = "&".join(f"id={number}" for number in ids)
    ask = fms_desk.get(f"/calendar/bulk/ask?kind=move&{query}", fragment=True, page=VIEW).text
    assert "1 of them is requested in FMS: it will be taken back and requested again" in ask
    assert "Move the 3, 1 of them through FMS" in ask
    assert "Move only the 2 that FMS does not have" in ask
    assert "06-05-28 to 06-12-28 → 06-12-28 to 06-19-28" in ask
    far = fms_desk.get(f"/calendar/bulk/ask?kind=move&{query}&days=14", fragment=True, page=VIEW).text
    assert far.count("Stays: ") == 2, "the last runs into FMS's hold, and the first into the last"
    assert "held in FMS" in far
    assert "Move the 1<" in far
    fields = re.findall(r'name="loan" value="([^"]+)"', ask.split("Move only")[0])[:3]
    panels = watched(fms_desk, send(fms_desk, "/calendar/bulk/move", loan=fields, days=7, replace="yes"))
    assert "3 of 3 moved" in panels[-1].text
    assert len(fms_desk.sandbox.requests()) == 1
    step = re.findall(r'name="step" value="([^"]+)"', panels[-1].text)[0]
    asked = undo(fms_desk)
    assert "Undo the 3" in asked.text
    assert "3 of 3" not in asked.text
    begun = undo(fms_desk, step=step)
    assert 'hx-swap-oob="innerHTML:#batch"' in begun.text
    assert "3 of 3 undone" in watched(fms_desk, begun)[-1].text


@pytest.mark.parametrize(
    ("query", "words_"),
    [
        ("kind=move&id=1&days=0", "Say by how many days"),
        ("kind=move&id=1&days=x", "Say by how many days"),
        ("kind=move&id=1&days=-400", "Say by how many days"),
        ("kind=explode&id=1", "Choose what to do"),
        ("kind=delete", "Choose at least one loan"),
        ("kind=move&id=9999999999999", "Choose loans by their bars"),
    ],
)
def test_what_cannot_be_asked(fms_desk: FmsDesk, query: str, words_: str) -> None:
    """No number, no such action, nothing chosen: a sentence, and no button that would do something."""
    text = fms_desk.get(f"/calendar/bulk/ask?{query}", fragment=True).text
    assert words_ in text
    assert "data-bulk" not in text
    assert send(fms_desk, "/calendar/bulk/move", loan="1.1", days="x").status_code == 422
    assert send(fms_desk, "/calendar/bulk", kind="move", id=1).status_code == 422


def test_deleting_several_is_asked_with_counts(fms_desk: FmsDesk) -> None:
    """How many, and how many of them FMS has; without a script the question is a page of its own."""
    ids = several(fms_desk)
    query = "&".join(f"id={number}" for number in ids)
    ask = fms_desk.get(f"/calendar/bulk/ask?kind=delete&{query}", fragment=True).text
    assert "Delete 3 loans?" in ask
    assert "1 of them is requested in FMS and will be removed there." in ask
    page = fms_desk.get(f"/calendar/bulk/ask?kind=delete&{query}").text
    assert "Delete the 3" in page
    assert "Back to the calendar" in page


def test_what_changed_since_it_was_asked_is_not_deleted(fms_desk: FmsDesk, people: People) -> None:
    """Somebody has moved one of them meanwhile: it stays, its row says so, and the others are deleted."""
    ids = several(fms_desk)
    ask = fms_desk.get(
        f"/calendar/bulk/ask?kind=delete&{'&'.join(f'id={number}' for number in ids)}", fragment=True
    ).text
    fields = {name: re.findall(f'name="{name}" value="([^"]+)"', ask) for name in ("kind", "id", "loan")}
    with fms_desk.client.application.app_context():
        service.change(people(locations=["Los Angeles"]).actor, ids[0], Change(end_day=FREE_DAY + timedelta(days=4)))
    panel = watched(fms_desk, send(fms_desk, "/calendar/bulk", **fields))[-1].text
    assert "2 of 3 deleted · 1 failed" in panel
    assert "This loan has been changed since you looked at it." in panel
    assert [fms_desk.get(f"/calendar/loans/{number}").status_code for number in ids] == [200, 404, 404]


def test_notes_are_written_read_and_taken_back(fms_desk: FmsDesk, people: People) -> None:
    """On the card, on the bar with its newest, in the history; only the writer takes one back; auditors read."""
    loan_id = fms_desk.add_loan()
    kept = send(fms_desk, f"/calendar/loans/{loan_id}/notes", text="Keys are with <b>Ana</b>\r\nat the gate")
    assert kept.status_code == 200
    assert "&lt;b&gt;Ana&lt;/b&gt;" in kept.text
    assert re.search(rf'class="bar manual[^"]* noted"[^>]* id="b{loan_id}"', kept.text)
    assert "note: Keys are with &lt;b&gt;Ana&lt;/b&gt; at the gate" in kept.text
    (note_id,) = set(re.findall(r"/notes/(\d+)/remove", kept.text))
    for text in ("", "   ", "x" * 2001):
        assert send(fms_desk, f"/calendar/loans/{loan_id}/notes", text=text).status_code == 422
    client = fms_desk.client.application.test_client()
    sign_in(client, people(Role.AUDITOR))
    assert "Keys are with" in client.get(f"/calendar/loans/{loan_id}").text
    assert "Add a note" not in client.get(f"/calendar/loans/{loan_id}").text
    other = fms_desk.client.application.test_client()
    sign_in(other, people())
    assert f"/notes/{note_id}/remove" not in other.get(f"/calendar/loans/{loan_id}").text
    gone = send(fms_desk, f"/calendar/loans/{loan_id}/notes/{note_id}/remove")
    assert gone.status_code == 200
    assert " noted" not in gone.text
    assert "A note, taken back since." in fms_desk.get(f"/calendar/loans/{loan_id}/history").text


def test_the_history_has_fms_answers_and_outlives_the_loan(fms_desk: FmsDesk, people: People) -> None:
    """Who, when in the office's zone, before and after, what FMS said; of a deleted loan for who could see it."""
    loan_id = fms_desk.requested()
    change = {"vin": fms_desk.vehicle.vin, "person_id": fms_desk.partner.person_id, "start_day": FREE_DAY.isoformat()}
    end = (FREE_DAY + WEEK * 2).isoformat()
    answer = send(fms_desk, f"/calendar/loans/{loan_id}/replace", **change, end_day=end, version=2, seen="")
    assert answer.status_code in (200, 409, 422)
    fms_desk.post(f"/calendar/loans/{loan_id}/delete")
    text = fms_desk.get(f"/calendar/loans/{loan_id}/history").text
    assert "Deleted</span>" in text
    assert "HTTP 201" in text
    assert "reference MP-" in text
    assert "PST" in text
    assert "What FMS said" in text
    app = fms_desk.client.application
    for person, status in (
        (people(locations=["Miami"]), 404),
        (people(), 200),
        (people(Role.AUDITOR, locations=[]), 200),
        (people(Role.ADMIN, company="Another Company", locations=[]), 404),
    ):
        client = app.test_client()
        sign_in(client, person)
        assert client.get(f"/calendar/loans/{loan_id}/history").status_code == status, person
    assert fms_desk.get("/calendar/loans/999/history").status_code == 404
