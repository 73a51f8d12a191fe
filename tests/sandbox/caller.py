"""Speaks to the stand-in FMS as a client would: known vehicles and partners, and bodies that are right."""

import csv
import io
from typing import Any

from requests import Response, request

from tests.sandbox_process import SandboxProcess

REQUESTS = "/api/v1/vehicle_requests"
ENCODINGS = {"partners": "utf-8-sig", "approved_makes": "latin-1"}


class Caller:
    """One client of one sandbox."""

    def __init__(self, sandbox: SandboxProcess) -> None:
        self.sandbox = sandbox
        vehicle = next(row for row in self.rows("vehicles") if row[0])
        self.vehicle_id, self.vin = int(float(vehicle[0])), vehicle[6].strip().upper()
        self.person_id = int(float(self.rows("partners")[0][0]))

    def rows(self, report: str) -> list[list[str]]:
        """A report as rows of cells."""
        content = self.sandbox.report(report).content.decode(ENCODINGS.get(report, "utf-8"))
        return list(csv.reader(io.StringIO(content, newline="")))

    def body(self, **changes: Any) -> dict[str, Any]:
        """A create body for days on which the vehicle is free; a field changed to None is left out."""
        fields: dict[str, object] = {
            "requestor_id": 1949,
            "start_date": "02/05/29",
            "end_date": "02/12/29",
            "activity_type_id": 1,
            "activity_to": "Redline Review",
            "reason": "Scheduled media partner loan",
            "loanee_id": self.person_id,
            "requestor_notes": "ref-1",
            "requests_vehicles": [{"vehicle_id": self.vehicle_id, "notes": "a vehicle"}],
        }
        return {"request": {name: value for name, value in (fields | changes).items() if value is not None}}

    def call(self, method: str, path: str = REQUESTS, *, timeout: float = 30, **options: Any) -> Response:
        """One REST call with our token, redirects not followed."""
        headers = {"Authorization": f"Token {self.sandbox.token}"} | options.pop("headers", {})
        return request(
            method,
            self.sandbox.url + path,
            headers=headers,
            timeout=timeout,
            allow_redirects=False,
            **options,
        )

    def create(self, *, timeout: float = 30, **changes: Any) -> Response:
        """Ask for the vehicle."""
        return self.call("POST", json=self.body(**changes), timeout=timeout)

    def created(self, **changes: Any) -> int:
        """Ask for the vehicle and return FMS's number; an answer other than 201 fails the test."""
        answer = self.create(**changes)
        assert answer.status_code == 201, answer.text
        return int(answer.json()["request"]["id"])

    def delete(self, number: int, *, timeout: float = 30) -> Response:
        """Delete a request."""
        return self.call("DELETE", f"{REQUESTS}/{number}", timeout=timeout)

    def activities(self) -> list[list[str]]:
        """The rows of our vehicle in the current activity."""
        return [row for row in self.rows("current_activity") if row[2].strip().upper() == self.vin]


def details(answer: Response) -> list[str]:
    """FMS's sentences in an error."""
    return [error["detail"] for error in answer.json()["errors"]]
