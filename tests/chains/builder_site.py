"""A scheduler at the chain builder as a browser without scripts sees it, and as programs ask it."""

import html
import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.rows import OFFICE, Fleet, People
from tests.servers import csrf_token, sign_in
from webapp.db import Base, writing
from webapp.fleet.models import Partner, Vehicle

# A Monday, four days after `tests.calendar.conftest.november`.
START = "2026-11-23"
# What a person does not read: markup, scripts, styles, and what is behind a closed list of choices.
UNREAD = re.compile(r"<(script|style|select|template)\b.*?</\1>|<!--.*?-->", re.DOTALL)


class Site:
    """Somebody signed in who plans for Los Angeles and Miami, with an approved partner who stands on the map."""

    def __init__(self, app: Flask, people: People, fleet: Fleet) -> None:
        self.app, self.fleet, self.people = app, fleet, people
        self.person = people(locations=[OFFICE, "Miami"])
        self.partner: Partner = fleet.add_partner("Wendy Torque", latitude=34.1, longitude=-118.3)
        self.client: FlaskClient = app.test_client()
        sign_in(self.client, self.person)
        self.token = csrf_token(self.client)
        self._approved: set[str] = set()

    def add_vehicle(self, make: str, model: str, rank: str = "A", **columns: Any) -> Vehicle:
        """A vehicle that the partner may have."""
        vehicle = self.fleet.add_vehicle(make=make, model=model, **{"fleet": f"{make} PR - Press", **columns})
        if make not in self._approved:
            self._approved.add(make)
            self.fleet.approve_make(self.partner, make, rank)
        return vehicle

    def put(self, *rows: Base) -> None:
        """Store rows of the company."""
        with self.app.app_context(), writing() as session:
            for row in rows:
                row.company_id = self.person.company_id  # type: ignore[attr-defined]
            session.add_all(rows)

    def asked(self, **given: Any) -> dict[str, Any]:
        """What a form or a query asks for: a partner chain of Los Angeles from `START`, unless told otherwise."""
        whose = {} if "vin" in given else {"person_id": self.partner.person_id}
        return {"office": OFFICE, "start": START, **whose, **given}

    def suggestion(self, **given: Any) -> dict[str, Any]:
        """A suggestion as JSON: of a vehicle chain where a `vin` is given."""
        kind = "vehicle" if "vin" in given else "partner"
        answer = self.client.get(f"/api/chains/{kind}", query_string=self.asked(**given))
        assert answer.status_code == 200, answer.text
        return dict(answer.get_json())

    def draft(self, how: str = "suggest", **given: Any) -> str:
        """The address of a draft that was begun by the form, as `how` says: suggest or hand."""
        kind = "vehicle" if "vin" in given else "partner"
        values = {"kind": kind, "given": "1", "days": 7, "count": 4, "respect_budgets": "true", **self.asked(**given)}
        answer = self.send("/chains/drafts", how=how, **values)
        assert answer.status_code == 303, words_of(answer)
        return answer.location

    def send(self, path: str, **fields: Any) -> TestResponse:
        """A form without any script."""
        return self.client.post(path, data={"csrf_token": self.token, **fields})

    def get(self, path: str, **query: Any) -> TestResponse:
        """A page that is there."""
        answer = self.client.get(path, query_string=query or None)
        assert answer.status_code == 200, words_of(answer)
        return answer

    def read(self, path: str, **query: Any) -> str:
        """What a person reads on a page."""
        return words_of(self.get(path, **query))


def draft_in(address: str) -> str:
    """The id of the draft at an address."""
    return address.rpartition("draft=")[2]


def words_of(answer: TestResponse) -> str:
    """What a person reads of an answer, in one line."""
    text = " ".join(html.unescape(re.sub(r"<[^>]*>", " ", UNREAD.sub(" ", answer.text))).split())
    return re.sub(r" (?=[.,:;)])", "", text)


@pytest.fixture
def site(november: None, sqlite_app: Flask, people: People, fleet: Fleet) -> Site:
    """See `Site`; it is Thursday, 11-19-26. What differs between the engines is proved where it is read."""
    return Site(sqlite_app, people, fleet)
