"""Addresses that stay: of a loan, of a request by its number in FMS, and of a loan that is deleted."""

from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.calendar.conftest import Desk
from tests.rows import People
from tests.servers import sign_in
from webapp.accounts.permissions import Role
from webapp.db import writing
from webapp.fms.models import Kind, Operation, State
from webapp.loans import service
from webapp.loans.models import Assignment
from webapp.loans.states import Status

# Long past and far ahead of the weeks that the calendar shows by itself.
FAR = date(2027, 9, 6)


def test_a_card_leads_to_itself(desk: Desk, sqlite_app: Flask) -> None:
    """Each card carries the address that opens the calendar at its loan; at a bar and as a page of its own."""
    loan = desk.fleet.add_loan(desk.vehicle, desk.partner)
    for fragment in (True, False):
        page = desk.get(f"/calendar/loans/{loan.id}", fragment=fragment).text
        assert f'<a href="/calendar?loan={loan.id}" data-copy' in page


def test_a_loan_opens_on_its_days_whatever_the_view(desk: Desk, sqlite_app: Flask) -> None:
    """The address alone shows its weeks, its bar and its card, and that of a cancelled one too."""
    for status in (Status.MANUAL, Status.CANCELLED):
        loan = desk.fleet.add_loan(desk.vehicle, desk.partner, start_day=FAR, status=status)
        page = desk.get(f"/calendar?loan={loan.id}").text
        assert f'id="b{loan.id}"' in page
        assert f'data-opens="/calendar/loans/{loan.id}"' in page


def test_a_number_of_a_request_leads_to_its_loan(desk: Desk, app: Flask) -> None:
    """The number that FMS shows is enough; also one that FMS had before the loan was requested again."""
    loan = desk.fleet.add_loan(desk.vehicle, desk.partner, status=Status.REQUESTED, fms_request_id=5_000_000_000)
    desk.fleet.add_loan(
        desk.vehicle, desk.partner, start_day=FAR, status=Status.CANCELLED, fms_request_id=5_000_000_000
    )
    with app.app_context(), writing() as session:
        session.add(operation_of(loan, 4372))
    for number in (5_000_000_000, 4372):
        answer = desk.get(f"/calendar/requests/{number}")
        assert (answer.status_code, answer.headers["Location"]) == (302, f"/calendar?loan={loan.id}")
    for unknown in ("1", "0", "999999999999", "9999999999999", "-1", "4372x"):
        assert desk.get(f"/calendar/requests/{unknown}").status_code == 404


def operation_of(loan: Assignment, number: int) -> Operation:
    """That FMS was once asked for this loan, and gave the request that number."""
    at = loan.created_at
    return Operation(
        reference=f"R-{number}",
        company_id=loan.company_id,
        office=loan.office,
        kind=Kind.CREATE,
        state=State.SUCCEEDED,
        subject="loan",
        assignment_id=loan.id,
        label="A loan",
        fms_request_id=number,
        requested_by="Ana",
        created_at=at,
        sent_at=at,
        deadline_at=at,
    )


@pytest.mark.parametrize("role", [Role.SCHEDULER, Role.MANAGER])
def test_another_office_learns_nothing_from_an_address(
    desk: Desk, sqlite_app: Flask, people: People, role: Role
) -> None:
    """A loan, a request or a deleted loan of an office out of reach is as if it had never been."""
    columns = {"status": Status.REQUESTED, "fms_request_id": 4372}
    loan = desk.fleet.add_loan(desk.vehicle, desk.partner, **columns)  # type: ignore[arg-type]
    deleted = desk.fleet.add_loan(desk.vehicle, desk.partner, start_day=FAR)
    with sqlite_app.app_context():
        service.remove_green(desk.person.actor, deleted.id)
    other = sqlite_app.test_client()
    sign_in(other, people(role, locations=["Dallas"]))
    never = other.get("/calendar/loans/999999").text
    for number in (loan.id, deleted.id):
        answer = other.get(f"/calendar/loans/{number}")
        assert answer.status_code == 404
        assert sentence(answer.text) == sentence(never)
        assert "Torque" not in answer.text
        assert "Torque" not in other.get(f"/calendar?loan={number}").text
    assert other.get("/calendar/requests/4372").status_code == 404
    for client in (desk.client, signed_in(sqlite_app, people, Role.AUDITOR)):
        assert client.get(f"/calendar/loans/{loan.id}").status_code == 200
        assert client.get("/calendar/requests/4372").status_code == 302


def test_a_deleted_loan_says_who_deleted_it_and_when(desk: Desk, app: Flask) -> None:
    """Whoever opens an old address is told, with the way to what happened; 404 all the same."""
    loan = desk.fleet.add_loan(desk.vehicle, desk.partner)
    with app.app_context():
        service.remove_green(desk.person.actor, loan.id)
    for fragment in (True, False):
        answer = desk.get(f"/calendar/loans/{loan.id}", fragment=fragment)
        assert answer.status_code == 404
        assert f"was deleted by {desk.person.name} on 11-19-26 at 10:00 PST." in answer.text
        assert "Wendy Torque" in answer.text
    assert f"/calendar/loans/{loan.id}/history" in answer.text
    assert desk.get(f"/calendar?loan={loan.id}").status_code == 200


def signed_in(app: Flask, people: People, role: Role) -> FlaskClient:
    """A client with somebody of that role."""
    client = app.test_client()
    sign_in(client, people(role))
    return client


def sentence(page: str) -> str:
    """What an error page says, without the number of the request."""
    return page.split("<main")[1].split("If you tell somebody")[0]
