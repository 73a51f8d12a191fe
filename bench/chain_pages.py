"""Chains over HTTP: suggestions, the candidates of a slot, why not; at full scale and at ten times the scale."""

import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from bench.desk import REPORTS, Desk
from bench.feeds import ReportServer, multiplied, read
from bench.measure import Figure, floor_ms, late, statements_of
from tests.databases import migrate, plain_settings
from tests.rows import People, Person
from tests.servers import csrf_token, sign_in
from webapp import create_app
from webapp.accounts.permissions import Role
from webapp.chains.asking import Ask, Kind
from webapp.chains.drafting import drafts
from webapp.chains.drafting import queries as draft_queries
from webapp.chains.looking import suggesting
from webapp.db import close_reading, db
from webapp.fleet.models import ApprovedMake, Partner, Vehicle
from webapp.loans.periods import next_weekday
from webapp.sync.service import run_feeds

FLOOR = "the bare queries and writing the same bytes"
RUNS = 40
PARTS = ("reading", "rules", "solver")


class Site:
    """An application with data, somebody signed in, and partners and vehicles of its largest office to ask about."""

    def __init__(self, app: Flask, client: FlaskClient, person: Person) -> None:
        self.app, self.client, self.person = app, client, person
        self.start = next_weekday(datetime.now(UTC).date() + timedelta(days=3))
        with app.app_context():
            counts = select(Vehicle.office, func.count()).group_by(Vehicle.office).order_by(func.count().desc())
            self.office = str(db.session.execute(counts.limit(1)).one()[0])
            here = (Partner.office == self.office, Partner.gone_at.is_(None))
            approved = select(ApprovedMake.person_id).where(ApprovedMake.gone_at.is_(None))
            people = select(Partner.person_id).where(*here, Partner.person_id.in_(approved)).order_by(Partner.person_id)
            self.people = list(db.session.scalars(people))[:RUNS]
            cars = select(Vehicle.vin).where(Vehicle.office == self.office, Vehicle.gone_at.is_(None))
            self.vins = list(db.session.scalars(cars.order_by(Vehicle.vin)))[:RUNS]
            close_reading()

    def partner_ask(self, person_id: int, count: int = 8) -> Ask:
        """A chain for a partner."""
        return Ask(Kind.PARTNER, self.office, self.start, person_id=person_id, count=count)

    def vehicle_ask(self, vin: str, count: int = 6) -> Ask:
        """A chain of a vehicle."""
        return Ask(Kind.VEHICLE, self.office, self.start, vin=vin, count=count)

    def address(self, ask: Ask) -> str:
        """The JSON route that answers `ask`."""
        whose = {"person_id": ask.person_id} if ask.kind is Kind.PARTNER else {"vin": ask.vin}
        values = {"office": ask.office, "start": ask.start.isoformat(), "count": ask.count, **whose}
        return f"/api/chains/{ask.kind}?{urlencode(values)}"


def figures(desk: Desk) -> Iterator[Figure]:
    """Server milliseconds: the middle one, and in the note the slowest but one in twenty, by part of the work."""
    yield from _of(Site(desk.app, desk.client, desk.person), "", ("p95 100 ms", "p95 30 ms", "p95 10 ms"))
    tables = {name: read(desk.sandbox.report(name).content) for name in REPORTS}
    server = ReportServer()
    try:
        with tempfile.TemporaryDirectory(prefix="motorpool-bench-chains-") as folder:
            server.serve(multiplied(tables, 10))
            yield from _of(_site(Path(folder), server), ", 10 x", ("", "", ""))
    finally:
        server.stop()


def _of(site: Site, scale: str, aims: tuple[str, str, str]) -> Iterator[Figure]:
    suggestion, slot, why = aims
    partners = [site.partner_ask(person_id) for person_id in site.people]
    vehicles = [site.vehicle_ask(vin) for vin in site.vins]
    as_json = _asked(site, f"chain of 8 for a partner{scale}", partners, suggestion)
    yield as_json
    yield _page(site, f"the same on the page{scale}", partners, suggestion, as_json.value)
    yield _asked(site, f"chain of 6 of a vehicle{scale}", vehicles, suggestion)
    for asks, of in ((partners, "vehicles"), (vehicles, "partners")):
        yield _over_http(site, f"all {of} for a slot{scale}", _slots(site, asks[:5]), slot)
    end = site.start + timedelta(days=7)
    days = {"start": site.start.isoformat(), "end": end.isoformat()}
    pairs = zip(site.vins, site.people, strict=False)
    addresses = [f"/api/chains/why-not?{urlencode({'vin': vin, 'person_id': who, **days})}" for vin, who in pairs]
    yield _over_http(site, f"why not{scale}", addresses, why)


def _asked(site: Site, name: str, asks: Sequence[Ask], aim: str) -> Figure:
    """A suggestion as JSON, with what reading, the rules and the solver took of it and what became of the chains."""
    parts: list[dict[str, float]] = []
    found: Counter[str] = Counter()
    with site.app.app_context():
        for ask in asks:
            answer = suggesting.suggest(site.person.actor, ask)
            parts.append(dict(answer.seconds_by_part))
            found[str(answer.status)] += 1
            close_reading()
    shares = [f"{part} {1000 * statistics.median(each.get(part, 0) for each in parts):.0f}" for part in PARTS]
    outcomes = ", ".join(f"{count} {status}" for status, count in sorted(found.items()))
    return _over_http(site, name, [site.address(ask) for ask in asks], aim, f"{', '.join(shares)} ms; {outcomes}")


def _page(site: Site, name: str, asks: Sequence[Ask], aim: str, floor: float) -> Figure:
    """Suggest a chain, keep it as a draft with its soft holds, and draw what changed on the page."""
    token = csrf_token(site.client)
    times = []
    size = 0
    for ask in asks:
        form = {
            "csrf_token": token,
            "kind": "partner",
            "office": ask.office,
            "person_id": str(ask.person_id),
            "start": ask.start.isoformat(),
            "days": str(ask.days),
            "count": str(ask.count),
            "respect_budgets": "true",
        }
        began = time.perf_counter()
        response = site.client.post("/chains/drafts", data=form, headers={"HX-Request": "true"})
        times.append((time.perf_counter() - began) * 1000)
        assert response.status_code == 200, response.text[:400]
        size = len(response.data)
    times = times[3:]
    note = f"{late(times)}, {size / 1000:.0f} kB, draft and holds written"
    return Figure(name, round(statistics.median(times), 1), "ms", floor, "the same as JSON", aim, note)


def _slots(site: Site, asks: Sequence[Ask]) -> list[str]:
    """Addresses of the drop-downs of chains that were just suggested."""
    addresses = []
    with site.app.app_context():
        for ask in asks:
            draft_id = drafts.create(site.person.actor, ask, suggest=True)
            slots = draft_queries.opened(site.person.actor, draft_id).slots
            close_reading()
            addresses += [f"/chains/drafts/{draft_id}/slots/{slot.index}" for slot in slots]
    return addresses


def _over_http(site: Site, name: str, addresses: Sequence[str], aim: str, note: str = "") -> Figure:
    times, size = [], 0
    headers = {"HX-Request": "true"} if "/slots/" in addresses[0] else {}
    for address in (*addresses[:3], *addresses):
        began = time.perf_counter()
        response = site.client.get(address, headers=headers)
        times.append((time.perf_counter() - began) * 1000)
        assert response.status_code == 200, (address, response.text[:400])
        size = max(size, len(response.data))
    times = times[3:]
    with site.app.app_context():
        with statements_of(db.engine) as statements:
            site.client.get(addresses[0], headers=headers)
        floor = floor_ms(statements, size)
    said = "; ".join(part for part in (late(times), note, f"{len(statements)} statements") if part)
    return Figure(name, round(statistics.median(times), 1), "ms", round(floor, 2), FLOOR, aim, said)


def _site(folder: Path, server: ReportServer) -> Site:
    """The same company, its rows multiplied, in a database of its own."""
    url = f"sqlite:///{folder / 'chains.db'}"
    migrate(url)
    addresses = {f"fms_{name}_csv_url": f"{server.url}/{name}" for name in REPORTS}
    app = create_app(plain_settings(database_url=url, **addresses))
    with app.app_context():
        run_feeds("bench")
    person = People(app)(Role.ADMIN)
    client = app.test_client()
    sign_in(client, person)
    return Site(app, client, person)
