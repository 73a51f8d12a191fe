"""One person at a browser: signs in, calls, waits as people do, and writes down what they were told."""

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

import requests

from bench.soak.journal import Entry, Journal, Told, told_by
from tests.rows import Person
from tests.servers import signed_in_session

# Seconds: longer than any answer may take, so that only what broke goes without one.
PATIENCE = 75


@dataclass(frozen=True)
class Answer:
    """What came back: the status (None: nothing whole), JSON where it was JSON, the text and the headers."""

    status: int | None
    told: Told
    body: Mapping[str, Any]
    text: str = ""
    headers: Mapping[str, str] | None = None

    @property
    def is_done(self) -> bool:
        """Whether it was done, as far as the person knows."""
        return self.told is Told.DONE

    def found(self, pattern: str) -> str:
        """The first group of a pattern in the text; empty where it is not there."""
        match = re.search(pattern, self.text)
        return match.group(1) if match else ""


class Visitor:
    """A person with a browser of their own. `stop` ends their waiting, and so their work."""

    def __init__(self, person: Person, url: str, journal: Journal, stop: threading.Event, chance: Random) -> None:
        self.person, self.chance, self.stop = person, chance, stop
        self._url, self._journal = url, journal
        self._session = requests.Session()

    def sign_in(self) -> None:
        """Sign in through the form; the sign-in holds across restarts."""
        self._session = signed_in_session(self._url, self.person)

    def think(self, seconds: float) -> bool:
        """Wait about so long; False when it is time to go home."""
        return not self.stop.wait(self.chance.uniform(0.5, 1.5) * seconds)

    def call(
        self,
        kind: str,
        method: str,
        path: str,
        *,
        query: Any = None,
        json: Any = None,
        form: Any = None,
        page: str = "",
        subject: str = "",
        number: int | None = None,
        wrote: Mapping[str, Any] | None = None,
        is_certain: bool = True,
    ) -> Answer:
        """Call and note it. `page`: the address of the page from which HTMX calls; `wrote` as `Entry` has it."""
        headers = {"HX-Request": "true", "HX-Current-URL": f"{self._url}{page}"} if page else {}
        began = self._journal.now()
        try:
            response = self._session.request(
                method,
                f"{self._url}{path}",
                params=query,
                json=json,
                data=form,
                headers=headers,
                timeout=PATIENCE,
                allow_redirects=False,
            )
            answer = _read(response, is_certain)
        except requests.RequestException:
            answer = Answer(None, Told.UNKNOWN, {})
        self._journal.note(
            Entry(
                person=self.person.name,
                kind=kind,
                began=began,
                ended=self._journal.now(),
                status=answer.status,
                told=answer.told,
                subject=subject,
                number=number if number is not None else _number_of(answer, subject),
                wrote=dict(wrote or {}),
                seen=_seen(answer),
                detail=answer.text[:300] if answer.told in (Told.BROKEN, Told.AWAY, Told.REFUSED) else "",
            )
        )
        return answer


def _read(response: requests.Response, is_certain: bool) -> Answer:
    is_json = "json" in response.headers.get("Content-Type", "")
    try:
        body = response.json() if is_json else {}
    except ValueError:
        return Answer(None, Told.UNKNOWN, {})
    told = told_by(response.status_code, is_certain=is_certain)
    return Answer(response.status_code, told, body, response.text, response.headers)


def _seen(answer: Answer) -> Mapping[str, Any]:
    """The loan or journey that an answer shows, else what it says of a request to FMS."""
    for name in ("assignment", "journey"):
        if isinstance(answer.body.get(name), Mapping):
            return dict(answer.body[name])
    told = ("fms_request_id", "old_status", "new_status", "fms_action", "deleted_from_fms")
    return {name: answer.body[name] for name in told if name in answer.body}


def _number_of(answer: Answer, subject: str) -> int | None:
    seen = _seen(answer)
    number = seen.get("assignment_id") if subject == "loan" else seen.get("id")
    return number if isinstance(number, int) else None
