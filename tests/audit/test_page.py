"""The page of the audit log: who reads what, its filters, its pages, its export, and the ways to it."""

import csv
import html
import io
import re
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.audit.log_desk import PAGE, Log
from tests.audit.log_desk import log as log
from tests.journey_rows import Yard
from tests.loans.planner import Desk
from tests.queries_counted import queries_of
from tests.rows import People
from tests.servers import sign_in
from webapp.accounts.permissions import Role
from webapp.audit import queries
from webapp.audit.models import AuditEntry
from webapp.audit.page import told

HTMX = {"HX-Request": "true"}


def listed(body: str) -> list[int]:
    return [int(number) for number in re.findall(r'<li id="entry-(\d+)"', body)]


def words(body: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", body)).split())


def shown_of(client: FlaskClient, query: str) -> list[int]:
    """The labels, which the tests below number, newest first."""
    return [int(number) for number in re.findall(r"No\. (\d+)", client.get(f"{PAGE}?{query}").text)]


def test_an_entry_in_words(client: FlaskClient, log: Log) -> None:
    """When in the configured zone, which thing with its page, what happened, who, from where, before and after."""
    log.add(
        before={"status": "manual", "start_day": "2026-11-26", "on_board": None},
        after={"status": "<b>", "start_day": None, "on_board": True},
    )
    sign_in(client, log.auditor)
    page = client.get(f"{PAGE}?thing=loan").text
    (entry,) = re.findall(r'<li id="entry-\d+">.*?Coastline Auto.*?</li>', page, re.DOTALL)
    assert words(entry) == (
        "11-19-26 12:00:00 PST Loan 12 Coastline Auto Changed all changes Ada Quill Admin by page · 10.0.0.7 "
        "· request-1 status, start day, on board Field Before After "
        "status manual <b> start day 11-26-26 \u2013 on board \u2013 yes"
    )
    assert "<b>" not in entry
    assert 'href="/calendar/loans/12/history"' in entry
    assert f'href="{PAGE}?thing=loan&amp;number=12"' in entry


def test_numbers_that_stand_for_somebody(client: FlaskClient, log: Log, desk: Desk, yard: Yard, app: Flask) -> None:
    """Crews, trucks and vehicles are called by name beside their number; what is not there any more, by that alone."""
    driver, truck, vehicle = yard.driver("Rita Vandermolen"), yard.truck(), desk.fleet.add_vehicle()
    log.add(subject="journey", action="crew added", before=None, after={"user_id": driver.user_id, "hours": truck.id})
    log.add(subject="journey", action="truck removed", before={"truck_id": truck.id}, after=None)
    log.add(before={"fleet_vehicle_id": vehicle.id}, after={"fleet_vehicle_id": 987654})
    sign_in(client, log.auditor)
    with app.app_context(), queries_of() as statements:
        page = words(client.get(PAGE).text)
    assert f"user id \u2013 Rita Vandermolen (no. {driver.user_id}) hours \u2013 {truck.id}" in page
    assert f"truck id {truck.name} (no. {truck.id}) \u2013" in page
    assert f"fleet vehicle id {vehicle.vin} (no. {vehicle.id}) 987654" in page
    assert not [each for each in statements if "password_hash" in each and "id IN" in each]


def test_many_fields_are_counted(client: FlaskClient, log: Log) -> None:
    """Of a change of many fields the line names six; the table has them all."""
    log.add(before=None, after={f"field_{number}": number for number in range(8)})
    sign_in(client, log.auditor)
    page = client.get(PAGE).text
    assert "field 0, field 1, field 2, field 3, field 4, field 5 and 2 more</summary>" in page
    assert page.count('<th scope="row">field ') == 8


def test_who_may_read_it(client: FlaskClient, log: Log, people: People) -> None:
    """Administrators and auditors, their own company's; a super-administrator everybody's; nobody else."""
    log.add(label="No. 1")
    log.add(label="No. 2", company_id=None)
    for role in Role:
        sign_in(client, people(role))
        assert client.get(PAGE).status_code == (200 if role in {"SUPER_ADMIN", "ADMIN", "AUDITOR"} else 403), role
        assert client.get(f"{PAGE}.csv").status_code == (200 if role in {"SUPER_ADMIN", "ADMIN", "AUDITOR"} else 403)
        client.set_cookie("session", "", expires=0)
    for person, seen in (
        (log.auditor, [1]),
        (people(Role.SUPER_ADMIN), [2, 1]),
        (people(Role.AUDITOR, company="Elsewhere", locations=[]), []),
    ):
        client.delete_cookie("session")
        sign_in(client, person)
        assert shown_of(client, "thing=loan") == seen


def test_the_filter(client: FlaskClient, log: Log) -> None:
    """By thing, number, person, action, days and words, alone and together; what makes no sense is left out."""
    log.add(label="No. 1", subject_id=1, user_id=990, actor="Ümit 100%")
    log.add(label="No. 2", subject_id=2, action="note added")
    log.add(label="No. 3", subject="journey", subject_id=2, changed_at=datetime(2026, 11, 20, 8, 0, tzinfo=UTC))
    log.add(
        label="No. 4",
        subject="rule",
        subject_id=None,
        action="added",
        changed_at=datetime(2026, 11, 20, 7, 59, tzinfo=UTC),
    )
    sign_in(client, log.auditor)
    for query, seen in [
        ("q=no.+", [4, 3, 2, 1]),
        ("q=no.+&thing=loan", [2, 1]),
        ("thing=loan&number=2", [2]),
        ("number=2", [3, 2]),
        ("number=0", []),
        ("number=-3", []),
        ("number=many", []),
        ("number=", [4, 3, 2, 1]),
        ("person=990", [1]),
        ("q=no.+&action=added", [4, 2]),
        ("q=no.+&from=2026-11-20", [3]),
        ("q=no.+&from=2026-11-19&to=2026-11-19", [4, 2, 1]),
        ("q=100%25", [1]),
        ("q=%25&q=x", [1]),
        ("q=_", []),
        ("thing=loan&number=&person=99999999999&from=yesterday&action=lost&before=-1&after=x", [2, 1]),
        ("thing=rule&number=5", []),
    ]:
        assert shown_of(client, query) == seen, query
    assert "Nothing matches" in client.get(f"{PAGE}?q=nobody").text


def test_pages(client: FlaskClient, log: Log) -> None:
    """Fifty a page, older and newer by where one stands, so that what comes meanwhile shifts nothing."""
    log.add(120)
    sign_in(client, log.auditor)
    query = "thing=loan"
    first = client.get(f"{PAGE}?{query}")
    newest = listed(first.text)
    assert len(newest) == 50
    older = html.unescape(re.findall(r'rel="next" href="([^"]*)"', first.text)[0])
    assert older == f"{PAGE}?thing=loan&before={newest[-1]}"
    log.add(3)
    second = client.get(older).text
    assert listed(second) == list(range(newest[-1] - 1, newest[-1] - 51, -1))
    newer = html.unescape(re.findall(r'rel="prev" href="([^"]*)"', second)[0])
    assert listed(client.get(newer).text) == newest
    third = client.get(html.unescape(re.findall(r'rel="next" href="([^"]*)"', second)[0])).text
    assert len(listed(third)) == 20
    assert 'rel="next"' not in third
    fragment = client.get(older, headers=HTMX)
    assert "<html" not in fragment.text
    assert "<form" not in fragment.text
    assert fragment.headers["HX-Push-Url"] == older


def test_as_many_queries_for_fifty_as_for_one(app: Flask, client: FlaskClient, log: Log) -> None:
    log.add()
    sign_in(client, log.auditor)
    client.get(PAGE)
    counts = []
    for _ in range(2):
        with app.app_context(), queries_of() as statements:
            client.get(f"{PAGE}?thing=loan")
        counts.append(len(statements))
        log.add(60)
    assert counts[0] == counts[1] <= 4


def test_the_export(client: FlaskClient, log: Log) -> None:
    """What the filter shows, all pages of it; what a spreadsheet would run is only text."""
    log.add(60)
    log.add(label="=1+1", actor="@sum", before=None, after={"name": "Zoë"})
    log.add(subject="rule")
    sign_in(client, log.auditor)
    answer = client.get(f"{PAGE}.csv?thing=loan")
    assert answer.headers["Content-Disposition"] == "attachment; filename=audit-log.csv"
    header, first, *others = csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")))
    assert len(others) == 60
    row = dict(zip(header, first, strict=True))
    assert (row["What"], row["Who"], row["Before"], row["After"]) == ("'=1+1", "'@sum", "", '{"name": "Zoë"}')
    assert (row["When"], row["Thing"], row["Number of the thing"]) == ("2026-11-19T20:00:00+00:00", "loan", "12")


def test_money_is_for_those_who_see_it(sqlite_app: Flask, monkeypatch: pytest.MonkeyPatch, log: Log) -> None:
    """Where the table takes money from a role, neither page nor export has it."""
    entry = AuditEntry(subject="budget", before={"allocation": "5.00"}, after={"allocation": "6.00", "quarter": 4})
    assert told(log.auditor.actor, entry) == (entry.before, entry.after)
    monkeypatch.setattr(queries, "Permission", type("Permission", (), {"SEE_MONEY": "what nobody has"}))
    assert told(log.auditor.actor, entry) == ({}, {"quarter": 4})


def test_the_ways_to_it(client: FlaskClient, log: Log, desk: Desk, yard: Yard, app: Flask, people: People) -> None:
    """From the menu, a loan's history and a job's page, for those who may read it and nobody else."""
    with app.app_context():
        loan = desk.plan().assignment_id
    job = yard.journey().id
    ways = {
        f"/calendar/loans/{loan}/history": f"thing=loan&amp;number={loan}",
        f"/journeys/{job}": f"thing=journey&amp;number={job}",
    }
    for person, is_open in ((log.auditor, True), (people(Role.MANAGER, locations=["Los Angeles", "Denver"]), False)):
        client.delete_cookie("session")
        sign_in(client, person)
        for address, query in ways.items():
            body = client.get(address).text
            assert (f'href="{PAGE}?{query}"' in body) is is_open, address
            assert (f'href="{PAGE}"' in body) is is_open
    client.delete_cookie("session")
    sign_in(client, log.auditor)
    assert client.get(f"{PAGE}?thing=loan&number={loan}").text.count("<li id=") == 1
