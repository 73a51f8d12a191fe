"""A second factor that was begun and not confirmed: how long it can be, and what ends it."""

from datetime import timedelta

import pyotp
import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from tests.accounts.factors import post, row_of, shown_secret
from tests.rows import PASSWORD, People, Person
from tests.servers import sign_in
from webapp.accounts import people as managing
from webapp.accounts import service
from webapp.accounts.permissions import Role

Clock = time_machine.Traveller
OFFERED = "/account/second-factor"


def begun(client: FlaskClient, person: Person) -> str:
    """The secret that `person`, signed in now, is setting up."""
    sign_in(client, person)
    post(client, "/second-factor", present=PASSWORD)
    return shown_secret(client.get(OFFERED).text)


def confirm(client: FlaskClient, secret: str) -> int:
    """Give the code that the authenticator shows now; the status of the answer."""
    answer = post(client, "/second-factor/confirm", code=str(pyotp.TOTP(secret).now()))
    return answer.status_code


@pytest.mark.parametrize(("minutes", "is_open"), [(10, True), (11, False)])
def test_it_has_ten_minutes(
    sqlite_app: Flask, client: FlaskClient, person: Person, clock: Clock, minutes: int, is_open: bool
) -> None:
    """Later nobody who finds the desk left open is shown the secret, or can confirm it."""
    secret = begun(client, person)
    clock.shift(timedelta(minutes=minutes))
    assert (client.get(OFFERED).status_code == 200) is is_open
    assert (confirm(client, secret) == 200) is is_open
    with sqlite_app.app_context():
        assert (row_of(person).second_factor_since is not None) is is_open


def test_it_can_be_begun_again(client: FlaskClient, sqlite_app: Flask, person: Person, clock: Clock) -> None:
    """With another secret; the one that ran out is good for nothing."""
    late = begun(client, person)
    clock.shift(timedelta(minutes=11))
    secret = begun(client, person)
    assert secret != late
    assert confirm(client, late) == 422
    assert confirm(client, secret) == 200


@pytest.mark.parametrize("how", ["by an administrator", "by a command", "by oneself"])
def test_another_password_ends_it(
    sqlite_app: Flask, client: FlaskClient, people: People, person: Person, clock: Clock, how: str
) -> None:
    """Who knew the old one must not have left a second factor of theirs behind."""
    boss, new = people(Role.SUPER_ADMIN).actor, "nine fleet-footed otters"
    begun(client, person)
    if how == "by oneself":
        form = {"present": PASSWORD, "new": new, "again": new}
        assert post(client, "/password", **form).status_code == 303
    else:
        with sqlite_app.app_context():
            if how == "by a command":
                service.set_password(boss, person.email, new)
            else:
                managing.reset_password(boss, person.user_id)
    with sqlite_app.app_context():
        assert row_of(person).second_factor_secret is None
