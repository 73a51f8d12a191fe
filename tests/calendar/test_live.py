"""Calendars that are open: what a page is answered when others changed something, and what they plan just now."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from tests.calendar.conftest import PAGE, THURSDAY_MORNING, Desk, FmsDesk
from tests.queries_counted import queries_of
from tests.rows import DAY, People
from tests.servers import csrf_token, sign_in
from webapp import clock
from webapp.accounts.actor import Actor
from webapp.calendar import live
from webapp.db import db, writing
from webapp.loans import changes, holds, service
from webapp.loans.checks import Change
from webapp.loans.models import LoanEvent, SoftHold
from webapp.loans.periods import Period

BY_PARTNER = "/calendar?office=Los+Angeles&rows=partners"
WEEK = Period(DAY, DAY + timedelta(days=7))


class Page:
    """A calendar that is open in somebody's browser."""

    def __init__(self, client: FlaskClient, address: str = PAGE) -> None:
        self.client, self.address = client, address
        found = re.search(r'data-live="(\d+)"', client.get(address).text)
        assert found
        self.token = found[1]

    def ask(self, **query: object) -> TestResponse:
        """What others changed since it asked last."""
        answer = self.client.get(
            "/calendar/changes",
            query_string={"since": self.token, **{name: str(value) for name, value in query.items()}},
            headers={"HX-Request": "true", "HX-Current-URL": f"http://localhost{self.address}"},
        )
        self.token = answer.headers.get(live.TOKEN, self.token)
        return answer


@pytest.fixture
def other(app: Flask, people: People) -> Actor:
    """Another scheduler of the same offices."""
    return people(name="Jo Vance", locations=["Los Angeles", "Miami"]).actor


def row_keys(answer: TestResponse) -> list[str]:
    return re.findall(r'class="row" id="([^"]+)"', answer.text)


class TestFollowing:
    def test_nothing_changed(self, desk: Desk) -> None:
        """204, with two statements and nothing written, however much is stored."""
        page = Page(desk.client)
        with desk.client.application.app_context(), queries_of() as statements:
            answer = page.ask()
        assert (answer.status_code, answer.data, len(statements)) == (204, b"", 2)
        assert all(statement.startswith("SELECT") for statement in statements)

    def test_the_row_that_changed_and_no_other(self, app: Flask, desk: Desk, other: Actor) -> None:
        """By vehicle and by partner; the second time nothing is left to tell."""
        desk.fleet.add_loan(desk.fleet.add_vehicle(), desk.fleet.add_partner("Somebody"))
        pages = Page(desk.client), Page(desk.client, BY_PARTNER)
        loan = desk.fleet.add_loan(desk.vehicle, desk.partner)
        answers = [page.ask() for page in pages]
        assert [row_keys(answer) for answer in answers] == [
            [f"v{desk.vehicle.id}"],
            [f"p{desk.partner.company_id}-{desk.partner.person_id}"],
        ]
        assert all(f'id="b{loan.id}"' in answer.text for answer in answers)
        assert [page.ask().status_code for page in pages] == [204, 204]

    def test_a_loan_that_moved_to_another_vehicle(self, app: Flask, desk: Desk, other: Actor) -> None:
        """Both rows: the one it left is drawn without it."""
        vehicle, loan = desk.fleet.add_vehicle(), desk.fleet.add_loan(desk.vehicle, desk.partner)
        page = Page(desk.client)
        with app.app_context():
            service.change(other, loan.id, Change(vin=vehicle.vin))
        answer = page.ask()
        assert set(row_keys(answer)) == {f"v{desk.vehicle.id}", f"v{vehicle.id}"}
        assert answer.text.count(f'id="b{loan.id}"') == 1

    def test_what_the_view_does_not_ask_for(self, desk: Desk) -> None:
        """A row that no longer answers the filter is drawn as it is; only rows that answer it are missed."""
        page = Page(desk.client, f"{PAGE}&make=Kia")
        desk.fleet.add_loan(desk.vehicle, desk.partner)
        answer = page.ask()
        assert row_keys(answer) == [f"v{desk.vehicle.id}"]
        assert 'data-belonging=""' in answer.text

    def test_other_offices(self, desk: Desk) -> None:
        """Of a vehicle elsewhere the page learns nothing but that it has no such row; nor does another company."""
        vehicle = desk.fleet.add_vehicle(office="Chicago", model="Secret")
        page = Page(desk.client)
        desk.fleet.add_loan(vehicle, desk.fleet.add_partner("Somebody", office="Chicago"))
        answer = page.ask()
        assert (row_keys(answer), f'data-gone="v{vehicle.id}"' in answer.text) == ([], True)
        assert "Secret" not in answer.text

    def test_after_an_import(self, app: Flask, desk: Desk) -> None:
        """Anything may be another: the whole calendar, once."""
        page = Page(desk.client)
        with app.app_context(), writing() as session:
            changes.tell_all(session, desk.vehicle.company_id)
        assert 'id="calendar"' in page.ask().text
        assert page.ask().status_code == 204

    def test_more_than_are_worth_drawing_one_by_one(self, desk: Desk) -> None:
        """Many rows are the whole calendar; so is a page that lacks a row, or that slept through an hour."""
        page, lacking = Page(desk.client), Page(desk.client)
        for vehicle in desk.fleet.add_vehicles(live.MOST_ROWS + 1):
            desk.fleet.add_loan(vehicle, desk.partner)
        assert 'id="calendar"' in page.ask().text
        assert 'id="calendar"' in lacking.ask(all=1).text

    @pytest.mark.parametrize("since", ["", "x", "-1", "9" * 30, "\x00"])
    def test_a_token_that_is_none(self, sqlite_app: Flask, desk: Desk, since: str) -> None:
        """A page with a broken token gets the whole calendar and a good one."""
        page = Page(desk.client)
        good, page.token = page.token, since
        assert 'id="calendar"' in page.ask().text
        assert page.token == good

    def test_away_from_the_calendar(self, sqlite_app: Flask, desk: Desk) -> None:
        """Who asks from another page, or from another site's, gets nothing."""
        page = Page(desk.client)
        desk.fleet.add_loan(desk.vehicle, desk.partner)
        page.address = "/chains"
        assert page.ask().status_code == 204

    def test_who_is_signed_out(self, sqlite_app: Flask, desk: Desk) -> None:
        """Is led to the login page, and from there back to this view."""
        page = Page(desk.client)
        desk.client.post("/logout", data={"csrf_token": desk.token})
        assert page.ask().headers["HX-Redirect"].startswith("/login?next=/calendar")


class TestWhatIsOpen:
    def test_an_open_card(self, app: Flask, desk: Desk, other: Actor) -> None:
        """Is drawn again, with who did what."""
        loan = desk.fleet.add_loan(desk.vehicle, desk.partner)
        page = Page(desk.client)
        with app.app_context():
            service.change(other, loan.id, Change(end_day=loan.end_day + timedelta(days=1)))
        answer = page.ask(card=loan.id).text
        assert f'id="card-of-{loan.id}"' in answer
        assert '<p class="said">Jo Vance: Changed to' in answer

    def test_an_open_form(self, app: Flask, desk: Desk, other: Actor) -> None:
        """Is told who changed or deleted its loan; one's own changes are no news."""
        loan = desk.fleet.add_loan(desk.vehicle, desk.partner)
        page = Page(desk.client)
        with app.app_context():
            service.change(desk.person.actor, loan.id, Change(end_day=loan.end_day + timedelta(days=1)))
        assert '<p class="said"></p>' in page.ask(form=loan.id).text
        with app.app_context():
            service.remove_green(other, loan.id)
        answer = page.ask(form=loan.id).text
        assert '<p class="said">Jo Vance: Deleted' in answer
        assert "data-is-gone" in answer

    def test_a_loan_out_of_scope(self, app: Flask, desk: Desk, people: People) -> None:
        """Named as if it were open, it tells nothing of itself: not while it is there, nor when it is deleted."""
        theirs = people(name="Dee Vale", locations=["Chicago"]).actor
        partner = desk.fleet.add_partner("Hazel Secret", office="Chicago")
        desk.fleet.approve_make(partner, "Audi")
        loan = desk.fleet.add_loan(desk.fleet.add_vehicle(office="Chicago"), partner, office="Chicago")
        page = Page(desk.client)
        with app.app_context():
            service.change(theirs, loan.id, Change(end_day=loan.end_day + timedelta(days=1)))
        told = page.ask(form=loan.id, card=loan.id).text
        with app.app_context():
            service.remove_green(theirs, loan.id)
        told += page.ask(form=loan.id, card=loan.id).text
        assert "Secret" not in told
        assert "Dee Vale" not in told

    def test_another_loan(self, desk: Desk) -> None:
        """No word about what the person does not look at."""
        loan, page = desk.fleet.add_loan(desk.vehicle, desk.partner), Page(desk.client)
        desk.fleet.add_loan(desk.fleet.add_vehicle(), desk.partner)
        assert "said" not in page.ask(card=loan.id, form=loan.id).text

    def test_while_it_is_sent(self, fms_desk: FmsDesk) -> None:
        """An old sentence of the history is not told as news."""
        loan = fms_desk.requested()
        page = Page(fms_desk.client)
        with fms_desk.client.application.app_context(), writing() as session:
            session.execute(update(LoanEvent).values(happened_at=THURSDAY_MORNING - timedelta(hours=1)))
            changes.tell_all(session, fms_desk.vehicle.company_id)
        assert '<p class="said"></p>' in page.ask(card=loan).text


def hold(app: Flask, actor: Actor, *wishes: holds.Wish) -> int:
    """Plan with what `wishes` say; the id of the first hold."""
    with app.app_context():
        with writing() as session:
            holds.hold(session, actor, str(uuid4()), wishes)
        return db.session.scalars(select(SoftHold.id).order_by(SoftHold.id)).all()[-len(wishes)]


class TestBeingPlanned:
    def test_in_the_row(self, app: Flask, desk: Desk, other: Actor) -> None:
        """Who and until when, on an open page too; one's own as such; nothing to choose."""
        page = Page(desk.client)
        theirs = hold(app, other, holds.Wish(desk.vehicle.id, WEEK))
        followed = page.ask().text
        for text in (followed, desk.get(PAGE).text):
            assert f'<a href="/calendar/holds/{theirs}"' in text
            assert ">being planned by Jo Vance until 10:15 PST</a>" in text
            assert 'class="bar being-planned" data-until="' in text
        hold(app, desk.person.actor, holds.Wish(desk.vehicle.id, WEEK))
        assert ">you are planning this until 10:15 PST</a>" in page.ask().text

    def test_by_partner_where_one_is_chosen(self, app: Flask, desk: Desk, other: Actor) -> None:
        """A plan for nobody in particular is in no partner's row."""
        hold(app, other, holds.Wish(desk.vehicle.id, WEEK))
        assert 'class="bar being-planned"' not in desk.get(BY_PARTNER).text
        hold(app, other, holds.Wish(desk.vehicle.id, WEEK, desk.partner.person_id))
        assert desk.get(BY_PARTNER).text.count('class="bar being-planned"') == 1

    def test_it_is_no_bar(self, app: Flask, desk: Desk, other: Actor) -> None:
        """A held vehicle is still idle, and beside a loan it stands in a lane of its own."""
        hold(app, other, holds.Wish(desk.vehicle.id, WEEK))
        assert "1 vehicles · 1 idle in these days" in desk.get(PAGE).text
        desk.fleet.add_loan(desk.vehicle, desk.partner, start_day=WEEK.end_day)
        assert "grid-area:1/16/auto/30" in desk.get(PAGE).text
        desk.fleet.add_loan(desk.vehicle, desk.partner, start_day=WEEK.start_day)
        assert "grid-area:2/16/auto/30" in desk.get(PAGE).text

    def test_its_card(self, app: Flask, desk: Desk, other: Actor, people: People) -> None:
        """Says who plans what; of an office out of scope, or run out, there is none."""
        theirs = hold(app, other, holds.Wish(desk.vehicle.id, WEEK))
        assert "Being planned by Jo Vance until 10:15 PST." in desk.get(f"/calendar/holds/{theirs}", fragment=True).text
        assert "<!doctype html>" in desk.get(f"/calendar/holds/{theirs}").text
        stranger = desk.client.application.test_client()
        sign_in(stranger, people(locations=["Chicago"]))
        assert stranger.get(f"/calendar/holds/{theirs}").status_code == 404
        with app.app_context(), writing() as session:
            session.execute(update(SoftHold).values(until=clock.now()))
        assert desk.get(f"/calendar/holds/{theirs}").status_code == 404


class TestAFormThatIsOpen:
    FORM = "0123456789abcdef" * 2

    def place(self, desk: Desk, **fields: Any) -> int:
        """What the open form of `desk` says of itself."""
        values: dict[str, Any] = {
            "vin": desk.vehicle.vin,
            "start_day": WEEK.start_day,
            "end_day": WEEK.end_day,
            **fields,
        }
        return desk.post("/calendar/holds", plan_id=self.FORM, **values).status_code

    def held(self, app: Flask) -> list[int]:
        with app.app_context():
            return list(db.session.scalars(select(SoftHold.fleet_vehicle_id).order_by(SoftHold.id)))

    def test_it_holds_what_it_plans_with(self, app: Flask, desk: Desk) -> None:
        """One vehicle at a time, the last that was chosen; nothing once it is closed."""
        vehicle = desk.fleet.add_vehicle()
        assert self.place(desk) == self.place(desk, vin=vehicle.vin, person_id=desk.partner.person_id) == 204
        assert self.held(app) == [vehicle.id]
        assert desk.post("/calendar/holds/release", plan_id=self.FORM).status_code == 204
        assert self.held(app) == []

    def test_it_holds_nothing_that_cannot_be_planned(self, app: Flask, desk: Desk) -> None:
        """No vehicle of an office out of scope, none on impossible days, none that a loan holds already."""
        elsewhere = desk.fleet.add_vehicle(office="Chicago")
        for fields in ({"vin": elsewhere.vin}, {"vin": ""}, {"vin": "\x00"}, {"end_day": DAY}, {"start_day": "soon"}):
            assert self.place(desk, **fields) == 204
        desk.fleet.add_loan(desk.vehicle, desk.partner)
        assert (self.place(desk), self.held(app)) == (204, [])

    def test_planning_gives_it_up(self, app: Flask, desk: Desk) -> None:
        """In the same transaction: others never see the loan and the plan beside each other."""
        self.place(desk)
        page = Page(desk.client)
        desk.post(
            "/calendar/loans",
            plan_id=self.FORM,
            vin=desk.vehicle.vin,
            person_id=desk.partner.person_id,
            office="Los Angeles",
            start_day=WEEK.start_day,
            end_day=WEEK.end_day,
            seen="soft_hold",
        )
        assert self.held(app) == []
        assert "being-planned" not in page.ask().text

    def test_nobody_gives_up_what_others_hold(self, app: Flask, desk: Desk, other: Actor, people: People) -> None:
        """A form's name opens only the own form; a draft's name is no form's."""
        self.place(desk)
        intruder = app.test_client()
        sign_in(intruder, people(locations=["Los Angeles"]))
        headers = {"X-CSRFToken": csrf_token(intruder)}
        answer = intruder.post("/calendar/holds/release", data={"plan_id": self.FORM}, headers=headers)
        assert (answer.status_code, len(self.held(app))) == (204, 1)
        for name in (str(uuid4()), "", "x" * 32):
            assert desk.post("/calendar/holds/release", plan_id=name).status_code == 422
