"""Reads SmartMoving's answers tolerantly: what is missing is unknown, and what is broken spares the rest.

A sweep and a detail hold different fields and write the same ones differently (smartmoving.md, section 1); nothing
here trusts a type. Only what makes an answer useless raises: `Unreadable`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from hashlib import sha256
from json import dumps
from typing import Any

from webapp.smartmoving.values import Hints, read_arrival, read_day, read_hints, read_money, read_text

ID_LENGTH = 60
NO_DAY = ""
STRANGE_DAY = "?"


class Unreadable(ValueError):
    """An answer that cannot be used; the text says what is wrong with it, in our words."""


@dataclass(frozen=True)
class SweptJob:
    """A job as the sweep tells it. `day` is None where it has none, or (`is_strange`) none that can be read."""

    job_id: str
    job_number: str
    day: date | None
    type: int | None
    is_strange: bool = False


@dataclass(frozen=True)
class SweptOpportunity:
    """An opportunity as the sweep tells it, with its customer."""

    opportunity_id: str
    quote_number: str
    status: int
    jobs: tuple[SweptJob, ...]
    customer_name: str = ""
    customer_phone: str = ""
    customer_email: str = ""

    @property
    def fingerprint(self) -> str:
        """Changes when the status, the jobs, their days or types do."""
        return fingerprint(
            self.status,
            [(job.job_id, STRANGE_DAY if job.is_strange else _iso(job.day), job.type) for job in self.jobs],
        )

    @property
    def last_day(self) -> date | None:
        """The latest day of its jobs."""
        return max((job.day for job in self.jobs if job.day), default=None)


@dataclass(frozen=True)
class BrokenJob:
    """A job that could not be read, and why; its id or number may be unknown."""

    job_id: str
    job_number: str
    reason: str


@dataclass(frozen=True)
class DetailJob:
    """A job as the detail tells it. Arrival in minutes after midnight; `stops` in travel order."""

    job_id: str
    job_number: str
    day: date | None
    type: int | None
    confirmed: bool | None
    stops: tuple[str, ...]
    arrival_start: int | None
    arrival_end: int | None
    hints: Hints
    crew: tuple[str, ...]


@dataclass(frozen=True)
class Detail:
    """An opportunity of its own. `estimated_value` is dollars of the whole opportunity; None: not said."""

    opportunity_id: str
    quote_number: str
    status: int
    customer_name: str
    customer_phone: str
    customer_email: str
    branch_name: str
    branch_phone: str
    move_size: str
    estimated_value: Decimal | None
    lead_status: str
    salesperson: str
    jobs: tuple[DetailJob, ...]
    broken: tuple[BrokenJob, ...]

    @property
    def fingerprint(self) -> str:
        """The fingerprint that a sweep has that says the same."""
        broken = [(job.job_id, STRANGE_DAY, None) for job in self.broken]
        return fingerprint(self.status, [*((job.job_id, _iso(job.day), job.type) for job in self.jobs), *broken])

    @property
    def last_day(self) -> date | None:
        """The latest day of its jobs."""
        return max((job.day for job in self.jobs if job.day), default=None)


@dataclass(frozen=True)
class BranchRow:
    """A branch as SmartMoving lists it; degrees where it has them."""

    branch_id: str
    name: str
    phone: str
    city: str
    state: str
    postcode: str
    address: str
    latitude: float | None
    longitude: float | None
    is_primary: bool


def fingerprint(status: int, jobs: Iterable[tuple[str, str, int | None]]) -> str:
    """`4:` and a digest of the jobs (id, ISO day, type), so that a change of the status alone can be told."""
    digest = sha256(dumps(sorted(jobs, key=str)).encode()).hexdigest()
    return f"{status}:{digest[:40]}"


def read_swept(customer: Any) -> tuple[list[SweptOpportunity], list[str]]:
    """A customer's opportunities, and what of them could not be read. Raises `Unreadable` without an id."""
    if not isinstance(customer, Mapping) or not read_text(customer.get("id"), ID_LENGTH):
        raise Unreadable("a customer without an id")
    found, faults = [], []
    for raw in _listed(customer.get("opportunities")):
        try:
            found.append(_swept(raw, customer))
        except Unreadable as fault:
            faults.append(str(fault))
    return found, faults


def read_detail(raw: Any, opportunity_id: str) -> Detail:
    """The detail asked for as `opportunity_id`. Raises `Unreadable`: another one, or without its status or jobs."""
    if not isinstance(raw, Mapping):
        raise Unreadable("the answer is no opportunity")
    found_id = read_text(raw.get("id"), ID_LENGTH)
    if found_id and found_id.casefold() != opportunity_id.casefold():
        raise Unreadable("the answer is another opportunity")
    status = _whole(raw.get("status"))
    if status is None:
        raise Unreadable("it has no status")
    if not isinstance(raw.get("jobs"), list):
        # Not "no jobs": that would take all of them off the board.
        raise Unreadable("it does not list its jobs")
    customer, branch = _mapped(raw.get("customer")), _mapped(raw.get("branch"))
    jobs, broken = _jobs(raw.get("jobs"))
    return Detail(
        opportunity_id=opportunity_id,
        quote_number=read_text(raw.get("quoteNumber"), 40),
        status=status,
        customer_name=read_text(customer.get("name"), 200),
        customer_phone=read_text(customer.get("phoneNumber"), 40),
        customer_email=read_text(customer.get("emailAddress"), 254),
        branch_name=read_text(branch.get("name"), 120),
        branch_phone=read_text(branch.get("phoneNumber"), 40),
        move_size=read_text(_named(raw.get("moveSize")), 80),
        estimated_value=read_money(_mapped(raw.get("estimatedTotal")).get("finalTotal")),
        lead_status=read_text(raw.get("leadStatus"), 80),
        salesperson=read_text(_named(raw.get("salesAssignee")), 120),
        jobs=jobs,
        broken=broken,
    )


def read_branch(raw: Any) -> BranchRow:
    """A branch. Raises `Unreadable` without an id."""
    branch_id = read_text(_mapped(raw).get("id"), ID_LENGTH)
    if not branch_id:
        raise Unreadable("a branch without an id")
    place = _mapped(raw.get("dispatchLocation"))
    latitude, longitude = _degrees(place.get("lat"), 90), _degrees(place.get("lng"), 180)
    if latitude is None or longitude is None or (latitude == 0 and longitude == 0):
        latitude = longitude = None
    return BranchRow(
        branch_id=branch_id,
        name=read_text(raw.get("name"), 100),
        phone=read_text(raw.get("phoneNumber"), 40),
        city=read_text(place.get("city"), 80),
        state=read_text(place.get("state"), 40),
        postcode=read_text(place.get("zip"), 20),
        address=read_text(place.get("fullAddress"), 200),
        latitude=latitude,
        longitude=longitude,
        is_primary=raw.get("isPrimary") is True,
    )


def read_service_types(rows: Sequence[Any]) -> dict[int, str]:
    """The company's names of its kinds of job, without those that have none."""
    found = {_whole(_mapped(row).get("id")): read_text(_mapped(row).get("name"), 80) for row in rows}
    return {number: name for number, name in found.items() if number is not None and 0 <= number < 2**31 and name}


def _swept(raw: Any, customer: Mapping[str, Any]) -> SweptOpportunity:
    opportunity_id = read_text(_mapped(raw).get("id"), ID_LENGTH)
    status = _whole(_mapped(raw).get("status"))
    if not opportunity_id or status is None:
        raise Unreadable(f"an opportunity without {'a status' if opportunity_id else 'an id'}")
    return SweptOpportunity(
        opportunity_id=opportunity_id,
        quote_number=read_text(raw.get("quoteNumber"), 40),
        status=status,
        jobs=tuple(_swept_job(job) for job in _listed(raw.get("jobs")) if isinstance(job, Mapping)),
        customer_name=read_text(customer.get("name"), 200),
        customer_phone=read_text(customer.get("phoneNumber"), 40),
        customer_email=read_text(customer.get("emailAddress"), 254),
    )


def _swept_job(raw: Mapping[str, Any]) -> SweptJob:
    try:
        day, is_strange = read_day(raw.get("serviceDate")), False
    except ValueError:
        day, is_strange = None, True
    return SweptJob(
        job_id=read_text(raw.get("id"), ID_LENGTH),
        job_number=read_text(raw.get("jobNumber"), 40),
        day=day,
        type=_whole(raw.get("type")),
        is_strange=is_strange,
    )


def _jobs(raw: Any) -> tuple[tuple[DetailJob, ...], tuple[BrokenJob, ...]]:
    jobs: dict[str, DetailJob] = {}
    broken = []
    for one in _listed(raw):
        try:
            job = _job(_mapped(one))
            jobs.setdefault(job.job_id, job)
        except ValueError as fault:
            known = _mapped(one)
            number = read_text(known.get("jobNumber"), 40)
            broken.append(BrokenJob(read_text(known.get("id"), ID_LENGTH), number, str(fault)))
    return tuple(jobs.values()), tuple(broken)


def _job(raw: Mapping[str, Any]) -> DetailJob:
    job_id = read_text(raw.get("id"), ID_LENGTH)
    if not job_id:
        raise Unreadable("The job has no id.")
    try:
        day = read_day(raw.get("jobDate"))
    except ValueError:
        raise Unreadable("The job's date cannot be read.") from None
    window = _mapped(raw.get("arrivalWindow"))
    start, end = read_arrival(window.get("startTime"), window.get("endTime"))
    confirmed = raw.get("confirmed")
    return DetailJob(
        job_id=job_id,
        job_number=read_text(raw.get("jobNumber"), 40),
        day=day,
        type=_whole(raw.get("type")),
        confirmed=confirmed if isinstance(confirmed, bool) else None,
        stops=_addresses(raw.get("jobAddresses")),
        arrival_start=start,
        arrival_end=end,
        hints=_hints(raw),
        crew=tuple(name for one in _listed(raw.get("crewMembers")) if (name := read_text(_named(one), 120))),
    )


def _hints(raw: Mapping[str, Any]) -> Hints:
    # What was estimated says what is needed; what was charged in the end only stands in for it.
    for name in ("estimatedCharges", "actualCharges"):
        hints = read_hints(
            _mapped(charge).get(part) for charge in _listed(raw.get(name)) for part in ("description", "name")
        )
        if hints != Hints():
            return hints
    return Hints()


def _addresses(raw: Any) -> tuple[str, ...]:
    found = (read_text(one.get("fullAddress") if isinstance(one, Mapping) else one, 300) for one in _listed(raw))
    return tuple(address for address in found if address)


def _named(raw: Any) -> Any:
    return raw.get("name") if isinstance(raw, Mapping) else raw


def _listed(raw: Any) -> Sequence[Any]:
    return raw if isinstance(raw, list) else ()


def _mapped(raw: Any) -> Mapping[str, Any]:
    return raw if isinstance(raw, Mapping) else {}


def _whole(raw: Any) -> int | None:
    """A whole number that a column can hold, also written as text or as 4.0."""
    if isinstance(raw, bool) or not isinstance(raw, int | float | str):
        return None
    try:
        number = int(raw) if not isinstance(raw, float) or raw.is_integer() else None
    except (ValueError, OverflowError):
        return None
    return number if number is not None and abs(number) < 2**31 else None


def _degrees(raw: Any, most: int) -> float | None:
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        return None
    return float(raw) if -most <= raw <= most else None


def _iso(day: date | None) -> str:
    return day.isoformat() if day else NO_DAY
