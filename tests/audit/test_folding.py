"""Whatever people do: putting all entries of a thing together gives the thing as it stands."""

from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta

from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from tests.audit.entries_read import entries, folded
from tests.journey_rows import Yard
from tests.loans.planner import Desk
from tests.rows import DAY, People
from webapp.accounts.permissions import Role
from webapp.audit.change import flat
from webapp.audit.models import AuditEntry
from webapp.audit.watched import table_of, watched
from webapp.db import Base, close_reading, db, writing
from webapp.errors import Refusal
from webapp.journeys import edits
from webapp.journeys.models import TruckJourney
from webapp.loans import notes, service
from webapp.loans.checks import Change as Wish
from webapp.loans.models import Assignment, LoanNote
from webapp.loans.states import Status

DEEDS = st.sampled_from(["plan", "move", "planned", "manual", "note", "take back", "remove", "lose"])


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(deeds=st.lists(st.tuples(DEEDS, st.integers(0, 2), st.integers(0, 9)), max_size=9))
def test_loans(deeds: list[tuple[str, int, int]], app: Flask, desk: Desk) -> None:
    """Planned, moved, marked, noted, deleted and lost again in any order: of each loan and note, what the row says."""
    with app.app_context():
        with entries() as found:
            loans: list[int] = []
            for deed, which, week in deeds:
                with suppress(Refusal, ZeroDivisionError, IndexError):
                    _do(desk, loans, deed, which, DAY + timedelta(weeks=week))
        for thing, part in (("loan", Assignment), ("note", LoanNote)):
            _assert_folded(found, thing, part, loans)
        with writing() as session:
            for row in session.scalars(select(Assignment)):
                session.delete(row)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(
    steps=st.lists(
        st.one_of(
            st.dictionaries(st.sampled_from(["crew_needed", "trucks_needed"]), st.integers(1, 4), min_size=1),
            st.dictionaries(
                st.sampled_from(["customer_name", "notes", "origin_address"]), st.sampled_from("AB"), min_size=1
            ),
            st.sets(st.sampled_from(["crew_needed", "customer_name", "origin_address"]), min_size=1),
        ),
        max_size=6,
    )
)
def test_journeys(steps: list[dict[str, object] | set[str]], app: Flask, yard: Yard, people: People) -> None:
    """Entered over the source, entered anew and given up, in any order."""
    with app.app_context():
        person = people(Role.ADMIN).actor
        with entries() as found:
            values = {"customer_name": "Odile", "scheduled_date": DAY, "location_id": yard.denver.id, "crew_needed": 2}
            journey = edits.create(person, values, "Ring twice.")
            for step in steps:
                with suppress(Refusal):
                    if isinstance(step, dict):
                        edits.change(person, journey, step)
                    else:
                        edits.use_source(person, journey, step)
        row = db.session.get_one(TruckJourney, journey)
        assert folded(found) == _as_told(TruckJourney, row)
        close_reading()


def _do(desk: Desk, loans: list[int], deed: str, which: int, day: object) -> None:
    if deed == "plan":
        loans.append(desk.plan(day).assignment_id)  # type: ignore[arg-type]
        return
    loan, actor = loans[which], desk.actor
    if deed == "move":
        service.change(actor, loan, Wish(start_day=day, end_day=day + timedelta(days=7)))  # type: ignore[arg-type,operator]
    elif deed in (Status.PLANNED, Status.MANUAL):
        service.recolour(actor, loan, Status(deed))
    elif deed == "note":
        notes.add(actor, loan, "Call first.")
    elif deed == "take back":
        note = db.session.scalars(
            select(LoanNote.id).where(LoanNote.removed_at.is_(None)).order_by(LoanNote.id)
        ).first()
        close_reading()
        notes.take_back(actor, loan, note or 0)
    elif deed == "remove":
        service.remove_green(actor, loan)
    else:
        with writing() as session:
            session.get_one(Assignment, loan).flag = "never kept"
            session.flush()
            raise ZeroDivisionError


def _assert_folded(found: list[AuditEntry], thing: str, model: type[Base], loans: Iterable[int]) -> None:
    is_note = thing == "note"
    mine = [one for one in found if one.subject == "loan" and one.action.startswith("note") is is_note]
    if is_note:
        numbers = {(one.after or one.before or {})["id"] for one in mine}
        of = {number: [one for one in mine if (one.after or one.before or {})["id"] == number] for number in numbers}
    else:
        of = {number: [one for one in mine if one.subject_id == number] for number in loans}
    for number, entries_of in of.items():
        row = db.session.get(model, number)
        assert folded(entries_of) == (None if row is None else _as_told(model, row))
    close_reading()


def _as_told(model: type[Base], row: Base) -> dict[str, object]:
    known = watched(table_of(model).name)
    assert known
    return flat(known, {column.key: getattr(row, column.key) for column in table_of(model).c})
