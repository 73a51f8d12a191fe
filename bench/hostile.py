"""`python -m bench.hostile [COUNT]`: so many generated requests per group of routes (10,000), and not one may crash.

JSON by schemathesis and by odd values under the right names; pages, fragments, forms and uploads by hypothesis; all
in this process, on SQLite, by somebody who may do everything. Prints a line per group, and what crashed.
"""

import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from tests.api import hostile, hostile_pages
from tests.databases import migrate, plain_settings
from tests.journey_rows import Yard
from tests.rows import CHEAP_HASHER, Fleet, People
from webapp import create_app
from webapp.accounts import passwords
from webapp.accounts.permissions import Role
from webapp.openapi.description import described

COUNT = 10_000
# FMS and SmartMoving are not there.
ELSEWHERE = {502, 503}
ROW = "{group:<24} {requests:>8} {crashes:>5} {seconds:>8}  {statuses}"
# Requests after which whoever sends them signs in again: the token is short-lived, and the deeds may end it.
RENEWED = 200

Send = Callable[[Any, dict[str, str]], TestResponse]


class Group:
    """Requests of one group: counts answers by status, and keeps one request of each kind that crashed."""

    def __init__(self, name: str, app: Flask, people: People) -> None:
        self.name = name
        self.statuses: Counter[int] = Counter()
        self.crashes: dict[str, str] = {}
        self.seconds = 0.0
        self._app, self._people = app, people
        self._headers: dict[str, str] = {}

    def run(self, requests: st.SearchStrategy[Any], send: Send, count: int) -> None:
        """Send `count` of `requests`."""
        began = time.monotonic()

        @seed(20261122)
        @settings(
            max_examples=count,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(request=requests)
        def one(request: Any) -> None:
            self._one(request, send)

        one()
        self.seconds += time.monotonic() - began

    def _one(self, request: Any, send: Send) -> None:
        if self.statuses.total() % RENEWED == 0:
            person = self._people(Role.SUPER_ADMIN)
            self._headers = hostile.bearer(self._app.test_client(), person)
        answer = send(request, self._headers)
        self.statuses[answer.status_code] += 1
        if answer.status_code >= 500 and answer.status_code not in ELSEWHERE:
            self.crashes.setdefault(str(answer.status_code) + _where(request), repr(request)[:600])

    def line(self) -> str:
        """The group's line of the table."""
        statuses = ", ".join(f"{status}: {count}" for status, count in sorted(self.statuses.items()))
        crashed = sum(count for status, count in self.statuses.items() if status >= 500 and status not in ELSEWHERE)
        return ROW.format(
            group=self.name,
            requests=self.statuses.total(),
            crashes=crashed,
            seconds=f"{self.seconds:.0f}",
            statuses=statuses,
        )


def main() -> None:
    """Run every group. Ends with 1 where anything crashed."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else COUNT
    only = sys.argv[2:]
    print(ROW.format(group="group", requests="requests", crashes="5xx", seconds="seconds", statuses="statuses"))
    crashed = False
    with tempfile.TemporaryDirectory(prefix="motorpool-hostile-") as folder:
        app, people = _site(Path(folder))
        for name, runs in _groups(app):
            if only and name not in only:
                continue
            group = Group(name, app, people)
            for requests, send in runs:
                group.run(requests, send, max(1, count // len(runs)))
            print(group.line(), flush=True)
            for request in group.crashes.values():
                print(f"    crashed: {request}", flush=True)
            crashed = crashed or bool(group.crashes)
    sys.exit(1 if crashed else 0)


def _site(folder: Path) -> tuple[Flask, People]:
    """An application with a little of everything, so that many addresses lead somewhere."""
    passwords.hasher = CHEAP_HASHER
    url = f"sqlite:///{folder / 'hostile.db'}"
    migrate(url)
    app = create_app(plain_settings(database_url=url, log_level="CRITICAL"))
    people, fleet = People(app), Fleet(app)
    partner = fleet.add_partner()
    for vehicle in fleet.add_vehicles(3):
        fleet.approve_make(partner, vehicle.make) if vehicle.id == 1 else None
        fleet.add_loan(vehicle, partner)
        fleet.add_activity(fleet.add_vehicle(), partner)
    yard = Yard(app, people)
    for _ in range(3):
        yard.journey()
    return app, people


def _groups(app: Flask) -> Iterator[tuple[str, list[tuple[st.SearchStrategy[Any], Send]]]]:
    client = app.test_client()
    headers = hostile.bearer(client, People(app)(Role.SUPER_ADMIN, email="reader@example.com"))
    by_tag: dict[str, list[tuple[st.SearchStrategy[Any], Send]]] = {}
    for operation in hostile.operations(app, headers):
        tag = operation.definition.raw["tags"][0]
        by_tag.setdefault(tag, []).append((hostile.cases(operation), _send_case))
    description = described(app)
    for tag, runs in sorted(by_tag.items()):
        odd = hostile.odd_requests(description, tag)
        yield f"JSON {tag}", [*runs, (odd, _sender(client))]
    rooms: dict[str, list[Any]] = {}
    for route in hostile_pages.routes(app):
        rooms.setdefault(route[0].rule.split("/")[1] or "door", []).append(route)
    small = [route for routes in rooms.values() if len(routes) < 3 for route in routes]
    for room, routes in sorted(rooms.items()):
        if len(routes) >= 3:
            yield f"pages {room}", [(hostile_pages.requests(routes), _sender(client))]
    yield "pages, other", [(hostile_pages.requests(small), _sender(client))]


def _send_case(case: Any, headers: dict[str, str]) -> TestResponse:
    answer: TestResponse = case.call(headers=headers)
    return answer


def _sender(client: FlaskClient) -> Send:
    return lambda request, headers: hostile_pages.send(client, headers, request)


def _where(request: Any) -> str:
    return str(request["path"] if isinstance(request, dict) else request.operation.label)


if __name__ == "__main__":
    main()
