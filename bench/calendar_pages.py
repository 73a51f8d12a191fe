"""The calendar: its pages, paging, a filter, a search, a row swapped, the question for news; then over ten times it."""

import gzip
import itertools
import statistics
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

from sqlalchemy import select

from bench.desk import Desk
from bench.measure import Figure, Statements, floor_ms, late, median_ms, statements_of, times_ms
from bench.tenfold import tenfold
from webapp.accounts.queries import actor_of
from webapp.calendar.answers import Message, answer
from webapp.calendar.grid import default_window
from webapp.calendar.reading import today_at, touched_by
from webapp.db import close_reading, db, writing
from webapp.loans import changes
from webapp.loans.models import Assignment
from webapp.loans.queries import loan
from webapp.loans.states import Status

FLOOR = "the bare queries and writing the same bytes"
FRAGMENT = {"HX-Request": "true", "HX-Current-URL": "http://localhost/calendar"}
AS_BEFORE = "as with 1 x"


def figures(desk: Desk) -> Iterator[Figure]:
    """Server milliseconds, the size before and after compression, the number of queries."""
    yield from _of(desk, "", "under 25 ms", "under 5 ms")
    yield _change(desk)
    with tempfile.TemporaryDirectory(prefix="motorpool-bench-calendar-") as folder:
        yield from _of(tenfold(desk, Path(folder)), ", 10 x stored", AS_BEFORE, AS_BEFORE)


def _of(desk: Desk, scale: str, page: str, swap: str) -> Iterator[Figure]:
    """The largest office is as large at either scale; `all offices` has ten times the rows."""
    office = desk.largest_office
    with desk.app.app_context():
        day = today_at(desk.person.actor, office)
        close_reading()
    later = default_window(day).moved(7).first
    yield _page(desk, f"calendar, largest office{scale}", page, office=office)
    yield _page(desk, f"  by partner{scale}", page, office=office, rows="partners")
    yield _page(desk, f"  a week later{scale}", page, office=office, start=later, is_fragment=True)
    yield _page(desk, f"  one make{scale}", page, office=office, make="Audi", is_fragment=True)
    yield _page(desk, f"  found by name{scale}", page, office=office, q="martin", is_fragment=True)
    yield _row_swap(desk, f"  row swap{scale}", swap)
    yield _poll(desk, f"  asked, nothing new{scale}", "under 2 ms" if not scale else AS_BEFORE, is_news=False)
    yield _poll(desk, f"  asked, one loan changed{scale}", "under 10 ms" if not scale else AS_BEFORE, is_news=True)
    yield _page(desk, f"calendar, all offices{scale}", "usable", office="")
    yield _page(desk, f"  found by name{scale}", "usable", office="", q="martin", is_fragment=True)
    yield _page(desk, f"  search list{scale}", "under 25 ms", path="/calendar/search", q="martin", is_fragment=True)


def _page(
    desk: Desk, name: str, aim: str, *, path: str = "/calendar", is_fragment: bool = False, **view: object
) -> Figure:
    address, headers = f"{path}?{urlencode(view)}", FRAGMENT if is_fragment else {}
    with desk.app.app_context():
        with statements_of(db.engine) as statements:
            response = desk.client.get(address, headers=headers)
        assert response.status_code == 200, response.status
        floor = floor_ms(statements, len(response.data), runs=10)
    # A page of all offices takes a while.
    runs = 30 if len(response.data) < 1_000_000 else 8
    times = times_ms(lambda: desk.client.get(address, headers=headers), runs)
    packed = len(gzip.compress(response.data, 5))
    note = (
        f"{late(times)}, {len(response.data) / 1000:.0f} kB, {packed / 1000:.0f} packed, {_reads(statements)} queries"
    )
    return Figure(name, round(statistics.median(times), 1), "ms", round(floor, 2), FLOOR, aim, note)


def _row_swap(desk: Desk, name: str, aim: str) -> Figure:
    """What every action answers: the rows of one loan read and drawn again, with a message."""
    headers = {
        **FRAGMENT,
        "HX-Current-URL": f"http://localhost/calendar?{urlencode({'office': desk.largest_office})}",
    }
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
        times = times_ms(swap)
        close_reading()
    note = f"{late(times)}, {len(body) / 1000:.1f} kB, {_reads(statements)} queries"
    return Figure(name, round(statistics.median(times), 1), "ms", round(floor, 2), FLOOR, aim, note)


def _poll(desk: Desk, name: str, aim: str, *, is_news: bool) -> Figure:
    """What every open calendar asks every four seconds: 204, or the two rows of the loan that was written to."""
    address = f"/calendar?{urlencode({'office': desk.largest_office})}"
    headers = {**FRAGMENT, "HX-Current-URL": f"http://localhost{address}"}
    with desk.app.app_context():
        known = changes.latest()
        if is_news:
            with writing() as session:
                session.get_one(Assignment, _planned_loan(desk)).reason = "Read by everybody"
        asked = f"/calendar/changes?since={known}"
        with statements_of(db.engine) as statements:
            response = desk.client.get(asked, headers=headers)
        assert response.status_code == (200 if is_news else 204), response.status
        floor = floor_ms(statements, len(response.data))
    times = times_ms(lambda: desk.client.get(asked, headers=headers), runs=100)
    note = f"{late(times)}, {len(response.data) / 1000:.1f} kB, {_reads(statements)} queries"
    return Figure(name, round(statistics.median(times), 2), "ms", round(floor, 3), FLOOR, aim, note)


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
    return Figure("  change a loan (JSON)", round(value, 1), "ms", round(floor, 1), "drawing its card", "at once")


def _planned_loan(desk: Desk) -> int:
    """A loan of the largest office that ends on a weekday after a weekday, so that its end can move by a day."""
    rows = db.session.execute(
        select(Assignment.id, Assignment.end_day)
        .where(Assignment.status == Status.MANUAL, Assignment.office == desk.largest_office)
        .order_by(Assignment.start_day, Assignment.id)
    ).all()
    close_reading()
    return next(int(row.id) for row in rows if row.end_day.weekday() in range(1, 5))


def _reads(statements: Statements) -> int:
    return sum(text.lstrip().upper().startswith("SELECT") for text, _ in statements)
