"""What the database tells of our state, as Prometheus reads it: each figure in one statement, whatever is stored."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from flask import current_app
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import func, select

from webapp import clock
from webapp.accounts.models import Company
from webapp.db import db
from webapp.fms.models import OPEN, Operation, State
from webapp.loans.models import BatchRow, RowState
from webapp.smartmoving.ledger import month_of
from webapp.smartmoving.models import SmartMovingCall
from webapp.sync.models import Incident, Lease, Notice, RunKind, RunStatus, SyncRun

RECENT = timedelta(hours=1)
QUANTILES = (0.5, 0.95, 1.0)


class Figures(Collector):
    """Read at each scrape, inside an application context."""

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """All families. Raises what the database raises: a scrape without figures is an alarm of its own."""
        now = clock.now()
        yield from _operations(now)
        yield from _syncs(now)
        yield from _calls(now)
        yield from _leases(now)
        yield from _queues()


def _operations(now: datetime) -> Iterator[GaugeMetricFamily]:
    ended = _family("fms_operations_recent", "FMS operations begun in the last hour", "kind", "state")
    took = _family("fms_operation_seconds_recent", "How long FMS took in the last hour", "kind", "quantile")
    rows = db.session.execute(
        select(Operation.kind, Operation.state, Operation.milliseconds).where(
            Operation.company_id.in_(select(Company.id)), Operation.created_at > now - RECENT
        )
    ).all()
    counts: dict[tuple[str, str], int] = {}
    times: dict[str, list[int]] = {}
    for kind, state, milliseconds in rows:
        counts[kind, state] = counts.get((kind, state), 0) + 1
        if milliseconds is not None:
            times.setdefault(kind, []).append(milliseconds)
    for key in sorted(counts):
        ended.add_metric(key, counts[key])
    for kind, found in sorted(times.items()):
        ordered = sorted(found)
        for share in QUANTILES:
            took.add_metric((kind, f"{share:g}"), ordered[min(len(ordered) - 1, int(share * len(ordered)))] / 1000)
    yield ended
    yield took
    # Written out, so that the index over open operations, which are few, is used.
    open_ones = db.session.execute(
        select(Operation.state, func.count(), func.min(Operation.created_at))
        .where(Operation.state.in_(sorted(OPEN)))
        .group_by(Operation.state)
    ).all()
    standing = {state: (count, oldest) for state, count, oldest in open_ones}
    waiting = _family("fms_operations_open", "FMS operations without an outcome", "state")
    age = _family("fms_operations_open_oldest_seconds", "Age of the oldest of them", "state")
    for state in (State.SENDING, State.UNCERTAIN):
        count, oldest = standing.get(state, (0, None))
        waiting.add_metric((state,), count)
        age.add_metric((state,), (now - oldest).total_seconds() if oldest else 0)
    yield waiting
    yield age


def _syncs(now: datetime) -> Iterator[GaugeMetricFamily]:
    age = _family("sync_age_seconds", "Since the last run that succeeded, or in part", "company", "kind")
    rows = db.session.execute(
        select(Company.name, SyncRun.kind, func.max(SyncRun.finished_at))
        .select_from(SyncRun)
        .join(Company, Company.id == SyncRun.company_id)
        .where(SyncRun.status.in_((RunStatus.SUCCEEDED, RunStatus.PARTIAL)))
        .group_by(Company.name, SyncRun.kind)
        .order_by(Company.name, SyncRun.kind)
    )
    for company, kind, finished_at in rows:
        if finished_at is not None:
            age.add_metric((company, RunKind(kind)), (now - finished_at).total_seconds())
    yield age
    incidents = _family("sync_incidents_open", "What is wrong with the data now", "company")
    counted = db.session.execute(
        select(Company.name, func.count(Incident.id))
        .outerjoin(Incident, (Incident.company_id == Company.id) & Incident.ended_at.is_(None))
        .group_by(Company.name)
        .order_by(Company.name)
    )
    for company, count in counted:
        incidents.add_metric((company,), count)
    yield incidents


def _calls(now: datetime) -> Iterator[GaugeMetricFamily]:
    used = _family("smartmoving_calls_month", "Calls to SmartMoving this month", "company")
    cap = _family("smartmoving_calls_cap", "How many a month has")
    rows = db.session.execute(
        select(Company.name, func.count(SmartMovingCall.id))
        .select_from(SmartMovingCall)
        .join(Company, Company.id == SmartMovingCall.company_id)
        .where(SmartMovingCall.called_at >= month_of(now))
        .group_by(Company.name)
        .order_by(Company.name)
    )
    for company, count in rows:
        used.add_metric((company,), count)
    cap.add_metric((), current_app.extensions["settings"].smartmoving_monthly_calls)
    yield used
    yield cap


def _leases(now: datetime) -> Iterator[GaugeMetricFamily]:
    left = _family("lease_seconds", "Until each lease runs out; below zero: since nobody holds it", "name")
    for name, expires_at in db.session.execute(select(Lease.name, Lease.expires_at).order_by(Lease.name)):
        left.add_metric((name,), (expires_at - now).total_seconds())
    yield left


def _queues() -> Iterator[GaugeMetricFamily]:
    depth = _family("queue_depth", "What waits to be done", "queue")
    waiting = select(func.count()).where(BatchRow.state.in_((RowState.WAITING, RowState.RUNNING)))
    depth.add_metric(("bulk_rows",), db.session.scalar(waiting) or 0)
    unsent = select(func.count()).where(Notice.due_at.is_not(None))
    depth.add_metric(("notices",), db.session.scalar(unsent) or 0)
    yield depth


def _family(name: str, words: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"motorpool_{name}", words, labels=labels)
