"""What travels to FMS and what comes back: the body of a create, and every shape an answer is known to take."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

MEDIA_LOAN = 1
DEAD_STATUSES = frozenset({"refused", "rejected", "denied", "cancelled", "canceled", "deleted"})
ID_PATHS = (("request", "id"), ("id",), ("request_id",), ("vehicle_request", "id"), ("data", "id"))
LIST_NAMES = ("requests", "vehicle_requests", "vehicleRequests", "data", "results")
REFERENCE = re.compile(r"MP-[0-9a-f]{16}")
PAGE_COUNT_NAMES = ("totalPages", "total_pages", "pages")
TOTAL_NAMES = ("totalCount", "total_count", "total", "count")
MORE_NAMES = ("next", "nextPage", "next_page", "hasMore", "has_more")
# No FMS counts so far, and a number that the database cannot keep would break what writes it.
LARGEST_NUMBER = 10**12
# A sentence of FMS is kept this long; a reason of its staff too.
SENTENCE = 600
NOTE_NAMES = ("requestorNotes", "requestor_notes")


@dataclass(frozen=True)
class VehicleRequest:
    """A loan as FMS wants to hear of it. Ids are FMS's own; `[start_day, end_day)` is sent as its two ends."""

    requestor_id: int
    vehicle_id: int
    vehicle_name: str
    vin: str
    loanee_id: int
    partner_name: str
    affiliation: str
    subcategory_id: int | None
    start_day: date
    end_day: date

    def body(self, reference: str) -> dict[str, Any]:
        """The JSON of a create. `reference` is how we find this request in FMS when its answer is lost."""
        request: dict[str, Any] = {
            "requestor_id": self.requestor_id,
            "start_date": fms_date(self.start_day),
            "end_date": fms_date(self.end_day),
            "activity_type_id": MEDIA_LOAN,
            "activity_to": self.partner_name,
            "reason": self.affiliation or "Scheduled media partner loan",
            "loanee_id": self.loanee_id,
            "requestor_notes": reference,
            "requests_vehicles": [{"vehicle_id": self.vehicle_id, "notes": f"{self.vehicle_name} (VIN: {self.vin})"}],
        }
        if self.subcategory_id is not None:
            request["activity_type_subcategory_id"] = self.subcategory_id
        return {"request": request}


def fms_date(day: date) -> str:
    """`MM/DD/YY`: FMS refuses ISO dates."""
    return day.strftime("%m/%d/%y")


def request_id_of(answer: Any) -> int | None:
    """The number of the created request, wherever FMS put it; None where it sent none we can use."""
    for path in ID_PATHS:
        value = answer
        for name in path:
            value = value.get(name) if isinstance(value, Mapping) else None
        number = _positive(value)
        if number is not None:
            return number
    return None


def words_of(text: str) -> str:
    """FMS's own words from the body of a refusal, for people; empty when it sent a page or nothing."""
    try:
        return _plain("; ".join(filter(None, _sentences(json.loads(text)))))[:SENTENCE].strip()
    except ValueError:
        return "" if "<" in text else _plain(text)[:300].strip()
    except RecursionError:
        return ""


def _plain(text: str) -> str:
    """One line that both databases can keep: JSON may escape NUL and half characters, which they cannot."""
    return " ".join(text.replace("\x00", "").encode("utf-8", "replace").decode().split())


def _sentences(answer: Any) -> Iterator[str]:
    if isinstance(answer, str):
        yield _plain(answer)
    elif isinstance(answer, list):
        for part in answer:
            yield from _sentences(part)
    elif isinstance(answer, Mapping):
        known = [name for name in ("errors", "error", "detail", "message", "title") if name in answer]
        if known:
            yield from _sentences(answer[known[0]])
            return
        for field, part in answer.items():
            for sentence in _sentences(part):
                yield f"{_plain(field)} {sentence}" if sentence and isinstance(part, list) else sentence


@dataclass(frozen=True)
class Found:
    """A request that a look-up showed: its number, what its notes say, and how FMS stands to it."""

    request_id: int
    notes: str
    status: str
    reason: str

    @property
    def reference(self) -> str:
        """Our reference in its notes, wherever FMS's people may have written around it; else empty."""
        match = REFERENCE.search(self.notes)
        return match.group() if match else ""

    @property
    def is_dead(self) -> bool:
        """Whether FMS refused or cancelled it."""
        return self.status.lower() in DEAD_STATUSES


@dataclass(frozen=True)
class LookUpPage:
    """One page of a look-up. `page_count` is 1 where FMS says nothing of pages; `total` the number of requests
    on all of them where it says so; `tells_notes` whether the requests carry their notes at all (without them
    nothing can be concluded from an absence)."""

    requests: tuple[Found, ...]
    page_count: int
    tells_notes: bool
    total: int | None = None


def read_look_up(answer: Any) -> LookUpPage | None:
    """A page of the undocumented look-up, or None when it is not a list of requests, or one of which the rest
    is somewhere else."""
    rows, page_count, total = answer, 1, None
    if isinstance(answer, Mapping):
        rows = next((answer[name] for name in LIST_NAMES if isinstance(answer.get(name), list)), None)
        meta = answer["meta"] if isinstance(answer.get("meta"), Mapping) else answer
        page_count = next(filter(None, (_positive(meta.get(name)) for name in PAGE_COUNT_NAMES)), 1)
        total = next(filter(None, (_positive(meta.get(name)) for name in TOTAL_NAMES)), None)
        if page_count == 1 and any(meta.get(name) or answer.get(name) for name in MORE_NAMES):
            return None
    if not isinstance(rows, list):
        return None
    found = [_found(row) for row in rows]
    requests = tuple(request for request in found if request is not None)
    if len(requests) != len(rows):
        return None
    return LookUpPage(requests, page_count, all(_has_notes(row) for row in rows), total)


def _inner(row: Any) -> Any:
    if isinstance(row, Mapping):
        for name in ("request", "vehicle_request", "vehicleRequest"):
            if isinstance(row.get(name), Mapping):
                return row[name]
    return row


def _has_notes(row: Any) -> bool:
    return any(name in _inner(row) for name in NOTE_NAMES)


def _found(row: Any) -> Found | None:
    row = _inner(row)
    if not isinstance(row, Mapping):
        return None
    number = _positive(row.get("id"))
    if number is None:
        return None
    notes = next((str(row[name] or "") for name in NOTE_NAMES if name in row), "")
    reason = row.get("statusReason") or row.get("status_reason") or row.get("messageToRequestor") or ""
    return Found(number, notes, _plain(str(row.get("status") or "")), _plain(str(reason))[:SENTENCE])


def _positive(value: Any) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, str) and re.fullmatch(r"\d{1,12}", value.strip()):
        value = int(value)
    return value if isinstance(value, int) and 0 < value < LARGEST_NUMBER else None
