"""The FMS log: what it shows to whom, its filters, its export, and settling by hand where it stands."""

import csv
import html
import io
import re
from datetime import UTC, datetime, timedelta

from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.fms.ledger_desk import HTMX, NOON, PAGE, Ledger, listed
from tests.fms.ledger_desk import auditor as auditor
from tests.fms.ledger_desk import ledger as ledger
from tests.fms.ledger_desk import lost as lost
from tests.queries_counted import queries_of
from tests.rows import People, Person
from tests.servers import csrf_token, sign_in
from webapp.accounts.permissions import Role


def words(body: str) -> str:
    """The text of a page as a person reads it."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", body)).split())


def test_an_operation_is_told_in_words(client: FlaskClient, ledger: Ledger, auditor: Person) -> None:
    """When in the configured zone, what, for which loan, who, as which FMS user, number, time, state, reason."""
    ledger.add(created_at=datetime(2026, 7, 1, 6, 30, 5, tzinfo=UTC), assignment_id=77, fms_request_id=4372)
    ledger.add(kind="delete", state="failed", error="FMS refused it: no <b>such</b> request", fms_request_id=None)
    ledger.add(state="refused", error="The vehicle is held.", requestor_id=None, fms_request_id=None, milliseconds=0)
    sign_in(client, auditor)
    page = client.get(PAGE).text
    first, second, third = re.findall(r'<tr role="row" id="operation-.*?</tr>', page, re.DOTALL)
    assert words(third) == (
        "06-30-26 23:30:05 PDT Request Audi A3 Premium Plus …SA051916 for Coastline Auto 11-26-26 to 12-03-26 "
        "history Dana Whitfield as FMS user 1949 Done #4372 1,234 ms"
    )
    assert 'href="/calendar?loan=77"' in third
    assert 'href="/calendar/loans/77/history"' in third
    assert "Removal" in second
    assert "Failed" in second
    assert "no &lt;b&gt;such&lt;/b&gt; request" in second
    assert "Not sent" in first
    assert " ms" not in first
    assert "as FMS user" not in first
    assert "Times are those of America/Los_Angeles." in words(page)


def test_who_may_read_the_log(client: FlaskClient, ledger: Ledger, people: People) -> None:
    """Administrators and auditors; nobody else, and nobody another company's or another office's."""
    ledger.add(3)
    for role in Role:
        sign_in(client, people(role))
        assert client.get(PAGE).status_code == (200 if role in {"SUPER_ADMIN", "ADMIN", "AUDITOR"} else 403), role
        client.post("/logout", data={"csrf_token": csrf_token(client)})
    sign_in(client, people(Role.AUDITOR, company="Elsewhere", locations=["Lisbon"]))
    assert "Nothing has been asked of FMS yet" in client.get(PAGE).text
    assert client.get(f"{PAGE}.csv").text.count("\n") == 1


def test_the_filter_narrows_by_state_person_days_and_loan(client: FlaskClient, ledger: Ledger, auditor: Person) -> None:
    """Alone and together. Days are those of the configured zone, both ends included."""
    ledger.add(created_at=datetime(2026, 11, 19, 7, 59, tzinfo=UTC))
    ledger.add(created_at=datetime(2026, 11, 19, 8, 0, tzinfo=UTC), state="failed")
    ledger.add(created_at=datetime(2026, 11, 20, 7, 59, tzinfo=UTC), requested_by="O'Brien & Söhne")
    ledger.add(created_at=datetime(2026, 11, 20, 8, 0, tzinfo=UTC), assignment_id=2, requested_by="O'Brien & Söhne")
    sign_in(client, auditor)
    for query, ids in [
        ("", [4, 3, 2, 1]),
        ("state=failed", [2]),
        ("state=", [4, 3, 2, 1]),
        ("state=lost&loan=x&from=yesterday&to=2026-13-01&page=0", [4, 3, 2, 1]),
        ("from=2026-11-19&to=2026-11-19", [3, 2]),
        ("from=2026-11-20", [4]),
        ("to=2026-11-18", [1]),
        ("loan=2", [4, 2]),
        ("person=O%27Brien+%26+S%C3%B6hne", [4, 3]),
        ("person=O%27Brien+%26+S%C3%B6hne&loan=2&from=2026-11-20&state=succeeded", [4]),
        ("person=nobody", []),
    ]:
        assert listed(client.get(f"{PAGE}?{query}").text) == ids, query
    page = client.get(f"{PAGE}?state=failed&person=O%27Brien+%26+S%C3%B6hne").text
    assert "Nothing matches" in page
    assert '<option value="failed" selected>Failed</option>' in page
    assert "<option selected>O&#39;Brien &amp; Söhne</option>" in page
    assert f'href="{PAGE}.csv?state=failed&amp;person=O%27Brien+%26+S%C3%B6hne"' in page


def test_pages_keep_the_filter(client: FlaskClient, ledger: Ledger, auditor: Person) -> None:
    """Fifty a page; a page past the last is the last."""
    ledger.add(5)
    ledger.add(120, state="failed")
    sign_in(client, auditor)
    second = client.get(f"{PAGE}?state=failed&page=2").text
    assert listed(second) == list(range(75, 25, -1))
    assert f'href="{PAGE}?state=failed"' in second
    assert f'href="{PAGE}?state=failed&amp;page=3"' in second
    assert "Page 2 of 3" in second
    assert "120 operations" in words(second)
    assert listed(client.get(f"{PAGE}?state=failed&page=999999").text) == list(range(25, 5, -1))


def test_a_fragment_is_the_part_that_changes(client: FlaskClient, ledger: Ledger, auditor: Person) -> None:
    """Without frame or filter; the address it pushes holds what was asked and no empty parameters."""
    ledger.add(60, state="failed")
    sign_in(client, auditor)
    answer = client.get(f"{PAGE}?state=failed&person=&from=&to=&loan=x&page=2", headers=HTMX)
    assert "<html" not in answer.text
    assert "<form" not in answer.text
    assert len(listed(answer.text)) == 10
    assert answer.headers["HX-Push-Url"] == f"{PAGE}?state=failed&page=2"
    assert client.get(f"{PAGE}?state=", headers=HTMX).headers["HX-Push-Url"] == PAGE
    restored = client.get(PAGE, headers={**HTMX, "HX-History-Restore-Request": "true"})
    assert "<html" in restored.text
    assert "HX-Request" in restored.headers["Vary"]


def test_the_log_takes_a_handful_of_queries(app: Flask, client: FlaskClient, ledger: Ledger, auditor: Person) -> None:
    """As many for fifty rows as for one; the long texts of calls are not read."""
    ledger.add(state="uncertain")
    sign_in(client, auditor)
    client.get(PAGE)
    counts = []
    for _ in range(2):
        with app.app_context(), queries_of() as statements:
            client.get(PAGE)
        counts.append(len(statements))
        assert not any("fms_operations.answer" in statement for statement in statements)
        ledger.add(80)
    assert counts[0] == counts[1] <= 8


def test_the_export_holds_everything_that_is_filtered(client: FlaskClient, ledger: Ledger, auditor: Person) -> None:
    """All pages of it, as CSV that a spreadsheet opens as text."""
    ledger.add(3)
    ledger.add(1200, state="failed", error='=HYPERLINK("x")', requested_by="@all", answer="-1\r\n+2")
    sign_in(client, auditor)
    answer = client.get(f"{PAGE}.csv?state=failed")
    assert answer.mimetype == "text/csv"
    assert "fms-operations.csv" in answer.headers["Content-Disposition"]
    header, *rows = csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig"), newline=""))
    assert header[:4] == ["When", "Kind", "State", "Loan"]
    assert len(rows) == 1200
    first = dict(zip(header, rows[0], strict=True))
    assert first["When"] == (NOON + timedelta(minutes=1203)).isoformat()
    assert first["Reason"] == '\'=HYPERLINK("x")'
    assert first["By"] == "'@all"
    assert first["FMS answered"] == "'-1\r\n+2"
    assert first["As FMS user"] == "1949"


@given(
    query=st.dictionaries(
        st.sampled_from(["state", "person", "from", "to", "loan", "page"]), st.text(max_size=12), max_size=6
    )
)
@example(query={"person": "\x00"})
@example(query={"to": "9999-12-31"})
@example(query={"from": "0001-01-01", "to": "0001-01-01"})
@example(query={"loan": "9" * 5000, "page": "9" * 5000})
@example(query={"loan": "99999999999999999999", "page": "-1"})
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_address_breaks_the_log(client: FlaskClient, ledger: Ledger, auditor: Person, query: dict[str, str]) -> None:
    """People edit addresses by hand: what cannot be read is left out."""
    if not client.get_cookie("session"):
        ledger.add()
        sign_in(client, auditor)
    assert client.get(PAGE, query_string=query).status_code == 200
    assert client.get(f"{PAGE}.csv", query_string=query).status_code == 200
