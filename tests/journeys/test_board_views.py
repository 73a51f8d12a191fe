"""The board over HTTP: who sees what, what an empty one says, what the poll answers and costs, the day sheet."""

import html
import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.journey_rows import MONDAY_MORNING, Yard
from tests.queries_counted import queries_of
from tests.rows import DAY, People, Person
from tests.servers import sign_in
from webapp.accounts.permissions import Role
from webapp.accounts.queries import actor_of
from webapp.db import db
from webapp.journeys import service
from webapp.journeys.stages import Stage

FRAGMENT = {"HX-Request": "true"}
SHOWN = re.compile(r'id="open-(\d+)"')
MARKS = re.compile(r'data-mark="([^"]*)" data-hash="([^"]*)"')


def text_of(client: FlaskClient, address: str = "/journeys") -> str:
    answer = client.get(address)
    assert answer.status_code == 200, answer.status
    return html.unescape(answer.get_data(as_text=True))


def shown(client: FlaskClient, **values: str) -> list[int]:
    """The ids of the jobs on the board, as they are printed."""
    return [int(each) for each in SHOWN.findall(text_of(client, f"/journeys?{urlencode(values)}"))]


def asked(client: FlaskClient, drawn: str, **values: str) -> TestResponse:
    """What the poll of a page that looks like `drawn` is answered."""
    found = MARKS.search(drawn)
    assert found
    query = {**values, "mark": found[1], "hash": found[2]}
    return client.get(f"/journeys/changes?{urlencode(query)}", headers=FRAGMENT)


@pytest.mark.usefixtures("monday")
class TestTheBoard:
    """A dispatcher of Denver on a Monday morning."""

    @pytest.fixture
    def desk(self, client: FlaskClient, yard: Yard) -> FlaskClient:
        """The dispatcher, signed in."""
        sign_in(client, yard.dispatcher())
        return client

    def test_shows_the_days_jobs_of_ones_locations(self, desk: FlaskClient, yard: Yard) -> None:
        """In arrival order; nothing of other branches, other days, off the board."""
        late, early = yard.journey(arrival_start=14 * 60, arrival_end=15 * 60), yard.journey()
        tomorrow = yard.journey(day=DAY + timedelta(days=1))
        yard.journey(yard.location("Boise"))
        yard.journey(on_board=False, off_reason="Cancelled in SmartMoving")
        assert shown(desk) == [early.id, late.id]
        assert shown(desk, day="tomorrow") == [tomorrow.id]
        assert shown(desk, day=(DAY + timedelta(days=1)).isoformat()) == [tomorrow.id]

    def test_is_narrowed_by_the_address(self, desk: FlaskClient, yard: Yard) -> None:
        """Stage, counters, search and what is tentative, each and together."""
        plain = yard.journey(customer_name="Rowan Pike", crew=[yard.driver()], trucks=[yard.truck()])
        bare = yard.journey(customer_name="Lena Rowan", confirmed=False, stage=Stage.ONSITE)
        broken = yard.journey(customer_name="Omar Reed", problem="The lift is broken")
        maybe = yard.journey(customer_name="Ada Finn", on_board=False, off_reason="Tentative in SmartMoving")
        assert shown(desk, q="rowan") == [bare.id, plain.id] or shown(desk, q="rowan") == [plain.id, bare.id]
        assert shown(desk, q=bare.quote_number) == [bare.id]
        assert shown(desk, stage="ONSITE") == [bare.id]
        assert set(shown(desk, only="unassigned")) == {bare.id, broken.id}
        assert shown(desk, only="unassigned,unconfirmed") == [bare.id]
        assert shown(desk, only="problem") == [broken.id]
        assert maybe.id in shown(desk, tentative="1")
        assert shown(desk, location="Denver", q="pike") == [plain.id]

    def test_prints_what_others_wrote_as_text(self, desk: FlaskClient, yard: Yard) -> None:
        """A customer's name, notes or address is never markup, in no place of the card."""
        nasty = "<script>alert(1)</script>\"'&"
        names = ("customer_name", "customer_phone", "notes", "problem", "origin_address", "destination_address")
        others = ("service_type", "move_size", "job_number", "sync_error")
        columns: dict[str, Any] = dict.fromkeys((*names, *others), nasty)
        yard.journey(**columns, sync_status="FAILED")
        page = desk.get("/journeys").get_data(as_text=True)
        assert "<script>alert" not in page
        assert page.count("&lt;script&gt;alert") >= len(names) + len(others)

    def test_shows_no_money(self, desk: FlaskClient, yard: Yard) -> None:
        """A dispatcher may not see it, and the board has no place for it."""
        yard.journey(estimated_value=Decimal("4321.99"))
        for address in ("/journeys", "/journeys?by=location", "/journeys/sheet"):
            assert "4321" not in text_of(desk, address)

    def test_says_where_filters_hide_everything(self, desk: FlaskClient, yard: Yard) -> None:
        """With the way back."""
        yard.journeys(2)
        page = text_of(desk, "/journeys?q=nobody&day=today")
        assert "Nothing matches" in page
        assert "2 jobs of this day are hidden by the filters." in page

    def test_leads_from_a_search_to_the_jobs_of_other_days(self, desk: FlaskClient, yard: Yard) -> None:
        """Also to one that was taken off the board, with the reason; not to one of a branch that is somebody else's."""
        yard.journey()
        other = yard.journey(day=DAY + timedelta(days=3), quote_number="55123")
        gone = yard.journey(quote_number="55124", on_board=False, off_reason="Cancelled in SmartMoving")
        elsewhere = yard.location("Boise")
        yard.journey(elsewhere, quote_number="55125")
        page = text_of(desk, "/journeys?q=5512")
        assert "Nothing matches" in page
        assert set(re.findall(r'<li><a href="/journeys/(\d+)">', page)) == {str(other.id), str(gone.id)}
        assert "Cancelled in SmartMoving" in page

    def test_searches_other_days_from_a_day_without_jobs(self, desk: FlaskClient, yard: Yard) -> None:
        """Numbers are typed as they are read out, and signs of the database's own stand for themselves."""
        yard.journey(customer_name="Rosalind Fennimore", quote_number="55123")
        assert "Rosalind Fennimore" in text_of(desk, "/journeys?day=2026-12-24&q=fennimore+5512")
        assert "On other days" not in text_of(desk, "/journeys?day=2026-12-24&q=%25")

    def test_says_where_a_day_has_no_jobs(self, desk: FlaskClient, yard: Yard) -> None:
        """And where jobs come from."""
        page = text_of(desk, "/journeys?day=2026-12-24")
        assert "No jobs on Thu 12-24-26" in page
        assert "come from SmartMoving" in page

    def test_htmx_gets_the_part_and_the_address(self, desk: FlaskClient, yard: Yard) -> None:
        """Hidden fields and what is as usual do not pile up in the address."""
        yard.journey()
        answer = desk.get("/journeys?location=&stage=&q=+larch+&day=today&by=stage", headers=FRAGMENT)
        assert "<html" not in answer.get_data(as_text=True)
        assert answer.headers["HX-Push-Url"] == "/journeys?q=larch"

    def test_is_drawn_with_a_constant_number_of_queries(self, desk: FlaskClient, yard: Yard, app: Flask) -> None:
        """Fifty jobs cost what two do."""
        yard.journeys(2, crew=[yard.driver()], trucks=[yard.truck()])
        numbers = []
        for more in (0, 48):
            if more:
                yard.journeys(more, crew=[yard.driver()], trucks=[yard.truck()])
            with app.app_context(), queries_of() as statements:
                desk.get("/journeys")
            numbers.append(len(statements))
        assert numbers[0] == numbers[1]

    def test_the_poll_is_answered_204_while_nothing_changed(self, desk: FlaskClient, yard: Yard, app: Flask) -> None:
        """With one look at the mark beside who is asking."""
        yard.journeys(3)
        drawn = text_of(desk)
        with app.app_context(), queries_of() as statements:
            answer = asked(desk, drawn)
        assert (answer.status_code, answer.data) == (204, b"")
        assert sum("journey" in statement for statement in statements) == 1

    def test_the_poll_brings_what_somebody_did(self, desk: FlaskClient, yard: Yard, app: Flask) -> None:
        """The board with the change, marked for this person, and the mark to go on with."""
        job, driver = yard.journey(), yard.driver("Kim Diaz")
        drawn = text_of(desk)
        do(app, yard.dispatcher(), lambda actor: service.set_crew(actor, job.id, [driver.user_id]))
        answer = asked(desk, drawn)
        assert answer.status_code == 200
        body = answer.get_data(as_text=True)
        assert "Put Kim Diaz on the crew." in body
        assert answer.headers["X-Board-Mark"] in body
        assert asked(desk, body).status_code == 204

    @pytest.mark.settings(smartmoving_api_key="a-key")
    def test_the_age_goes_on_in_the_header_too(self, desk: FlaskClient, yard: Yard, app: Flask) -> None:
        """A board is open for hours: the two places that tell the age never tell different ones."""
        yard.journey()
        tomorrow = yard.journey(day=DAY + timedelta(days=1))
        drawn = text_of(desk)
        do(app, yard.dispatcher(), lambda actor: service.report_problem(actor, tomorrow.id, "Snow"))
        body = asked(desk, drawn).get_data(as_text=True)
        assert re.findall(r'id="([a-z-]+)"[^>]*hx-swap-oob', body) == ["jobs-age", "data-age"]

    def test_what_a_view_does_not_show_draws_nothing_again(self, desk: FlaskClient, yard: Yard, app: Flask) -> None:
        """A change of tomorrow moves the mark; today's board gets the new mark, and no cards."""
        yard.journey()
        tomorrow = yard.journey(day=DAY + timedelta(days=1))
        drawn = text_of(desk)
        do(app, yard.dispatcher(), lambda actor: service.report_problem(actor, tomorrow.id, "Snow"))
        answer = asked(desk, drawn)
        assert answer.headers["HX-Reswap"] == "none"
        assert not SHOWN.findall(answer.get_data(as_text=True))
        assert answer.headers["X-Board-Mark"] not in drawn

    def test_the_day_sheet_has_what_the_day_needs(self, desk: FlaskClient, yard: Yard) -> None:
        """Every stop, phone, notes, crew with a box each, and lines for who is missing."""
        yard.journey(
            customer_name="Rowan Pike",
            notes="Ring twice.",
            stops=["1 Larch Street", "2 Elm Lane", "3 Aspen Court"],
            crew=[yard.driver("Kim Diaz")],
            crew_needed=3,
            trucks=[yard.truck("Truck 7")],
        )
        page = text_of(desk, "/journeys/sheet")
        for words in ("Denver", "Mon 11-23-26 · 1 job", "Rowan Pike", "3035550100", "2 Elm Lane", "Ring twice."):
            assert words in page
        assert "Kim Diaz <small>driver</small>" in page
        assert page.count('class="blank"') == 2
        assert "Truck 7" in page

    def test_the_day_sheet_begins_a_block_for_each_location(self, client: FlaskClient, yard: Yard) -> None:
        """By name, jobs in arrival order; narrowed as the board was."""
        sign_in(client, yard.dispatcher(locations=["Denver", "Boise"]))
        yard.journey(customer_name="Second", arrival_start=13 * 60)
        yard.journey(customer_name="First")
        yard.journey(yard.location("Boise"), customer_name="Elsewhere")
        page = text_of(client, "/journeys/sheet")
        places = [page.index(words) for words in ("Boise <small>", "Elsewhere", "Denver <small>", "First", "Second")]
        assert places == sorted(places)
        assert "Elsewhere" not in text_of(client, "/journeys/sheet?location=Denver")


@pytest.mark.usefixtures("monday")
def test_who_only_looks_has_no_buttons(client: FlaskClient, yard: Yard, people: People) -> None:
    """An auditor sees the board of all locations, and nothing on it that changes anything."""
    job = yard.journey(yard.location("Boise"))
    sign_in(client, people(Role.AUDITOR))
    page = text_of(client)
    assert f'id="open-{job.id}"' in page
    for words in ("data-dialog", "formaction", "draggable"):
        assert words not in page


@pytest.mark.usefixtures("monday")
def test_who_has_no_location_is_told_whom_to_ask(client: FlaskClient, yard: Yard) -> None:
    """An empty board would look like a day off."""
    sign_in(client, yard.dispatcher(locations=[]))
    assert "No branch is yours yet" in text_of(client)


def test_before_the_first_sync_it_says_where_branches_come_from(client: FlaskClient, people: People) -> None:
    """An administrator is led to the sync page."""
    sign_in(client, people(Role.ADMIN))
    page = text_of(client)
    assert "No branches yet" in page
    assert 'href="/sync"' in page


def test_today_is_the_day_of_the_branch(client: FlaskClient, yard: Yard) -> None:
    """At ten in Denver it is Tuesday in Auckland: both days are on the board, and named."""
    with time_machine.travel(MONDAY_MORNING):
        sign_in(client, yard.dispatcher(locations=["Denver", "Auckland"]))
        there = yard.journey(yard.location("Auckland", "Pacific/Auckland"), day=DAY + timedelta(days=1))
        here = yard.journey()
        yard.journey(day=DAY + timedelta(days=1))
        assert set(shown(client)) == {here.id, there.id}
        assert "Today, Mon 11-23-26 and Tue 11-24-26" in text_of(client)


def test_at_midnight_the_board_turns_by_itself(client: FlaskClient, yard: Yard) -> None:
    """Nothing has changed but the day: the poll brings tomorrow's jobs as today's."""
    midnight = MONDAY_MORNING + timedelta(hours=14)
    with time_machine.travel(midnight - timedelta(minutes=1), tick=False) as traveller:
        sign_in(client, yard.dispatcher())
        yard.journey(customer_name="Monday's")
        yard.journey(customer_name="Tuesday's", day=DAY + timedelta(days=1))
        drawn = text_of(client)
        traveller.move_to(midnight)
        body = html.unescape(asked(client, drawn).get_data(as_text=True))
        assert "Tuesday's" in body
        assert "Monday's" not in body


@pytest.mark.usefixtures("monday")
def test_changes_of_another_company_are_not_told(client: FlaskClient, yard: Yard, app: Flask) -> None:
    """Its jobs are on no board of ours, and its mark is not ours."""
    there = yard.location("Denver", company="Other Movers")
    theirs = yard.journey(there, company_id=there.company_id)
    sign_in(client, yard.dispatcher())
    drawn = text_of(client)
    assert not SHOWN.findall(drawn)
    colleague = yard.dispatcher(company="Other Movers")
    do(app, colleague, lambda actor: service.report_problem(actor, theirs.id, "Snow"))
    assert asked(client, drawn).status_code == 204


def do(app: Flask, person: Person, act: Callable[..., object]) -> None:
    """Let somebody else do something meanwhile."""
    with app.app_context():
        actor = actor_of(person.user_id)
        db.session.commit()
        act(actor)
