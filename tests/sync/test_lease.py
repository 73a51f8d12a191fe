"""A lease has one holder at a time, on either engine, and one that lost it can tell when it writes."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from webapp.db import db, writing
from webapp.sync.lease import Lease, acquire, is_held, is_ours, kept_alive, release, renew
from webapp.sync.models import Lease as LeaseRow

START = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)


@pytest.fixture
def clock(app: Flask) -> Iterator[time_machine.Traveller]:
    """A clock that stands, and an application context."""
    with app.app_context(), time_machine.travel(START, tick=False) as traveller:
        yield traveller


def held(name: str = "feeds", seconds: float = 20) -> Lease:
    """A lease that must be free."""
    lease = acquire(name, seconds)
    assert lease is not None
    return lease


@pytest.mark.usefixtures("clock")
def test_a_lease_has_one_holder() -> None:
    """While it is held nobody else gets it; another lease is free."""
    held()
    assert acquire("feeds", 20) is None
    assert is_held("feeds")
    assert held("other").fence == 1


@pytest.mark.usefixtures("clock")
def test_a_released_lease_goes_to_the_next_with_a_higher_fence() -> None:
    """The fence never repeats, not even across releases."""
    first = held()
    release(first)
    assert not is_held("feeds")
    assert held().fence == first.fence + 1


def test_a_lease_runs_out(clock: time_machine.Traveller) -> None:
    """A holder that died keeps nobody waiting longer than the lease lasts."""
    held(seconds=20)
    clock.shift(19)
    assert acquire("feeds", 20) is None
    clock.shift(1)
    assert held().fence == 2


def test_a_renewed_lease_lasts(clock: time_machine.Traveller) -> None:
    """Renewed in time, it is held from then on for its seconds."""
    lease = held(seconds=20)
    clock.shift(15)
    assert renew(lease)
    clock.shift(15)
    assert acquire("feeds", 20) is None


def test_a_late_holder_finds_that_it_was_replaced(clock: time_machine.Traveller) -> None:
    """It can neither renew nor release what is another's, and its transactions are told."""
    lost = held()
    clock.shift(21)
    winner = held()
    assert not renew(lost)
    release(lost)
    assert is_held("feeds")
    with writing() as session:
        assert not is_ours(session, lost)
        assert is_ours(session, winner)


def test_a_lease_that_ran_out_unnoticed_is_still_its_holders(clock: time_machine.Traveller) -> None:
    """As long as nobody took it, a slow holder may write and renew."""
    lease = held()
    clock.shift(60)
    with writing() as session:
        assert is_ours(session, lease)
    assert renew(lease)
    assert acquire("feeds", 20) is None


@pytest.mark.parametrize("is_new", [True, False], ids=["never held", "run out"])
def test_of_many_that_race_one_wins(app: Flask, is_new: bool) -> None:
    """Threads that reach for a lease at the same instant get it once, whether or not its row exists."""
    if not is_new:
        with app.app_context():
            release(held())
    together, leases = threading.Barrier(8), []

    def reach() -> None:
        with app.app_context():
            together.wait()
            leases.append(acquire("feeds", 20))

    threads = [threading.Thread(target=reach) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    winners = [lease for lease in leases if lease]
    assert len(leases) == 8
    assert [lease.fence for lease in winners] == [1 if is_new else 2]


def test_a_successor_waits_for_what_is_being_written(app: Flask) -> None:
    """Between the look at the fence and the commit nobody else becomes the holder."""
    with app.app_context():
        lease = held(seconds=0)
    order: list[str] = []

    def succeed() -> None:
        with app.app_context():
            assert acquire("feeds", 20)
            order.append("successor")

    thread = threading.Thread(target=succeed)
    with app.app_context(), writing() as session:
        assert is_ours(session, lease)
        thread.start()
        # Enough for a successor that does not wait to be first.
        thread.join(0.3)
        order.append("writer")
    thread.join()
    assert order == ["writer", "successor"]


def test_a_lease_is_kept_alive_while_work_goes_on(app: Flask) -> None:
    """Another thread renews it; when the work ends, so does that."""
    with app.app_context():
        lease = held(seconds=0.4)
        with kept_alive(app, lease):
            was = _expiry()
            while _expiry() == was:
                threading.Event().wait(0.02)
        assert not [thread for thread in threading.enumerate() if thread.name == "lease feeds"]


def _expiry() -> datetime:
    found = db.session.scalars(select(LeaseRow.expires_at)).one()
    db.session.rollback()
    return found
