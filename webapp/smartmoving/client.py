"""The SmartMoving client: four kinds of calls, each let through by the gate, repeated where that helps.

Every try counts against SmartMoving's limits, so every try passes through the gate first. What SmartMoving writes into
a refusal is never shown: it could repeat our key.
"""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol
from urllib.parse import quote

from webapp.db import refuse_open_transaction
from webapp.rest import Answer, CallFailed, RestClient
from webapp.settings import Settings
from webapp.smartmoving.errors import Kind, SmartMovingFailed

CONNECT_SECONDS = 10
# A page takes 3 to 6 seconds when all is well.
READ_SECONDS = 60
# Before the second and the third try.
PAUSES: tuple[float, ...] = (1, 4)
LONGEST_WAIT = 120
USUAL_WAIT = 10
PAGE_SIZE = 200
# Each customer of a page brings all its opportunities ever, and an office that moves its people has thousands.
MOST_BYTES = 32_000_000
MOST_PAGES = 500
WALKS = 3
FLAGS = ("IncludeJobAddresses", "IncludeCharges", "IncludeDispatchInfo", "IncludeTripInfo")
_TRY_AGAIN = re.compile(r"try again in ([0-9]{1,5}) second", re.IGNORECASE)
_QUOTA = re.compile(r"quota", re.IGNORECASE)
_ID = re.compile(r"[A-Za-z0-9_.:-]+")

Progress = Callable[[int, int | None], object]


class Gate(Protocol):
    """Lets calls through: waits until one may go, and remembers how it ended."""

    def admit(self, kind: str) -> int:
        """Wait for the moment of a call of this kind; its number. Raises `SmartMovingFailed` where none is left."""

    def note(self, number: int, outcome: str, milliseconds: int) -> None:
        """How that call ended."""

    def hold_off(self, seconds: float) -> None:
        """Let no call through for so long: SmartMoving asks for it."""


@dataclass(frozen=True)
class Sweep:
    """Every customer with a job in the window, once each, and in how many pages and walks they came."""

    customers: tuple[Any, ...]
    pages: int
    walks: int


@dataclass(frozen=True)
class _Page:
    rows: list[Any]
    total: int | None
    is_last: bool | None


class SmartMovingClient:
    """Calls one company's SmartMoving. Safe to share between threads; refuses to wait inside a transaction."""

    def __init__(self, gate: Gate, rest: RestClient, *, pause: Callable[[float], object] | None = None) -> None:
        self._gate = gate
        self._rest = rest
        self._pause = pause or time.sleep

    def branches(self) -> list[Any]:
        """The branches as they are listed. Raises `SmartMovingFailed`."""
        return self._list("branches", "/api/branches")

    def service_types(self) -> list[Any]:
        """The kinds of job as they are listed. Raises `SmartMovingFailed`."""
        return self._list("service_types", "/api/service-types")

    def customers(self, first: date, last: date, progress: Progress = lambda page, pages: None) -> Sweep:
        """All customers with a job from `first` to `last`, with their opportunities.

        A walk that did not hold together (a page failed, rows moved away, the total changed) is walked again.
        Raises `SmartMovingFailed`: half the customers are never taken for all of them.
        """
        for walk in range(1, WALKS + 1):
            try:
                found, pages = self._walk("customers", "/api/customers", _sweep_query(first, last), progress)
                return Sweep(tuple(found), pages, walk)
            except SmartMovingFailed as failure:
                if failure.kind is not Kind.HALF or walk == WALKS:
                    raise
        raise AssertionError("the last walk returns or raises")

    def opportunity(self, opportunity_id: str) -> Any:
        """One opportunity with all that belongs to it. Raises `SmartMovingFailed`, kind `gone` where there is none."""
        if not _ID.fullmatch(opportunity_id):
            raise SmartMovingFailed(kind=Kind.UNREADABLE, sentence="SmartMoving's id of this job is no id.")
        path = f"/api/opportunities/{quote(opportunity_id, safe='')}"
        return self._json("opportunity", path, dict.fromkeys(FLAGS, "true"), can_be_gone=True)

    def probe(self) -> None:
        """Ask for something small, once. Raises `SmartMovingFailed`."""
        answer = self._try("probe", "/api/branches", {"PageSize": "1"})
        _read(answer, can_be_gone=False)

    def _list(self, kind: str, path: str) -> list[Any]:
        return self._walk(kind, path, {}, lambda page, pages: None)[0]

    def _walk(self, kind: str, path: str, query: dict[str, str], progress: Progress) -> tuple[list[Any], int]:
        """All rows of a list once each, and the number of pages. Raises `SmartMovingFailed`."""
        found: dict[str, Any] = {}
        totals: set[int] = set()
        for number in range(1, MOST_PAGES + 1):
            page = self._page(kind, path, query, number)
            if page.total is not None:
                totals.add(page.total)
            fresh = {_id_of(row, number, place): row for place, row in enumerate(page.rows)}
            repeated = len(fresh.keys() & found.keys())
            # A server that answers without pages repeats itself: then that was all.
            is_again = page.is_last is None and repeated == len(fresh)
            if page.is_last is None and repeated and not is_again:
                raise _half("Rows moved between the pages of SmartMoving's list while it was read.")
            for key, row in fresh.items():
                found.setdefault(key, row)
            progress(number, -(-max(totals) // PAGE_SIZE) if totals else None)
            if page.is_last or is_again:
                _check_total(len(found), totals)
                return list(found.values()), number
        raise _half("SmartMoving's list did not end.")

    def _page(self, kind: str, path: str, query: dict[str, str], number: int) -> _Page:
        asked = query | {"Page": str(number), "PageSize": str(PAGE_SIZE)}
        try:
            return _as_page(self._json(kind, path, asked), number)
        except SmartMovingFailed as failure:
            # The first page has been tried often enough; a later one may come if we begin anew.
            if failure.stops or failure.kind is Kind.THROTTLED or number == 1:
                raise
            raise _half(f"Page {number} of SmartMoving's list did not come.") from None

    def _json(self, kind: str, path: str, query: dict[str, str], *, can_be_gone: bool = False) -> Any:
        """The answer's JSON; tried again after faults, and when SmartMoving has asked us to wait."""
        for pause in (*PAUSES, None):
            try:
                return _read(self._try(kind, path, query), can_be_gone=can_be_gone)
            except _Throttled as wait:
                if pause is None or wait.seconds > LONGEST_WAIT:
                    raise
                # The gate lets nobody through meanwhile, this call's next try included.
                self._gate.hold_off(wait.seconds)
            except SmartMovingFailed as failure:
                # A broken answer may come whole the next time; a refusal will be the same.
                if pause is None or not (failure.kind is Kind.LOST or failure.status == 200):
                    raise
                self._pause(pause)
        raise AssertionError("the last try returns or raises")

    def _try(self, kind: str, path: str, query: dict[str, str]) -> Answer:
        """One call through the gate. Raises `SmartMovingFailed` where no answer came or none may be asked for."""
        refuse_open_transaction()
        number = self._gate.admit(kind)
        began = time.monotonic()
        outcome = Kind.LOST.value
        try:
            answer = self._rest.call("GET", path, query=query)
            outcome = _outcome(answer)
            return answer
        except CallFailed as failure:
            words = "did not answer in time" if failure.is_timeout else "could not be reached"
            raise SmartMovingFailed(kind=Kind.LOST, sentence=f"SmartMoving {words}.") from None
        finally:
            self._gate.note(number, outcome, round((time.monotonic() - began) * 1000))


class _Throttled(SmartMovingFailed):
    """Too many calls in a minute; `seconds` to wait."""

    def __init__(self, seconds: float) -> None:
        super().__init__(kind=Kind.THROTTLED, sentence="SmartMoving takes no more calls at the moment.", status=429)
        self.seconds = seconds


def rest_client(settings: Settings, pool_size: int) -> RestClient:
    """The HTTP client for the settings' SmartMoving; the key goes into its header and nowhere else."""
    return RestClient(
        settings.smartmoving_base_url,
        headers={"x-api-key": settings.smartmoving_api_key.get_secret_value(), "Accept": "application/json"},
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        pool_size=pool_size,
        most_bytes=MOST_BYTES,
        may_be_private=settings.may_be_private(settings.smartmoving_base_url),
    )


def _sweep_query(first: date, last: date) -> dict[str, str]:
    return {
        "FromServiceDate": f"{first:%Y%m%d}",
        "ToServiceDate": f"{last:%Y%m%d}",
        "IncludeOpportunityInfo": "true",
    }


def _read(answer: Answer, *, can_be_gone: bool) -> Any:
    """The answer's JSON. Raises `SmartMovingFailed` in our own words."""
    if answer.status == 200:
        try:
            return answer.json()
        except ValueError:
            raise SmartMovingFailed(
                kind=Kind.UNREADABLE, sentence="SmartMoving's answer broke off or is no JSON.", status=200
            ) from None
    raise _refusal(answer, can_be_gone=can_be_gone)


def _refusal(answer: Answer, *, can_be_gone: bool) -> SmartMovingFailed:
    status, outcome = answer.status, _outcome(answer)
    if outcome == Kind.THROTTLED:
        return _Throttled(_asked_to_wait(answer))
    if outcome == Kind.QUOTA:
        words = "SmartMoving says that this month's calls are used up."
        return SmartMovingFailed(kind=Kind.QUOTA, sentence=words, status=status)
    if outcome == Kind.UNAUTHORIZED:
        words = f"SmartMoving refuses our key ({status}). Check SMARTMOVING_API_KEY."
        return SmartMovingFailed(kind=Kind.UNAUTHORIZED, sentence=words, status=status)
    if status in (400, 404) and can_be_gone:
        return SmartMovingFailed(kind=Kind.GONE, sentence="SmartMoving no longer has it.", status=status)
    if status >= 500:
        return SmartMovingFailed(kind=Kind.LOST, sentence=f"SmartMoving is out of order ({status}).", status=status)
    words = f"SmartMoving answered {status}, which makes no sense here. Check SMARTMOVING_BASE_URL."
    return SmartMovingFailed(kind=Kind.UNREADABLE, sentence=words, status=status)


def _outcome(answer: Answer) -> str:
    """What the ledger says of an answer: `ok`, `gone`, `error`, or a `Kind`."""
    if answer.status == 429:
        return Kind.THROTTLED.value
    if answer.status == 403 and _QUOTA.search(answer.text()):
        return Kind.QUOTA.value
    if answer.status in (401, 403):
        return Kind.UNAUTHORIZED.value
    if answer.status == 200:
        return "ok" if answer.is_whole else Kind.UNREADABLE.value
    return "gone" if answer.status in (400, 404) else "error"


def _asked_to_wait(answer: Answer) -> float:
    """Seconds: as the header says, else as the text does, else a usual time."""
    asked = answer.retry_after()
    if asked is None:
        found = _TRY_AGAIN.search(answer.text())
        asked = float(found[1]) if found else USUAL_WAIT
    return max(asked, 1)


def _as_page(raw: Any, number: int) -> _Page:
    """A page in its envelope, or a bare array, which does not say whether it is the last unless it is empty."""
    if isinstance(raw, list):
        return _Page(raw, None, True if not raw else None)
    rows = raw.get("pageResults") if isinstance(raw, dict) else None
    if not isinstance(raw, dict) or not isinstance(rows, list):
        raise SmartMovingFailed(kind=Kind.UNREADABLE, sentence="SmartMoving's list is no list.", status=200)
    total, pages = _count(raw.get("totalResults")), _count(raw.get("totalPages"))
    is_last = raw.get("lastPage") is True or (pages is not None and number >= pages)
    return _Page(rows, total, is_last or not rows)


def _check_total(found: int, totals: set[int]) -> None:
    if len(totals) > 1:
        raise _half("SmartMoving's list changed while it was read.")
    if totals and totals != {found}:
        raise _half(f"SmartMoving's list has {next(iter(totals))} entries, of which {found} came.")


def _id_of(row: Any, page: int, place: int) -> str:
    """What a row is known by; one without an id is only itself."""
    number = row.get("id") if isinstance(row, dict) else None
    return str(number) if number else f"page {page} row {place}"


def _count(raw: Any) -> int | None:
    return raw if isinstance(raw, int) and not isinstance(raw, bool) and raw >= 0 else None


def _half(sentence: str) -> SmartMovingFailed:
    return SmartMovingFailed(kind=Kind.HALF, sentence=sentence)
