"""The call ledger on both engines: reserved before the call, in pace and under the cap, also by many at once."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from webapp.accounts.service import ensure_company
from webapp.db import db, writing
from webapp.settings import Settings
from webapp.smartmoving.errors import Kind, SmartMovingFailed
from webapp.smartmoving.ledger import Ledger, month_of, next_month
from webapp.smartmoving.memory import forget_old
from webapp.smartmoving.models import SmartMovingCall

NOW = datetime(2026, 11, 22, 14, tzinfo=UTC)
MINUTE = timedelta(seconds=60)


def ledger(app: Flask, *, per_minute: int = 3, cap: int = 1000, **options: Any) -> tuple[Ledger, list[float]]:
    """A ledger of the settings' company, and what it would have waited."""
    waits: list[float] = []
    settings: Settings = app.extensions["settings"].model_copy(
        update={"smartmoving_calls_per_minute": per_minute, "smartmoving_monthly_calls": cap}
    )
    return Ledger(ensure_company("Motorpool"), settings, wait=waits.append, **options), waits


def moments() -> list[datetime]:
    """When calls were let go, in order."""
    found = list(db.session.scalars(select(SmartMovingCall.called_at).order_by(SmartMovingCall.called_at)))
    db.session.rollback()
    return found


@pytest.fixture
def clock() -> Any:
    """A clock that stands still."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.mark.usefixtures("context")
def test_a_full_minute_is_waited_out(app: Flask, clock: Any) -> None:
    """Three a minute: the fourth waits for the first to be a minute old, and so do the next."""
    gate, waits = ledger(app)
    for _ in range(7):
        gate.admit("customers")
    assert moments() == [NOW] * 3 + [NOW + MINUTE] * 3 + [NOW + 2 * MINUTE]
    assert waits == [60, 60, 60, 120]


@pytest.mark.usefixtures("context")
def test_an_outcome_is_noted(app: Flask, clock: Any) -> None:
    """What came of a call, and how long it took; until then it has none."""
    gate, _ = ledger(app, run_id=7)
    number = gate.admit("probe")
    assert db.session.get_one(SmartMovingCall, number).outcome == ""
    db.session.rollback()
    gate.note(number, "ok", 12)
    row = db.session.get_one(SmartMovingCall, number)
    assert (row.kind, row.outcome, row.milliseconds, row.run_id) == ("probe", "ok", 12, 7)


@pytest.mark.usefixtures("context")
def test_the_cap_is_per_month(app: Flask, clock: Any) -> None:
    """Two calls a month: the third is refused with a sentence and not reserved; next month has two again."""
    gate, _ = ledger(app, cap=2)
    for month in range(2):
        if month:
            clock.move_to(next_month(NOW))
        gate.admit("customers"), gate.admit("customers")
        with pytest.raises(SmartMovingFailed, match="used up") as caught:
            gate.admit("customers")
        assert caught.value.kind is Kind.CAP
        assert len(moments()) == 2 * (month + 1)


@pytest.mark.usefixtures("context")
def test_a_call_that_would_cross_into_a_month_counts_there(app: Flask, clock: Any) -> None:
    """The pace puts it off past midnight: it belongs to the month in which it goes."""
    clock.move_to(next_month(NOW) - timedelta(seconds=30))
    gate, _ = ledger(app, per_minute=1, cap=1)
    gate.admit("customers")
    gate.admit("customers")
    assert [month_of(moment).month for moment in moments()] == [11, 12]


@pytest.mark.usefixtures("context")
def test_who_is_in_a_hurry_gets_no_call(app: Flask, clock: Any) -> None:
    """A probe does not wait a minute, and reserves nothing."""
    gate, waits = ledger(app, per_minute=1, longest_wait=5)
    gate.admit("probe")
    with pytest.raises(SmartMovingFailed) as caught:
        gate.admit("probe")
    assert (caught.value.kind, len(moments()), waits) == (Kind.BUSY, 1, [])


@pytest.mark.usefixtures("context")
def test_smartmoving_may_ask_for_a_pause(app: Flask, clock: Any) -> None:
    """After `hold_off` nothing goes for so long, whoever asks."""
    gate, waits = ledger(app)
    gate.hold_off(17)
    gate.hold_off(3)
    gate.admit("customers")
    assert (moments(), waits) == ([NOW + timedelta(seconds=17)], [17])


def test_many_at_once_keep_the_pace(app: Flask, make_app: Callable[..., Flask]) -> None:
    """Eight threads of two applications: no minute has more than its calls, and none is given twice."""
    apps = [app, make_app()]
    with app.app_context():
        gates = [ledger(one, per_minute=4)[0] for one in apps]
    errors: list[BaseException] = []
    start = threading.Barrier(8)

    def ask(number: int) -> None:
        try:
            with apps[number % 2].app_context():
                start.wait()
                for _ in range(3):
                    gates[number % 2].admit("opportunity")
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    with app.app_context():
        found = moments()
    assert len(found) == 24
    for first in found:
        assert sum(first <= other < first + MINUTE for other in found) <= 4


@pytest.mark.usefixtures("context")
def test_old_calls_are_forgotten(app: Flask, clock: Any) -> None:
    """After thirteen months a call is history; younger ones stay."""
    gate, _ = ledger(app)
    gate.admit("customers")
    company_id = ensure_company("Motorpool")
    for days, left in ((390, 1), (401, 0)):
        with writing() as session:
            forget_old(session, company_id, NOW + timedelta(days=days))
        assert len(moments()) == left
