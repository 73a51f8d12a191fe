"""Who is named by an entry: the person signed in, a batch's starter, a job, a command."""

import pytest
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner
from sqlalchemy import select

from tests.audit.entries_read import entries
from tests.loans.planner import Desk
from tests.rows import People
from tests.servers import csrf_token, sign_in
from webapp.accounts.permissions import Role
from webapp.audit.acting import Doer, Origin, acting, by_job, current, for_person
from webapp.audit.models import AuditEntry
from webapp.db import close_reading, db, writing
from webapp.jobs import Job
from webapp.loans import batches
from webapp.loans.models import Assignment, Batch, BatchKind
from webapp.sync import scheduler


def test_whoever_is_signed_in(app: Flask, client: FlaskClient, people: People, desk: Desk) -> None:
    """By a page and by JSON: name, role, company, address and the request's id."""
    boss = people(Role.ADMIN)
    with app.app_context():
        loan = desk.plan().assignment_id
    sign_in(client, boss)
    token = csrf_token(client, "/account")
    with app.app_context(), entries() as found:
        headers = {"X-Request-ID": "a-request-of-a-test", "X-CSRFToken": token}
        answer = client.patch(f"/api/calendar/change-assignment-status/{loan}?new_status=planned", headers=headers)
        assert answer.status_code == 200
        client.post("/logout", data={"csrf_token": token})
    changed, out = found
    assert (changed.user_id, changed.actor, changed.role) == (boss.user_id, boss.name, "ADMIN")
    assert (changed.company_id, changed.address) == (boss.company_id, "127.0.0.1")
    assert (changed.request_id, changed.origin, out.origin) == ("a-request-of-a-test", "api", "page")
    assert (out.subject, out.subject_id, out.action, out.user_id) == (
        "user",
        boss.user_id,
        "session changed",
        boss.user_id,
    )


def test_whoever_signs_in(sqlite_app: Flask, client: FlaskClient, people: People) -> None:
    """Nobody is signed in yet: the sign-in that begins is the person's own doing."""
    person = people(Role.MANAGER, name="Ida Nowak")
    with sqlite_app.app_context(), entries() as found:
        sign_in(client, person)
    (begun,) = (one for one in found if one.action == "session added")
    assert (begun.user_id, begun.actor, begun.role) == (person.user_id, "Ida Nowak", "MANAGER")
    assert (begun.company_id, begun.address, begun.origin) == (person.company_id, "127.0.0.1", "page")


def test_a_command(sqlite_app: Flask, runner: FlaskCliRunner, people: People) -> None:
    """By its name, without any argument of it."""
    people(Role.SUPER_ADMIN)
    person = people(Role.MANAGER)
    with sqlite_app.app_context(), entries() as found:
        done = runner.invoke(args=["users", "set-role", person.email, "SCHEDULER"])
        assert done.exit_code == 0, done.output
    (changed,) = found
    assert (changed.actor, changed.origin, changed.user_id) == ("users set-role", "command", None)
    assert (changed.before, changed.after) == ({"role": "MANAGER"}, {"role": "SCHEDULER"})


def test_a_job(sqlite_app: Flask, desk: Desk) -> None:
    """By its name, whoever set up the scheduler."""

    def mark() -> None:
        with writing() as session:
            session.scalars(select(Assignment)).one().flag = "seen"

    with sqlite_app.app_context():
        desk.plan()
        with entries() as found:
            scheduler._do(sqlite_app, Job("mark the loans", seconds=60, run=mark))
    assert [(one.actor, one.origin, one.user_id) for one in found] == [("mark the loans", "job", None)]


@pytest.mark.parametrize("is_taken_up", [False, True])
def test_the_threads_of_a_batch(app: Flask, desk: Desk, is_taken_up: bool) -> None:
    """They act for whoever began it, from where they came; one that another process takes up, still for them."""
    actor = desk.actor
    starter = Doer(actor.user_id, actor.name, actor.role, actor.company_id, Origin.PAGE, "10.0.0.7", "request-1")
    with app.app_context():
        loan = desk.plan().assignment_id
        with entries() as found:
            batch = batches.create(actor, BatchKind.DELETE, [loan])
            with acting(by_job("bulk-runs") if is_taken_up else starter):
                batches.run(batch)
    assert [(one.subject, one.action, one.user_id) for one in found] == [("loan", "removed", actor.user_id)]
    where = ("job", "", "") if is_taken_up else ("page", "10.0.0.7", "request-1")
    assert (found[0].origin, found[0].address, found[0].request_id) == where


def test_a_batch_begun_in_a_request(app: Flask, desk: Desk) -> None:
    """Its thread, which outlives the request, keeps who and from where."""
    actor = desk.actor
    starter = Doer(actor.user_id, actor.name, actor.role, actor.company_id, Origin.PAGE, "10.0.0.7", "request-1")
    with app.app_context():
        loan = desk.plan().assignment_id
        with acting(starter):
            batches.start(actor, BatchKind.DELETE, [loan])
        while db.session.scalars(select(Batch.finished_at)).one() is None:
            close_reading()
        (removed,) = _removals()
    assert (removed.user_id, removed.address, removed.request_id) == (actor.user_id, "10.0.0.7", "request-1")


def test_acting_ends_with_its_block(sqlite_app: Flask, desk: Desk) -> None:
    """And nests: the innermost counts. For oneself one stays as one came."""
    starter = for_person(desk.actor)
    with acting(by_job("one")):
        with acting(starter):
            assert for_person(desk.actor) is current() is starter
        assert current().name == "one"
    assert current().name == "The application"


def _removals() -> list[AuditEntry]:
    return list(db.session.scalars(select(AuditEntry).where(AuditEntry.action == "removed").order_by(AuditEntry.id)))
