"""Runs of any kind: begun once however many processes there are, recorded, followed, and found dead.

A run holds the lease of its kind and company while it lives, and asks in each writing transaction whether it still
does: one that was only thought dead writes nothing.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import structlog
from flask import Flask, current_app
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from webapp.accounts.actor import Actor
from webapp.accounts.permissions import Permission
from webapp.accounts.queries import company_named
from webapp.accounts.service import ensure_company
from webapp.audit.acting import acting, current
from webapp.clock import now
from webapp.db import close_reading, writing
from webapp.errors import NotFound, Refusal
from webapp.feeds.service import ImportStopped
from webapp.sync import lease as leases
from webapp.sync.lease import Lease
from webapp.sync.models import RunKind, RunStatus, SyncRun
from webapp.sync.queries import run

log = structlog.get_logger(__name__)

# Short, because it is renewed while the run lives: a killed run must not keep the next one waiting.
LEASE_SECONDS = 20
POLL_SECONDS = 0.5
# Called first in each writing transaction of a run; raises `ImportStopped` when another has taken over.
Confirm = Callable[[Session], None]
IsDue = Callable[[int], bool]


@dataclass(frozen=True)
class Begun:
    """A run. `lease` is None where it is somebody else's, which was joined instead of starting a second."""

    run_id: int
    company_id: int
    lease: Lease | None


@dataclass(frozen=True)
class Verdict:
    """How a run ended: sentences for what failed, and what it tells of itself, as JSON."""

    status: RunStatus
    error: str = ""
    report: dict[str, Any] | None = None


def always(company_id: int) -> bool:
    """The run is owed whatever there was before."""
    return True


def begin(
    kind: RunKind, trigger: str, actor: Actor | None = None, *, company: str | None = None, is_due: IsDue = always
) -> Begun:
    """Start the record of a run, or find the one that is going on. Whoever gets a lease must call `finish`.

    `actor` None is the system itself; `company` defaults to the settings' company. `is_due` is asked about the
    company once the lease is ours: where another has just run, nothing begins, and what comes back is that run.
    Raises `Forbidden`, and `NotFound` for a company that does not exist.
    """
    if actor is not None:
        actor.require(Permission.RUN_SYNCS)
    company_id = _company_id(company)
    with writing() as session:
        lease = leases.take(session, lease_name(kind, company_id), LEASE_SECONDS)
        if lease is None:
            return Begun(_newest(session, kind, company_id), company_id, None)
        _abandon(session, kind, company_id)
        if not is_due(company_id):
            leases.give_back(session, lease)
            return Begun(_newest(session, kind, company_id), company_id, None)
        started = SyncRun(
            company_id=company_id,
            user_id=actor.user_id if actor else None,
            kind=kind,
            trigger=trigger,
            status=RunStatus.RUNNING,
            started_at=now(),
        )
        session.add(started)
        session.flush()
        return Begun(started.id, company_id, lease)


def finish(begun: Begun, work: Callable[[Confirm], Verdict]) -> None:
    """Do the work of a run that was begun here, and record how it ended; nothing for a run that was joined."""
    if begun.lease is None:
        return
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    try:
        with leases.kept_alive(app, begun.lease):
            verdict = work(confirming(begun.lease))
    except ImportStopped:
        log.warning("run replaced", run_id=begun.run_id)
    except BaseException as error:
        _end(begun, begun.lease, Verdict(RunStatus.FAILED, f"The run broke off: {type(error).__name__}."))
        raise
    else:
        _end(begun, begun.lease, verdict)


def in_background(begun: Begun, work: Callable[[], object]) -> None:
    """Let `work`, which finishes the run, go on in a thread of this process; nothing for a run that was joined."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]

    doer = current()

    def in_context() -> None:
        with app.app_context(), acting(doer):
            work()

    if begun.lease is not None:
        threading.Thread(target=in_context, name=f"sync run {begun.run_id}", daemon=True).start()


def follow(run_id: int) -> bool:
    """Wait for somebody else's run to end. False: its runner has died, and the next one may begin."""
    while (found := run(run_id)).status == RunStatus.RUNNING:
        if not leases.is_held(lease_name(RunKind(found.kind), found.company_id)):
            # It may have ended between the two looks.
            close_reading()
            return run(run_id).status != RunStatus.RUNNING
        close_reading()
        time.sleep(POLL_SECONDS)
    close_reading()
    return True


def abandon_dead_runs() -> int:
    """Mark runs that no process works on any more, as each process does when it starts; how many they were."""
    with writing() as session:
        is_open = SyncRun.status == RunStatus.RUNNING
        count = 0
        for kind, company_id in session.execute(select(SyncRun.kind, SyncRun.company_id).where(is_open).distinct()):
            # Whoever gets the lease knows that nobody else is running.
            lease = leases.take(session, lease_name(RunKind(kind), company_id), LEASE_SECONDS)
            if lease:
                count += _abandon(session, RunKind(kind), company_id)
                leases.give_back(session, lease)
    return count


def lease_name(kind: RunKind, company_id: int) -> str:
    """The lease that a run of this kind and company holds."""
    return f"{kind}:{company_id}"


def confirming(lease: Lease) -> Confirm:
    """What a run calls first in each writing transaction: it raises `ImportStopped` once another has taken over."""

    def confirm(session: Session) -> None:
        if not leases.is_ours(session, lease):
            raise ImportStopped

    return confirm


def _company_id(name: str | None) -> int:
    """The company asked for, which must exist; the settings' own is made when it is missing."""
    if name is None:
        return ensure_company(current_app.extensions["settings"].company_name)
    found = company_named(name)
    close_reading()
    if found is None:
        raise NotFound(f"There is no company called {name}.")
    return found


def _newest(session: Session, kind: RunKind, company_id: int) -> int:
    found = session.scalar(
        select(SyncRun.id)
        .where(SyncRun.company_id == company_id, SyncRun.kind == kind)
        .order_by(SyncRun.id.desc())
        .limit(1)
    )
    if found is None:
        raise Refusal("A run is being prepared elsewhere. Try again in a moment.", code="busy")
    return found


def _abandon(session: Session, kind: RunKind, company_id: int) -> int:
    dead = session.scalars(
        select(SyncRun).where(
            SyncRun.company_id == company_id, SyncRun.kind == kind, SyncRun.status == RunStatus.RUNNING
        )
    ).all()
    for found in dead:
        found.status = RunStatus.ABANDONED
        found.error = "The process that ran it ended before the run did."
    return len(dead)


def _end(begun: Begun, lease: Lease, verdict: Verdict) -> None:
    with writing() as session:
        if not leases.is_ours(session, lease):
            return
        values: dict[str, Any] = {"status": verdict.status, "finished_at": now(), "error": verdict.error}
        if verdict.report is not None:
            values["report"] = verdict.report
        session.execute(update(SyncRun).where(SyncRun.id == begun.run_id).values(values))
        leases.give_back(session, lease)
