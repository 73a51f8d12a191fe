"""A scheduler of Los Angeles at the builder's page, over HTTP: five vehicles, an approved partner, two offices."""

import re
from datetime import date
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.chains.draft_desk import MODELS
from tests.rows import DAY, OFFICE, Fleet, People, Person
from tests.servers import csrf_token, sign_in
from webapp.accounts.actor import Actor
from webapp.chains.drafting import queries as draft_queries
from webapp.chains.drafting.queries import OpenDraft
from webapp.fleet.models import Partner, Vehicle

PAGE = "http://localhost/chains"
DRAFT = re.compile(r"draft=([0-9a-f-]{36})")


class BuilderDesk:
    """See the module. VINs sort as the models are listed, and nothing else tells the vehicles apart."""

    def __init__(self, app: Flask, people: People, fleet: Fleet) -> None:
        self.app, self.people, self.fleet = app, people, fleet
        self.person = people(locations=[OFFICE, "Miami"])
        self.actor: Actor = self.person.actor
        self.vehicles: list[Vehicle] = [
            fleet.add_vehicle(f"WAUZZZ8V0SA05191{number}", model=model) for number, model in enumerate(MODELS)
        ]
        self.partner: Partner = fleet.add_partner(
            "Wendy Torque", affiliation="Coastline Auto", latitude=34.1, longitude=-118.3
        )
        fleet.approve_make(self.partner, "Audi", "A+")
        self.become(self.person)

    def become(self, person: Person) -> None:
        """Somebody else sits down at a browser of their own."""
        self.client: FlaskClient = self.app.test_client()
        sign_in(self.client, person)
        self.token = csrf_token(self.client)

    def wishes(self, **changes: object) -> dict[str, object]:
        """The form as a browser sends it: three weeks for the partner from 11-23-26 on, unless told otherwise."""
        return {
            "given": "1",
            "kind": "partner",
            "office": OFFICE,
            "person_id": self.partner.person_id,
            "start": DAY.isoformat(),
            "days": "7",
            "count": "3",
            "respect_budgets": "true",
            "how": "suggest",
            **changes,
        }

    def get(self, path: str, **query: object) -> TestResponse:
        """A page."""
        return self.client.get(path, query_string=query)

    def fragment(self, path: str, **query: object) -> TestResponse:
        """What HTMX asks for."""
        return self.client.get(path, query_string=query, headers={"HX-Request": "true", "HX-Current-URL": PAGE})

    def post(self, path: str, **fields: object) -> TestResponse:
        """A form that HTMX sends."""
        headers = {"HX-Request": "true", "HX-Current-URL": PAGE, "X-CSRFToken": self.token}
        return self.client.post(path, data=fields, headers=headers)

    def send(self, path: str, **fields: object) -> TestResponse:
        """The same form without any script."""
        return self.client.post(path, data={"csrf_token": self.token, **fields})

    def begin(self, **changes: object) -> str:
        """A draft begun by the form; the address of its actions."""
        answer = self.send("/chains/drafts", **self.wishes(**changes))
        assert answer.status_code == 303, answer.text
        return f"/chains/drafts/{draft_in(answer.location)}"

    def opened(self, address: str) -> OpenDraft:
        """The draft as it stands now."""
        with self.app.app_context():
            return draft_queries.opened(self.actor, address.rpartition("/")[2])

    def act(self, address: str, action: str, **fields: Any) -> TestResponse:
        """An action on the draft as it stands now, as HTMX sends it."""
        return self.post(f"{address}/{action}", version=self.opened(address).version, **fields)

    def hold(self, vehicle: Vehicle, start_day: date, end_day: date) -> None:
        """Have FMS lend the vehicle to somebody else."""
        self.fleet.add_activity(vehicle, self.fleet.add_partner("Rita Ring"), start_day=start_day, end_day=end_day)


def draft_in(address: str) -> str:
    """The id of the draft that an address of the page opens."""
    found = DRAFT.search(address)
    assert found, address
    return found.group(1)


def words(answer: TestResponse) -> str:
    """What a person reads of an answer, in one line."""
    text = re.sub(r"<(?:script|style)\b.*?</(?:script|style)>|<[^>]*>", " ", answer.text, flags=re.DOTALL)
    return " ".join(text.replace("&#39;", "'").replace("&amp;", "&").split())


@pytest.fixture
def desk(november: None, sqlite_app: Flask, people: People, fleet: Fleet) -> BuilderDesk:
    """See `BuilderDesk`; it is Thursday, 11-19-26. What differs between the engines is proved where it is read."""
    return BuilderDesk(sqlite_app, people, fleet)
