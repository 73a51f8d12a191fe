"""What nobody types but anybody can send: answered with a sentence or ignored, never with a crash."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.calendar.conftest import Desk
from tests.rows import People
from tests.servers import sign_in
from webapp.accounts.permissions import Role

# More digits than Python reads.
ENDLESS = "9" * 5000


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/calendar?office=%00", 200),
        ("/calendar?office=Los%00Angeles", 200),
        ("/calendar?rows=partners&make=%00", 200),
        ("/calendar/days?office=%00", 200),
        ("/calendar/moves?office=%00&day=%00", 200),
        ("/calendar/capacity?office=%00", 200),
        ("/calendar/plan?office=%00&vin=%00&person_id=%00", 200),
        ("/calendar/check?office=%00&vin=%00&person_id=1&start_day=2026-11-23&end_day=2026-11-30", 200),
        ("/api/calendar?office=%00", 422),
    ],
)
def test_a_nul_names_no_office_and_no_make(
    november: None, client: FlaskClient, people: People, path: str, status: int
) -> None:
    """PostgreSQL would not even compare a name with one."""
    sign_in(client, people(Role.ADMIN))
    assert client.get(path).status_code == status


def test_a_form_for_an_office_with_a_nul_comes_back_with_its_fault(desk: Desk) -> None:
    """404 and the form, on both engines."""
    days = {"start_day": "2026-11-23", "end_day": "2026-11-30"}
    answer = desk.post("/calendar/loans", vin=desk.vehicle.vin, person_id=1, office="Chi\x00cago", **days)
    assert answer.status_code == 404
    assert "There is no office" in answer.text


def test_numbers_without_end_are_no_numbers(desk: Desk) -> None:
    """A version, a partner and a loan of thousands of digits: not read, not crashed over."""
    loan = desk.fleet.add_loan(desk.vehicle, desk.partner)
    days = {"start_day": "2026-11-23", "end_day": "2026-11-30"}
    wanted = {"vin": desk.vehicle.vin, "person_id": str(desk.partner.person_id), **days}
    assert desk.post("/calendar/loans", **{**wanted, "person_id": ENDLESS}).status_code == 422
    assert desk.get(f"/calendar/check?vin=x&person_id={ENDLESS}").status_code == 200
    assert desk.post(f"/calendar/loans/{loan.id}/change", version=ENDLESS, **wanted).status_code == 200
    assert desk.post(f"/calendar/loans/{loan.id}/delete", version=ENDLESS).status_code == 200


@pytest.mark.parametrize("address", ["http://[", "http://[::1", "//[/calendar"])
def test_an_address_that_is_none_is_no_page_to_return_to(desk: Desk, sqlite_app: Flask, address: str) -> None:
    """What was done is told, wherever the request says that it came from."""
    loan = desk.fleet.add_loan(desk.vehicle, desk.partner)
    headers = {"HX-Request": "true", "HX-Current-URL": address}
    assert desk.client.get(f"/calendar/loans/{loan.id}", headers=headers).status_code == 200
    assert desk.send(f"/calendar/loans/{loan.id}/delete", back=address).status_code == 303
