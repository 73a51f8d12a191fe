"""Who is behind a call: bearer tokens and cookies, sign-ins that have ended; and things named in what is sent."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import update

from tests.access.conftest import LATER
from tests.access.listed import GUARDED, Scope
from tests.access.test_every_route import NOWHERE, SHUT, at_home, everywhere, roles_of
from tests.access.visitors import Visitors
from tests.access.world import FAR, FAR_BRANCH, FAR_OFFICE, HOME, RIVAL
from tests.journey_rows import DENVER
from tests.rows import DAY, OFFICE
from webapp.accounts.models import User, UserSession
from webapp.accounts.permissions import Role
from webapp.db import writing

DAYS = {"start_day": (DAY + timedelta(weeks=6)).isoformat(), "end_day": (DAY + timedelta(weeks=7)).isoformat()}


def bearer(token: str) -> dict[str, str]:
    """The header that programs carry."""
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.parametrize("role", list(Role))
def test_a_bearer_opens_what_its_role_opens(visitors: Visitors, role: Role) -> None:
    """Without cookie and forgery token: 403 where the table gives the role nothing, else let in, on all JSON routes."""
    visitor, wrong = visitors.by_role(role), []
    for listed, _, address in everywhere(visitors, visitor, lambda listed: listed.is_json):
        # What is sent is nonsense, so that nothing changes.
        rest: dict[str, Any] = {} if listed.is_safe else {"data": b"{", "content_type": "application/json"}
        is_ours = role in roles_of(listed)
        if is_ours and (listed.method == "DELETE" or listed.rule.startswith(("/api/fms/create", "/api/sync"))):
            continue
        answer = visitors.call(listed.method, address, None, headers=bearer(visitor.bearer), **rest)
        if (answer.status == 403) is is_ours or answer.status == 401:
            wrong.append((listed.method, address, answer.status))
    visitors.undo()
    assert not wrong, "\n".join(map(str, wrong))


def test_a_bearer_counts_and_the_cookie_does_not(visitors: Visitors) -> None:
    """With both, the call is the bearer's; with a forged one it is nobody's, whoever's browser it comes from."""
    boss, driver = visitors.by_role(Role.SUPER_ADMIN), visitors.by_role(Role.DRIVER)
    assert visitors.call("GET", "/api/trucks", boss).status == 200
    assert visitors.call("GET", "/api/trucks", boss, headers=bearer(driver.bearer)).status == 403
    assert visitors.call("GET", "/api/trucks", boss, headers=bearer(f"{boss.bearer}x")).status == 401
    assert visitors.call("GET", "/journeys", boss, headers=bearer("nonsense")).leads_to.startswith(NOWHERE)


def test_a_bearer_is_good_for_a_quarter_of_an_hour(visitors: Visitors) -> None:
    """After that the program asks for another."""
    token = bearer(visitors.by_role(Role.MANAGER).bearer)
    assert visitors.call("GET", "/api/trucks", None, headers=token).status == 200
    with time_machine.travel(LATER + timedelta(minutes=16)):
        assert visitors.call("GET", "/api/trucks", None, headers=token).status == 401


def deactivate(user_id: int) -> None:
    """As an administrator does to somebody who has left."""
    with writing() as session:
        session.execute(update(User).where(User.id == user_id).values(is_active=False))


def end(user_id: int) -> None:
    """As signing out everywhere does."""
    with writing() as session:
        session.execute(update(UserSession).where(UserSession.user_id == user_id).values(ended_at=LATER))


def leave_alone(user_id: int) -> None:
    """As twelve hours without a call do."""
    with writing() as session:
        long_ago = LATER - timedelta(hours=13)
        session.execute(update(UserSession).where(UserSession.user_id == user_id).values(last_seen_at=long_ago))


@pytest.mark.parametrize("happens", [deactivate, end, leave_alone])
def test_a_sign_in_that_is_over_opens_nothing(visitors: Visitors, happens: Callable[[int], None]) -> None:
    """On no route, neither by cookie nor by bearer, from the next call on."""
    visitor = visitors.by_role(Role.SUPER_ADMIN)
    with visitors.world.app.app_context():
        happens(visitor.person.user_id)
    wrong = []
    for listed, address in at_home(visitors):
        for caller, headers in ((visitor, {}), (None, bearer(visitor.bearer))):
            answer = visitors.call(listed.method, address, caller, headers=headers)
            if answer.status != 401 and not answer.leads_to.startswith(NOWHERE):
                wrong.append((listed.method, address, answer.status))
    visitors.undo()
    assert not wrong, "\n".join(map(str, wrong))


def test_whoever_must_choose_a_password_does_that_first(visitors: Visitors) -> None:
    """Every other route is shut until then: pages lead to the account, JSON answers 403."""
    visitor = visitors.by_role(Role.SUPER_ADMIN)
    with visitors.world.app.app_context(), writing() as session:
        changed = update(User).where(User.id == visitor.person.user_id).values(must_change_password=True)
        session.execute(changed)
    wrong = []
    for listed, address in at_home(visitors):
        if listed.rule.startswith(("/account", "/logout")):
            continue
        answer = visitors.call(listed.method, address, visitor)
        if not (answer.status == 403 if listed.is_json else answer.leads_to == "/account"):
            wrong.append((listed.method, address, answer.status))
    visitors.undo()
    assert not wrong, "\n".join(map(str, wrong))


def test_an_administrator_has_no_hand_in_who_stands_above(visitors: Visitors) -> None:
    """An ADMIN changes, resets, shuts out and signs out no SUPER_ADMIN, and makes nobody one."""
    admin, boss = visitors.by_role(Role.ADMIN), visitors.by_role(Role.SUPER_ADMIN).person.user_id
    before = visitors.state()
    deeds = [listed for listed in GUARDED if listed.kind == "user" and not listed.is_safe]
    assert len(deeds) > 4
    for listed in deeds:
        address = listed.rule.replace("<user_id>", str(boss))
        form = {"name": "Somebody", "role": "DRIVER", "mark": "", "fms_user_id": "1"}
        assert visitors.call(listed.method, address, admin, data=form).status == 403, address
    form = {"email": "new@example.com", "name": "New", "role": "SUPER_ADMIN", "fms_user_id": ""}
    assert visitors.call("POST", "/users", admin, data=form).status == 403
    assert visitors.state() == before


def sent(visitors: Visitors, scope: Scope) -> dict[str, tuple[str, str, dict[str, Any]]]:
    """Calls at the home office that name in query or body a thing of that scope, by what they name."""
    home, world = visitors.world.home, visitors.world
    vin, person_id = (world.things[kind, scope][name] for kind, name in (("vehicle", "vin"), ("partner", "person_id")))
    place = {Scope.IN: HOME, Scope.OFFICE: FAR, Scope.COMPANY: RIVAL}[scope]
    office, branch = (FAR_OFFICE, FAR_BRANCH) if place is FAR else (OFFICE, DENVER)
    loan = {"vin": home("vehicle")["vin"], "person_id": home("partner")["person_id"], "office": OFFICE, **DAYS}
    journey = f"/api/journeys/{home('journey')['journey_id']}"
    by_body = ("POST", "/api/calendar/assignments")
    trucks = {"truck_ids": [world.things["truck", scope]["truck_id"]]}
    why = {"vin": loan["vin"], "person_id": loan["person_id"], "start": DAYS["start_day"], "end": DAYS["end_day"]}
    asked = {"office": OFFICE, "start": DAYS["start_day"], "count": 1}
    calls: dict[str, tuple[str, str, dict[str, Any]]] = {
        "the vehicle of a loan": (*by_body, {"json": {**loan, "vin": vin}}),
        "the partner of a loan": (*by_body, {"json": {**loan, "person_id": person_id}}),
        "the trucks of a journey": ("POST", f"{journey}/trucks", {"json": trucks}),
        "why not, of a vehicle": ("GET", "/api/chains/why-not", {"query_string": {**why, "vin": vin}}),
        "a partner's chain": (
            "GET",
            "/api/chains/partner",
            {"query_string": {**asked, "person_id": person_id}},
        ),
        "a vehicle's chain": ("GET", "/api/chains/vehicle", {"query_string": {**asked, "vin": vin}}),
    }
    if place is FAR:
        # Whom an office lends to is not bound by where FMS lists them: that is asked of vehicles and offices.
        del calls["the partner of a loan"]
    if place is not RIVAL:
        calls |= {
            "the office of a loan": (*by_body, {"json": {**loan, "office": office}}),
            "the branch of a journey": ("PATCH", journey, {"json": {"location": branch}}),
            "the branch of a truck": ("POST", "/api/trucks", {"json": {"name": "New", "location": branch}}),
            "a calendar": ("GET", "/api/calendar", {"query_string": {"office": office}}),
            "a branch's journeys": ("GET", "/api/journeys", {"query_string": {"location": branch}}),
            "a branch's crews": ("GET", "/api/users", {"query_string": {"location": branch}}),
            "a branch's trucks": ("GET", "/api/trucks", {"query_string": {"location": branch}}),
            "an office's chain": (
                "GET",
                "/api/chains/partner",
                {"query_string": {**asked, "person_id": loan["person_id"], "office": office}},
            ),
        }
    return calls


@pytest.mark.parametrize("scope", [Scope.OFFICE, Scope.COMPANY])
def test_what_is_named_in_a_call_is_in_scope_as_well(visitors: Visitors, scope: Scope) -> None:
    """A manager names another office's or company's thing: 404, or a fault of that field, and nothing is changed."""
    manager, place = visitors.by_role(Role.MANAGER), FAR if scope is Scope.OFFICE else RIVAL
    wrong, before = [], visitors.state()
    for what, (method, address, rest) in sent(visitors, scope).items():
        answer = visitors.call(method, address, manager, **rest)
        # What was asked for may be said again.
        said = answer.folded.replace(visitors.world.things["vehicle", scope]["vin"].casefold(), "")
        is_told = any(mark.casefold() in said for mark in (place.fleet, place.job))
        is_unknown = answer.status in (404, 422) or '"possible":false,"reasons":[{"code":"unknown"' in answer.text
        if is_told or not is_unknown:
            wrong.append((what, answer.status, answer.text[-300:]))
    assert not wrong, "\n".join(map(str, wrong))
    assert visitors.state() == before
    for what, (method, address, rest) in sent(visitors, Scope.IN).items():
        answer = visitors.call(method, address, manager, **rest)
        assert answer.status not in SHUT | {422}, (what, answer.status, answer.text[-300:])
        visitors.undo()


@pytest.mark.parametrize("deed", ["create", "unrequest", "delete"])
def test_a_bulk_run_knows_no_loan_out_of_scope(visitors: Visitors, deed: str) -> None:
    """Such a row fails as that of a loan that does not exist."""
    manager = visitors.by_role(Role.MANAGER)
    ids = [visitors.world.things["loan", scope]["assignment_id"] for scope in (Scope.OFFICE, Scope.COMPANY)]
    address = f"/api/fms/bulk-{deed}-vehicle-requests"
    app = visitors.world.app.test_client()
    app.set_cookie("session", manager.cookie)
    told = app.post(address, json={"assignment_ids": [*ids, 999_999]}, headers={"X-CSRFToken": manager.token}).json
    visitors.undo()
    assert told
    assert told["succeeded"] == 0
    rows = [{**row, "assignment_id": None} for row in told["results"]]
    assert rows[0] == rows[1] == rows[2]


def test_a_private_calendar_shows_what_its_owner_sees_now(visitors: Visitors) -> None:
    """A manager's feed tells of the home partner, not of the namesake elsewhere; it ends with the account."""
    feed = f"/calendar/ics/{visitors.world.feed_token}.ics"
    told = visitors.call("GET", feed, None)
    assert HOME.fleet.casefold() in told.folded
    assert RIVAL.fleet.casefold() not in told.folded
    with visitors.world.app.app_context():
        deactivate(visitors.by_role(Role.MANAGER).person.user_id)
    assert visitors.call("GET", feed, None).status == 404
    visitors.undo()
