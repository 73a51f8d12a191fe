"""Whose the calendar is: a permission for every route, and nothing of other offices, companies or people by any id.

Generated from the routes themselves: one that is new and in no table here fails.
"""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import uuid4
from zipfile import ZipFile

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from tests.calendar.conftest import Desk
from tests.rows import DAY, OFFICE, Fleet, People
from webapp.accounts.access import access_of
from webapp.accounts.permissions import Permission
from webapp.calendar.models import CalendarLink, LinkKind, SavedView
from webapp.db import Base, db, writing
from webapp.fleet.models import Activity, Partner, Vehicle
from webapp.loans.models import Assignment, Batch, BatchKind, LoanNote, SoftHold

LOOK, PLAN = Permission.VIEW_LOANS, Permission.PLAN_LOANS
PREFIXES = ("/calendar", "/api/calendar")
# Whoever may look writes nothing but what is their own alone: views and private addresses.
OWN_THINGS = re.compile(r"/calendar/(views|links)(/|$)")
# Opened by the token in it, whatever browser asks.
PUBLIC = {"/calendar/ics/<token>.ics"}
# Forms that a page asks for, for those alone who may send them.
FORMS = {
    "/calendar/bulk/<uuid:batch_id>",
    "/calendar/bulk/ask",
    "/calendar/check",
    "/calendar/deeds",
    "/calendar/loans/<int:assignment_id>/change",
    "/calendar/plan",
}
# Days that stand in the way of nothing, and whatever else a route reads before it looks for what the address names.
FIELDS = {
    "start_day": "2026-12-07",
    "end_day": "2026-12-14",
    "start": "2026-12-07",
    "office": OFFICE,
    "version": "1",
    "text": "A note",
    "name": "A name",
    "query": "rows=partners",
    "new_status": "requested",
    "shared": "true",
}
SECRET = "Secretive"
LATER = date(2026, 12, 21)
BY_OFFICE = ("", "/days", "/export.csv", "/export.xlsx", "/capacity", "/moves")


@pytest.fixture
def elsewhere(app: Flask, desk: Desk, people: People, fleet: Fleet) -> dict[str, "Strange"]:
    """What the scheduler of Los Angeles and Miami may not see: in another office, and in another company."""
    colleague = people(locations=["Chicago"])
    stranger = people(locations=[OFFICE], company="Rivals")
    return {
        "office": Strange(app, fleet, colleague.user_id, colleague.company_id, "Chicago"),
        "company": Strange(app, fleet, stranger.user_id, stranger.company_id, OFFICE),
    }


class Strange:
    """A vehicle, a partner, their loan and whatever can hang on it, of somebody else; `values` by name in addresses."""

    def __init__(self, app: Flask, fleet: Fleet, user_id: int, company_id: int, office: str) -> None:
        here: dict[str, Any] = {"office": office, "company_id": company_id}
        self.vehicle: Vehicle = fleet.add_vehicle(color=SECRET, **here)
        self.partner: Partner = fleet.add_partner(f"{SECRET} Person", affiliation=SECRET, **here)
        activity: Activity = fleet.add_activity(
            self.vehicle, self.partner, company_id=company_id, region=office, to=f"{SECRET} Person"
        )
        loan: Assignment = fleet.add_loan(
            self.vehicle,
            self.partner,
            start_day=LATER,
            company_id=company_id,
            fms_request_id=9199,
        )
        now, batch_id = datetime(2026, 11, 19, 18, 0, tzinfo=UTC), str(uuid4())
        whose = {"company_id": company_id, "user_id": user_id}
        link = CalendarLink(
            **whose, kind=LinkKind.OFFICE, subject=office, title=SECRET, token_hash=batch_id, created_at=now
        )
        view = SavedView(**whose, name=SECRET, query="", is_shared=False, created_at=now, updated_at=now)
        note = LoanNote(**whose, assignment_id=loan.id, actor_name="Colleague", text=SECRET, written_at=now)
        hold = SoftHold(
            **whose,
            fleet_vehicle_id=self.vehicle.id,
            start_day=loan.start_day,
            end_day=loan.end_day,
            plan_id=str(uuid4()),
            until=now + timedelta(days=1),
        )
        batch = Batch(id=batch_id, **whose, kind=BatchKind.REQUEST, created_at=now, beat_at=now, finished_at=now)
        with app.app_context(), writing() as session:
            session.add_all([link, view, note, hold, batch])
            session.flush()
            self.values: dict[str, object] = {
                "assignment_id": loan.id,
                "activity_id": activity.activity_id,
                "fms_request_id": loan.fms_request_id,
                "vin": self.vehicle.vin,
                "person_id": self.partner.person_id,
                "link_id": link.id,
                "view_id": view.id,
                "note_id": note.id,
                "hold_id": hold.id,
                "batch_id": batch_id,
                "token": "0" * 43,
            }


def routes(app: Flask) -> Iterator[tuple[str, str, str]]:
    """Method, rule and endpoint of everything of the calendar."""
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith(PREFIXES):
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield method, rule.rule, rule.endpoint


def test_looking_and_planning_are_two_permissions(sqlite_app: Flask) -> None:
    """What is asked for by GET is for who may look, forms apart; what writes loans is for who may plan."""
    wrong = []
    for method, rule, endpoint in routes(sqlite_app):
        access = access_of(sqlite_app.view_functions[endpoint])
        assert access, rule
        is_planning = rule in FORMS or (method != "GET" and not OWN_THINGS.match(rule))
        wanted: set[Permission] = set() if rule in PUBLIC else {PLAN if is_planning else LOOK}
        if access.permissions != wanted or access.is_public != (rule in PUBLIC):
            wrong.append((method, rule, sorted(access.permissions or ())))
    assert not wrong


@pytest.mark.parametrize("whose", ["office", "company"])
def test_what_is_not_mine_is_not_there(
    desk: Desk, sqlite_app: Flask, elsewhere: dict[str, Strange], whose: str
) -> None:
    """404 for every address with an id in it, whatever is sent along, and not a row of any table is changed."""
    strange = elsewhere[whose]
    before, answers = everything(sqlite_app), {}
    for method, rule, _ in routes(sqlite_app):
        if "<" not in rule:
            continue
        address = re.sub(r"<(?:[^:>]+:)?(\w+)>", lambda found: str(strange.values[found[1]]), rule)
        sent = {**FIELDS, "vin": desk.vehicle.vin, "person_id": str(desk.partner.person_id)}
        given: dict[str, Any] = {"query_string": sent} if method == "GET" else {"data": sent}
        if rule.startswith("/api"):
            is_status = "status" in rule
            given = {"query_string": {"new_status": "requested"}} if is_status else {"json": {"end_day": "2026-12-29"}}
        answer = desk.client.open(address, method=method, headers={"X-CSRFToken": desk.token}, **given)
        assert SECRET not in answer.text, (method, rule)
        # To put away what is not there is to have it put away.
        if answer.status_code != 404 and not rule.endswith("/dismiss"):
            answers[method, rule] = answer.status_code
    assert not answers
    assert everything(sqlite_app) == before


def test_no_page_of_mine_names_what_is_not_mine(desk: Desk, sqlite_app: Flask, elsewhere: dict[str, Strange]) -> None:
    """Every page, list and file, of all offices and of mine, by vehicle and by partner, and looked for by name."""
    mine = desk.fleet.add_partner(f"{SECRET[:-1]} Friend")
    desk.fleet.add_loan(desk.vehicle, mine, start_day=DAY)
    read = 0
    for method, rule, _ in routes(sqlite_app):
        if method != "GET" or "<" in rule:
            continue
        for office in ("", OFFICE, "Chicago"):
            for rows in ("vehicles", "partners"):
                query = {"office": office, "rows": rows, "q": SECRET[:-1], "id": "1", "start": "2026-11-16"}
                found = desk.client.get(rule, query_string=query)
                assert found.status_code in (200, 204, 303, 422, 404 if office == "Chicago" else 200), (rule, query)
                text = written(found)
                assert SECRET not in text, (rule, query)
                read += "Friend" in text
    # What is mine was found: the sweep looks at something.
    assert read > 8


@pytest.mark.parametrize("path", BY_OFFICE)
def test_an_office_that_is_not_mine_is_not_there(
    desk: Desk, sqlite_app: Flask, elsewhere: dict[str, Strange], path: str
) -> None:
    """By its name in the address."""
    answer = desk.client.get(f"/calendar{path}?office=Chicago&q=anything&day=2026-12-21")
    assert answer.status_code == 404
    assert SECRET not in answer.text


def _plan(strange: Strange, desk: Desk) -> dict[str, Any]:
    return {"vin": strange.vehicle.vin, "person_id": desk.partner.person_id}


def _lend(strange: Strange, desk: Desk) -> dict[str, Any]:
    return {"vin": desk.vehicle.vin, "person_id": strange.partner.person_id}


Fields = Callable[[Strange, Desk], dict[str, Any]]
NAMED: list[tuple[str, Fields]] = [
    ("/calendar/loans", _plan),
    ("/calendar/loans", _lend),
    ("/calendar/holds", lambda strange, desk: {**_plan(strange, desk), "plan_id": "0" * 32}),
    ("/calendar/bulk", lambda strange, desk: {"kind": "delete", "id": strange.values["assignment_id"]}),
    ("/calendar/bulk/move", lambda strange, desk: {"days": 7, "id": f"{strange.values['assignment_id']}.1"}),
    ("/calendar/links", lambda strange, desk: {"kind": "vehicle", "subject": strange.vehicle.vin}),
    ("/calendar/links", lambda strange, desk: {"kind": "partner", "subject": strange.partner.person_id}),
    ("/calendar/links", lambda strange, desk: {"kind": "office", "subject": strange.vehicle.office}),
]
# Partners are the whole company's to lend to; and an office of that name is mine as well.
ALLOWED = {("/calendar/loans", _lend, "office"), (*NAMED[-1], "company")}


@pytest.mark.parametrize(
    ("path", "fields", "whose"),
    [(*named, whose) for named in NAMED for whose in ("office", "company") if (*named, whose) not in ALLOWED],
)
def test_what_a_form_names_must_be_mine_too(
    desk: Desk, sqlite_app: Flask, elsewhere: dict[str, Strange], path: str, fields: Fields, whose: str
) -> None:
    """Another's vehicle, partner, loan or office in a form: nothing of theirs is told, planned, held or changed."""
    strange = elsewhere[whose]
    watched = (Assignment, SoftHold, CalendarLink)
    before = {model: counted(sqlite_app, model) for model in watched}
    answer = desk.post(path, **{**FIELDS, **fields(strange, desk)})
    assert answer.status_code in (200, 202, 204, 404, 409, 422)
    assert SECRET not in answer.text
    assert {model: counted(sqlite_app, model) for model in watched} == before
    with sqlite_app.app_context():
        loan = db.session.get_one(Assignment, strange.values["assignment_id"])
        assert (loan.version, loan.start_day) == (1, LATER)


def written(answer: TestResponse) -> str:
    """What stands in a page, or in the parts of a workbook."""
    if not answer.data.startswith(b"PK"):
        return answer.text
    with ZipFile(BytesIO(answer.data)) as parts:
        return "".join(parts.read(name).decode() for name in parts.namelist())


def everything(app: Flask) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table, but of when people were last seen."""
    with app.app_context():
        found = {
            table.name: [tuple(row) for row in db.session.execute(select(table).order_by(*table.primary_key))]
            for table in Base.metadata.sorted_tables
            if table.name != "user_sessions"
        }
        db.session.rollback()
    return found


def counted(app: Flask, model: type[Base]) -> int:
    """How many rows there are."""
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(model)) or 0
