"""The second factor: setting it up, the two steps of signing in, what takes it away, who must have one."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier, Thread

import psycopg
import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from tests.accounts.factors import (
    MORNING,
    STEP,
    Factor,
    first_step,
    post,
    row_of,
    second_step,
    set_up,
    shown_codes,
)
from tests.rows import PASSWORD, People, Person
from tests.servers import csrf_token, sign_in
from webapp.accounts import second_factor
from webapp.accounts.models import RecoveryCode, SignInFailure
from webapp.accounts.permissions import Role
from webapp.accounts.sessions import end_sessions
from webapp.db import db, writing

Clock = time_machine.Traveller
BLOCKED = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"


def guarded(app: Flask, person: Person, clock: Clock) -> Factor:
    """`person` has a second factor, whose code of the step now at hand is not taken yet."""
    browser = app.test_client()
    sign_in(browser, person)
    factor = set_up(browser, MORNING)
    clock.shift(2 * STEP)
    return factor


def token(client: FlaskClient, person: Person, **more: str) -> tuple[int, str]:
    """Status and code of the answer to a program that signs in."""
    answer = client.post("/api/auth/token", json={"email": person.email, "password": PASSWORD, **more})
    assert answer.json
    return answer.status_code, answer.json.get("code", "")


def database_address() -> str:
    """This test's database, for a driver of its own."""
    return db.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)


def is_signed_in(client: FlaskClient) -> bool:
    return client.get("/account").status_code == 200


def test_it_counts_once_confirmed_and_then_ends_other_sign_ins(app: Flask, person: Person, clock: Clock) -> None:
    """A secret alone changes nothing; with a code of it the factor is on, and only this browser stays signed in."""
    mine, other = app.test_client(), app.test_client()
    for browser in (mine, other):
        sign_in(browser, person)
    post(mine, "/second-factor", present=PASSWORD)
    assert post(mine, "/second-factor/confirm", code="000000").status_code == 422
    assert first_step(app.test_client(), person).location == "/calendar"
    factor = set_up(mine, MORNING)
    assert len(set(factor.codes)) == 10
    assert is_signed_in(mine)
    assert not is_signed_in(other)
    assert "10 recovery codes are left" in mine.get("/account").text


def test_the_secret_is_sealed_and_told_nobody_once_it_counts(app: Flask, person: Person, clock: Clock) -> None:
    """The database holds neither the secret nor a recovery code; the page of the QR code is gone."""
    browser = app.test_client()
    sign_in(browser, person)
    factor = set_up(browser, MORNING)
    assert browser.get("/account/second-factor").location == "/account"
    with app.app_context():
        assert factor.secret not in (row_of(person).second_factor_secret or "")
        hashes = set(db.session.scalars(select(RecoveryCode.code_hash)))
    assert not hashes & set(factor.codes)
    assert post(browser, "/second-factor", present=PASSWORD).status_code == 409


def test_setting_it_up_asks_for_the_password(sqlite_app: Flask, person: Person, clock: Clock) -> None:
    """A desk left open is not enough, and no place to guess."""
    browser = sqlite_app.test_client()
    sign_in(browser, person)
    for _ in range(5):
        answer = post(browser, "/second-factor", present="wrong password")
        assert (answer.status_code, 'id="begin-present-fault"' in answer.text) == (422, True)
    assert post(browser, "/second-factor", present=PASSWORD).status_code == 429
    assert browser.get("/account/second-factor").location == "/account"


def test_two_steps_lead_to_where_one_was_going(app: Flask, person: Person, clock: Clock) -> None:
    """The password opens nothing; the code does, once, and `next` survives both forms."""
    factor, browser = guarded(app, person, clock), app.test_client()
    asked = first_step(browser, person, next="/account?x=1")
    assert asked.location == "/login/code?next=/account?x%3D1"
    assert not is_signed_in(browser)
    page = browser.get(asked.location).text
    assert 'autocomplete="one-time-code"' in page
    assert 'name="next" value="/account?x=1"' in page
    code = factor.at(MORNING + 2 * STEP)
    assert second_step(browser, f"{code[:3]} {code[3:]}", next="/account?x=1").location == "/account?x=1"
    assert is_signed_in(browser)
    again = app.test_client()
    first_step(again, person)
    assert second_step(again, code).status_code == 422
    assert not is_signed_in(again)


@pytest.mark.parametrize(("steps", "status"), [(-2, 422), (-1, 303), (0, 303), (1, 303), (2, 422)])
def test_clocks_may_differ_by_one_step(
    sqlite_app: Flask, person: Person, clock: Clock, steps: int, status: int
) -> None:
    """The code before and the code after are taken; those further off are not."""
    factor = guarded(sqlite_app, person, clock)
    clock.shift(4 * STEP)
    browser = sqlite_app.test_client()
    first_step(browser, person)
    assert second_step(browser, factor.at(MORNING + (6 + steps) * STEP)).status_code == status


def test_an_older_code_is_no_good_after_a_newer_one(sqlite_app: Flask, person: Person, clock: Clock) -> None:
    """Who reads a code over somebody's shoulder cannot use it after they have used the next."""
    factor = guarded(sqlite_app, person, clock)
    first, second = sqlite_app.test_client(), sqlite_app.test_client()
    for browser in (first, second):
        first_step(browser, person)
    assert second_step(first, factor.at(MORNING + 2 * STEP)).status_code == 303
    assert second_step(second, factor.at(MORNING + STEP)).status_code == 422


def test_of_two_with_one_code_at_once_one_gets_in(app: Flask, person: Person, clock: Clock) -> None:
    """The database decides, not the moment at which each was looked at."""
    factor, start = guarded(app, person, clock), Barrier(2)
    code, recovery = factor.at(MORNING + 2 * STEP), factor.codes[0]

    def take(given: str) -> bool:
        with app.app_context():
            start.wait()
            with writing() as session:
                return second_factor.take(session, person.user_id, given)

    with ThreadPoolExecutor(2) as pool:
        for given in (code, recovery):
            assert sorted(pool.map(take, [given, given])) == [False, True]


def test_a_recovery_code_opens_one_sign_in(app: Flask, person: Person, clock: Clock) -> None:
    """As typed from paper, once; then it says how many are left."""
    factor, browser = guarded(app, person, clock), app.test_client()
    first_step(browser, person)
    typed = factor.codes[3].upper().replace("-", " ")
    assert second_step(browser, recovery=typed).status_code == 303
    assert "That recovery code is used up; 9 are left." in browser.get("/account").text
    again = app.test_client()
    first_step(again, person)
    refused = second_step(again, recovery=typed)
    assert (refused.status_code, "not right, or it was used before" in refused.text) == (422, True)


def test_wrong_codes_lock_the_account_as_wrong_passwords_do(app: Flask, person: Person, clock: Clock) -> None:
    """Five of them; and to give the right password again in between buys no further guess."""
    factor, browser = guarded(app, person, clock), app.test_client()
    for _ in range(5):
        assert first_step(browser, person).status_code == 303
        assert second_step(browser, "000000").status_code == 422
    locked = second_step(browser, factor.at(MORNING + 2 * STEP))
    assert (locked.status_code, locked.headers["Retry-After"]) == (429, "60")
    assert first_step(app.test_client(), person).status_code == 429
    clock.shift(timedelta(seconds=61))
    assert second_step(browser, factor.at(MORNING + 4 * STEP)).status_code == 303
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(SignInFailure)) == 0


def test_another_password_buys_no_further_guess(sqlite_app: Flask, person: Person, clock: Clock) -> None:
    """At a desk left open, who knows the password cannot guess the code that switches the factor off for ever."""
    factor, browser = guarded(sqlite_app, person, clock), sqlite_app.test_client()
    first_step(browser, person)
    second_step(browser, factor.at(MORNING + 2 * STEP))
    for _ in range(4):
        assert post(browser, "/second-factor/off", present=PASSWORD, code="000000").status_code == 422
    new = "a quiet road by the sea"
    assert post(browser, "/password", present=PASSWORD, new=new, again=new).status_code == 303
    statuses = [post(browser, "/second-factor/off", present=new, code="000000").status_code for _ in range(2)]
    assert statuses == [422, 429]


def test_a_password_reset_at_that_moment_ends_this_sign_in_too(
    postgres_app: Flask, person: Person, clock: Clock
) -> None:
    """Whoever resets it ends every sign-in: none begins beside it by what was proven with the old password."""
    factor, browser = guarded(postgres_app, person, clock), postgres_app.test_client()
    first_step(browser, person)
    answers: list[TestResponse] = []

    def finish() -> None:
        answers.append(second_step(browser, recovery=factor.codes[0]))

    with postgres_app.app_context(), psycopg.connect(database_address(), autocommit=True) as watching:
        finishing = Thread(target=finish)
        with writing() as session:
            row_of(person).password_hash = "another"
            session.flush()
            end_sessions(session, person.user_id)
            finishing.start()
            while finishing.is_alive() and not (watching.execute(BLOCKED).fetchone() or (0,))[0]:
                finishing.join(0.01)
        finishing.join()
    assert "Sign in again." in answers[0].text
    assert not is_signed_in(browser)


def test_right_passwords_without_a_code_lock_nobody_out(sqlite_app: Flask, person: Person, clock: Clock) -> None:
    """Who begins six times without the phone at hand is not taken for a thief."""
    guarded(sqlite_app, person, clock)
    browser = sqlite_app.test_client()
    assert [first_step(browser, person).status_code for _ in range(6)] == [303] * 6


def test_the_second_step_has_five_minutes(sqlite_app: Flask, person: Person, clock: Clock) -> None:
    """After that the password is asked again."""
    factor, browser = guarded(sqlite_app, person, clock), sqlite_app.test_client()
    first_step(browser, person)
    page = browser.get("/login/code").text
    clock.shift(timedelta(minutes=5))
    late = second_step(browser, factor.at(MORNING + 12 * STEP))
    assert (late.status_code, "longer than five minutes" in late.text) == (422, True)
    assert "Second factor" in page
    assert browser.get("/login/code").location == "/login"


def test_a_password_changed_meanwhile_begins_again(sqlite_app: Flask, person: Person, clock: Clock) -> None:
    """What was proven with the old one opens nothing."""
    factor, browser = guarded(sqlite_app, person, clock), sqlite_app.test_client()
    first_step(browser, person)
    with sqlite_app.app_context(), writing():
        row_of(person).password_hash = "another"
    assert "Sign in again." in second_step(browser, factor.at(MORNING + 2 * STEP)).text
    assert not is_signed_in(browser)


def test_without_the_first_step_there_is_no_second(client: FlaskClient) -> None:
    """Neither the page nor the form opens anything to a stranger."""
    assert client.get("/login/code?next=/account").location == "/login?next=/account"
    answer = client.post("/login/code", data={"code": "123456", "csrf_token": csrf_token(client, "/login")})
    assert answer.status_code == 422


def test_programs_give_the_code_with_the_password(
    app: Flask, client: FlaskClient, person: Person, clock: Clock
) -> None:
    """Without it 401 `second_factor`, with a wrong or a used one `wrong_code`; who has no factor needs none."""
    factor = guarded(app, person, clock)
    code = factor.at(MORNING + 2 * STEP)
    assert token(client, person) == (401, "second_factor")
    assert token(client, person, code="000000") == (401, "wrong_code")
    assert token(client, person, code=code) == (200, "")
    assert token(client, person, code=code) == (401, "wrong_code")
    assert token(client, person, code=factor.codes[0]) == (200, "")


def test_a_wrong_password_is_not_told_from_a_person_with_a_factor(
    client: FlaskClient, app: Flask, person: Person, clock: Clock
) -> None:
    """Who does not know the password does not learn that there is a second factor."""
    guarded(app, person, clock)
    answer = client.post("/api/auth/token", json={"email": person.email, "password": "wrong password"})
    assert answer.json
    assert answer.json["code"] == "wrong_credentials"


def test_new_recovery_codes_end_the_old(app: Flask, person: Person, clock: Clock) -> None:
    """After the password and a code, ten others are told, and the ones before open nothing."""
    factor, browser = guarded(app, person, clock), app.test_client()
    first_step(browser, person)
    second_step(browser, factor.at(MORNING + 2 * STEP))
    assert 'id="codes-code-fault"' in post(browser, "/second-factor/codes", present=PASSWORD, code="1").text
    clock.shift(STEP)
    page = post(browser, "/second-factor/codes", present=PASSWORD, code=factor.at(MORNING + 3 * STEP))
    assert page.headers["Cache-Control"] == "no-store"
    fresh = shown_codes(page.text)
    assert len(fresh) == 10
    assert not set(fresh) & set(factor.codes)
    clock.shift(timedelta(minutes=2))
    client = app.test_client()
    assert token(client, person, code=factor.codes[5]) == (401, "wrong_code")
    assert token(client, person, code=fresh[5]) == (200, "")


def test_it_is_switched_off_by_who_proves_both(app: Flask, person: Person, clock: Clock) -> None:
    """A wrong password or a wrong code leaves it on; then the password alone signs in, and nothing is kept."""
    factor, browser = guarded(app, person, clock), app.test_client()
    first_step(browser, person)
    second_step(browser, factor.at(MORNING + 2 * STEP))
    for present, code, fault in (("wrong password", factor.codes[0], "off-present"), (PASSWORD, "1", "off-code")):
        answer = post(browser, "/second-factor/off", present=present, code=code)
        assert (answer.status_code, f'id="{fault}-fault"' in answer.text) == (422, True)
    assert post(browser, "/second-factor/off", present=PASSWORD, code=factor.codes[0]).location == "/account"
    assert first_step(app.test_client(), person).location == "/calendar"
    with app.app_context():
        user = row_of(person)
        assert (user.second_factor_secret, user.second_factor_since, user.second_factor_step) == (None, None, None)
        assert db.session.scalar(select(func.count()).select_from(RecoveryCode)) == 0


def test_a_lost_key_of_the_server_shuts_nobody_out(sqlite_app: Flask, person: Person, clock: Clock) -> None:
    """Where SECRET_KEY has changed no code of the authenticator fits, and a recovery code still does."""
    factor = guarded(sqlite_app, person, clock)
    sqlite_app.config["SECRET_KEY"] = "another key, as long as the one before it was"
    client = sqlite_app.test_client()
    assert token(client, person, code=factor.at(MORNING + 2 * STEP)) == (401, "wrong_code")
    assert token(client, person, code=factor.codes[0]) == (200, "")


@pytest.mark.settings(second_factor="administrators")
@pytest.mark.parametrize("role", [Role.SUPER_ADMIN, Role.ADMIN])
def test_administrators_reach_nothing_without_one(sqlite_app: Flask, people: People, clock: Clock, role: Role) -> None:
    """They are sent to set it up, programs are told so, and then everything opens."""
    person, browser = people(role), sqlite_app.test_client()
    sign_in(browser, person)
    assert [browser.get(page).location for page in ("/calendar", "/users", "/")] == ["/account"] * 3
    answer = browser.get("/api/users")
    assert (answer.status_code, answer.json and answer.json["code"]) == (403, "second_factor_required")
    assert "Administrators sign in with a second factor here." in browser.get("/account").text
    set_up(browser, MORNING)
    assert browser.get("/users").status_code == 200


@pytest.mark.settings(second_factor="administrators")
def test_others_are_free_to_have_none(sqlite_app: Flask, people: People, client: FlaskClient) -> None:
    """The setting names administrators alone."""
    sign_in(client, people(Role.MANAGER))
    assert client.get("/calendar").status_code == 200


def test_an_administrator_resets_what_somebody_lost(app: Flask, people: People, person: Person, clock: Clock) -> None:
    """Their sign-ins end and the password alone opens; one's own is not reset on that page."""
    guarded(app, person, clock)
    admin, browser, theirs = people(Role.ADMIN), app.test_client(), app.test_client()
    sign_in(browser, admin)
    first_step(theirs, person)
    assert "Reset the second factor" in browser.get(f"/users/{person.user_id}").text
    path = "/users/{}/reset-second-factor"
    form = {"csrf_token": csrf_token(browser)}
    assert browser.post(path.format(admin.user_id), data=form).status_code == 403
    assert browser.post(path.format(person.user_id), data=form).status_code == 303
    assert first_step(app.test_client(), person).location == "/calendar"
    assert "Reset the second factor" not in browser.get(f"/users/{person.user_id}").text
