"""A scheduler with chains at hand, being built and saved, whose vehicles and partner the stand-in FMS knows too."""

import time
import uuid
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests.promise.desk import FIRST_DAY, Desk
from tests.rows import OFFICE, Fleet, People
from tests.sandbox_process import SandboxProcess
from webapp import clock
from webapp.chains.asking import Kind
from webapp.chains.models import Draft, DraftSlot
from webapp.db import writing
from webapp.fleet.models import Vehicle
from webapp.loans import batches, holds
from webapp.loans import queries as loan_queries
from webapp.loans.models import Assignment, BatchKind, SoftHold
from webapp.loans.periods import Period
from webapp.loans.queries import BatchProgress, Loan
from webapp.loans.states import Status

WEEK = timedelta(days=7)
MODELS = (("Audi", "Q6 e-tron"), ("Genesis", "GV60"), ("Hyundai", "Ioniq 9"), ("Kia", "EV6 GT"))


def week(number: int) -> Period:
    """A week of the chain, from 0: each begins on the Monday on which the one before ends."""
    return Period(FIRST_DAY + number * WEEK, FIRST_DAY + (number + 1) * WEEK)


class ChainDesk(Desk):
    """A scheduler of Los Angeles, four vehicles of different makes, and a partner who is approved for them."""

    monkeypatch: pytest.MonkeyPatch

    def draft(
        self,
        picks: Sequence[Vehicle | None],
        *,
        pinned: Sequence[int] = (),
        chain_id: str | None = None,
        person: Any = None,
    ) -> str:
        """A partner chain that is being built, a week for each pick (None: still empty), softly held; its id."""
        draft_id, now = str(uuid.uuid4()), clock.now()
        actor = (person or self.person).actor
        with self.app.app_context(), writing() as session:
            values: dict[str, Any] = {"makes": [], "models": [], "tiers": [], "days": 7, "count": len(picks)}
            flags = {"respect_budgets": True, "allow_double_booking": False, "is_strict": False}
            draft = Draft(
                id=draft_id,
                company_id=actor.company_id,
                user_id=actor.user_id,
                kind=Kind.PARTNER,
                office=OFFICE,
                person_id=self.partner.person_id,
                start_day=FIRST_DAY,
                chain_id=chain_id,
                created_at=now,
                touched_at=now,
                **values,
                **flags,
            )
            session.add(draft)
            session.flush()
            session.add_all(
                DraftSlot(
                    draft_id=draft_id,
                    position=position,
                    start_day=week(position - 1).start_day,
                    end_day=week(position - 1).end_day,
                    has_chosen_days=False,
                    fleet_vehicle_id=vehicle.id if vehicle else None,
                    is_pinned=position in pinned,
                )
                for position, vehicle in enumerate(picks, 1)
            )
            held = [holds.Wish(vehicle.id, week(place)) for place, vehicle in enumerate(picks) if vehicle]
            holds.hold(session, actor, draft_id, held)
        return draft_id

    def chain(self, count: int = 3, status: Status = Status.PLANNED, **columns: Any) -> tuple[str, list[int]]:
        """A saved chain of the partner from `start_week` on, each week another vehicle; its id, and its loans'."""
        chain_id = str(columns.pop("chain_id", uuid.uuid4()))
        first = columns.pop("start_week", 0)
        loans = [
            self.fleet.add_loan(
                self.vehicles[number % len(self.vehicles)],
                self.partner,
                start_day=week(first + number).start_day,
                status=status,
                chain_id=chain_id,
                created_by=self.person.user_id,
                **columns,
            )
            for number in range(count)
        ]
        return chain_id, [loan.id for loan in loans]

    def requested_chain(self, count: int = 3) -> tuple[str, list[int]]:
        """The same, accepted by FMS through the real request."""
        chain_id, ids = self.chain(count)
        self.run(BatchKind.REQUEST, ids)
        assert {self.status(one) for one in ids} == {Status.REQUESTED}
        return chain_id, ids

    def run(self, kind: BatchKind, ids: Sequence[int]) -> BatchProgress:
        """A bulk run to its end."""
        batch_id = self.do(batches.create, kind, ids)
        with self.app.app_context():
            batches.run(batch_id)
        progress: BatchProgress = self.do(loan_queries.batch, batch_id)
        return progress

    def _vehicles(self, count: int) -> list[Vehicle]:
        rows = [row for row in self._rows("vehicles", "utf-8") if row[0]][:count]
        return [
            self.fleet.add_vehicle(row[6].strip(), vehicle_id=int(float(row[0])), make=make, model=model)
            for row, (make, model) in zip(rows, MODELS, strict=True)
        ]

    def loans_of(self, chain_id: str) -> list[Loan]:
        """The chain's loans as they can be read."""
        loans: list[Loan] = self.do(loan_queries.loans_of_chain, chain_id)
        return loans

    def ids_of_everything(self) -> list[int]:
        """The ids of all loans there are."""
        with self.reading() as session:
            return list(session.scalars(select(Assignment.id).order_by(Assignment.id)))

    def drafts(self) -> list[str]:
        """The ids of all drafts there are."""
        with self.reading() as session:
            return list(session.scalars(select(Draft.id).order_by(Draft.created_at, Draft.id)))

    def held(self) -> list[tuple[int, date]]:
        """Vehicle and first day of all soft holds."""
        with self.reading() as session:
            rows = session.execute(select(SoftHold.fleet_vehicle_id, SoftHold.start_day).order_by(SoftHold.id))
            return [(row.fleet_vehicle_id, row.start_day) for row in rows]


@pytest.fixture
def desk(
    app: Flask, sandbox: SandboxProcess, people: People, fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> ChainDesk:
    """See `ChainDesk`."""
    found = ChainDesk(app, sandbox, people, fleet)
    found.monkeypatch = monkeypatch
    for make, _model in MODELS:
        fleet.approve_make(found.partner, make)
    return found


@pytest.fixture
def finished(desk: ChainDesk) -> Callable[[str], BatchProgress]:
    """`finished(batch_id)`: a run that another thread works on, once it has ended."""

    def wait(batch_id: str) -> BatchProgress:
        deadline = time.monotonic() + 30
        while not (progress := desk.do(loan_queries.batch, batch_id)).is_finished:
            assert time.monotonic() < deadline
        found: BatchProgress = progress
        return found

    return wait
