"""Speaks to the stand-in SmartMoving as a client would: with its key, page by page."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from requests import Response, get

from tests.sandbox_process import SandboxProcess

FLAGS = ("IncludeJobAddresses", "IncludeCharges", "IncludeDispatchInfo", "IncludeTripInfo")


class Mover:
    """One client of one sandbox."""

    def __init__(self, sandbox: SandboxProcess) -> None:
        self.sandbox = sandbox

    def get(
        self, path: str, parameters: Mapping[str, object] | None = None, *, key: str | None = None, timeout: float = 30
    ) -> Response:
        """One call below `/api/`, with the right key unless another is given (empty: none)."""
        key = self.sandbox.smartmoving_key if key is None else key
        return get(
            f"{self.sandbox.smartmoving_url}/api/{path}",
            params={name: str(value) for name, value in (parameters or {}).items()},
            headers={"x-api-key": key} if key else {},
            timeout=timeout,
        )

    def page(self, number: int, first: date, last: date, size: int = 200) -> Response:
        """One page of the sweep."""
        return self.get(
            "customers",
            {
                "FromServiceDate": f"{first:%Y%m%d}",
                "ToServiceDate": f"{last:%Y%m%d}",
                "IncludeOpportunityInfo": "true",
                "Page": number,
                "PageSize": size,
            },
        )

    def sweep(self, first: date, last: date, size: int = 200) -> list[dict[str, Any]]:
        """The customers of all pages, as they came."""
        found: list[dict[str, Any]] = []
        number, is_last = 0, False
        while not is_last:
            number += 1
            envelope = self.page(number, first, last, size).json()
            found += envelope["pageResults"]
            is_last = envelope["lastPage"]
        return found

    def detail(self, number: str, *flags: str) -> dict[str, Any]:
        """One opportunity with the sections asked for."""
        answer = self.get(f"opportunities/{number}", dict.fromkeys(flags, "true"))
        assert answer.status_code == 200, answer.text
        return dict(answer.json())


def swept_day(job: dict[str, Any]) -> date | None:
    """The day of a sweep's job, in either of its forms."""
    text = job.get("serviceDate")
    return date.fromisoformat(text.partition("T")[0]) if text else None
