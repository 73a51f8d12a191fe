"""What is written of watched tables is told, once, with what differs, in the transaction of the change itself."""

from contextlib import suppress
from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import Executable, bindparam, delete, insert, select, text, update
from sqlalchemy.exc import DatabaseError

from tests.audit.entries_read import Told, entries, told
from tests.loans.planner import Desk
from tests.queries_counted import queries_of
from tests.rows import DAY, People
from webapp import clock
from webapp.accounts import people as users
from webapp.accounts import queries
from webapp.accounts.models import Location, RecoveryCode, User, UserSession, user_locations
from webapp.accounts.permissions import Role
from webapp.audit.change import flat
from webapp.audit.models import AuditEntry
from webapp.audit.noticing import NotToBeNoticed
from webapp.audit.watched import declared, table_of, watched
from webapp.calendar import links, saved_views
from webapp.calendar.models import CalendarLink, LinkKind, SavedView
from webapp.db import Base, close_reading, db, writing
from webapp.fleet import places
from webapp.fleet.differences import Shape, difference, write
from webapp.fleet.models import Budget, Holiday, LoanCost, OfficeCapacity, Rule
from webapp.fms.models import Operation
from webapp.loans import notes, service
from webapp.loans.models import Assignment, LoanNote
from webapp.loans.states import Status
from webapp.smartmoving import zone_service

NOON = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)


def test_every_table_is_declared() -> None:
    """A new one fails here until its room says whether its changes are told, or why not."""
    assert {table.name for table in Base.metadata.tables.values()} - declared().keys() == set()


def test_secrets_are_never_looked_at_as_they_are() -> None:
    """No column that holds one is told but as set or changed."""
    for table in Base.metadata.tables.values():
        known = watched(table.name)
        for column in known.told if known else ():
            is_secret = any(word in column for word in ("hash", "secret", "token", "external_data"))
            assert not is_secret or (known and column in known.secrets), (table.name, column)


@pytest.mark.usefixtures("context")
class TestLoans:
    def test_planned_marked_and_deleted(self, desk: Desk) -> None:
        """Of a loan that begins all that it is, of a change what differs alone, of one that goes all that it was."""
        with entries() as planned:
            loan = desk.plan().assignment_id
        with entries() as marked:
            service.recolour(desk.actor, loan, Status.PLANNED)
        with entries() as deleted:
            service.remove_green(desk.actor, loan)
        whole = {
            "fleet_vehicle_id": desk.vehicle.id,
            "person_id": desk.partner.person_id,
            "partner_name": "Coastline Auto",
            "office": "Los Angeles",
            "start_day": "2026-11-23",
            "end_day": "2026-11-30",
            "status": "manual",
            "green_status": "manual",
            "reason": "",
            "flag": "",
            "created_by": desk.actor.user_id,
        }
        was, now = {"status": "manual", "green_status": "manual"}, {"status": "planned", "green_status": "planned"}
        assert told(planned) == [Told("loan", loan, "added", None, whole)]
        assert told(marked) == [Told("loan", loan, "changed", was, now)]
        assert told(deleted) == [Told("loan", loan, "removed", {**whole, **now}, None)]
        (one,) = planned
        assert (one.company_id, one.label) == (desk.actor.company_id, "Coastline Auto, 11-23-26 to 11-30-26")

    def test_notes(self, desk: Desk) -> None:
        """A note belongs to its loan; taken back, it is told by its number."""
        loan = desk.plan().assignment_id
        with entries() as found:
            notes.add(desk.actor, loan, "Call first.")
            note = db.session.scalars(select(LoanNote.id)).one()
            close_reading()
            notes.take_back(desk.actor, loan, note)
        assert [(one.subject_id, one.action) for one in found] == [(loan, "note added"), (loan, "note changed")]
        assert found[0].after is not None
        assert (found[0].after["id"], found[0].after["text"]) == (note, "Call first.")
        assert found[1].before == {"id": note, "removed_at": None}
        assert found[1].after is not None
        assert found[1].after.keys() == {"id", "removed_at"}
        assert found[1].label == "Coastline Auto, 11-23-26 to 11-30-26"

    def test_what_a_person_says_of_an_operation(self, desk: Desk) -> None:
        """Settled by hand it is told; what FMS says is in the ledger."""
        loan = desk.plan().assignment_id
        values = {"kind": "create", "state": "uncertain", "subject": "loan", "assignment_id": loan, "label": "A loan"}
        times = dict.fromkeys(("created_at", "sent_at", "deadline_at"), NOON)
        row = Operation(reference="MP-1", office="Los Angeles", requested_by="Jo", **values, **times)
        with entries() as sent:
            desk.put(row)
        with entries() as by_fms, writing() as session:
            session.get_one(Operation, 1).error = "Still silent."
        with entries() as by_hand, writing() as session:
            operation = session.get_one(Operation, 1)
            operation.state, operation.code, operation.fms_request_id = "succeeded", "confirmed", 4372
        assert (sent, by_fms) == ([], [])
        before = {"id": 1, "state": "uncertain", "fms_request_id": None, "code": ""}
        after = {"id": 1, "state": "succeeded", "fms_request_id": 4372, "code": "confirmed"}
        assert told(by_hand) == [Told("loan", loan, "operation changed", before, after)]

    def test_statements_that_load_nothing(self, desk: Desk) -> None:
        """Values, expressions and deletions alike: each row that they touch."""
        loan = desk.plan().assignment_id
        with entries() as by_value, writing() as session:
            session.execute(update(Assignment).values(flag="gone"))
        with entries() as by_expression, writing() as session:
            session.execute(update(Assignment).values(reason=Assignment.flag + "!"))
        with entries() as of_nothing, writing() as session:
            session.execute(update(Assignment).where(Assignment.id == -1).values(flag="x"))
            session.execute(update(Assignment).values(flag="gone", version=9))
        with entries() as deleted, writing() as session:
            session.execute(delete(Assignment).where(Assignment.flag == "gone"))
        assert told(by_value) == [Told("loan", loan, "changed", {"flag": ""}, {"flag": "gone"})]
        assert told(by_expression) == [Told("loan", loan, "changed", {"reason": ""}, {"reason": "gone!"})]
        assert of_nothing == []
        assert [(one.action, one.after) for one in deleted] == [("removed", None)]

    def test_what_cannot_be_told_is_refused(self, desk: Desk) -> None:
        """A statement whose effect on a watched table nobody could tell does not run."""
        desk.plan()
        by_row = (
            update(user_locations)
            .where(user_locations.c.user_id == bindparam("one"))
            .values(location_id=bindparam("two"))
        )
        for statement, parameters in (
            (insert(SavedView), [{"name": "x"}]),
            (insert(user_locations).values([{"user_id": 1, "location_id": 1}]), None),
            (by_row, [{"one": 1, "two": 1}]),
        ):
            with pytest.raises(NotToBeNoticed), writing() as session:
                session.execute(statement, parameters)

    def test_several_changes_of_one_row_are_one(self, desk: Desk) -> None:
        """Flushed and written by statement, in one transaction; what ends as it began is not told."""
        loan = desk.plan().assignment_id
        with entries() as found, writing() as session:
            row = session.get_one(Assignment, loan)
            row.flag = "one"
            session.flush()
            row.reason = "because"
            session.execute(update(Assignment).values(flag="two"))
        with entries() as none, writing() as session:
            row = session.get_one(Assignment, loan)
            row.flag = "three"
            session.flush()
            row.flag = "two"
        assert told(found) == [
            Told("loan", loan, "changed", {"flag": "", "reason": ""}, {"flag": "two", "reason": "because"})
        ]
        assert none == []

    def test_what_begins_and_goes_in_one_transaction_was_never_there(self, desk: Desk) -> None:
        """And one that is changed before it goes is told as it was."""
        loan = desk.plan().assignment_id
        with entries() as none, writing() as session:
            note = LoanNote(
                company_id=desk.actor.company_id,
                assignment_id=loan,
                actor_name="Jo",
                text="Hm.",
                written_at=clock.now(),
            )
            session.add(note)
            session.flush()
            session.delete(note)
        with entries() as found, writing() as session:
            row = session.get_one(Assignment, loan)
            row.flag = "seen by nobody"
            session.flush()
            session.delete(row)
        assert none == []
        assert [one.before["flag"] for one in found if one.before] == [""]

    def test_nothing_of_what_is_rolled_back(self, desk: Desk) -> None:
        """Neither then nor with the next change of the same session."""
        loan = desk.plan().assignment_id
        with entries() as found:
            with suppress(ZeroDivisionError), writing() as session:
                session.get_one(Assignment, loan).flag = "x"
                session.flush()
                session.execute(update(Assignment).values(reason="y"))
                raise ZeroDivisionError
            service.recolour(desk.actor, loan, Status.PLANNED)
        assert [one.after for one in found] == [{"status": "planned", "green_status": "planned"}]

    def test_what_is_written_without_being_read(self, desk: Desk) -> None:
        """A row that the session only remembers: whose part it is, and how it is called, is looked for."""
        loan = desk.plan().assignment_id
        notes.add(desk.actor, loan, "Call first.")
        note, row = db.session.scalars(select(LoanNote)).one(), db.session.get_one(Assignment, loan)
        with entries() as found, writing():
            note.removed_at, row.flag = NOON, "x"
        assert [(one.subject_id, one.action, one.label) for one in found] == [
            (loan, "note changed", "Coastline Auto, 11-23-26 to 11-30-26"),
            (loan, "changed", "Coastline Auto, 11-23-26 to 11-30-26"),
        ]
        assert {one.company_id for one in found} == {desk.actor.company_id}

    def test_one_statement_more(self, desk: Desk) -> None:
        """However many rows a transaction changes; none where it changes nothing that is told."""
        loans = [desk.plan(DAY.replace(day=day), DAY.replace(day=day + 1)).assignment_id for day in (23, 25, 27)]
        with queries_of() as some, writing() as session:
            for loan in loans:
                session.get_one(Assignment, loan).flag = "x"
        with queries_of() as none, writing() as session:
            for loan in loans:
                session.get_one(Assignment, loan).version += 1
        assert [sum("audit_entries" in one for one in each) for each in (some, none)] == [1, 0]


@pytest.mark.usefixtures("context")
class TestPeople:
    def test_a_person(self, desk: Desk, people: People) -> None:
        """Added, given another role and offices, a new password, shut out: passwords only as set and changed."""
        boss = people(Role.ADMIN).actor
        with entries() as added:
            wish = users.Wish("Ida Nowak", Role.SCHEDULER, frozenset({"Los Angeles"}), 7)
            number, _ = users.add(boss, boss.company_id, "ida@example.com", wish)
        with entries() as reset:
            users.reset_password(boss, number)
        with entries() as shut_out:
            users.deactivate(boss, number)
        person, office = added
        assert (person.subject, person.subject_id, person.action, person.label) == (
            "user",
            number,
            "added",
            "Ida Nowak",
        )
        assert person.after is not None
        assert (person.after["password_hash"], person.after["role"]) == ("set", "SCHEDULER")
        place = _place("Los Angeles")
        assert told([office]) == [Told("user", number, "office added", None, {"location_id": place})]
        assert told(reset) == [Told("user", number, "changed", {"password_hash": "set"}, {"password_hash": "changed"})]
        assert told(shut_out) == [Told("user", number, "changed", {"is_active": True}, {"is_active": False})]

    def test_offices_that_stay_are_not_told(self, desk: Desk, people: People) -> None:
        """They are all written anew; only what differs is told."""
        boss = people(Role.ADMIN, locations=["Los Angeles", "Denver"]).actor
        added, _ = users.add(
            boss, boss.company_id, "ida@example.com", users.Wish("Ida", Role.MANAGER, frozenset({"Los Angeles"}), None)
        )
        mark = queries.mark_of(db.session(), db.session.get_one(User, added))
        close_reading()
        with entries() as found:
            users.change(boss, added, mark, users.Wish("Ida", Role.MANAGER, frozenset({"Los Angeles", "Denver"}), None))
        assert told(found) == [Told("user", added, "office added", None, {"location_id": _place("Denver")})]

    def test_sign_ins_and_codes(self, desk: Desk) -> None:
        """That they began and ended, never what opens them; that a browser was seen again is not told."""
        number = desk.actor.user_id
        assert number is not None
        times = {"started_at": NOON, "last_seen_at": NOON}
        with entries() as begun, writing() as session:
            session.add(UserSession(token_hash="f" * 64, user_id=number, address="::1", browser="Firefox", **times))
            session.add(RecoveryCode(user_id=number, code_hash="e" * 64))
        with entries() as seen, writing() as session:
            session.execute(update(UserSession).values(last_seen_at=clock.now()))
        with entries() as ended, writing() as session:
            session.execute(update(UserSession).values(ended_at=NOON))
            session.execute(update(RecoveryCode).values(used_at=NOON))
        with entries() as forgotten, writing() as session:
            session.execute(delete(UserSession))
        noon = "2026-11-23T20:00:00+00:00"
        after = {"id": 1, "started_at": noon, "address": "::1", "browser": "Firefox"}
        assert sorted(told(begun)) == [
            Told("user", number, "code added", None, {"id": 1, "code_hash": "set"}),
            Told("user", number, "session added", None, after),
        ]
        assert told(ended) == [
            Told("user", number, "session changed", {"id": 1, "ended_at": None}, {"id": 1, "ended_at": noon}),
            Told("user", number, "code changed", {"id": 1, "used_at": None}, {"id": 1, "used_at": noon}),
        ]
        assert (seen, forgotten) == ([], [])
        assert {one.company_id for one in (*begun, *ended)} == {desk.actor.company_id}
        assert {one.label for one in (*begun, *ended)} == {desk.actor.name}


@pytest.mark.usefixtures("context")
class TestSettings:
    def test_what_a_spreadsheet_brings(self, desk: Desk) -> None:
        """Rules, holidays, drivers, costs and budgets: each row that differs, by its number, and no other."""
        company, office = desk.actor.company_id, "Los Angeles"
        rule = {"loan_cap_per_year": 4, "publication_rate": Decimal("50.00"), "cooldown_days": 30, "is_hard": True}
        holiday = {"name": "Thanksgiving", "kind": "", "is_all_day": False, "start_time": time(9), "end_time": None}
        for model, key, one, other in (
            (Rule, ("make", "rank"), {**rule, "description": "", "notes": ""}, {"loan_cap_per_year": 5}),
            (Holiday, ("office", "day"), {**holiday, "notes": ""}, {"name": "Thanks"}),
            (OfficeCapacity, ("office",), {"drivers_per_day": 3, "notes": ""}, {"drivers_per_day": 4}),
            (LoanCost, ("person_id", "make"), {"name": "Jo", "cost": Decimal("12.50")}, {"cost": Decimal("13.00")}),
            (Budget, ("office", "fleet", "year", "quarter"), {"allocation": Decimal(9)}, {"allocation": Decimal(8)}),
        ):
            keys = {"make": "Audi", "rank": "A", "day": date(2026, 11, 26), "person_id": 7, "fleet": "Audi"}
            keys |= {"office": office, "year": 2026, "quarter": 4}
            shape = Shape(table_of(model), key, tuple(one))
            name = tuple(keys[each] for each in key)
            with entries() as added:
                _write(shape, company, {name: tuple(one.values())})
            with entries() as changed:
                _write(shape, company, {name: tuple({**one, **other}.values())})
            with entries() as removed:
                _write(shape, company, {})
            known = watched(table_of(model).name)
            assert known
            (first,), (second,), (third,) = added, changed, removed
            assert first.after == flat(known, {**dict(zip(key, name, strict=True)), **one}), model
            assert (second.subject_id, third.subject_id) == (first.subject_id, first.subject_id)
            assert first.subject_id is not None
            assert second.after == flat(known, other)
            assert third.before == {**(first.after or {}), **(second.after or {})}
            assert len({one.label for one in (first, third)}) <= 2

    def test_places_by_hand(self, desk: Desk) -> None:
        """Where an office or a partner is, and that a person said so."""
        with entries() as found:
            places.place_office(desk.actor, "Los Angeles", (34.05, -118.24))
            places.place_partner(desk.actor, desk.partner.person_id, "Los Angeles", (34.05, -118.24))
        assert [(one.subject, one.action, one.label) for one in found] == [
            ("location", "changed", "Los Angeles"),
            ("partner", "changed", "Coastline Auto, Los Angeles"),
        ]
        for one in found:
            assert one.before == {"latitude": None, "longitude": None, "located_by": ""}
            assert one.after == {"latitude": 34.05, "longitude": -118.24, "located_by": "hand"}

    def test_the_zone_of_a_region(self, desk: Desk, people: People) -> None:
        """Given, changed and taken back, though it is written by statement."""
        boss = people(Role.SUPER_ADMIN).actor
        with entries() as found:
            for zone in ("America/Denver", "America/Phoenix", ""):
                zone_service.set_region_zone(boss, "AZ", zone)
        assert told(found) == [
            Told("zone", None, "added", None, {"region": "AZ", "timezone": "America/Denver"}),
            Told("zone", None, "changed", {"timezone": "America/Denver"}, {"timezone": "America/Phoenix"}),
            Told("zone", None, "removed", {"region": "AZ", "timezone": "America/Phoenix"}, None),
        ]
        assert {(one.label, one.company_id) for one in found} == {("AZ", boss.company_id)}

    def test_views_and_links(self, desk: Desk) -> None:
        """A view shared and forgotten; a link made and revoked, never its token; that it was read is not told."""
        row = SavedView(
            user_id=desk.actor.user_id, name="Mine", query="", is_shared=False, created_at=NOON, updated_at=NOON
        )
        desk.put(row)
        with entries() as found:
            saved_views.share_view(desk.actor, 1, is_shared=True)
            saved_views.delete_view(desk.actor, 1)
            links.make_link(desk.actor, LinkKind.OFFICE, "Los Angeles")
            with writing() as session:
                session.execute(update(CalendarLink).values(last_read_at=NOON))
            links.revoke_all(desk.actor)
        assert [(one.subject, one.action) for one in found] == [
            ("view", "changed"),
            ("view", "removed"),
            ("link", "added"),
            ("link", "changed"),
        ]
        assert found[0].after == {"is_shared": True}
        assert found[2].after is not None
        assert "token_hash" not in found[2].after


def test_the_database_refuses_to_change_the_log(app: Flask, desk: Desk) -> None:
    """Neither updated nor deleted nor emptied, by whatever statement."""
    ways: list[Executable] = [update(AuditEntry).values(actor="Somebody else"), delete(AuditEntry)]
    if db_is_postgres(app):
        ways.append(text("TRUNCATE audit_entries"))
    with app.app_context():
        desk.plan()
        for way in ways:
            with pytest.raises(DatabaseError, match="never changed"), writing() as session:
                session.execute(way)
        assert db.session.scalars(select(AuditEntry.id)).all()


def db_is_postgres(app: Flask) -> bool:
    return str(app.config["SQLALCHEMY_DATABASE_URI"]).startswith("postgresql")


def _place(name: str) -> int:
    return db.session.scalars(select(Location.id).where(Location.name == name)).one()


def _write(shape: Shape, company_id: int, wanted: dict[tuple[object, ...], tuple[object, ...]]) -> None:
    with writing() as session:
        write(session, shape, company_id, difference(session, shape, company_id, wanted))
