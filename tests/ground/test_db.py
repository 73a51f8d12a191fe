"""Writing and reading on both engines: one transaction a use case, no lost check, instants that stay instants."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError, StatementError

from tests.rows import Fleet
from webapp.accounts.models import Company, Location, SignInFailure
from webapp.db import close_reading, db, refuse_open_transaction, writing

MOMENT = datetime(2026, 11, 1, 8, 30, 15, 123456, tzinfo=timezone(timedelta(hours=-7)))


def names(app: Flask) -> list[str]:
    with app.app_context():
        return sorted(db.session.scalars(select(Company.name)))


def store(name: str, *, then: type[BaseException] | None = None) -> None:
    with writing() as session:
        session.add(Company(name=name))
        session.flush()
        if then:
            raise then


def at_once(count: int, work: Callable[[], None]) -> list[Exception]:
    """Run `work` in `count` threads that start together; what they raised."""
    start, raised = threading.Barrier(count), list[Exception]()

    def run() -> None:
        start.wait()
        try:
            work()
        except Exception as error:
            raised.append(error)

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


def test_a_block_that_ends_is_kept(app: Flask) -> None:
    """What writing() stored, the next transaction sees."""
    with app.app_context(), writing() as session:
        session.add(Company(name="Kept"))
    assert names(app) == ["Kept"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_a_block_that_raises_leaves_nothing(app: Flask, error: type[BaseException]) -> None:
    """All of a use case is stored or none of it; the session can be used again."""
    with app.app_context():
        with pytest.raises(error):
            store("Lost", then=error)
        store("Next")
    assert names(app) == ["Next"]


def test_blocks_do_not_nest(app: Flask) -> None:
    """A use case inside another one is refused, and the outer one stores nothing."""
    with app.app_context(), pytest.raises(RuntimeError, match="already open"), writing():
        store("Inner")
    assert names(app) == []


def test_a_block_reads_what_is_true_now(app: Flask) -> None:
    """A reading transaction from before is closed, and what it loaded is read again."""
    with app.app_context(), writing() as session:
        session.add(Company(name="Old"))
    with app.app_context():
        mine = db.session.scalars(select(Company)).one()
        with app.app_context(), writing() as other:
            other.scalars(select(Company)).one().name = "New"
        with writing():
            assert mine.name == "New"


def test_changes_outside_a_block_are_refused(app: Flask) -> None:
    """Nothing is written by accident while reading."""
    with app.app_context():
        db.session.add(Company(name="Stray"))
        with pytest.raises(RuntimeError, match="outside writing"):
            close_reading()
    assert names(app) == []


def test_nobody_is_called_while_a_transaction_is_open(app: Flask) -> None:
    """An open transaction would hold locks for as long as somebody else's server takes."""
    with app.app_context():
        refuse_open_transaction()
        db.session.scalars(select(Company)).all()
        with pytest.raises(RuntimeError, match="another system"):
            refuse_open_transaction()
        close_reading()
        refuse_open_transaction()


@pytest.mark.parametrize("turn", range(5))
def test_two_writers_who_check_first_do_not_both_pass(sqlite_app: Flask, turn: int) -> None:
    """On SQLite a writing block holds the write lock before its first read."""

    def insert_if_missing() -> None:
        with sqlite_app.app_context(), writing() as session:
            if not session.scalar(select(func.count()).select_from(SignInFailure)):
                row = SignInFailure(email="person@example.com", address="192.0.2.1", failed_at=MOMENT)
                session.add(row)

    assert at_once(6, insert_if_missing) == []
    with sqlite_app.app_context():
        assert db.session.scalar(select(func.count()).select_from(SignInFailure)) == 1


def test_a_reader_does_not_wait_for_a_writer(app: Flask) -> None:
    """Pages are served while an import writes, and show what was there before."""
    with app.app_context(), writing() as session:
        session.add(Company(name="Half done"))
        session.flush()
        assert names(app) == []


def test_of_two_who_add_the_same_name_one_is_told(app: Flask) -> None:
    """A unique name is kept by the database, whatever was checked before."""

    def add() -> None:
        with app.app_context(), writing() as session:
            session.add(Company(name="Same"))

    assert [type(error) for error in at_once(2, add)] == [IntegrityError]
    assert names(app) == ["Same"]


def test_an_instant_comes_back_as_it_went_in(app: Flask) -> None:
    """To the microsecond, aware, in UTC, whatever zone it was given in."""
    with app.app_context():
        with writing() as session:
            session.add(SignInFailure(email="person@example.com", address="192.0.2.1", failed_at=MOMENT))
        found = db.session.scalars(select(SignInFailure.failed_at)).one()
        later = select(func.count()).where(SignInFailure.failed_at > MOMENT - timedelta(microseconds=1))
        assert db.session.scalar(later) == 1
    assert (found, found.tzinfo) == (MOMENT, UTC)


def test_an_instant_without_a_zone_is_refused(app: Flask) -> None:
    """Nobody can say when it was."""
    naive = MOMENT.replace(tzinfo=None)
    with app.app_context(), pytest.raises(StatementError, match="time zone"), writing() as session:
        session.add(SignInFailure(email="person@example.com", address="192.0.2.1", failed_at=naive))


def test_a_row_must_point_at_rows_that_exist(app: Flask) -> None:
    """Foreign keys are kept, on SQLite too, where they are off unless asked for."""
    with app.app_context(), pytest.raises(IntegrityError), writing() as session:
        session.add(Location(company_id=404, name="Nowhere"))


def test_an_id_of_a_deleted_loan_is_not_used_again(app: Flask, fleet: Fleet) -> None:
    """The ledger and the history of a loan that is gone keep pointing at it alone."""
    vehicle, partner = fleet.add_vehicle(), fleet.add_partner()
    first = fleet.add_loan(vehicle, partner)
    with app.app_context(), writing() as session:
        session.execute(text("DELETE FROM scheduled_assignments"))
    assert fleet.add_loan(vehicle, partner).id > first.id
