"""The dispatch board: 200 jobs of a day in 66 branches, one branch of them, an action, and the question for news."""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from flask.testing import FlaskClient

from bench.desk import Desk
from bench.measure import Figure, floor_ms, median_ms, statements_of
from tests.journey_rows import Yard
from tests.rows import People, Person
from tests.servers import csrf_token, sign_in
from webapp import clock
from webapp.accounts.models import Location
from webapp.db import db
from webapp.journeys.models import Truck

JOBS, BRANCHES = 200, 66
FLOOR = "the bare queries and writing the same bytes"
POLLED = re.compile(r'data-mark="([^"]*)" data-hash="([^"]*)"')
FRAGMENT = {"HX-Request": "true", "HX-Current-URL": "http://localhost/journeys"}


@dataclass
class Yards:
    """The board's part of the desk: who sees all branches, who sees one, and a job to work on."""

    desk: Desk
    everywhere: FlaskClient
    at_one: FlaskClient
    job: int
    version: int


def figures(desk: Desk) -> Iterator[Figure]:
    """Server milliseconds of board, poll and action, the size before compression, the number of queries."""
    yards = _fill(desk)
    yield _page(yards.desk, yards.everywhere, "board, 200 jobs of 66 branches", "/journeys", "under 25 ms")
    yield _page(yards.desk, yards.everywhere, "board, 200 jobs, by location", "/journeys?by=location", "under 25 ms")
    yield _page(yards.desk, yards.at_one, "board, one branch", "/journeys", "under 10 ms")
    yield _page(yards.desk, yards.everywhere, "day sheet, 200 jobs", "/journeys/sheet", "under 30 ms")
    yield _poll(yards)
    yield _action(yards)


def _fill(desk: Desk) -> Yards:
    chance = random.Random(20261123)
    yard = Yard(desk.app, People(desk.app))
    branches = [yard.location(f"Branch {number:02}") for number in range(BRANCHES)]
    # Whatever hour it is, the day that the settings' zone has now.
    with desk.app.app_context():
        today: date = clock.today(desk.app.extensions["settings"].zone)
    crews = {branch.name: _crew(yard, branch, number) for number, branch in enumerate(branches)}
    job = 0
    for number in range(JOBS):
        branch = chance.choice(branches)
        driver, mover, truck = crews[branch.name]
        is_staffed = chance.random() < 0.6
        made = yard.journey(
            branch,
            day=today,
            customer_name=f"Customer {number}",
            arrival_start=60 * chance.randrange(7, 15),
            arrival_end=60 * 16,
            confirmed=chance.random() < 0.8,
            notes="Ring twice; the piano goes first." if chance.random() < 0.3 else "",
            crew=[driver, mover] if is_staffed else [],
            trucks=[truck] if is_staffed else [],
        )
        job = made.id
    at_one = desk.app.test_client()
    sign_in(at_one, yard.dispatcher(email="desk@example.com", locations=[branches[0].name]))
    return Yards(desk, desk.client, at_one, job, 1)


def _crew(yard: Yard, branch: Location, number: int) -> tuple[Person, Person, Truck]:
    """A driver, a mover and a truck of that branch; named, as the desk numbers its own people alike."""
    where = [branch.name]
    driver = yard.driver(f"Driver {number}", email=f"driver{number}@example.com", locations=where)
    mover = yard.mover(f"Mover {number}", email=f"mover{number}@example.com", locations=where)
    return driver, mover, yard.truck(location=branch)


def _page(desk: Desk, client: FlaskClient, name: str, address: str, aim: str) -> Figure:
    with desk.app.app_context():
        with statements_of(db.engine) as statements:
            response = client.get(address)
        assert response.status_code == 200, response.status
        floor = floor_ms(statements, len(response.data))
    value = median_ms(lambda: client.get(address))
    note = f"{len(response.data) / 1000:.0f} kB, {len(statements)} statements"
    return Figure(name, round(value, 1), "ms", round(floor, 2), FLOOR, aim, note)


def _poll(yards: Yards) -> Figure:
    """What every open board asks every four seconds; the minute must not turn meanwhile, so it is asked anew."""
    client = yards.everywhere

    def address() -> str:
        found = POLLED.search(client.get("/journeys", headers=FRAGMENT).get_data(as_text=True))
        assert found
        return f"/journeys/changes?mark={found[1]}&hash={found[2]}"

    asked = address()
    with yards.desk.app.app_context():
        with statements_of(db.engine) as statements:
            client.get(asked, headers=FRAGMENT)
        floor = floor_ms(statements, 0)
    answers: list[int] = []
    value = median_ms(lambda: answers.append(client.get(asked, headers=FRAGMENT).status_code), runs=50)
    # A minute may have turned in between: the median is of the others.
    assert answers.count(204) > len(answers) // 2, answers
    note = f"{len(statements)} statements"
    return Figure(
        "board, asked whether anything changed", round(value, 2), "ms", round(floor, 2), FLOOR, "under 2 ms", note
    )


def _action(yards: Yards) -> Figure:
    """A problem reported: the write, the whole board read and drawn again."""
    client = yards.everywhere
    form = {"csrf_token": csrf_token(client)}
    texts = iter(range(1_000_000))

    def act() -> bytes:
        fields = {**form, "text": f"Trouble {next(texts)}"}
        answer = client.post(f"/journeys/{yards.job}/problem", data=fields, headers=FRAGMENT)
        assert answer.status_code == 200, answer.status
        return answer.get_data()

    with yards.desk.app.app_context():
        with statements_of(db.engine) as statements:
            body = act()
        floor = floor_ms(statements, len(body))
    value = median_ms(act)
    note = f"{len(body) / 1000:.0f} kB, {len(statements)} statements"
    return Figure("board, a problem reported", round(value, 1), "ms", round(floor, 2), FLOOR, "under 100 ms", note)
