"""The stand-in's REST is the contract of fms.md, status by status."""

from typing import Any

import pytest
from requests import Session

from tests.sandbox.caller import REQUESTS, Caller, details


def test_create_answers_the_contract(fms: Caller) -> None:
    """A create answers 201 with exactly the fields, names and date format of the contract."""
    answer = fms.create()
    assert answer.status_code == 201
    made = answer.json()["request"]
    assert list(made) == [
        "id", "requestorId", "requestorName", "activityTo", "loaneeId", "loaneeName", "startDate", "endDate",
        "status", "officeName", "fleetName", "requestsVehicles",
    ]  # fmt: skip
    assert (made["id"], made["requestorId"], made["requestorName"]) == (4372, 1949, "Tennant, Marisol")
    assert (made["startDate"], made["endDate"], made["status"]) == ("02/05/29", "02/12/29", "open")
    assert made["fleetName"].endswith(" PR - Press")
    vehicle = made["requestsVehicles"][0]["requestsVehicle"]
    assert list(vehicle) == ["id", "vehicleId", "vehicleVin", "vehicleMakeModel", "notes", "status"]
    assert (vehicle["id"], vehicle["vehicleId"], vehicle["vehicleVin"]) == (5396, fms.vehicle_id, fms.vin)


@pytest.mark.parametrize("header", ["Bearer sandbox-fms-token", "Token wrong", "sandbox-fms-token", ""])
def test_other_authorization_is_denied(fms: Caller, header: str) -> None:
    """Every scheme but Token, and every other token, answers 401 and changes nothing."""
    answer = fms.call("POST", json=fms.body(), headers={"Authorization": header})
    assert (answer.status_code, answer.json()) == (401, {"errors": [{"detail": "Access denied"}]})
    assert fms.sandbox.requests() == []


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"start_date": "2029-02-05"}, "Start date is invalid"),
        ({"end_date": "2/12/29"}, "End date is invalid"),
        ({"start_date": "02/30/29"}, "Start date is invalid"),
        ({"end_date": "02/01/29"}, "End date must be after start date"),
        ({"loanee_id": None}, "Loanee can't be blank"),
        ({"loanee_id": 1}, "Loanee must exist"),
        ({"requestor_id": 5}, "Requestor must exist"),
        ({"activity_type_id": 99}, "Activity type must exist"),
        ({"activity_to": ""}, "Activity to can't be blank"),
        ({"reason": None}, "Reason can't be blank"),
        ({"requests_vehicles": []}, "Requests vehicles can't be blank"),
        ({"requests_vehicles": [{"vehicle_id": 7}]}, "Requests vehicles vehicle must exist"),
        ({"requests_vehicles": [{"vehicle_id": "x"}]}, "Requests vehicles vehicle must exist"),
    ],
)
def test_invalid_create_is_refused(fms: Caller, changes: dict[str, Any], sentence: str) -> None:
    """What a Rails application would refuse answers 422 with its sentence, and keeps nothing."""
    answer = fms.create(**changes)
    assert (answer.status_code, details(answer)) == (422, [sentence])
    assert fms.sandbox.requests() == []


def test_malformed_json_is_a_bad_request(fms: Caller) -> None:
    """A body that is no JSON answers 400; one without `request` is refused with 422."""
    assert fms.call("POST", data="{", headers={"Content-Type": "application/json"}).status_code == 400
    assert fms.call("POST", json={"start_date": "02/05/29"}).status_code == 422


def test_busy_vehicle_is_refused(fms: Caller) -> None:
    """A vehicle that an FMS activity holds is refused with the days; handing over on the same day is not."""
    fms.sandbox.approve(fms.created())
    answer = fms.create(start_date="02/11/29", end_date="02/18/29")
    assert (answer.status_code, details(answer)) == (
        422,
        ["Vehicle is not available from 02/11/29 to 02/18/29"],
    )
    assert fms.create(start_date="02/12/29", end_date="02/19/29").status_code == 201
    assert fms.create(start_date="01/29/29", end_date="02/05/29").status_code == 201


def test_two_open_requests_may_overlap(fms: Caller) -> None:
    """Requests are not holds: the second is accepted, and approving both is what fails."""
    first, second = fms.created(), fms.created()
    fms.sandbox.approve(first)
    with pytest.raises(AssertionError, match=r"409 .*not available"):
        fms.sandbox.approve(second)


def test_delete_removes_once(fms: Caller) -> None:
    """Deleting answers 204, and 404 when the request is already gone; the number is not given out again."""
    number = fms.created()
    assert fms.delete(number).status_code == 204
    assert fms.delete(number).status_code == 404
    assert fms.created() == number + 1


def test_approved_request_cannot_be_deleted(fms: Caller) -> None:
    """FMS keeps a request that has become a loan."""
    number = fms.created()
    fms.sandbox.approve(number)
    assert fms.delete(number).status_code == 422
    assert [request["id"] for request in fms.sandbox.requests()] == [number]


def test_look_up_lists_references_and_reasons(fms: Caller) -> None:
    """The look-up lists every request with our reference, its status and the reason it was closed."""
    number = fms.created(requestor_notes="ref-77")
    fms.sandbox.refuse(number, "Promised to somebody else")
    listed = fms.call("GET").json()["requests"]
    assert [(one["id"], one["requestorNotes"], one["status"], one["statusReason"]) for one in listed] == [
        (number, "ref-77", "refused", "Promised to somebody else")
    ]


def test_look_up_modes(fms: Caller) -> None:
    """The look-up can be missing, paged, a page of HTML, or a bare list."""
    numbers = [fms.created() for _ in range(3)]
    fms.sandbox.lookup("off")
    assert fms.call("GET").status_code == 404
    fms.sandbox.lookup("html")
    assert fms.call("GET").headers["Content-Type"].startswith("text/html")
    fms.sandbox.lookup("bare")
    assert [one["id"] for one in fms.call("GET").json()] == numbers[::-1]
    fms.sandbox.lookup("paged")
    second = fms.call("GET", f"{REQUESTS}?page=2&per_page=2").json()
    assert [one["id"] for one in second["requests"]] == numbers[:1]
    assert second["meta"] == {"currentPage": 2, "totalPages": 2, "totalCount": 3, "perPage": 2}


def test_connection_is_kept_open(fms: Caller) -> None:
    """A pooled client speaks to FMS over one connection, errors and empty answers included."""
    with Session() as session:
        session.headers["Authorization"] = f"Token {fms.sandbox.token}"
        pool = session.get_adapter(fms.sandbox.url)
        for method, path in (("GET", ""), ("DELETE", "/1"), ("POST", ""), ("GET", "")):
            session.request(method, fms.sandbox.url + REQUESTS + path, timeout=30)
        opened = [each.num_connections for each in pool.poolmanager.pools._container.values()]  # type: ignore[attr-defined]
    assert opened == [1]
