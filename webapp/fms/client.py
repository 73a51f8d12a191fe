"""The FMS client: three calls, each answered by an outcome and never by an exception."""

import re
import time
from dataclasses import replace
from datetime import datetime
from typing import Any

from flask import Flask, current_app

from webapp import clock
from webapp.db import refuse_open_transaction
from webapp.fms.outcomes import (
    CHECKING,
    STILL_TRYING,
    Fate,
    Outcome,
    of_create,
    of_delete,
    of_failure,
    unconfirmed,
)
from webapp.fms.schemas import Found, LookUpPage, read_look_up
from webapp.rest import Answer, CallFailed, RestClient
from webapp.settings import Settings

REQUESTS = "/api/v1/vehicle_requests"
# As long as a person waits while FMS asks us to come back later, or repeats a delete.
PATIENCE_SECONDS = 10
# The last call of an operation begins this long after the operation was written, at the latest.
LATEST_CALL_SECONDS = 2 * PATIENCE_SECONDS
# FMS that asks us to come back at once is not asked in a loop.
SHORTEST_WAIT = 0.5
DELETE_TRIES = 3
MAX_PAGES = 50
HIDDEN = b"[hidden]"
MORE = re.compile(r'rel="?next\b')


class FmsClient:
    """Calls the FMS of the settings. Safe to share between threads; refuses to wait inside a transaction.

    `looked_at` is when this process last read a complete look-up.
    """

    def __init__(self, settings: Settings) -> None:
        self._token = settings.fms_token.get_secret_value()
        self.is_configured = bool(settings.fms_url)
        self.looked_at: datetime | None = None
        # The longest a create or delete may take; an operation still unfinished after it was interrupted.
        self.longest_seconds = settings.fms_connect_timeout + settings.fms_read_timeout * 2 + LATEST_CALL_SECONDS
        self._rest = RestClient(
            settings.fms_url or "http://fms.invalid",
            headers={
                "Authorization": f"{settings.fms_auth_scheme} {self._token}",
                "Accept": "application/json",
            },
            connect_timeout=settings.fms_connect_timeout,
            read_timeout=settings.fms_read_timeout,
            pool_size=settings.fms_concurrency * 2,
            may_be_private=settings.may_be_private(settings.fms_url),
        )

    def create(self, body: dict[str, Any]) -> tuple[Outcome, datetime]:
        """Ask for a loan, once. The outcome, and the moment the last call began."""
        refuse_open_transaction()
        began = time.monotonic()
        while True:
            called_at = clock.now()
            try:
                answer = self._without_token(self._rest.call("POST", REQUESTS, body=body))
            except CallFailed as failure:
                return of_failure(failure, CHECKING), called_at
            wait = _asked_to_wait(answer)
            # 429 says that nothing was done, so this one answer may be followed by a second call.
            if wait is None or time.monotonic() - began + wait > PATIENCE_SECONDS:
                return self._clean(of_create(answer)), called_at
            time.sleep(wait)

    def delete(self, request_id: int, *, most_tries: int = DELETE_TRIES) -> Outcome:
        """Remove a request. Repeated with back-off where FMS does not confirm: deletes are safe to repeat.

        Once a try may have arrived, only an answer about this very request says how it stands: a refused token
        or connection says nothing of what the try before it did.
        """
        refuse_open_transaction()
        began, tries, may_have_arrived = time.monotonic(), 0, False
        while True:
            outcome, wait = self._delete_once(request_id)
            tries += 1
            may_have_arrived = may_have_arrived or outcome.fate is Fate.UNKNOWN
            if outcome.fate in {Fate.UNKNOWN, Fate.NOT_SENT} and tries < most_tries:
                wait = 0.3 * 2 ** (tries - 1)
            if wait is None or time.monotonic() - began + wait > PATIENCE_SECONDS:
                is_known = outcome.fate is Fate.ACCEPTED or outcome.says_it_is_there or not may_have_arrived
                return outcome if is_known else unconfirmed(outcome)
            time.sleep(wait)

    def look_up(self) -> list[Found] | None:
        """Every request FMS has, or None where the look-up does not answer completely and in full."""
        refuse_open_transaction()
        began, pages = clock.now(), [self._page(1)]
        while pages[-1] is not None and len(pages) < pages[-1].page_count <= MAX_PAGES:
            pages.append(self._page(len(pages) + 1))
        found = _all_of([page for page in pages if page is not None], len(pages))
        if found is not None:
            self.looked_at = began
        return found

    def _page(self, number: int) -> LookUpPage | None:
        query = {"page": str(number)} if number > 1 else None
        try:
            answer = self._without_token(self._rest.call_repeatable("GET", REQUESTS, query=query))
            page = read_look_up(answer.json()) if answer.status == 200 else None
        except (CallFailed, ValueError):
            return None
        if page is None or not page.tells_notes:
            return None
        # There are more pages, and nothing that we understand says how many.
        return None if page.page_count == 1 and MORE.search(answer.headers.get("Link", "")) else page

    def _delete_once(self, request_id: int) -> tuple[Outcome, float | None]:
        """The outcome of one try, and how long FMS asks us to wait before the next."""
        try:
            answer = self._without_token(self._rest.call("DELETE", f"{REQUESTS}/{request_id}"))
        except CallFailed as failure:
            return of_failure(failure, STILL_TRYING), None
        return self._clean(of_delete(answer)), _asked_to_wait(answer)

    def _without_token(self, answer: Answer) -> Answer:
        """Without our token: a careless server repeats headers in its error pages.

        Before anything is cut to length, or half a token would be left at the cut.
        """
        token = self._token.encode()
        if not token:
            return answer
        body = answer.body.replace(token, HIDDEN)
        if not answer.is_whole:
            ends = (length for length in range(len(token) - 1, 3, -1) if body.endswith(token[:length]))
            body = body[: -next(ends, 0) or None]
        return replace(answer, body=body)

    def _clean(self, outcome: Outcome) -> Outcome:
        """Without our token also where it was hidden in JSON's escapes."""
        if not self._token:
            return outcome
        return replace(outcome, sentence=re.sub(re.escape(self._token), HIDDEN.decode(), outcome.sentence))


def register(app: Flask, settings: Settings) -> None:
    """Give `app` its client."""
    app.extensions["fms_client"] = FmsClient(settings)


def fms() -> FmsClient:
    """The running application's client."""
    client = current_app.extensions["fms_client"]
    assert isinstance(client, FmsClient)
    return client


def _asked_to_wait(answer: Answer) -> float | None:
    wait = answer.retry_after() if answer.status == 429 else None
    return None if wait is None else max(wait, SHORTEST_WAIT)


def _all_of(pages: list[LookUpPage], asked: int) -> list[Found] | None:
    """The requests of all pages; None where one is missing, or where the list moved while it was read."""
    if len(pages) < asked or any((page.page_count, page.total) != (asked, pages[0].total) for page in pages):
        return None
    found = {request.request_id: request for page in pages for request in page.requests}
    if pages[0].total not in (None, len(found)):
        return None
    return list(found.values())
