"""The users page: who manages whom, temporary passwords, roles that end sign-ins, forms drawn from an older state."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, expect
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.browsers import assert_accessible, assert_fits, watched_page
from tests.rows import PASSWORD, People, Person
from tests.servers import LiveServer, csrf_token, sign_in
from webapp.accounts.models import Location, User, user_locations
from webapp.accounts.permissions import Role
from webapp.db import db

NEW = "a password of their own"


@dataclass
class Desk:
    """An administrator's browser and the people they look after."""

    app: Flask
    client: FlaskClient
    people: People
    admin: Person

    def send(self, path: str, **form: object) -> TestResponse:
        """Post a form as the page would."""
        return self.client.post(f"/users{path}", data={"csrf_token": csrf_token(self.client), **form})

    def form_of(self, person: Person, **changes: object) -> dict[str, object]:
        """What the page of a person would post, with `changes` made."""
        page = self.client.get(f"/users/{person.user_id}").text
        mark = re.search(r'name="mark" value="(\w+)"', page)
        assert mark, page
        stands = {"name": person.name, "role": person.role.value, "location": sorted(person.locations)}
        return {**stands, "fms_user_id": person.fms_user_id or "", "mark": mark[1], **changes}

    def user(self, email: str) -> tuple[User, set[str]]:
        """The row as it stands, and the names of its locations."""
        with self.app.app_context():
            user = db.session.scalars(select(User).where(User.email == email)).one()
            named = select(Location.name).join(user_locations).where(user_locations.c.user_id == user.id)
            return user, set(db.session.scalars(named))

    def enters(self, email: str, password: str) -> TestResponse:
        """The account page after signing in with that password in a browser of its own."""
        browser = self.app.test_client()
        form = {"email": email, "password": password, "csrf_token": csrf_token(browser, "/login")}
        browser.post("/login", data=form)
        return browser.get("/calendar")


@pytest.fixture
def desk(app: Flask, client: FlaskClient, people: People) -> Desk:
    admin = people(Role.ADMIN, name="Ada Keys", locations=["Atlanta"])
    sign_in(client, admin)
    return Desk(app, client, people, admin)


def shown_password(answer: TestResponse) -> str:
    """The temporary password on the page; nothing on the way may keep it."""
    found = re.search(r'id="password">([^<]+)<', answer.text)
    assert found, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    return found[1]


def test_somebody_new_chooses_their_own_password(desk: Desk) -> None:
    """The temporary password opens the account page only, and is shown once."""
    form = {"email": " New.Person@Example.com ", "name": "New Person", "role": "SCHEDULER", "fms_user_id": "77"}
    answer = desk.send("", **form, location=["Atlanta"])
    assert answer.status_code == 201
    password = shown_password(answer)
    user, places = desk.user("new.person@example.com")
    assert (user.role, user.fms_user_id, user.company_id, places) == (
        "SCHEDULER",
        77,
        desk.admin.company_id,
        {"Atlanta"},
    )
    assert password not in desk.client.get(f"/users/{user.id}").text
    assert desk.enters(user.email, password).location == "/account"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"email": "nobody"}, "email"),
        ({"name": " "}, "name"),
        ({"role": "KING"}, "role"),
        ({"fms_user_id": "12x"}, "fms_user_id"),
        ({"fms_user_id": "0"}, "fms_user_id"),
        ({"location": ["Atlantis"]}, "locations"),
        ({"location": ["Los\x00 Angeles"]}, "locations"),
    ],
)
def test_a_fault_stands_at_its_field(sqlite_app: Flask, desk: Desk, changes: dict[str, object], field: str) -> None:
    """The form comes again as it was filled, with the reason beside the field, and nobody is added."""
    form = {"email": "new@example.com", "name": "New Person", "role": "SCHEDULER", "fms_user_id": "", **changes}
    answer = desk.send("", **form)
    assert answer.status_code == 422
    assert f'id="{field}-fault"' in answer.text
    assert "new@example.com" not in desk.client.get("/users").text


def test_an_e_mail_is_had_by_one(sqlite_app: Flask, desk: Desk) -> None:
    """Whose it is already is said at the field."""
    answer = desk.send("", email=desk.admin.email.upper(), name="Twin", role="DRIVER")
    assert answer.status_code == 409
    assert f"There is already a user with the e-mail {desk.admin.email}." in answer.text


def test_another_role_ends_the_sign_ins(desk: Desk) -> None:
    """Name, places and FMS id alone do not."""
    person = desk.people(name="Jo Vance")
    theirs = desk.app.test_client()
    sign_in(theirs, person)
    desk.send(f"/{person.user_id}", **desk.form_of(person, name="Jo Vance-Lee", location=["Atlanta"], fms_user_id=""))
    user, places = desk.user(person.email)
    assert (user.name, user.role, user.fms_user_id, places) == ("Jo Vance-Lee", "SCHEDULER", None, {"Atlanta"})
    assert theirs.get("/account").status_code == 200
    assert desk.send(f"/{person.user_id}", **desk.form_of(person, role="MANAGER")).status_code == 303
    assert desk.user(person.email)[0].role == "MANAGER"
    assert theirs.get("/account").status_code == 303


def test_a_form_drawn_before_somebody_elses_change_is_refused(desk: Desk) -> None:
    """409, the person as they stand now, and a form that can be sent; a fault in it does not hide the change."""
    person = desk.people(name="Jo Vance")
    old = desk.form_of(person, name="Jo Older")
    assert desk.send(f"/{person.user_id}", **desk.form_of(person, name="Jo Newer")).status_code == 303
    faulty = desk.send(f"/{person.user_id}", **{**old, "fms_user_id": "x"})
    assert faulty.status_code == 422
    assert str(old["mark"]) in faulty.text
    answer = desk.send(f"/{person.user_id}", **old)
    assert answer.status_code == 409
    assert "this person has changed since the page was drawn" in answer.text
    assert 'value="Jo Newer"' in answer.text
    assert desk.user(person.email)[0].name == "Jo Newer"


def test_one_sign_in_of_a_person_ends_by_itself(desk: Desk) -> None:
    """The one named ends, of the person named alone."""
    person, browsers = desk.people(), [desk.app.test_client() for _ in range(2)]
    for browser in browsers:
        sign_in(browser, person)
    newest, _ = re.findall(r"/sessions/(\d+)/end", desk.client.get(f"/users/{person.user_id}").text)
    assert desk.send(f"/{desk.people().user_id}/sessions/{newest}/end").status_code == 404
    assert desk.send(f"/{person.user_id}/sessions/{newest}/end").status_code == 303
    assert [browser.get("/account").status_code for browser in browsers] == [200, 303]


def test_ones_own_password_is_not_reset_here(desk: Desk) -> None:
    """A desk left open must not be enough to take an account over."""
    answer = desk.send(f"/{desk.admin.user_id}/reset")
    assert (answer.status_code, "on your account page" in answer.text) == (403, True)
    assert desk.client.get("/users").status_code == 200


def test_a_reset_password_ends_the_old_one(desk: Desk) -> None:
    """The old password and the sign-ins are void; the new one must be replaced."""
    person = desk.people()
    theirs = desk.app.test_client()
    sign_in(theirs, person)
    password = shown_password(desk.send(f"/{person.user_id}/reset"))
    assert theirs.get("/account").status_code == 303
    assert desk.enters(person.email, PASSWORD).location.startswith("/login")
    assert desk.enters(person.email, password).location == "/account"


def test_a_page_sent_twice_gives_one_password(desk: Desk) -> None:
    """Who goes back and reloads is told so, and the password that was read out stays good."""
    person = desk.people()
    form = desk.form_of(person)
    password = shown_password(desk.send(f"/{person.user_id}/reset", **form))
    again = desk.send(f"/{person.user_id}/reset", **form)
    assert (again.status_code, 'id="password"' in again.text) == (409, False)
    assert "Nothing was done" in again.text
    assert desk.enters(person.email, password).location == "/account"


def test_who_is_shut_out_gets_no_password(sqlite_app: Flask, desk: Desk) -> None:
    """From a page that was drawn before: they could not come in with it."""
    person = desk.people(is_active=False)
    answer = desk.send(f"/{person.user_id}/reset")
    assert (answer.status_code, "Let them in again" in answer.text) == (409, True)


@pytest.mark.parametrize("name", ["Ana\nSample", "Ana \u202eelpmaS", "\x07Ana"])
def test_a_name_is_one_that_can_be_read(sqlite_app: Flask, desk: Desk, name: str) -> None:
    """The audit log says it: no line breaks, nothing that turns letters round."""
    person = desk.people()
    answer = desk.send(f"/{person.user_id}", **desk.form_of(person, name=name))
    assert (answer.status_code, "without signs that cannot be seen" in answer.text) == (422, True)
    assert desk.send(f"/{person.user_id}", **desk.form_of(person, name="Zoë 山田 न\u200dम")).status_code == 303


def test_shut_out_and_let_in_again(desk: Desk) -> None:
    """Deactivating ends everything at once; coming back needs a new password."""
    person = desk.people()
    theirs = desk.app.test_client()
    sign_in(theirs, person)
    assert desk.send(f"/{person.user_id}/deactivate").status_code == 303
    assert theirs.get("/account").status_code == 303
    assert desk.enters(person.email, PASSWORD).location.startswith("/login")
    password = shown_password(desk.send(f"/{person.user_id}/reactivate"))
    assert desk.enters(person.email, password).location == "/account"


def test_sign_ins_of_others_are_listed_and_ended(sqlite_app: Flask, desk: Desk) -> None:
    """The page says from where, and ends them all."""
    person = desk.people()
    theirs = desk.app.test_client()
    sign_in(theirs, person)
    assert "127.0.0.1" in desk.client.get(f"/users/{person.user_id}").text
    desk.send(f"/{person.user_id}/sign-out")
    assert theirs.get("/account").status_code == 303
    assert "Nowhere just now." in desk.client.get(f"/users/{person.user_id}").text


def test_nobody_deactivates_themselves(sqlite_app: Flask, desk: Desk) -> None:
    """Refused, in a sentence on the page."""
    answer = desk.send(f"/{desk.admin.user_id}/deactivate")
    assert answer.status_code == 403
    assert "You cannot deactivate yourself." in answer.text
    assert desk.user(desk.admin.email)[0].is_active


def test_only_a_super_admin_manages_one(desk: Desk) -> None:
    """An ADMIN sees them without forms, cannot reset or shut them out, and makes nobody SUPER_ADMIN."""
    chief, person = desk.people(Role.SUPER_ADMIN), desk.people()
    page = desk.client.get(f"/users/{chief.user_id}").text
    assert "Only a SUPER_ADMIN manages a SUPER_ADMIN." in page
    assert "<form" not in page[page.index('class="account"') :]
    for deed in ("reset", "deactivate", "sign-out", "reactivate"):
        assert desk.send(f"/{chief.user_id}/{deed}").status_code == 403
    assert "SUPER_ADMIN" not in desk.client.get("/users/new").text
    answer = desk.send(f"/{person.user_id}", **desk.form_of(person, role="SUPER_ADMIN"))
    assert answer.status_code == 403
    assert desk.user(person.email)[0].role == "SCHEDULER"
    assert desk.enters(chief.email, PASSWORD).status_code == 200


def test_the_last_super_admin_stays(app: Flask, client: FlaskClient, people: People) -> None:
    """The only one cannot make themselves something less."""
    chief = people(Role.SUPER_ADMIN)
    sign_in(client, chief)
    desk = Desk(app, client, people, chief)
    answer = desk.send(f"/{chief.user_id}", **desk.form_of(chief, role="ADMIN"))
    assert answer.status_code == 409
    assert "This is the last active SUPER_ADMIN." in answer.text
    assert desk.user(chief.email)[0].role == "SUPER_ADMIN"


def test_other_companies_are_not_there(desk: Desk) -> None:
    """Their people are not listed, found or changed; their places cannot be given."""
    stranger = desk.people(company="Elsewhere", name="Far Away", locations=["Lima"])
    own = desk.people()
    assert "Far Away" not in desk.client.get("/users").text
    assert desk.client.get(f"/users/{stranger.user_id}").status_code == 404
    for deed in ("", "/reset", "/deactivate", "/sign-out", "/reactivate"):
        assert desk.send(f"/{stranger.user_id}{deed}", name="x", role="DRIVER").status_code == 404
    assert desk.send(f"/{own.user_id}", **desk.form_of(own, location=["Lima"])).status_code == 422
    added = desk.send("", email="new@example.com", name="New", role="DRIVER", company=stranger.company_id)
    assert added.status_code == 201
    assert desk.user("new@example.com")[0].company_id == desk.admin.company_id


def test_who_manages_all_companies_chooses_one(app: Flask, client: FlaskClient, people: People) -> None:
    """A SUPER_ADMIN gives a person of another company that company's places."""
    chief = people(Role.SUPER_ADMIN)
    stranger = people(company="Elsewhere", locations=["Lima"])
    sign_in(client, chief)
    desk = Desk(app, client, people, chief)
    assert "Lima" in client.get(f"/users/new?company={stranger.company_id}").text
    form = {"email": "new@example.com", "name": "New", "role": "DRIVER", "location": ["Lima"]}
    assert desk.send("", **form, company=stranger.company_id).status_code == 201
    user, places = desk.user("new@example.com")
    assert (user.company_id, places) == (stranger.company_id, {"Lima"})


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["Ávila, Zoë", "Keys, Ada", "Vance, Jo", "Aaron, Al"]),
        ("q=avila", ["Ávila, Zoë"]),
        ("q=atlanta+keys", ["Keys, Ada"]),
        ("role=DRIVER", ["Vance, Jo"]),
        ("state=deactivated", ["Aaron, Al"]),
        ("state=no_fms_id", ["Ávila, Zoë"]),
        ("q=nobody+here", []),
    ],
)
def test_the_list_is_by_last_name_and_can_be_narrowed(
    sqlite_app: Flask, desk: Desk, query: str, names: list[str]
) -> None:
    """Who is shut out comes last; words are found without accents."""
    desk.people(name="Jo Vance", role=Role.DRIVER, fms_user_id=None)
    desk.people(name="Zoë Ávila", fms_user_id=None)
    desk.people(name="Al Aaron", is_active=False)
    page = desk.client.get(f"/users?{query}").text
    assert re.findall(r'<a href="/users/\d+">([^<]+)<', page) == names
    assert f"{len(names)} of 4" in page


@pytest.mark.browser
@pytest.mark.parametrize("width", [1440, 390])
def test_the_pages_are_open_to_everybody(
    browser: Browser, live_server: Callable[[Flask], LiveServer], sqlite_app: Flask, desk: Desk, width: int
) -> None:
    """Wide and on a phone: axe finds nothing, nothing runs off the side, and a person is added by keyboard."""
    desk.people(name="Jo Vance", locations=["Atlanta", "Boston", "Chicago", "Denver"])
    with watched_page(browser, viewport={"width": width, "height": 800}) as page:
        page.goto(f"{live_server(sqlite_app).url}/login?next=/users")
        page.fill("[name=email]", desk.admin.email)
        page.fill("[name=password]", PASSWORD)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Users")).to_be_visible()
        expect(page.get_by_text("and 1 more")).to_be_visible()
        assert_accessible(page)
        assert_fits(page)
        page.click("#add-person")
        page.get_by_label("E-mail").fill("new@example.com")
        page.get_by_label("Name").fill("New Person")
        page.get_by_label("Boston").check()
        page.get_by_label("Name").press("Enter")
        expect(page.locator("#password")).to_be_visible()
        assert_accessible(page)
        assert_fits(page)
