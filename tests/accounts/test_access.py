"""The guard before every route: person, permission, forgery, in that order."""

import pytest
from flask import Flask, jsonify
from flask.testing import FlaskClient
from flask.views import MethodView

from tests.rows import PASSWORD, People
from tests.servers import csrf_token, sign_in
from webapp.accounts.access import access_of, any_role, check_routes, current_actor, public, requires
from webapp.accounts.permissions import Permission, Role

FRAGMENT = {"HX-Request": "true", "HX-Current-URL": "http://localhost/somewhere?office=Los%20Angeles"}


@requires(Permission.PLAN_LOANS)
def plan() -> str:
    return f"planned by {current_actor().name}"


@requires(Permission.READ_AUDIT, Permission.PLAN_LOANS)
def either() -> str:
    return "either"


@public
def open_door() -> str:
    return "open"


@any_role
class Everybody(MethodView):
    def get(self) -> str:
        return "everybody"


@requires(Permission.PLAN_LOANS)
def plan_json() -> str:
    return jsonify(by=current_actor().name).get_data(as_text=True)


@pytest.fixture
def app(app: Flask) -> Flask:
    """The application with routes of every kind."""
    app.add_url_rule("/t/plan", "plan", plan, methods=["GET", "POST"])
    app.add_url_rule("/t/either", "either", either)
    app.add_url_rule("/t/open", "open", open_door, methods=["GET", "POST"])
    app.add_url_rule("/t/everybody", view_func=Everybody.as_view("everybody"))
    app.add_url_rule("/api/t/plan", "plan_json", plan_json, methods=["GET", "POST"])
    return app


def test_who_is_not_signed_in_goes_to_the_login_page(client: FlaskClient) -> None:
    """A page redirects, keeping its address with the query."""
    answer = client.get("/t/plan?office=Los+Angeles&x=1")
    assert answer.status_code == 303
    assert answer.location == "/login?next=/t/plan%3Foffice%3DLos%2BAngeles%26x%3D1"


def test_a_form_comes_back_to_the_page_it_was_on(client: FlaskClient) -> None:
    """An expired sign-in found by a form post leads to the form's page, never to the post's address."""
    answer = client.post("/t/plan", headers={"Referer": "http://localhost/t/open?x=1"})
    assert answer.location == "/login?next=/t/open%3Fx%3D1"
    assert client.post("/t/plan").location == "/login?next=/"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_expired_sign_in_in_a_fragment_moves_the_whole_window(client: FlaskClient, method: str) -> None:
    """HTMX is told to go to the login page, and a post is not called a forgery."""
    answer = client.open("/t/plan", method=method, headers=FRAGMENT)
    assert answer.status_code == 200
    assert answer.text == ""
    assert answer.headers["HX-Redirect"] == "/login?next=/somewhere%3Foffice%3DLos%2520Angeles"


@pytest.mark.parametrize(
    "address",
    ["https://evil.example/x", "http://localhost//evil.example", "http://localhost.evil.example/", "", "http://["],
)
def test_an_address_that_is_not_ours_is_no_place_to_come_back_to(client: FlaskClient, address: str) -> None:
    """What the browser says about its page is believed only for our own host."""
    answer = client.get("/t/plan", headers={"HX-Request": "true", "HX-Current-URL": address})
    assert answer.headers["HX-Redirect"] == "/login?next=/"


def test_programs_get_a_problem(client: FlaskClient) -> None:
    """The JSON interface answers 401 as problem+json and says how to authenticate."""
    answer = client.post("/api/t/plan")
    assert answer.status_code == 401
    assert answer.mimetype == "application/problem+json"
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.json
    assert answer.json["code"] == "unauthenticated"


def test_the_role_decides_before_the_forgery_check(client: FlaskClient, people: People) -> None:
    """Without the permission it is 403, token or not; with it, the missing token is the fault."""
    sign_in(client, people(Role.AUDITOR))
    assert client.get("/t/plan").status_code == 403
    assert client.post("/t/plan").status_code == 403
    assert client.post("/api/t/plan").status_code == 403


def test_forgeries_are_refused_in_a_sentence(client: FlaskClient, people: People) -> None:
    """Without the token a form, a fragment and JSON get 400; with it in form or header they pass."""
    sign_in(client, people(Role.SCHEDULER, name="Ana Sample"))
    for path, headers in (("/t/plan", {}), ("/t/plan", FRAGMENT), ("/api/t/plan", {})):
        answer = client.post(path, headers=headers)
        assert answer.status_code == 400
        assert "This page is out of date. Reload it and try again." in answer.text
    assert client.post("/api/t/plan").json["code"] == "csrf"  # type: ignore[index]
    token = csrf_token(client)
    assert client.post("/t/plan", data={"csrf_token": token}).text == "planned by Ana Sample"
    assert client.post("/t/plan", headers={**FRAGMENT, "X-CSRFToken": token}).status_code == 200
    assert client.post("/api/t/plan", headers={"X-CSRFToken": token}).status_code == 200
    assert client.post("/t/open").status_code == 400


def test_any_one_of_several_permissions_is_enough(app: Flask, people: People) -> None:
    """`requires(A, B)` opens to who has A or B."""
    for role, status in ((Role.AUDITOR, 200), (Role.SCHEDULER, 200), (Role.DISPATCHER, 403)):
        client = app.test_client()
        sign_in(client, people(role))
        assert client.get("/t/either").status_code == status
        assert client.get("/t/everybody").status_code == 200


def test_public_routes_and_files_ask_for_nothing(client: FlaskClient) -> None:
    """They answer strangers; an address without a route is 404 and a wrong method 405, signed in or not."""
    assert client.get("/t/open").text == "open"
    assert client.get("/static/css/base.css").status_code == 200
    assert client.get("/t/nothing").status_code == 404
    assert client.put("/t/open").status_code == 405


def test_a_route_that_declares_nothing_is_refused(app: Flask, client: FlaskClient) -> None:
    """Start-up names it; and should it come later, it answers nobody."""
    check_routes(app)
    app.add_url_rule("/t/silent", "silent", lambda: "secret")
    with pytest.raises(RuntimeError, match=r"/t/silent \(silent\)"):
        check_routes(app)
    app.testing = False
    answer = client.get("/t/silent")
    assert answer.status_code == 500
    assert "secret" not in answer.text


def test_a_declaration_names_a_permission() -> None:
    """`requires()` without one would open the route to everybody."""
    with pytest.raises(ValueError, match="name a permission"):
        requires()
    assert access_of(lambda: None) is None


def test_a_given_password_has_to_be_replaced_first(app: Flask, client: FlaskClient, people: People) -> None:
    """Until then every page leads to the account, JSON says why, and signing out still works."""
    person = people(Role.SCHEDULER, must_change_password=True)
    sign_in(client, person)
    assert client.get("/t/plan").location == "/account"
    assert client.get("/t/plan", headers=FRAGMENT).headers["HX-Redirect"] == "/account"
    answer = client.get("/api/t/plan")
    assert answer.status_code == 403
    assert answer.json
    assert answer.json["code"] == "must_change_password"
    page = client.get("/account").text
    assert "Choose one of your own" in page
    form = {"present": PASSWORD, "new": "one of my own", "again": "one of my own"}
    answer = client.post("/account/password", data={**form, "csrf_token": csrf_token(client)})
    assert answer.status_code == 303
    assert client.get("/t/plan").status_code == 200
