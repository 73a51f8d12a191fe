"""Pages: the calendar of the largest office and of all offices, and the swap of one row."""

import itertools
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import quote

from sqlalchemy import select

from bench.desk import Desk
from bench.measure import Figure, Statements, floor_ms, median_ms, statements_of
from webapp.accounts.queries import actor_of
from webapp.calendar.answers import Message, answer
from webapp.calendar.reading import touched_by
from webapp.db import close_reading, db
from webapp.loans.models import Assignment
from webapp.loans.queries import loan
from webapp.loans.states import Status

FLOOR = "the bare queries and writing the same bytes"


def figures(desk: Desk) -> Iterator[Figure]:
    """Server milliseconds of each page, the size before compression, and the number of queries."""
    office = quote(desk.largest_office)
    yield _page(desk, "calendar, largest office", f"/calendar?office={office}", "under 30 ms, 300 kB")
    yield _page(desk, "calendar, largest office, by partner", f"/calendar?office={office}&rows=partners", "under 30 ms")
    yield _page(desk, "calendar, all offices", "/calendar?office=", "usable")
    yield _row_swap(desk)
    yield _change(desk)


def _page(desk: Desk, name: str, address: str, aim: str) -> Figure:
    with desk.app.app_context():
        engine = db.engine
        with statements_of(engine) as statements:
            response = desk.client.get(address)
        assert response.status_code == 200, response.status
        size = len(response.data)
        floor = floor_ms(statements, size)
    value = median_ms(lambda: desk.client.get(address))
    note = f"{size / 1000:.0f} kB, {_reads(statements)} queries"
    return Figure(name, round(value, 1), "ms", round(floor, 2), FLOOR, aim, note)


def _row_swap(desk: Desk) -> Figure:
    """What every action answers: the rows of one loan read and drawn again, with a message."""
    headers = {"HX-Request": "true", "HX-Current-URL": f"http://localhost/calendar?office={quote(desk.largest_office)}"}
    message = Message("done", "Requested in FMS (#4372)")
    with desk.app.test_request_context("/calendar/loans/1/request", method="POST", headers=headers):
        actor = actor_of(desk.person.user_id)
        assert actor is not None
        shown = loan(actor, _planned_loan(desk))
        touched = [touched_by(shown)]

        def swap() -> bytes:
            return answer(actor, 200, message, touched).get_data()

        with statements_of(db.engine) as statements:
            body = swap()
        assert shown.vin[-8:] in body.decode()
        floor = floor_ms(statements, len(body))
        value = median_ms(swap)
        close_reading()
    note = f"{len(body) / 1000:.1f} kB, {_reads(statements)} queries"
    return Figure("row swap", round(value, 1), "ms", round(floor, 2), FLOOR, "under 5 ms", note)


def _change(desk: Desk) -> Figure:
    """A loan stretched and shortened over JSON: every rule, the write, and the disk's word that it is written."""
    token = desk.client.post("/api/auth/token", json={"email": desk.person.email, "password": desk.person.password})
    headers = {"Authorization": f"Bearer {token.get_json()['access_token']}"}
    with desk.app.app_context():
        loan_id = _planned_loan(desk)
        end = db.session.get_one(Assignment, loan_id).end_day
        close_reading()
    ends = itertools.cycle([end - timedelta(days=1), end])

    def change() -> None:
        body = {"end_day": next(ends).isoformat()}
        response = desk.client.patch(f"/api/calendar/assignments/{loan_id}", json=body, headers=headers)
        assert response.status_code == 200, response.get_json()

    floor = median_ms(lambda: desk.client.get(f"/calendar/loans/{loan_id}"))
    value = median_ms(change)
    return Figure("change a loan (JSON)", round(value, 1), "ms", round(floor, 1), "drawing its card", "at once")


def _planned_loan(desk: Desk) -> int:
    """A loan of the largest office that ends on a weekday after a weekday, so that its end can move by a day."""
    rows = db.session.execute(
        select(Assignment.id, Assignment.end_day)
        .where(Assignment.status == Status.MANUAL, Assignment.office == desk.largest_office)
        .order_by(Assignment.start_day)
    ).all()
    close_reading()
    return next(int(row.id) for row in rows if row.end_day.weekday() in range(1, 5))


def _reads(statements: Statements) -> int:
    return sum(text.lstrip().upper().startswith("SELECT") for text, _ in statements)
