"""Settling by hand what FMS did not confirm, from the log's page."""

import html
from datetime import date
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.fms.ledger_desk import HTMX, PAGE, listed
from tests.fms.ledger_desk import admin as admin
from tests.fms.ledger_desk import auditor as auditor
from tests.fms.ledger_desk import ledger as ledger
from tests.fms.ledger_desk import lost as lost
from tests.known_to_fms import add_loans
from tests.rows import Fleet, People, Person
from tests.sandbox_process import SandboxProcess
from tests.servers import csrf_token, sign_in
from webapp.accounts.permissions import Role
from webapp.db import db
from webapp.fms.models import Operation, State
from webapp.loans import requests
from webapp.loans.models import Assignment


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
