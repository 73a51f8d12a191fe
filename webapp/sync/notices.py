"""Messages about incidents: ordered with the incident, sent by a job outside any transaction, once, with retries."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from flask import current_app
from sqlalchemy import select, update
from sqlalchemy.orm import Session, aliased

from webapp.accounts.models import Company, User
from webapp.accounts.permissions import Role
from webapp.clock import now
from webapp.dates import shown
from webapp.db import close_reading, db, refuse_open_transaction, writing
from webapp.settings import Settings
from webapp.sync.delivery import Message, NotDelivered, mail, post
from webapp.sync.models import Channel, Incident, Notice, NoticeKind

log = structlog.get_logger(__name__)

ADMINISTRATORS = (Role.ADMIN, Role.SUPER_ADMIN)
# Longer than a delivery can take, so that no second process sends what a first is sending.
CLAIM = timedelta(seconds=180)
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=1)
# About a day, at these pauses.
MOST_TRIES = 28


@dataclass(frozen=True)
class _Claimed:
    id: int
    tries: int
    channel: str
    address: str
    message: Message


def order(session: Session, incident: Incident, kind: NoticeKind) -> None:
    """Have everybody told who is to be told; call it in the transaction that writes the incident."""
    settings = _settings()
    addresses: list[tuple[Channel, str]] = []
    if settings.alert_webhook_url.get_secret_value():
        addresses.append((Channel.WEBHOOK, ""))
    if settings.smtp_host:
        wanted = select(User.email).where(
            User.company_id == incident.company_id, User.is_active, User.role.in_(ADMINISTRATORS)
        )
        addresses += [(Channel.MAIL, email) for email in session.scalars(wanted.order_by(User.email))]
    session.add_all(
        Notice(incident_id=incident.id, kind=kind, channel=channel, address=address, due_at=now())
        for channel, address in addresses
    )


def deliver() -> int:
    """Send what is due; how many went out. Any number of processes may do it at once, and be killed anywhere.

    Each message is claimed before it is sent: only a process that dies between the two systems' words ("taken",
    "noted") makes one go out twice.
    """
    sent = 0
    for notice_id in _due():
        claimed = _claim(notice_id)
        if claimed is not None:
            sent += _send(claimed)
    return sent


def _due() -> list[int]:
    earlier = aliased(Notice)
    # That something is over is not said before that it began.
    waits = select(earlier.id).where(
        earlier.incident_id == Notice.incident_id,
        earlier.channel == Notice.channel,
        earlier.address == Notice.address,
        earlier.id < Notice.id,
        earlier.due_at.is_not(None),
    )
    found = db.session.scalars(select(Notice.id).where(Notice.due_at <= now(), ~waits.exists()).order_by(Notice.id))
    notice_ids = list(found)
    close_reading()
    return notice_ids


def _claim(notice_id: int) -> _Claimed | None:
    with writing() as session:
        tries = session.scalar(
            update(Notice)
            .where(Notice.id == notice_id, Notice.due_at <= now())
            .values(due_at=now() + CLAIM, tries=Notice.tries + 1)
            .returning(Notice.tries)
            .execution_options(synchronize_session=False)
        )
        if tries is None:
            return None
        notice = session.get_one(Notice, notice_id)
        incident = session.get_one(Incident, notice.incident_id)
        message = _message(session.get_one(Company, incident.company_id).name, incident, NoticeKind(notice.kind))
        return _Claimed(notice_id, tries, notice.channel, notice.address, message)


def _send(claimed: _Claimed) -> bool:
    refuse_open_transaction()
    try:
        if claimed.channel == Channel.WEBHOOK:
            post(_settings(), claimed.message)
        else:
            mail(_settings(), claimed.address, claimed.message)
    except NotDelivered as failure:
        log.warning("alert not delivered", notice_id=claimed.id, channel=claimed.channel, reason=str(failure))
        _put_off(claimed, str(failure))
        return False
    _note(claimed.id, sent_at=now(), due_at=None, error="")
    return True


def _put_off(claimed: _Claimed, reason: str) -> None:
    pause = min(FIRST_PAUSE * 2 ** min(claimed.tries - 1, 10), LONGEST_PAUSE)
    is_given_up = claimed.tries >= MOST_TRIES
    _note(claimed.id, sent_at=None, due_at=None if is_given_up else now() + pause, error=reason)


def _note(notice_id: int, *, sent_at: datetime | None, due_at: datetime | None, error: str) -> None:
    with writing() as session:
        session.execute(
            update(Notice).where(Notice.id == notice_id).values(sent_at=sent_at, due_at=due_at, error=error)
        )


def _message(company: str, incident: Incident, kind: NoticeKind) -> Message:
    is_over = kind == NoticeKind.ENDED
    headline = f"{company}: {'over: ' if is_over else ''}{incident.sentence}"
    advice = "It is over; nothing is left to do." if is_over else (
        "Motorpool goes on with the last good data. Its Sync page says what to do."
    )  # fmt: skip
    times = [f"Since {_told(incident.began_at)}."]
    if incident.ended_at:
        times.append(f"Over since {_told(incident.ended_at)}.")
    return Message(
        headline=headline,
        text="\n\n".join([incident.sentence, " ".join(times), advice]),
        data={
            "event": str(kind),
            "incident": incident.id,
            "subject": incident.subject,
            "company": company,
            "sentence": incident.sentence,
            "began_at": incident.began_at.isoformat(),
            "ended_at": incident.ended_at.isoformat() if incident.ended_at else None,
        },
    )


def _told(moment: datetime) -> str:
    local = moment.astimezone(_settings().zone)
    return f"{shown(local.date())} {local:%H:%M} {local.tzname()}"


def _settings() -> Settings:
    settings = current_app.extensions["settings"]
    assert isinstance(settings, Settings)
    return settings
