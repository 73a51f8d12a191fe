"""The FMS client: three calls, each answered by an outcome and never by an exception."""

import re
import time
from datetime import datetime
from typing import Any

from flask import Flask, current_app

from webapp import clock
from webapp.db import refuse_open_transaction
from webapp.fms.outcomes import CHECKING, STILL_TRYING, Outcome, of_create, of_delete, of_failure
from webapp.fms.schemas import Found, LookUpPage, read_look_up
from webapp.rest import Answer, CallFailed, RestClient
from webapp.settings import Settings

REQUESTS = "/api/v1/vehicle_requests"
# As long as a person waits while FMS asks us to come back later, or repeats a delete.
PATIENCE_SECONDS = 10
MAX_PAGES = 50


class FmsClient:
    """Calls the FMS of the settings. Safe to share between threads; refuses to wait inside a transaction."""

    def __init__(self, settings: Settings) -> None:
        self._token = settings.fms_token.get_secret_value()
        self.is_configured = bool(settings.fms_url)
        # The longest a create or delete may take; an operation still unfinished after it was interrupted.
        self.longest_seconds = settings.fms_connect_timeout + settings.fms_read_timeout * 2 + PATIENCE_SECONDS
        self._rest = RestClient(
            settings.fms_url or "http://fms.invalid",
            headers={
                "Authorization": f"{settings.fms_auth_scheme} {self._token}",
                "Accept": "application/json",
            },
            connect_timeout=settings.fms_connect_timeout,
            read_timeout=settings.fms_read_timeout,
            pool_size=settings.fms_concurrency * 2,
        )

    def create(self, body: dict[str, Any]) -> tuple[Outcome, datetime]:
        """Ask for a loan, once. The outcome, and the moment the last call began."""
        refuse_open_transaction()
        began = time.monotonic()
        while True:
            called_at = clock.now()
            try:
                answer = self._rest.call("POST", REQUESTS, body=body)
            except CallFailed as failure:
                return of_failure(failure, CHECKING), called_at
            wait = answer.retry_after() if answer.status == 429 else None
            # 429 says that nothing was done, so this one answer may be followed by a second call.
            if wait is None or time.monotonic() - began + wait > PATIENCE_SECONDS:
                return self._clean(of_create(answer)), called_at
            time.sleep(wait)

    def delete(self, request_id: int) -> Outcome:
        """Remove a request. Repeated with back-off where FMS does not confirm: deletes are safe to repeat."""
        refuse_open_transaction()
        path = f"{REQUESTS}/{request_id}"
        try:
            return self._clean(of_delete(self._patiently(path)))
        except CallFailed as failure:
            return of_failure(failure, STILL_TRYING)

    def look_up(self) -> list[Found] | None:
        """Every request FMS has, or None where the look-up does not answer completely and in full."""
        refuse_open_transaction()
        found: list[Found] = []
        number, count = 1, 1
        while number <= count:
            page = self._page(number)
            if page is None or page.page_count > MAX_PAGES:
                return None
            found += page.requests
            count = page.page_count
            number += 1
        return found

    def _page(self, number: int) -> LookUpPage | None:
        query = {"page": str(number)} if number > 1 else None
        try:
            answer = self._rest.call_repeatable("GET", REQUESTS, query=query)
            page = read_look_up(answer.json()) if answer.status == 200 else None
        except (CallFailed, ValueError):
            return None
        return page if page and page.tells_notes else None

    def _patiently(self, path: str) -> Answer:
        began = time.monotonic()
        while True:
            answer = self._rest.call_repeatable("DELETE", path, within=PATIENCE_SECONDS)
            wait = answer.retry_after() if answer.status == 429 else None
            if wait is None or time.monotonic() - began + wait > PATIENCE_SECONDS:
                return answer
            time.sleep(wait)

    def _clean(self, outcome: Outcome) -> Outcome:
        """Without our token: a careless server repeats headers in its error pages."""
        if not self._token:
            return outcome
        secret = re.compile(re.escape(self._token))
        return Outcome(
            outcome.fate,
            secret.sub("[hidden]", outcome.sentence),
            outcome.request_id,
            outcome.http_status,
            secret.sub("[hidden]", outcome.answer),
        )


def register(app: Flask, settings: Settings) -> None:
    """Give `app` its client."""
    app.extensions["fms_client"] = FmsClient(settings)


def fms() -> FmsClient:
    """The running application's client."""
    client = current_app.extensions["fms_client"]
    assert isinstance(client, FmsClient)
    return client
