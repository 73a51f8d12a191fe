"""The FMS log: what it shows to whom, its filters, its export, and settling by hand where it stands."""

import csv
import html
import io
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from tests.browsers import assert_accessible, assert_fits, watched_page
from tests.known_to_fms import add_loans
from tests.queries_counted import queries_of
from tests.rows import OFFICE, Fleet, People, Person
from tests.sandbox_process import SandboxProcess
from tests.servers import LiveServer, csrf_token, sign_in
from webapp.accounts.permissions import Role
from webapp.db import db, writing
from webapp.fms.models import Operation, State
from webapp.fms.outcomes import CHECKING
from webapp.loans import requests
from webapp.loans.models import Assignment

PAGE = "/fms/operations"
HTMX = {"HX-Request": "true"}
NOON = datetime(2026, 11, 19, 20, 0, tzinfo=UTC)
LABEL = "Audi A3 Premium Plus …SA051916 for Coastline Auto, 11-26-26 to 12-03-26"


class Ledger:
    """Puts operations into the ledger, as if FMS had been asked long ago."""

    def __init__(self, app: Flask, company_id: int) -> None:
        self._app, self._company_id = app, company_id
        self._count = 0

    def add(self, count: int = 1, **columns: Any) -> int:
        """`count` operations, a minute apart; the id of the last."""
        with self._app.app_context(), writing() as session:
            for _ in range(count):
                self._count += 1
                row = self._row(columns)
                session.add(row)
            session.flush()
            return row.id

    def _row(self, columns: dict[str, Any]) -> Operation:
        at = columns.get("created_at") or NOON + timedelta(minutes=self._count)
        values = {
            "reference": f"MP-{self._count:016x}",
            "company_id": self._company_id,
            "office": OFFICE,
            "kind": "create",
            "state": "succeeded",
            "subject": "loan",
            "assignment_id": self._count,
            "label": LABEL,
            "fms_request_id": 4000 + self._count,
            "requestor_id": 1949,
            "requested_by": "Dana Whitfield",
            "created_at": at,
            "sent_at": at,
            "deadline_at": at,
            "milliseconds": 1234,
        }
        return Operation(**{**values, **columns})


@pytest.fixture
def auditor(people: People) -> Person:
    return people(Role.AUDITOR, locations=[])


@pytest.fixture
def admin(people: People) -> Person:
    return people(Role.ADMIN, locations=[], name="Dana Whitfield")


@pytest.fixture
def ledger(app: Flask, auditor: Person) -> Ledger:
    return Ledger(app, auditor.company_id)


def words(body: str) -> str:
    """The text of a page as a person reads it."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", body)).split())


def listed(body: str) -> list[int]:
    """The operations that a page lists, in order."""
    return [int(number) for number in re.findall(r'id="operation-(\d+)"', body)]


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
        "Dana Whitfield as FMS user 1949 Done #4372 1,234 ms"
    )
    assert 'href="/calendar?loan=77"' in third
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


# Settling.


@pytest.fixture
def lost(app: Flask, sandbox: SandboxProcess, admin: Person, fleet: Fleet) -> Assignment:
    """A loan whose request FMS did not answer and does not let us look up."""
    (loan,) = add_loans(sandbox, fleet, 1, start_day=date(2060, 6, 7))
    sandbox.lookup("off")
    sandbox.fault("create", "reset_before")
    with app.app_context():
        assert requests.request(admin.actor, loan.id).http_status == 202
    return loan


def operation_of(app: Flask, loan: Assignment) -> Operation:
    """The newest operation of a loan."""
    with app.app_context():
        statement = select(Operation).where(Operation.assignment_id == loan.id).order_by(Operation.id.desc())
        operation = db.session.scalars(statement).first()
        assert operation
        return operation


def settle(client: FlaskClient, operation: Operation, query: str = "", **form: str) -> Any:
    """Post a settlement as HTMX does."""
    headers = {**HTMX, "X-CSRFToken": csrf_token(client)}
    return client.post(f"{PAGE}/{operation.id}/settle{query}", data=form, headers=headers)


def test_an_uncertain_request_is_settled_where_it_stands(
    app: Flask, client: FlaskClient, admin: Person, lost: Assignment
) -> None:
    """Check again says that FMS does not tell; a wrong number is refused at its field; the right one is taken."""
    operation = operation_of(app, lost)
    sign_in(client, admin)
    page = client.get(f"{PAGE}?state=uncertain").text
    assert f'hx-post="{PAGE}/{operation.id}/settle?state=uncertain"' in page
    assert operation.reference in page
    answer = settle(client, operation, "?state=uncertain", verdict="check")
    assert answer.status_code == 200
    assert "FMS does not let us look requests up" in answer.text
    assert listed(answer.text) == [operation.id]
    for number in ("", "abc", "0", "9" * 40, "-4"):
        answer = settle(client, operation, "?state=uncertain", verdict="present", number=number)
        assert answer.status_code == 422
        fault = f'<p class="fault" id="fault-{operation.id}">Enter the number that FMS shows for this request.</p>'
        assert fault in answer.text
        assert f'value="{number[:20]}" aria-invalid="true"' in answer.text
    answer = settle(client, operation, "?state=uncertain", verdict="present", number=" #4372 ")
    assert answer.status_code == 200
    assert f"Requested in FMS (#4372) · {operation.label}" in html.unescape(answer.text)
    assert listed(answer.text) == [], "the filter survives, so it has left the list"
    again = settle(client, operation, "?page=1", verdict="absent")
    assert again.status_code == 409
    assert "This has been settled meanwhile." in again.text
    assert listed(again.text) == [operation.id]


def test_it_is_not_in_fms_frees_the_loan(app: Flask, client: FlaskClient, admin: Person, lost: Assignment) -> None:
    """The reason names who looked."""
    sign_in(client, admin)
    answer = settle(client, operation_of(app, lost), verdict="absent")
    assert answer.status_code == 200
    operation = operation_of(app, lost)
    assert operation.state == State.FAILED
    assert operation.error == "FMS does not have this request, settled by Dana Whitfield, who looked in FMS."
    assert operation.error in html.unescape(answer.text)


def test_checking_again_finds_what_fms_has_after_all(
    app: Flask, client: FlaskClient, sandbox: SandboxProcess, admin: Person, fleet: Fleet
) -> None:
    """The number is adopted, and told."""
    (loan,) = add_loans(sandbox, fleet, 1, start_day=date(2060, 6, 7))
    sandbox.fault("create", "reset_after")
    with app.app_context():
        requests.request(admin.actor, loan.id)
    sign_in(client, admin)
    answer = settle(client, operation_of(app, loan), verdict="check")
    number = sandbox.requests()[0]["id"]
    assert f"Requested in FMS (#{number})" in answer.text


def test_settling_works_without_scripts(app: Flask, client: FlaskClient, admin: Person, lost: Assignment) -> None:
    """The plain form comes back to the same filter with the message; a refusal is the page with it."""
    operation = operation_of(app, lost)
    sign_in(client, admin)
    address, token = f"{PAGE}/{operation.id}/settle?state=uncertain", csrf_token(client)
    refused = client.post(address, data={"verdict": "present", "number": "x", "csrf_token": token})
    assert refused.status_code == 422
    assert "<html" in refused.text
    assert 'class="message refused"' in refused.text
    assert client.post(address, data={"verdict": "maybe", "csrf_token": token}).status_code == 422
    done = client.post(address, data={"verdict": "absent", "csrf_token": token})
    assert (done.status_code, done.location) == (303, f"{PAGE}?state=uncertain")
    assert "FMS does not have this request" in client.get(done.location).text


def test_who_may_settle(app: Flask, client: FlaskClient, people: People, auditor: Person, lost: Assignment) -> None:
    """Auditors see no buttons and may not; a scheduler of the office may, and is not shown the log for it."""
    operation = operation_of(app, lost)
    sign_in(client, auditor)
    page = client.get(PAGE).text
    assert listed(page) == [operation.id]
    assert "settle" not in page
    assert settle(client, operation, verdict="absent").status_code == 403
    strangers = (people(locations=["Miami"]), people(Role.ADMIN, company="Elsewhere", locations=["Lisbon"]))
    for stranger in strangers:
        with app.test_client() as other:
            sign_in(other, stranger)
            answer = settle(other, operation, verdict="absent")
            assert answer.status_code == 404
            assert operation.reference not in answer.text
    with app.test_client() as scheduler:
        sign_in(scheduler, people())
        assert settle(scheduler, operation, verdict="present", number="").status_code == 422
        answer = settle(scheduler, operation, verdict="absent")
        assert answer.headers["HX-Redirect"] == "/calendar"
        assert operation.reference not in answer.text
    assert operation_of(app, lost).state == State.FAILED


# In a browser.


@pytest.fixture
def served(sqlite_app: Flask, live_server: Callable[[Flask], LiveServer]) -> LiveServer:
    """The application over real HTTP, for a browser; the engine cannot matter there."""
    return live_server(sqlite_app)


def open_log(page: Page, served: LiveServer, person: Person, query: str = "") -> None:
    """Sign in and open the log."""
    page.goto(f"{served.url}/login")
    page.get_by_label("E-mail").fill(person.email)
    page.get_by_label("Password", exact=True).fill(person.password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "/login" not in url)
    page.goto(f"{served.url}{PAGE}{query}")


def test_in_a_browser_filters_pages_and_settlements_answer_in_place(
    page: Page, served: LiveServer, ledger: Ledger, admin: Person
) -> None:
    """The address follows, Back works, focus is where the fault is, and the rest of the page stays."""
    ledger.add(70)
    uncertain = ledger.add(state="uncertain", error=CHECKING, fms_request_id=None, milliseconds=None)
    open_log(page, served, admin)
    rows = page.locator("tr.line")
    expect(rows).to_have_count(50)
    page.evaluate("window.stayed = true")
    page.get_by_label("State").select_option("uncertain")
    expect(rows).to_have_count(1)
    assert page.url == f"{served.url}{PAGE}?state=uncertain"
    number = page.get_by_label("Its number in FMS")
    number.fill("4001")
    page.get_by_role("button", name="It is in FMS", exact=True).click()
    expect(page.locator(f"#fault-{uncertain}")).to_have_text(f"Request #4001 already belongs to {LABEL}.")
    expect(number).to_have_value("4001")
    expect(number).to_be_focused()
    number.fill("5000")
    number.press("Enter")
    expect(page.get_by_text("Nothing matches")).to_be_visible()
    expect(page.get_by_role("status").filter(has_text="Requested in FMS (#5000)")).to_be_visible()
    page.go_back()
    expect(rows).to_have_count(50)
    page.get_by_role("link", name="Older").click()
    expect(rows).to_have_count(21)
    assert page.url == f"{served.url}{PAGE}?page=2"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_everybody_can_use_the_log(
    browser: Browser, served: LiveServer, ledger: Ledger, admin: Person, scheme: Any, width: int
) -> None:
    """Axe finds nothing, in light and dark, on a desk and on a phone; nothing is cut off at the side."""
    for state in State:
        ledger.add(state=state, error=CHECKING if state in {"uncertain", "failed"} else "")
    ledger.add(kind="delete", state="uncertain", error=CHECKING)
    viewport = {"width": width, "height": 844}
    with watched_page(browser, viewport=viewport, color_scheme=scheme) as page:
        open_log(page, served, admin)
        expect(page.locator("tr.line")).to_have_count(6)
        assert_accessible(page)
        assert_fits(page)
        small = "[...document.querySelectorAll('.ledger :is(button, a.button, input, select)')]"
        assert page.evaluate(f"{small}.filter(one => one.offsetHeight && one.offsetHeight < 24).length") == 0
        page.goto(f"{served.url}{PAGE}?loan=999")
        expect(page.get_by_text("Nothing matches")).to_be_visible()
        assert_accessible(page)
