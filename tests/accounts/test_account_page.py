"""The account page: what it says about a person, changing the password, ending sign-ins."""

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.browsers import assert_accessible, assert_fits
from tests.rows import PASSWORD, People
from tests.servers import LiveServer, csrf_token, sign_in
from webapp.accounts import passwords
from webapp.accounts.models import User
from webapp.accounts.permissions import Role
from webapp.db import db, writing

NEW = "a second password"
MORNING = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)


def change(client: FlaskClient, present: str = PASSWORD, new: str = NEW, again: str | None = None) -> TestResponse:
    form = {"present": present, "new": new, "again": new if again is None else again}
    return client.post("/account/password", data={**form, "csrf_token": csrf_token(client)})


def test_a_changed_password_ends_the_other_sign_ins(app: Flask, client: FlaskClient, people: People) -> None:
    """This browser stays signed in, others and bearer tokens do not; only the new password works."""
    person = people()
    other = app.test_client()
    sign_in(other, person)
    sign_in(client, person)
    token = app.test_client().post("/api/auth/token", json={"email": person.email, "password": PASSWORD}).json
    assert token
    answer = change(client)
    assert answer.location == "/account"
    assert "Your password is changed." in client.get("/account").text
    assert other.get("/account").status_code == 303
    bearer = {"Authorization": f"Bearer {token['access_token']}"}
    assert app.test_client().get("/account", headers=bearer).status_code == 303
    answers = [
        app.test_client().post("/api/auth/token", json={"email": person.email, "password": password})
        for password in (PASSWORD, NEW)
    ]
    assert [answer.status_code for answer in answers] == [401, 200]


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"present": "wrong password"}, 'id="present-fault">This is not your present password.'),
        ({"new": "short"}, 'id="new-fault">Use at least 12 characters.'),
        ({"new": PASSWORD}, 'id="new-fault">Choose one that differs from the present one.'),
        ({"again": "something else"}, 'id="again-fault">The two new passwords differ.'),
    ],
)
def test_a_fault_stands_at_its_field(client: FlaskClient, people: People, fields: dict[str, str], fault: str) -> None:
    """The page comes again with 422, the reason beside the field, and nothing is changed."""
    person = people()
    sign_in(client, person)
    answer = change(client, **fields)
    assert answer.status_code == 422
    assert fault in answer.text
    assert client.post("/api/auth/token", json={"email": person.email, "password": PASSWORD}).status_code == 200


def test_a_desk_left_open_is_no_place_to_guess(client: FlaskClient, people: People) -> None:
    """Wrong present passwords count for the throttle."""
    with time_machine.travel(MORNING, tick=False):
        sign_in(client, people())
        for _ in range(5):
            assert change(client, present="wrong password").status_code == 422
        answer = change(client)
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "60"
    assert "Too many tries." in answer.text


def test_a_password_that_is_reset_meanwhile_stays_reset(
    app: Flask, client: FlaskClient, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hashing takes a while: who was shut out by then puts no password of theirs over the administrator's."""
    person, hash_password = people(), passwords.hash_password
    sign_in(client, person)

    def slow(password: str) -> str:
        with app.app_context(), writing() as session:
            session.scalars(select(User)).one().password_hash = "reset"
        return hash_password(password)

    monkeypatch.setattr(passwords, "hash_password", slow)
    assert change(client).status_code == 401
    with app.app_context():
        assert db.session.scalars(select(User.password_hash)).one() == "reset"


def test_sign_out_everywhere(app: Flask, client: FlaskClient, people: People) -> None:
    """All of one's own sign-ins end, nobody else's."""
    person, bystander = people(), people()
    mine, theirs = app.test_client(), app.test_client()
    sign_in(mine, person)
    sign_in(theirs, bystander)
    sign_in(client, person)
    assert client.get("/account").text.count("127.0.0.1") == 2
    answer = client.post("/account/sign-out-everywhere", data={"csrf_token": csrf_token(client)})
    assert answer.location == "/login"
    assert "You are signed out everywhere." in client.get("/login").text
    assert [one.get("/account").status_code for one in (client, mine, theirs)] == [303, 303, 200]


def sign_ins_on(client: FlaskClient) -> list[str]:
    """The numbers of the sign-ins that the account page can end: all but its own."""
    return re.findall(r"/sessions/(\d+)/end", client.get("/account").text)


def test_one_sign_in_ends_by_itself(app: Flask, client: FlaskClient, people: People) -> None:
    """This one is marked and has no button; another ends with its button; a stranger's is nothing to me."""
    person, bystander = people(), people()
    other, theirs, theirs_too = (app.test_client() for _ in range(3))
    for browser, who in ((other, person), (theirs, bystander), (theirs_too, bystander), (client, person)):
        sign_in(browser, who)
    form = {"csrf_token": csrf_token(client)}
    (foreign,) = sign_ins_on(theirs)
    assert client.post(f"/account/sessions/{foreign}/end", data=form).status_code == 404
    (elsewhere,) = sign_ins_on(client)
    assert client.post(f"/account/sessions/{elsewhere}/end", data=form).location == "/account"
    after = [browser.get("/account").status_code for browser in (client, other, theirs, theirs_too)]
    assert after == [200, 303, 200, 200]


@pytest.mark.parametrize(
    ("role", "locations", "fms_user_id", "shown"),
    [
        (Role.SCHEDULER, [], None, ["None</span>", "You see no vehicles", "cannot send requests"]),
        (Role.SCHEDULER, ["Atlanta"], 77, ["Atlanta", "77"]),
        (Role.ADMIN, [], 77, ["All of them"]),
        (Role.SUPER_ADMIN, ["Atlanta"], 77, ["All of them", "(yours: Atlanta)", "and all others"]),
    ],
)
def test_the_page_says_what_one_can_reach(
    client: FlaskClient, people: People, role: Role, locations: list[str], fms_user_id: int | None, shown: list[str]
) -> None:
    """No offices and no FMS id are said openly, with who can help."""
    sign_in(client, people(role, locations=locations, fms_user_id=fms_user_id))
    page = client.get("/account").text
    for text in shown:
        assert text in page


@pytest.mark.settings(fms_staging_requestor_id=1234)
def test_the_page_names_who_stands_in(client: FlaskClient, people: People) -> None:
    """Where a general FMS user is configured, people without an id of their own can send requests."""
    sign_in(client, people(fms_user_id=None))
    page = client.get("/account").text
    assert "Your requests carry FMS user 1234." in page
    assert "cannot send requests" not in page


def test_names_are_printed_as_text(client: FlaskClient, people: People) -> None:
    """Markup in a name, an e-mail or a browser's name stays text."""
    person = people(name="<script>alert(1)</script>")
    client.environ_base["HTTP_USER_AGENT"] = "<img src=x>"
    sign_in(client, person)
    page = client.get("/account").text
    assert "<script>alert" not in page
    assert "<img src=x>" not in page


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_shut_nobody_out(
    sqlite_app: Flask, people: People, live_server: Callable[[Flask], LiveServer], page: Page, scheme: str
) -> None:
    """Login, refused login and account pass axe in both colour schemes; a keyboard is enough."""
    person = people(Role.SCHEDULER, fms_user_id=None)
    url = live_server(sqlite_app).url
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.goto(f"{url}/account")
    expect(page.get_by_label("E-mail")).to_be_focused()
    assert_accessible(page)
    page.keyboard.type(person.email)
    page.keyboard.press("Tab")
    page.keyboard.type("wrong password")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("do not belong together")
    expect(page.get_by_label("Password")).to_be_focused()
    assert_accessible(page)
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Your account")).to_be_visible()
    assert_accessible(page)
    page.get_by_label("Present password").fill(PASSWORD)
    page.get_by_label("New password", exact=True).fill(NEW)
    page.get_by_label("New password again").fill("something else")
    page.get_by_role("button", name="Change password").click()
    expect(page.get_by_label("New password again")).to_be_focused()
    assert_accessible(page)


def test_nothing_runs_off_a_phone(
    sqlite_app: Flask, people: People, live_server: Callable[[Flask], LiveServer], phone: Page
) -> None:
    """At 390 px neither page scrolls sideways."""
    person = people()
    url = live_server(sqlite_app).url
    phone.goto(f"{url}/account")
    assert_fits(phone)
    phone.get_by_label("E-mail").fill(person.email)
    phone.get_by_label("Password").fill(PASSWORD)
    phone.get_by_role("button", name="Sign in").click()
    expect(phone.get_by_role("heading", name="Your account")).to_be_visible()
    assert_fits(phone)
