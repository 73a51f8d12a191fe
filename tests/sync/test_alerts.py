"""Administrators are told once when something is wrong with the data and once when it is over: by mail and webhook."""

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from tests.rows import People
from tests.sync.listeners import MailServer, Webhook
from tests.sync.test_queries import NAMES, TEN, add_run
from webapp.accounts.permissions import Role
from webapp.accounts.service import ensure_company
from webapp.clock import now
from webapp.db import close_reading, db, writing
from webapp.sync import alerts, incidents, notices
from webapp.sync.delivery import Message
from webapp.sync.models import FeedResult, FeedStatus, Incident, Notice, RunStatus, SyncRun

MORNING = TEN + timedelta(hours=7)
ONE_REFUSED = dict.fromkeys(NAMES, FeedStatus.APPLIED) | {"vehicles": FeedStatus.REFUSED}


@pytest.fixture
def post_office() -> Iterator[MailServer]:
    with MailServer() as server:
        yield server


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    with Webhook() as listener:
        yield listener


@pytest.fixture
def desk(make_app: Callable[..., Flask], post_office: MailServer, webhook: Webhook) -> Iterator[Flask]:
    """An application that alerts both ways, on a morning in November."""
    app = make_app(
        smtp_host="127.0.0.1",
        smtp_port=post_office.port,
        smtp_tls="none",
        smtp_from="motorpool@example.com",
        alert_webhook_url=webhook.url,
    )
    people = People(app)
    people(Role.ADMIN, email="admin@example.com")
    people(Role.SUPER_ADMIN, email="super@example.com")
    people(Role.ADMIN, email="gone@example.com", is_active=False)
    people(Role.SCHEDULER, email="scheduler@example.com")
    people(Role.ADMIN, email="elsewhere@example.com", company="Another")
    with app.app_context(), time_machine.travel(MORNING, tick=False):
        yield app


def company() -> int:
    return ensure_company("Motorpool")


def explain(run_id: int, name: str, error: str) -> None:
    with writing() as session:
        results = session.scalars(select(FeedResult).where(FeedResult.run_id == run_id, FeedResult.name == name))
        results.one().error = error


def told(post_office: MailServer) -> list[tuple[str, str]]:
    return [(to, str(letter["Subject"]).strip()) for to, letter in post_office.letters]


@pytest.mark.usefixtures("desk")
def test_a_refused_report_is_told_once_and_once_when_it_is_over(post_office: MailServer, webhook: Webhook) -> None:
    """Each active administrator of the company gets one letter, the webhook one message; then again at the end."""
    run_id = add_run(company(), MORNING, feeds=ONE_REFUSED, status=RunStatus.PARTIAL)
    explain(run_id, "vehicles", "The report is empty.")
    for _ in range(3):
        alerts.watch()
    subject = "Motorpool: The vehicles report was refused: The report is empty."
    assert told(post_office) == [("admin@example.com", subject), ("super@example.com", subject)]
    text = post_office.letters[0][1].get_payload()
    assert "Since 11-21-26 09:04 PST." in str(text)
    (first,) = webhook.received
    assert (first["event"], first["subject"], first["sentence"]) == (
        "began",
        "feed:vehicles",
        "The vehicles report was refused: The report is empty.",
    )
    assert webhook.paths == ["/hooks/a-secret/"]

    add_run(company(), MORNING + timedelta(hours=1))
    for _ in range(3):
        alerts.watch()
    over = f"Motorpool: over: {first['sentence']}"
    assert told(post_office)[2:] == [("admin@example.com", over), ("super@example.com", over)]
    assert [one["event"] for one in webhook.received] == ["began", "ended"]
    assert webhook.received[1]["ended_at"] is not None


@pytest.mark.usefixtures("desk")
def test_an_address_that_no_letter_can_carry_is_a_try_that_failed(people: People, post_office: MailServer) -> None:
    """The others are told all the same, at once, and it is put off as any other failure."""
    people(Role.ADMIN, email="aaa@[")
    add_run(company(), MORNING, feeds=ONE_REFUSED, status=RunStatus.PARTIAL)
    alerts.watch()
    assert [to for to, _ in told(post_office)] == ["admin@example.com", "super@example.com"]
    odd = db.session.scalars(select(Notice).where(Notice.address == "aaa@[")).one()
    assert (odd.sent_at, odd.tries) == (None, 1)
    assert odd.error
    assert odd.due_at is not None
    assert odd.due_at < now() + notices.CLAIM


@pytest.mark.usefixtures("desk", "post_office")
def test_data_that_grow_old_are_told(webhook: Webhook) -> None:
    """Not after 36 hours, but a second later; over with the next good import."""
    add_run(company(), TEN)
    with time_machine.travel(TEN + timedelta(hours=36), tick=False):
        alerts.watch()
        assert webhook.received == []
    with time_machine.travel(TEN + timedelta(hours=36, seconds=1), tick=False):
        alerts.watch()
        assert [one["sentence"] for one in webhook.received] == [
            "The FMS data are older than 36 hours: the last good import was on 11-21-26 at 02:04 PST."
        ]
        add_run(company(), now())
        alerts.watch()
    assert [(one["event"], one["subject"]) for one in webhook.received] == [("began", "stale"), ("ended", "stale")]


@pytest.mark.usefixtures("desk", "post_office")
def test_a_run_that_died_is_told_even_when_the_next_one_was_quick(webhook: Webhook) -> None:
    """Both messages come, in their order; a death that was told is not told again."""
    died = add_run(company(), MORNING, status=RunStatus.ABANDONED, feeds={})
    add_run(company(), MORNING + timedelta(minutes=1))
    for _ in range(3):
        alerts.watch()
    events = [(one["event"], one["subject"]) for one in webhook.received]
    assert events == [("began", f"run:{died}"), ("ended", f"run:{died}")]


@pytest.mark.usefixtures("desk", "post_office")
def test_a_run_that_died_stays_wrong_until_another_has_ended(webhook: Webhook) -> None:
    """A run that is going on ends nothing yet."""
    add_run(company(), MORNING, status=RunStatus.ABANDONED, feeds={})
    running = add_run(company(), MORNING, status=RunStatus.RUNNING, feeds={})
    alerts.watch()
    alerts.watch()
    assert [one["event"] for one in webhook.received] == ["began"]
    with writing() as session:
        session.get_one(SyncRun, running).status = RunStatus.SUCCEEDED
    alerts.watch()
    assert [one["event"] for one in webhook.received] == ["began", "ended"]


@pytest.mark.usefixtures("desk")
def test_what_could_not_be_delivered_is_tried_again(post_office: MailServer, webhook: Webhook) -> None:
    """A mail server and a webhook that are down get it later, each once; the end waits for the beginning."""
    post_office.refuses, webhook.status = True, 500
    add_run(company(), MORNING, feeds=ONE_REFUSED, status=RunStatus.PARTIAL)
    alerts.watch()
    add_run(company(), MORNING)
    alerts.watch()
    reasons = set(db.session.scalars(select(Notice.error).where(Notice.tries == 1)))
    close_reading()
    assert reasons == {"SMTPDataError 451", "the webhook answered 500"}
    post_office.refuses, webhook.status = False, 204
    with time_machine.travel(MORNING + timedelta(seconds=59), tick=False):
        alerts.watch()
        assert (webhook.received, post_office.letters) == ([], [])
    with time_machine.travel(MORNING + timedelta(seconds=61), tick=False):
        alerts.watch()
        alerts.watch()
    assert [one["event"] for one in webhook.received] == ["began", "ended"]
    assert len(post_office.letters) == 4


@pytest.mark.usefixtures("desk", "post_office")
def test_nobody_tries_for_ever(webhook: Webhook) -> None:
    """After about a day a message is given up; the record keeps why."""
    webhook.status = 500
    add_run(company(), MORNING, feeds=ONE_REFUSED, status=RunStatus.PARTIAL)
    incidents.assess_all()
    for hours in range(notices.MOST_TRIES + 3):
        with time_machine.travel(MORNING + timedelta(hours=2 * hours), tick=False):
            notices.deliver()
    found = db.session.scalars(select(Notice).where(Notice.channel == "webhook")).one()
    assert (found.tries, found.due_at, found.sent_at) == (notices.MOST_TRIES, None, None)
    assert found.error == "the webhook answered 500"


def test_many_processes_tell_it_once(desk: Flask, post_office: MailServer, webhook: Webhook) -> None:
    """However many look at once, there is one incident and each message goes out once."""
    add_run(company(), MORNING, feeds=ONE_REFUSED, status=RunStatus.PARTIAL)
    together = threading.Barrier(4)

    def look() -> None:
        with desk.app_context():
            together.wait()
            alerts.watch()

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(db.session.scalars(select(Incident)).all()) == 1
    assert (len(post_office.letters), len(webhook.received)) == (2, 1)


@pytest.mark.usefixtures("desk", "post_office")
def test_nothing_is_sent_inside_a_transaction(desk: Flask, webhook: Webhook) -> None:
    """While a message is on its way, others can write: what answers late holds nobody up."""
    add_run(company(), MORNING, feeds=ONE_REFUSED, status=RunStatus.PARTIAL)
    incidents.assess_all()
    close_reading()
    db.session.execute(select(Incident.id))
    with pytest.raises(RuntimeError, match="a transaction is open"):
        notices._send(notices._Claimed(1, 1, "webhook", "", Message("", "", {})))
    close_reading()
    assert webhook.received == []


def test_without_addresses_incidents_are_only_recorded(app: Flask) -> None:
    """Nobody is written to; the record is there."""
    with app.app_context(), time_machine.travel(MORNING, tick=False):
        add_run(company(), MORNING, feeds=ONE_REFUSED, status=RunStatus.PARTIAL)
        alerts.watch()
        assert [incident.subject for incident in incidents.open_incidents(company())] == ["feed:vehicles"]
        assert db.session.scalars(select(Notice)).all() == []


@pytest.mark.parametrize("password", ["right", "wrong"])
def test_the_mail_server_is_signed_in_to(make_app: Callable[..., Flask], password: str, sqlite_app: Flask) -> None:
    """SMTP_USERNAME and SMTP_PASSWORD are used; a wrong one is recorded by its code and without a secret."""
    with MailServer(password="right") as server:
        app = make_app(
            smtp_host="127.0.0.1",
            smtp_port=server.port,
            smtp_tls="none",
            smtp_from="motorpool@example.com",
            smtp_username="motorpool",
            smtp_password=password,
        )
        People(app)(Role.ADMIN)
        with app.app_context(), time_machine.travel(MORNING, tick=False):
            add_run(company(), MORNING, feeds=ONE_REFUSED, status=RunStatus.PARTIAL)
            alerts.watch()
            error = db.session.scalars(select(Notice.error)).one()
    assert (len(server.letters), error) == ((1, "") if password == "right" else (0, "SMTPAuthenticationError 535"))


def test_no_letter_goes_out_in_the_clear_where_encryption_is_asked_for(
    make_app: Callable[..., Flask], post_office: MailServer, sqlite_app: Flask
) -> None:
    """A server that does not offer STARTTLS gets nothing."""
    app = make_app(smtp_host="127.0.0.1", smtp_port=post_office.port, smtp_from="motorpool@example.com")
    People(app)(Role.ADMIN)
    with app.app_context(), time_machine.travel(MORNING, tick=False):
        add_run(company(), MORNING, feeds=ONE_REFUSED, status=RunStatus.PARTIAL)
        alerts.watch()
        assert db.session.scalars(select(Notice.error)).one() == "SMTPNotSupportedError"
    assert post_office.letters == []


def test_alerts_are_a_job_that_every_process_offers(sqlite_app: Flask) -> None:
    """The scheduler finds it among the rooms' jobs."""
    assert "alerts" in [job.name for job in sqlite_app.extensions["jobs"]]
