"""Finding, as a browser without scripts sees it: whose calendar it is, filters that are on, the way to one bar."""

import re
from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient

from tests.calendar.conftest import Desk
from tests.queries_counted import queries_of
from tests.rows import DAY, Fleet, People
from tests.servers import sign_in
from webapp.accounts.permissions import Role

# What differs between the engines is proved where it is read and written.
pytestmark = pytest.mark.usefixtures("sqlite_app")
MIAMI = "/calendar?office=Miami"


def titles(page: str) -> list[str]:
    """The titles of the rows on the page."""
    return re.findall(r'class="title"[^>]*>([^<]+)<', page)


def chips(page: str) -> list[str]:
    """What the filters that are on say."""
    return re.findall(r'class="filter-chip"[^>]*>([^<]+)<', page)


def test_whose_calendar_it_is_is_never_in_doubt(desk: Desk) -> None:
    """In the title of the window, in the heading that paper shows, in the list; after a swap in the title again."""
    page = desk.get(MIAMI).text
    assert "<title>Calendar · Miami · Motorpool</title>" in page
    assert re.search(r"<h1[^>]*>Calendar · Miami, ", page)
    assert '<option value="Miami" selected>' in page
    assert "<title>Calendar · Miami · Motorpool</title>" in desk.get(MIAMI, fragment=True).text
    assert "<title>Calendar · All offices · Motorpool</title>" in desk.get("/calendar").text


def test_who_has_one_office_begins_there(november: None, client: FlaskClient, people: People, fleet: Fleet) -> None:
    """The plain address is theirs; all offices stay a choice, which is in the address then."""
    fleet.add_vehicle()
    fleet.add_activity("XYZSTRANGE0000042", None, start_day=DAY)
    sign_in(client, people(locations=["Los Angeles"]))
    page = client.get("/calendar").text
    assert "Calendar · Los Angeles" in page
    assert titles(page) == ["Audi A3 Premium Plus"]
    assert 'href="/calendar?office=Los+Angeles&amp;start=2026-11-23&amp;end=2026-12-20"' in page
    everywhere = client.get("/calendar?office=").text
    assert "Calendar · All offices" in everywhere
    assert titles(everywhere) == ["Audi A3 Premium Plus", "…E0000042"]
    assert 'href="/calendar?office=&amp;start=2026-11-23&amp;end=2026-12-20"' in everywhere


def test_a_make_that_the_office_lacks_is_dropped_with_a_word(desk: Desk) -> None:
    """After choosing another office nothing stale goes on filtering: a reported fault of the old system."""
    desk.fleet.add_vehicle(make="Kia", model="EV9", office="Miami")
    page = desk.get(f"{MIAMI}&make=Audi", fragment=True)
    assert "Miami has no Audi now; all makes are shown." in page.text
    assert page.headers["HX-Push-Url"] == MIAMI
    assert titles(page.text) == ["Kia EV9"]
    kept = desk.get(f"{MIAMI}&make=kia&rows=partners", fragment=True)
    assert kept.headers["HX-Push-Url"] == f"{MIAMI}&rows=partners&make=Kia"


def test_an_office_that_fms_does_not_list_is_told(november: None, client: FlaskClient, people: People) -> None:
    """Who may see all offices is not shown an empty board without a word."""
    people(locations=["Miami"])
    sign_in(client, people(Role.ADMIN, locations=[]))
    assert "FMS lists no office “Nowhere” now." in client.get("/calendar?office=Nowhere").text


def test_filters_that_are_on_are_said_and_taken_off_one_by_one(desk: Desk) -> None:
    """Each as a chip that leads to the view without it; one way to clear them all; none where none is on."""
    desk.fleet.add_loan(desk.vehicle, desk.partner)
    filters = "make=Audi&tier=A&status=manual&activity=with&free_from=2027-03-01&q=torque"
    page = desk.get(f"/calendar?office=Los+Angeles&rows=partners&{filters}").text
    assert titles(page) == ["Torque, Wendy"]
    assert chips(page) == [
        "Make: Audi, approved or having one",
        "Rank A for Audi",
        "Status: Picked by hand",
        "With a loan of Audi in these days",
        "Free 03-01-27 to 03-08-27",
        "Search: torque",
    ]
    assert 'class="clear-filters" href="/calendar?office=Los+Angeles&amp;rows=partners"' in page
    assert chips(desk.get("/calendar?office=Los+Angeles").text) == []


def test_a_filter_costs_a_fixed_number_of_statements(desk: Desk) -> None:
    """However many rows and bars it looks at; and what no filter asks is not read."""
    costs = {"&make=Audi": 1, "&tier=A": 1, "&free_from=2026-11-23": 2, "&q=torque": 1, "&rows=partners&tier=A": 1}

    def statements(filters: str) -> int:
        with desk.client.application.app_context(), queries_of() as seen:
            desk.get(f"/calendar?office=Los+Angeles{filters}")
        return len(seen)

    desk.fleet.add_loan(desk.vehicle, desk.partner)
    few = {filters: statements(filters) for filters in ("", "&rows=partners", *costs)}
    for vehicle in desk.fleet.add_vehicles(4):
        desk.fleet.add_loan(vehicle, desk.fleet.add_partner())
    assert few == {filters: statements(filters) for filters in few}
    for filters, cost in costs.items():
        plain = "&rows=partners" if "partners" in filters else ""
        assert few[filters] - few[plain] == cost, filters


def test_the_address_of_a_loan_shows_it_wherever_it_is(desk: Desk) -> None:
    """Other days, another office, filters that hide it: what must change changes, and is said."""
    there = desk.fleet.add_vehicle(office="Miami")
    loan = desk.fleet.add_loan(there, desk.partner, start_day=date(2027, 3, 3))
    answer = desk.get(f"/calendar?office=Los+Angeles&q=nobody&loan={loan.id}", fragment=True)
    assert answer.headers["HX-Push-Url"] == "/calendar?office=Miami&start=2027-03-01&end=2027-03-28"
    assert f'data-opens="/calendar/loans/{loan.id}"' in answer.text
    assert f'id="b{loan.id}"' in answer.text
    assert "Filters hid what you looked for; they are off now." in answer.text
    kept = desk.get(f"/calendar?office=Miami&start=2027-03-08&end=2027-03-14&make=Audi&loan={loan.id}", fragment=True)
    assert kept.headers["HX-Push-Url"] == "/calendar?office=Miami&start=2027-03-08&end=2027-03-14&make=Audi"


@pytest.mark.parametrize("address", ["loan=999", "loan=x", "activity_id=1", "vin=nothing", "vin=%00", "person_id=9"])
def test_what_is_not_there_changes_nothing(desk: Desk, address: str) -> None:
    """An address of something that is gone, or of another office, is the calendar as it is."""
    answer = desk.get(f"/calendar?office=Los+Angeles&{address}", fragment=True)
    assert answer.headers["HX-Push-Url"] == "/calendar?office=Los+Angeles"


def test_a_search_is_a_list_and_a_page(desk: Desk) -> None:
    """What is found leads to the calendar as it stood; what is not listed is counted, and on the page."""
    for week in range(8):
        desk.fleet.add_loan(desk.vehicle, desk.partner, start_day=DAY + timedelta(weeks=week))
    listed = desk.get("/calendar/search?q=torque", fragment=True, page="/calendar?office=Los+Angeles&q=torque").text
    assert 'role="listbox"' in listed
    assert listed.count('role="option"') == 8
    assert "and 2 more" in listed
    assert 'href="/calendar?office=Los+Angeles&amp;loan=' in listed
    page = desk.get("/calendar/search?q=torque").text
    assert "9 found at your offices, on any day." in page
    assert page.count("&amp;loan=") + page.count("?loan=") == 8
    assert "Nothing is called “nobody”" in desk.get("/calendar/search?q=nobody").text
    assert "Nothing is called “nobody”" in desk.get("/calendar/search?q=nobody", fragment=True).text


def test_a_long_list_is_typed_into(desk: Desk) -> None:
    """Every make is there, sorted; more than a dozen become a field to type into."""
    for number in range(60):
        desk.fleet.add_vehicle(make=f"Make {number:02}")
    page = desk.get("/calendar?office=Los+Angeles").text
    (listed,) = re.findall(r'<select name="make"[^>]*data-combobox="all">(.*?)</select>', page)
    makes = re.findall(r">([^<]+)</option>", listed)
    assert makes == ["All", "Audi", *(f"Make {number:02}" for number in range(60))]
