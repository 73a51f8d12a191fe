"""The call ledger: each call to SmartMoving is reserved in the database before it is made, in pace and under the cap.

Reservations of all processes go through one row's lock, so the pace and the cap hold however many run at once.
A process that dies after reserving has wasted a call, never made one that was not counted.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from webapp import clock
from webapp.db import writing
from webapp.settings import Settings
from webapp.smartmoving.errors import Kind, SmartMovingFailed
from webapp.smartmoving.models import SmartMovingCall, SmartMovingState
from webapp.smartmoving.pace import next_moment


class Ledger:
    """The gate of one run, or of a probe (`run_id` None). Safe to share between threads.

    `longest_wait`: seconds for which a call may be put off; a reservation further off is not made.
    """

    def __init__(
        self,
        company_id: int,
        settings: Settings,
        run_id: int | None = None,
        *,
        longest_wait: float = 3600,
        wait: Callable[[float], object] | None = None,
    ) -> None:
        self._company_id = company_id
        self._run_id = run_id
        self._per_minute = settings.smartmoving_calls_per_minute
        self._cap = settings.smartmoving_monthly_calls
        self._longest_wait = longest_wait
        self._wait = wait or time.sleep
        self._not_before = datetime.min.replace(tzinfo=UTC)

    def admit(self, kind: str) -> int:
        """Reserve a call and wait for its moment; its number.

        Raises `SmartMovingFailed`: kind `cap` where the month has none left, `busy` where it would be too long.
        """
        with writing() as session:
            lock_state(session, self._company_id)
            now = clock.now()
            moment = next_moment(max(now, self._not_before), *self._given_out(session))
            if calls_since(session, self._company_id, month_of(moment)) >= self._cap:
                raise SmartMovingFailed(kind=Kind.CAP, sentence=cap_sentence(self._cap))
            seconds = (moment - now).total_seconds()
            if seconds > self._longest_wait:
                raise SmartMovingFailed(kind=Kind.BUSY, sentence="SmartMoving's calls of this minute are in use.")
            call = SmartMovingCall(company_id=self._company_id, run_id=self._run_id, called_at=moment, kind=kind)
            session.add(call)
            session.flush()
            number = call.id
        if seconds > 0:
            self._wait(seconds)
        return number

    def note(self, number: int, outcome: str, milliseconds: int) -> None:
        """How the call ended, and how long it took."""
        with writing() as session:
            session.execute(
                update(SmartMovingCall)
                .where(SmartMovingCall.id == number)
                .values(outcome=outcome, milliseconds=milliseconds)
            )

    def hold_off(self, seconds: float) -> None:
        """Give out no moment in the next so many seconds."""
        self._not_before = max(self._not_before, clock.now() + timedelta(seconds=seconds))

    def _given_out(self, session: Session) -> tuple[datetime | None, datetime | None]:
        """The moment given out last, and the one that fills the minute."""
        moments = (
            select(SmartMovingCall.called_at)
            .where(SmartMovingCall.company_id == self._company_id)
            .order_by(SmartMovingCall.called_at.desc())
            .limit(1)
        )
        return session.scalar(moments), session.scalar(moments.offset(self._per_minute - 1))


def lock_state(session: Session, company_id: int) -> None:
    """Let nobody else of this company pass here until `session` commits."""
    mine = select(SmartMovingState.company_id).where(SmartMovingState.company_id == company_id).with_for_update()
    if session.scalar(mine) is None:
        insert = (sqlite if session.get_bind().dialect.name == "sqlite" else postgresql).insert(SmartMovingState)
        session.execute(insert.values(company_id=company_id, hold_reason="", probe_text="").on_conflict_do_nothing())
        session.scalar(mine)


def calls_since(session: Session, company_id: int, moment: datetime) -> int:
    """How many calls were reserved for `moment` and after."""
    found = session.scalar(
        select(func.count())
        .select_from(SmartMovingCall)
        .where(SmartMovingCall.company_id == company_id, SmartMovingCall.called_at >= moment)
    )
    return found or 0


def month_of(moment: datetime) -> datetime:
    """When the month of `moment` began. Months are UTC's: SmartMoving does not say whose it counts."""
    return moment.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def next_month(moment: datetime) -> datetime:
    """When the next one begins."""
    return month_of(month_of(moment) + timedelta(days=32))


def cap_sentence(cap: int) -> str:
    """What to tell a person when the month's calls are used up."""
    return f"This month's {cap:,} calls to SmartMoving are used up (SMARTMOVING_MONTHLY_CALLS)."
