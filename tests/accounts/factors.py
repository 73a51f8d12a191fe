"""What somebody with a second factor does: the secret they scanned, the codes it shows, the two steps of signing in."""

import html
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pyotp
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.rows import PASSWORD, Person
from tests.servers import csrf_token, token_in
from webapp.accounts.models import User
from webapp.db import db

# A whole number of steps, so that tests shift by steps and not into the middle of one.
MORNING = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
STEP = timedelta(seconds=30)


@dataclass(frozen=True)
class Factor:
    """An authenticator that has scanned a secret, and the recovery codes that were printed."""

    secret: str
    codes: tuple[str, ...]

    def at(self, moment: datetime) -> str:
        """What it shows at `moment`."""
        return str(pyotp.TOTP(self.secret).at(moment))


def shown_secret(page: str) -> str:
    """The key on the page that sets a second factor up."""
    found = re.search(r'id="secret">([A-Z2-7 ]+)<', page)
    assert found, page
    return found[1].replace(" ", "")


def shown_codes(page: str) -> tuple[str, ...]:
    """The recovery codes on the page that tells them once."""
    return tuple(html.unescape(code) for code in re.findall(r"<li><code>([^<]+)</code>", page))


def post(client: FlaskClient, path: str, **form: str) -> TestResponse:
    """Send a form of the account page."""
    return client.post(f"/account{path}", data={"csrf_token": csrf_token(client), **form})


def set_up(client: FlaskClient, moment: datetime) -> Factor:
    """Set a second factor up, in the browser of somebody who is signed in, at `moment`."""
    assert post(client, "/second-factor", present=PASSWORD).location == "/account/second-factor"
    secret = shown_secret(client.get("/account/second-factor").text)
    answer = post(client, "/second-factor/confirm", code=str(pyotp.TOTP(secret).at(moment)))
    assert answer.status_code == 200, answer.text
    return Factor(secret, shown_codes(answer.text))


def first_step(client: FlaskClient, person: Person, **fields: str) -> TestResponse:
    """Give the right password."""
    form = {"email": person.email, "password": PASSWORD, "csrf_token": csrf_token(client, "/login"), **fields}
    return client.post("/login", data=form)


def second_step(client: FlaskClient, code: str = "", **fields: str) -> TestResponse:
    """Give a code, on the page that asks for one."""
    page = client.get("/login/code")
    assert page.status_code == 200, page.location
    return client.post("/login/code", data={"code": code, "csrf_token": token_in(page.text), **fields})


def row_of(person: Person) -> User:
    """The person's row, inside an application context."""
    return db.session.scalars(select(User).where(User.id == person.user_id)).one()
