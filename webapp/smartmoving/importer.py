"""Brings the journeys into line with SmartMoving: sweeps the window, reads details worth reading, writes in batches.

Nothing is asked of SmartMoving inside a transaction. Each batch is one transaction, and what it remembers of an
opportunity is written with its journeys: a run that is killed leaves whole batches, and the next one does the rest.
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo

from flask import Flask
from sqlalchemy.orm import Session

from webapp import clock
from webapp.db import close_reading, db, writing
from webapp.journeys import imported
from webapp.journeys.marks import bump
from webapp.settings import Settings
from webapp.smartmoving import branches as places
from webapp.smartmoving import ledger, memory, outcomes, standing
from webapp.smartmoving.branch_names import Branches
from webapp.smartmoving.client import SmartMovingClient
from webapp.smartmoving.errors import Kind, SmartMovingFailed
from webapp.smartmoving.fetch import Fetched, fetched
from webapp.smartmoving.outcomes import Around, Reading
from webapp.smartmoving.plan import ABSENT, Allowance, Known, Plan, Reason, plan
from webapp.smartmoving.rehousing import rehoused
from webapp.smartmoving.schedule import last_sweep, sweeps_left
from webapp.smartmoving.schemas import SweptOpportunity, Unreadable, read_branch, read_service_types, read_swept
from webapp.smartmoving.statuses import TAKEN_OFF, is_dispatchable
from webapp.smartmoving.tally import Tally
from webapp.smartmoving.window import Window, window_of

BATCH = 20
# A little less than a day, so that the morning's first sweep reads them.
REFERENCE_AGE = timedelta(hours=20)
# So many details one after the other did not come: SmartMoving is down, and calls are not to be wasted.
MOST_LOST = 8

Confirm = Callable[[Session], None]
Progress = Callable[[int, int | None, str], object]


@dataclass(frozen=True)
class Company:
    """Whose journeys are imported, with what, and who may write: `confirm` is called first in each transaction."""

    id: int
    app: Flask
    settings: Settings
    client: SmartMovingClient
    confirm: Confirm
    progress: Progress

    @property
    def zone(self) -> tzinfo:
        """The desk's own zone."""
        return self.settings.zone


class Importer:
    """One run. `tally` says at any moment what it has done."""

    def __init__(self, company: Company) -> None:
        self._company = company
        self.tally = Tally()
        self._window = Window(clock.today(company.zone), clock.today(company.zone))
        self._swept: dict[str, SweptOpportunity] = {}
        self._known: dict[str, Known] = {}
        self._zones = [company.zone]
        self._pages = 1
        self._has_read_branches = False
        self._matching: Branches | None = None

    def run(self) -> None:
        """Do it all. Raises `SmartMovingFailed` where it cannot go on; what was written until then stays."""
        self._read_reference()
        self._sweep()
        made = self._plan()
        self._settle(made)
        self._read_details(made)

    def _read_reference(self) -> None:
        """Branches and kinds of job, once a day; with those of yesterday the jobs can be read as well."""
        state = standing.state_of(self._company.id)
        close_reading()
        moment = clock.now()
        for read_at, read, what in (
            (state.service_types_at, self._read_types, "kinds of job"),
            (state.branches_at, self._read_branches, "branches"),
        ):
            if read_at is not None and moment - read_at < REFERENCE_AGE:
                continue
            try:
                read()
            except SmartMovingFailed as failure:
                if failure.stops or read_at is None:
                    raise
                self._warn_of_old(what, failure)

    def _read_types(self) -> None:
        """The kinds of job as they are called now."""
        types, moment = read_service_types(self._company.client.service_types()), clock.now()
        with writing() as session:
            self._company.confirm(session)
            memory.keep_types(session, self._company.id, types)
            memory.forget_old(session, self._company.id, moment)
            standing.note(session, self._company.id, service_types_at=moment)

    def _warn_of_old(self, what: str, failure: SmartMovingFailed) -> None:
        self.tally.warn(f"The {what} could not be read again, those known before stay: {failure.sentence}")

    def _read_branches(self) -> None:
        """The branches as they are now; an empty list is not believed."""
        self._has_read_branches = True
        found = []
        for raw in self._company.client.branches():
            try:
                found.append(read_branch(raw))
            except Unreadable as fault:
                self.tally.warn(f"SmartMoving lists {fault}.")
        if not found:
            self.tally.warn("SmartMoving lists no branch; those known before stay.")
            return
        moment = clock.now()
        with writing() as session:
            self._company.confirm(session)
            has_renamed = places.take_in_branches(session, self._company.id, found, moment)
            standing.note(session, self._company.id, branches_at=moment)
            self._matching = places.known_branches(self._company.id)
            elsewhere = places.unassigned(session, self._company.id)
            first = clock.today(self._company.zone) - timedelta(days=1)
            jobs = rehoused(session, self._company.id, elsewhere, self._matching, first)
            taken = imported.take_in(session, self._company.id, jobs, moment)
            if has_renamed or taken.changes_a_board:
                bump(session, self._company.id)
        self.tally.updated |= taken.updated

    def _sweep(self) -> None:
        company = self._company
        self._zones = standing.zones_of(company.id, company.zone)
        self._window = window_of(clock.now(), self._zones)
        self.tally.window = self._window
        close_reading()

        def tell(page: int, pages: int | None) -> None:
            company.progress(page, pages, f"Sweep, page {page}" + (f" of {pages}" if pages else ""))

        sweep = company.client.customers(self._window.first, self._window.last, tell)
        self.tally.customers, self._pages = len(sweep.customers), sweep.pages
        for customer in sweep.customers:
            try:
                found, faults = read_swept(customer)
            except Unreadable as fault:
                found, faults = [], [str(fault)]
            self._swept |= {one.opportunity_id: one for one in found}
            for text in faults:
                self.tally.fail("", "", "", f"The sweep brought {text}.")
        for one in self._swept.values():
            if one.status not in TAKEN_OFF:
                self.tally.seen |= {
                    job.job_id: job.day for job in one.jobs if job.job_id and job.day and job.day in self._window
                }

    def _plan(self) -> Plan:
        company, now = self._company, clock.now()
        journeys = memory.journeys_from(company.id, self._window.first, now, company.zone)
        ids = self._swept.keys() | {journey.opportunity_id for journey in journeys}
        self._known = memory.remembered(company.id, ids)
        allowance = allowance_of(company.id, company.settings, self._pages, self._coming(now))
        close_reading()
        made = plan(self._swept.values(), self._known, journeys, self._window, now, allowance)
        self.tally.put_off = made.put_off
        return made

    def _coming(self, now: datetime) -> int:
        """How many jobs will be new later today, when it is tomorrow somewhere: about as many as the last day has."""
        last = window_of(last_sweep(now.astimezone(self._company.zone)), self._zones).last
        booked = (one for one in self._swept.values() if is_dispatchable(one.status))
        on_last_day = sum(any(job.day == self._window.last for job in one.jobs) for one in booked)
        return on_last_day * max(0, (last - self._window.last).days)

    def _settle(self, made: Plan) -> None:
        """Write what the sweep settles without another call."""
        settled = list(made.settled)
        for chunk in (settled[start : start + 5 * BATCH] for start in range(0, len(settled), 5 * BATCH)):
            with writing() as session:
                self._company.confirm(session)
                around = self._around(session, [one.opportunity_id for one in chunk])
                readings = {one.opportunity_id: outcomes.of_settled(one, around[one.opportunity_id]) for one in chunk}
                written = _write(session, self._company.id, readings)
            self._count(readings, written)
        if made.missing:
            with writing() as session:
                self._company.confirm(session)
                readings = {
                    one: Reading(
                        off=dict.fromkeys(job_ids, outcomes.NOT_LISTED),
                        known=replace(self._known[one], fingerprint=ABSENT) if one in self._known else None,
                    )
                    for one, job_ids in made.missing.items()
                }
                self.tally.updated |= _write(session, self._company.id, readings).updated

    def _read_details(self, made: Plan) -> None:
        """Read what is wanted and write it in batches, as it comes."""
        company, wanted = self._company, made.wanted
        waiting = {want.opportunity_id: want for want in wanted}
        batch: list[Fetched] = []
        lost, stopped = 0, None
        with closing(fetched(company.app, company.client, wanted)) as details:
            for found in details:
                failure = found.failure
                if failure and failure.stops:
                    stopped = failure
                    continue
                lost = lost + 1 if failure and failure.kind in (Kind.LOST, Kind.THROTTLED) else 0
                del waiting[found.want.opportunity_id]
                batch.append(found)
                self.tally.details += 1
                company.progress(self.tally.details, len(wanted), f"Detail {self.tally.details} of {len(wanted)}")
                if len(batch) >= BATCH:
                    self._write(batch)
                    batch = []
                if lost >= MOST_LOST and waiting:
                    stopped = SmartMovingFailed(
                        kind=Kind.LOST, sentence="SmartMoving stopped answering. The next run goes on from here."
                    )
                    break
        self._write(batch)
        left = [want for want in waiting.values() if want in made.urgent]
        if left:
            self._take_from_sweep([want.opportunity_id for want in left if want.reason is not Reason.MISSING])
        self.tally.is_complete = not left
        if stopped:
            raise stopped

    def _write(self, batch: list[Fetched]) -> None:
        """Write what came of some details, in one transaction."""
        if not batch:
            return
        locations = {one.want.opportunity_id: self._location(one) for one in batch}
        with writing() as session:
            self._company.confirm(session)
            around = self._around(session, locations)
            readings = {
                one.want.opportunity_id: _reading(one, around[one.want.opportunity_id], locations) for one in batch
            }
            written = _write(session, self._company.id, readings)
        self._count(readings, written)

    def _take_from_sweep(self, opportunity_ids: list[str]) -> None:
        """Bring in what could not be read at all by the sweep's word; the next run reads it."""
        with writing() as session:
            self._company.confirm(session)
            around = self._around(session, opportunity_ids)
            readings = {
                one: Reading(
                    jobs=outcomes.of_sweep(self._swept[one], around[one]),
                    # Unchanged, but for a job that has come into the window: it must not wait for a refresh.
                    known=replace(self._known[one], detail_at=None) if one in self._known else None,
                )
                for one in opportunity_ids
            }
            written = _write(session, self._company.id, readings)
        self._count(readings, written)

    def _location(self, one: Fetched) -> int | None:
        """Where a detail's branch is; an unknown name has the branches read again, once in a run."""
        detail = one.detail
        if detail is None:
            return None
        addresses = next((job.stops for job in detail.jobs if job.stops), ())
        known = self._branches()
        if detail.branch_name and not known.knows(detail.branch_name) and not self._has_read_branches:
            try:
                self._read_branches()
            except SmartMovingFailed as failure:
                # The details that have come are written all the same.
                self._warn_of_old("branches", failure)
            known = self._branches()
        found = known.match(detail.branch_name, detail.branch_phone, addresses)
        if found is None and detail.status not in TAKEN_OFF:
            name = f"of the branch {detail.branch_name}" if detail.branch_name else "without a branch"
            self.tally.warn(f"Quote {detail.quote_number} {name} went to {places.UNASSIGNED}.")
        return found

    def _branches(self) -> Branches:
        """The branches for matching, read from the database once, and again after they were read anew."""
        if self._matching is None:
            self._matching = places.known_branches(self._company.id)
            close_reading()
        return self._matching

    def _around(self, session: Session, opportunity_ids: Iterable[str]) -> dict[str, Around]:
        """What is known beside the answers about these opportunities, inside the transaction that will write."""
        ids = list(opportunity_ids)
        ours = memory.jobs_of(session, self._company.id, ids)
        elsewhere, types = places.unassigned(session, self._company.id), memory.own_types(self._company.id)
        moment = clock.now()
        return {
            one: Around(
                window=self._window,
                now=moment,
                own_types=types,
                elsewhere=elsewhere,
                swept=self._swept.get(one),
                remembered=self._known.get(one),
                ours=ours.get(one, []),
            )
            for one in ids
        }

    def _count(self, readings: Mapping[str, Reading], written: imported.Taken) -> None:
        """Count a batch once it is committed, and no sooner."""
        tally = self.tally
        tally.created |= written.created
        tally.updated |= written.updated
        tally.removed |= written.removed
        for opportunity_id, reading in readings.items():
            for broken in reading.broken:
                tally.fail(opportunity_id, broken.job_id, broken.job_number, broken.reason)


def allowance_of(company_id: int, settings: Settings, pages: int, coming: int = 0) -> Allowance:
    """What calls there are now, after a sweep of so many pages."""
    moment = clock.now()
    local = moment.astimezone(settings.zone)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    used = ledger.calls_since(db.session(), company_id, ledger.month_of(moment))
    return Allowance(
        made_today=ledger.calls_since(db.session(), company_id, midnight),
        left_in_month=max(0, settings.smartmoving_monthly_calls - used),
        sweeps_left=sweeps_left(local, settings.smartmoving_sync_minutes),
        pages=pages,
        coming=coming,
        days_left_in_month=max(1, (ledger.next_month(moment) - moment).days + 1),
    )


def _reading(one: Fetched, around: Around, locations: Mapping[str, int | None]) -> Reading:
    opportunity_id = one.want.opportunity_id
    if one.detail is not None:
        return outcomes.of_detail(one.detail, around, locations[opportunity_id])
    assert one.failure is not None, "a detail comes, or fails"
    return outcomes.of_failure(opportunity_id, one.failure, around)


def _write(session: Session, company_id: int, readings: Mapping[str, Reading]) -> imported.Taken:
    """Write what these readings say; the board's mark last, if a board shows any of it."""
    moment = clock.now()
    taken = imported.take_in(
        session, company_id, [job for reading in readings.values() for job in reading.jobs], moment
    )
    # A job that one opportunity has lost to another of the same batch has been taken in with that.
    elsewhere = {job.job_id for reading in readings.values() for job in reading.jobs}
    off: set[str] = set()
    reasons: dict[str, set[str]] = {}
    for reading in readings.values():
        for job_id, reason in reading.off.items():
            if job_id not in elsewhere:
                reasons.setdefault(reason, set()).add(job_id)
    for reason, job_ids in reasons.items():
        off |= imported.off_board(session, company_id, job_ids, reason, moment)
    failures = {job.job_id: job.reason for reading in readings.values() for job in reading.broken if job.job_id}
    failed = imported.mark_failed(session, company_id, failures)
    memory.remember(session, company_id, {key: one.known for key, one in readings.items() if one.known})
    if taken.changes_a_board or off or failed:
        bump(session, company_id)
    return imported.Taken(
        created=taken.created,
        updated=taken.updated | off,
        unchanged=taken.unchanged - off,
        removed=taken.removed | off,
    )
