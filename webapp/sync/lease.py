"""Leases: who may do a job until when, however many processes and hosts there are.

A lease runs out by itself when its holder dies. Every new holder gets a higher fence, so that one that was
only thought dead can tell, in the very transaction in which it wants to write, that it has been replaced.
"""

import os
import secrets
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import structlog
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from webapp.clock import now
from webapp.db import db, writing
from webapp.sync.models import Lease as LeaseRow

log = structlog.get_logger(__name__)
BEATS_PER_LEASE = 4


@dataclass(frozen=True)
class Lease:
    """A lease that was held when this value was made. `seconds` is how long each renewal lasts."""

    name: str
    holder: str
    fence: int
    seconds: float


def acquire(name: str, seconds: float) -> Lease | None:
    """Take the lease `name` for `seconds`; None while somebody else holds it."""
    with writing() as session:
        return take(session, name, seconds)


def take(session: Session, name: str, seconds: float) -> Lease | None:
    """`acquire` inside a writing transaction that has more to do."""
    moment, holder = now(), _holder()
    expires_at = moment + timedelta(seconds=seconds)
    # One statement each, so that of two that try at once the database lets one through.
    fence = session.scalar(
        update(LeaseRow)
        .where(LeaseRow.name == name, LeaseRow.expires_at <= moment)
        .values(holder=holder, fence=LeaseRow.fence + 1, expires_at=expires_at)
        .returning(LeaseRow.fence)
        .execution_options(synchronize_session=False)
    )
    if fence is None:
        inserting = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
        fence = session.scalar(
            inserting(LeaseRow)
            .values(name=name, holder=holder, fence=1, expires_at=expires_at)
            .on_conflict_do_nothing()
            .returning(LeaseRow.fence)
        )
    return None if fence is None else Lease(name, holder, fence, seconds)


def renew(lease: Lease) -> bool:
    """Hold the lease for another `lease.seconds`. False: somebody else has it now."""
    with writing() as session:
        return _set_expiry(session, lease, lease.seconds)


def release(lease: Lease) -> None:
    """Let the next one have it; nothing happens if that has come about already."""
    with writing() as session:
        give_back(session, lease)


def give_back(session: Session, lease: Lease) -> None:
    """`release` inside a writing transaction that has more to do."""
    _set_expiry(session, lease, 0)


def is_held(name: str) -> bool:
    """Whether somebody holds the lease `name` now."""
    return (
        db.session.scalar(select(LeaseRow.fence).where(LeaseRow.name == name, LeaseRow.expires_at > now())) is not None
    )


def is_ours(session: Session, lease: Lease) -> bool:
    """Whether nobody has taken the lease since, even if it has run out; it stays so until `session` commits."""
    # A locking read: a successor has to wait until what we write under the lease is committed.
    mine = select(LeaseRow.fence).where(LeaseRow.name == lease.name, LeaseRow.fence == lease.fence)
    return session.scalar(mine.with_for_update()) is not None


@contextmanager
def kept_alive(app: Flask, lease: Lease) -> Iterator[None]:
    """Renew the lease from another thread while the block runs. The block itself asks `is_ours` when it writes."""
    is_done = threading.Event()
    beating = threading.Thread(target=_beat, args=(app, lease, is_done), name=f"lease {lease.name}", daemon=True)
    beating.start()
    try:
        yield
    finally:
        is_done.set()
        beating.join()


def _beat(app: Flask, lease: Lease, is_done: threading.Event) -> None:
    while not is_done.wait(lease.seconds / BEATS_PER_LEASE):
        try:
            with app.app_context():
                if not renew(lease):
                    return
        except SQLAlchemyError as error:
            log.warning("lease not renewed", lease=lease.name, exc_info=error)


def _set_expiry(session: Session, lease: Lease, seconds: float) -> bool:
    changed = session.scalar(
        update(LeaseRow)
        .where(LeaseRow.name == lease.name, LeaseRow.fence == lease.fence)
        .values(expires_at=now() + timedelta(seconds=seconds))
        .returning(LeaseRow.fence)
        .execution_options(synchronize_session=False)
    )
    return changed is not None


def _holder() -> str:
    return f"{socket.gethostname()[:80]}:{os.getpid()}:{secrets.token_hex(4)}"
