"""Backups are made while others write and taken back while nobody does; what FMS knows beyond them is named."""

import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from copy import copy
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from click.testing import Result
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import bindparam, create_engine, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from tests.databases import Copies
from tests.promise.desk import Desk
from tests.promise.troupe import values_of
from tests.rows import CREATED_AT, Fleet
from tests.servers import ROOT, sign_in
from webapp.accounts.models import UserSession
from webapp.audit.models import AuditEntry
from webapp.db import Base, db, writing
from webapp.fms.models import Kind, Operation, State
from webapp.loans import requests
from webapp.loans.models import Assignment
from webapp.loans.requests import How
from webapp.loans.states import Status
from webapp.watch import postgres_copies

pytestmark = pytest.mark.usefixtures("tools")
AUDITED = text("""
    INSERT INTO audit_entries (changed_at, actor, role, origin, address, request_id, subject, label, action)
    VALUES (:moment, 'somebody', '', 'command', '', '', 'user', '', 'changed')
""").bindparams(bindparam("moment", CREATED_AT))


def run(app: Flask, *arguments: str) -> Result:
    return app.test_cli_runner().invoke(args=list(arguments))


def back_up(app: Flask, folder: Path) -> Path:
    """A backup of `app`'s database, made by the command."""
    file = folder / "copy.backup"
    done = run(app, "backup", str(file))
    assert done.exit_code == 0, done.output
    assert "checked" in done.output
    return file


@pytest.fixture
def empty(
    engine: str, request: pytest.FixtureRequest, tmp_path: Path, make_app: Callable[..., Flask]
) -> Iterator[Flask]:
    """An application over a database of its own, with every table and no row."""
    copies: Copies = request.getfixturevalue(f"{engine}_copies")
    folder = tmp_path / "another"
    folder.mkdir()
    url = copies.new(folder)
    yield make_app(database_url=url)
    copies.drop(url)


@contextmanager
def uncommitted(app: Flask) -> Iterator[None]:
    """Somebody is in the middle of a writing transaction."""
    url = make_url(app.extensions["settings"].database_url)
    statement = "INSERT INTO companies (name) VALUES ('half written')"
    if url.drivername.startswith("sqlite"):
        with closing(sqlite3.connect(str(url.database), isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(statement)
            yield
            connection.execute("ROLLBACK")
    else:
        with psycopg.connect(url.set(drivername="postgresql").render_as_string(False)) as writer:
            writer.execute(statement)
            yield
            writer.rollback()


@contextmanager
def watcher(app: Flask) -> Iterator[str]:
    """The address of `app`'s database for another user of its server, who is there for that long."""
    url = make_url(app.extensions["settings"].database_url).set(drivername="postgresql")
    address = url.render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True) as owner:
        owner.execute("DROP ROLE IF EXISTS motorpool_watcher")
        owner.execute("CREATE ROLE motorpool_watcher LOGIN PASSWORD 'watches-only'")
    yield url.set(username="motorpool_watcher", password="watches-only").render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True) as owner:
        owner.execute("DROP ROLE motorpool_watcher")


@contextmanager
def writing_process(desk: Desk, loans: list[int]) -> Iterator[Callable[[int], None]]:
    """Another process that requests and unrequests; the value waits until FMS has answered it so many times more."""
    person = desk.person
    actor = {**vars(person.actor), "locations": sorted(person.locations)}
    line = {"settings": values_of(desk.app.extensions["settings"]), "actor": actor, "loans": loans}
    with subprocess.Popen(
        [sys.executable, "-m", "tests.running.writer"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        answers = process.stdout
        process.stdin.write(json.dumps(line).encode() + b"\n")
        process.stdin.flush()

        def wait(count: int) -> None:
            assert answers.read(count) == b"+" * count

        yield wait
        process.stdin.close()
        assert set(answers.read()) <= set(b"+")
    assert process.returncode == 0


def assert_in_step(app: Flask) -> None:
    """Each magenta loan stands on its operation, and no green one carries a number."""
    with app.app_context():
        for loan in db.session.scalars(select(Assignment).order_by(Assignment.id)):
            newest = db.session.scalar(
                select(Operation)
                .where(Operation.assignment_id == loan.id, Operation.state == State.SUCCEEDED)
                .order_by(Operation.id.desc())
                .limit(1)
            )
            if loan.status == Status.REQUESTED:
                assert newest is not None
                assert (newest.kind, newest.fms_request_id) == (Kind.CREATE, loan.fms_request_id)
            else:
                assert loan.fms_request_id is None
                assert newest is None or newest.kind == Kind.DELETE
        db.session.rollback()


def test_a_backup_while_others_write_is_whole(desk: Desk, empty: Flask, tmp_path: Path) -> None:
    """Loans and their operations are of one moment, nothing half written is in it, and it can be served from."""
    with writing_process(desk, desk.add_loans(3)) as wait:
        wait(4)
        with uncommitted(desk.app):
            file = back_up(desk.app, tmp_path)
        wait(2)
    done = run(empty, "restore", str(file))
    assert done.exit_code == 0, done.output
    assert_in_step(empty)
    with empty.app_context():
        assert db.session.scalar(text("SELECT count(*) FROM scheduled_assignments")) == 3
        assert db.session.scalar(text("SELECT count(*) FROM companies WHERE name = 'half written'")) == 0
        assert db.session.scalar(select(Operation.id).limit(1)) is not None
        db.session.rollback()
    assert empty.test_client().get("/readyz").status_code == 200


def test_what_a_restore_keeps(desk: Desk, empty: Flask, client: FlaskClient, tmp_path: Path) -> None:
    """The audit log still takes nothing back, a vehicle cannot be lent twice, and nobody is signed in."""
    sign_in(client, desk.person)
    with desk.app.app_context(), writing() as session:
        session.execute(AUDITED)
    file = back_up(desk.app, tmp_path)
    assert file.stat().st_mode & 0o777 == 0o600
    assert run(empty, "restore", str(file)).exit_code == 0
    with empty.app_context():
        assert db.session.scalar(select(UserSession.id).limit(1)) is None
        newest = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1)).one()
        version = db.session.scalar(text("SELECT version_num FROM alembic_version"))
        assert (newest.subject, newest.action, newest.actor) == ("database", "restored", "restore")
        assert newest.after == {"copy": file.name, "tables": version}
        for statement in ("UPDATE audit_entries SET actor = 'nobody'", "DELETE FROM audit_entries"):
            with pytest.raises(DBAPIError, match="written once"), writing() as session:
                session.execute(text(statement))
        assert compare_metadata(MigrationContext.configure(db.session.connection()), Base.metadata) == []
        db.session.rollback()


def test_what_fms_knows_beyond_a_backup(desk: Desk, empty: Flask, tmp_path: Path) -> None:
    """Recovery settles what was open, names what was requested later, and what was taken back can be so again."""
    [taken_back], under_way, later = desk.add_requested(), desk.add_loan(), desk.add_loan()
    desk.sandbox.fault("create", "reset_after")
    assert desk.do(requests.request, under_way).how is How.UNCERTAIN
    file = back_up(desk.app, tmp_path)
    desk.do(requests.request, later)
    desk.do(requests.unrequest, taken_back)
    number = desk.operation(later).fms_request_id
    assert run(empty, "restore", str(file)).exit_code == 0
    restored = copy(desk)
    restored.app = empty
    restored.pass_time()
    told = run(empty, "fms", "recover").output
    assert f"FMS holds request #{number} ({desk.operation(later).reference}), which is not in our ledger" in told
    assert told.count("not in our ledger") == 1
    assert restored.status(under_way) == Status.REQUESTED
    assert restored.status(later) == Status.MANUAL
    assert restored.do(requests.unrequest, taken_back).how is How.DONE
    assert_in_step(empty)


def test_a_running_application_is_not_pulled_from_under_anybody(
    app: Flask, fleet: Fleet, make_app: Callable[..., Flask], tmp_path: Path
) -> None:
    """Whoever is connected, from whatever process: the restore is refused and nothing has changed."""
    vehicle = fleet.add_vehicle()
    file = back_up(app, tmp_path)
    other = make_app()
    with other.app_context():
        assert db.session.scalar(text("SELECT vin FROM vehicles")) == vehicle.vin
    # What has answered keeps its connection for the next request.
    refused = run(app, "restore", str(file), "--replace")
    assert refused.exit_code == 1
    assert "Stop the application on every host" in refused.output
    with other.app_context():
        assert db.session.scalar(text("SELECT vin FROM vehicles")) == vehicle.vin


def test_who_watches_the_server_may_stay(postgres_app: Flask, fleet: Fleet, tmp_path: Path) -> None:
    """Another user's connection stops no restore, but one of ours does, as whomever it was made."""
    vehicle = fleet.add_vehicle()
    file = back_up(postgres_app, tmp_path)
    with watcher(postgres_app) as elsewhere:
        with psycopg.connect(elsewhere, application_name="motorpool"):
            refused = run(postgres_app, "restore", str(file), "--replace")
            assert (refused.exit_code, "Stop the application" in refused.output) == (1, True), refused.output
        with psycopg.connect(elsewhere, application_name="a watch of another's"):
            done = run(postgres_app, "restore", str(file), "--replace")
            assert done.exit_code == 0, done.output
    with postgres_app.app_context():
        assert db.session.scalar(text("SELECT vin FROM vehicles")) == vehicle.vin
        db.session.rollback()


def test_data_are_thrown_away_only_on_demand(app: Flask, fleet: Fleet, tmp_path: Path) -> None:
    """A database that is not empty needs --replace, and is then the copy, with no row more."""
    kept = fleet.add_vehicle()
    file = back_up(app, tmp_path)
    fleet.add_vehicle()
    refused = run(app, "restore", str(file))
    assert refused.exit_code == 1
    assert "--replace" in refused.output
    done = run(app, "restore", str(file), "--replace")
    assert done.exit_code == 0, done.output
    with app.app_context():
        assert db.session.scalars(text("SELECT vin FROM vehicles")).all() == [kept.vin]
        db.session.rollback()


def test_a_damaged_database_is_not_taken_for_a_damaged_copy(sqlite_app: Flask, fleet: Fleet, tmp_path: Path) -> None:
    """It is kept, and moved away for the copy to be restored in its place."""
    fleet.add_vehicle()
    with sqlite_app.app_context():
        db.session.remove()
        db.engine.dispose()
        file = Path(str(db.engine.url.database))
    copy_of_it, whole = back_up(sqlite_app, tmp_path), file.read_bytes()
    for damaged in (b"x" * 4096 + whole[4096:], whole[: len(whole) // 2]):
        file.write_bytes(damaged)
        refused = run(sqlite_app, "restore", str(copy_of_it), "--replace")
        assert (refused.exit_code, f"{file} is damaged, not the copy" in refused.output) == (1, True), refused.output
        assert file.read_bytes() == damaged
    file.rename(tmp_path / "damaged")
    assert run(sqlite_app, "restore", str(copy_of_it)).exit_code == 0


def test_a_backup_overwrites_nothing(app: Flask, tmp_path: Path) -> None:
    """Neither an older copy nor anything else; nor is anything left of one that was refused."""
    file = back_up(app, tmp_path)
    before = file.read_bytes()
    assert "is there already" in run(app, "backup", str(file)).output
    assert "no folder" in run(app, "backup", str(tmp_path / "nowhere" / "copy")).output
    assert file.read_bytes() == before
    assert [path.name for path in tmp_path.glob(".*")] == []


@pytest.mark.parametrize(("version", "said"), [("0011", "of version 0011: run"), ("9999", "of a newer version (9999)")])
def test_the_version_of_a_copy(app: Flask, empty: Flask, version: str, said: str, tmp_path: Path) -> None:
    """An older one is taken and has to be migrated; a newer one is refused, as nobody here knows its tables."""
    set_version(app, version)
    file = back_up(app, tmp_path)
    done = run(empty, "restore", str(file))
    assert said in done.output
    with empty.app_context():
        kept = db.session.scalar(text("SELECT version_num FROM alembic_version"))
        assert (done.exit_code, kept == version) == ((0, True) if version == "0011" else (1, False))
        db.session.rollback()


def test_what_is_no_copy_is_refused(app: Flask, empty: Flask, fleet: Fleet, tmp_path: Path) -> None:
    """A file of anything, one that broke off on the way, none at all: each is told, and the database stays."""
    fleet.add_vehicles(3)
    whole = back_up(app, tmp_path).read_bytes()
    for content in (b"anything " * 1000, whole[: len(whole) // 2], b""):
        file = tmp_path / "not-a-copy"
        file.write_bytes(content)
        refused = run(empty, "restore", str(file))
        assert refused.exit_code == 1, content[:20]
        assert "Traceback" not in refused.output
    assert "There is no file" in run(empty, "restore", str(tmp_path / "none")).output
    assert empty.test_client().get("/readyz").status_code == 200


def test_without_the_tools_it_says_how(postgres_app: Flask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The package, the version, and the command to run elsewhere; no password in it, nor in any argument."""
    monkeypatch.setenv("PATH", str(tmp_path))
    done = run(postgres_app, "backup", str(tmp_path / "copy"))
    assert done.exit_code == 1
    assert "postgresql-client-" in done.output
    assert f"--file={tmp_path / 'copy'}" in done.output
    secret = create_engine("postgresql+psycopg://somebody:not-for-lists@db.example.com/name")
    where, environment = postgres_copies._address(secret)
    assert "not-for-lists" not in where
    assert environment["PGPASSWORD"] == "not-for-lists"


def set_version(app: Flask, version: str) -> None:
    with app.app_context(), writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = :version"), {"version": version})
