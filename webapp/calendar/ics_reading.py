"""From a private address to its events: the loans that its owner may see, from a month ago to a year ahead."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import select

from webapp.calendar import queries
from webapp.calendar.bars import ORDINARY, addressee
from webapp.calendar.found import Found, unlinked
from webapp.calendar.grid import Window
from webapp.calendar.ics import Entry
from webapp.calendar.links import Feed
from webapp.calendar.looks import WORDS, Look, look_of_loan
from webapp.calendar.models import LinkKind
from webapp.calendar.queries import ActivityFacts, LoanFacts
from webapp.calendar.reading import today_at
from webapp.dates import shown_with_weekday
from webapp.db import close_reading, db
from webapp.fleet.names import short_vin
from webapp.loans.models import Assignment
from webapp.loans.periods import of_activity
from webapp.loans.reconciled import TITLES, Flag

BEFORE, AHEAD = timedelta(days=30), timedelta(days=365)
# Stands for the host: the same loan is the same event under every address that leads to it.
PRODUCT = "motorpool"
# What FMS has in its calendar, or had, will happen. Everything else may still be taken back.
CERTAIN = frozenset({Look.ACTIVE, Look.OVER})


def read_entries(feed: Feed, site: str) -> list[Entry]:
    """The events of a feed, by day; their addresses begin with `site`. Leaves no transaction open."""
    found = _found(feed)
    revised, theirs = _revised(found), unlinked(found)
    offices = _offices(feed, theirs)
    entries = [_of_loan(loan, revised.get(loan.id, feed.made_at), site) for loan in found.loans]
    entries += [_of_activity(each, feed, offices.get(each.fleet_vehicle_id or 0, each.region), site) for each in theirs]
    close_reading()
    return sorted(entries, key=lambda entry: (entry.start_day, entry.until, entry.uid))


def title_of(feed: Feed) -> str:
    """What the subscriber's list of calendars calls it."""
    return f"{feed.subject.title} · Motorpool"


def _found(feed: Feed) -> Found:
    subject, owner = feed.subject, feed.owner
    is_office = subject.kind is LinkKind.OFFICE
    today = today_at(owner, subject.key if is_office else "")
    window = Window(today - BEFORE, today + AHEAD)
    office = subject.key if is_office else ""
    vehicle_ids = [subject.vehicle_row_id] if subject.vehicle_row_id is not None else None
    person_ids = [int(subject.key)] if subject.kind is LinkKind.PARTNER else None
    loans = queries.loans(
        owner, window, office=office, with_cancelled=True, vehicle_ids=vehicle_ids, person_ids=person_ids
    )
    activities = queries.activities(owner, window, office=office, vehicle_ids=vehicle_ids, person_ids=person_ids)
    return Found(
        vehicles=(),
        partners=(),
        loans=[each for each in loans if each.company_id == subject.company_id],
        activities=[each for each in activities if each.company_id == subject.company_id],
        company_id=subject.company_id,
        may_plan=False,
    )


def _revised(found: Found) -> Mapping[int, datetime]:
    rows = db.session.execute(
        select(Assignment.id, Assignment.updated_at).where(Assignment.id.in_([each.id for each in found.loans]))
    )
    return dict(rows.all())


def _offices(feed: Feed, activities: Iterable[ActivityFacts]) -> Mapping[int, str]:
    """Where the vehicles of these are now: FMS says of a row only which region it is booked in."""
    numbers = {each.fleet_vehicle_id for each in activities if each.fleet_vehicle_id is not None}
    return {each.id: each.office for each in queries.vehicles_with_ids(feed.owner, numbers)}


def _of_loan(loan: LoanFacts, revised_at: datetime, site: str) -> Entry:
    look = look_of_loan(loan.status, loan.operation)
    number = f" #{loan.fms_request_id}" if loan.fms_request_id else ""
    # In the middle of a sentence; "FMS" keeps its capitals.
    state = "requested" if look is Look.REQUESTED else f"{WORDS[look][0].lower()}{WORDS[look][1:]}"
    status = "CANCELLED" if look is Look.CANCELLED else "CONFIRMED" if look in CERTAIN else "TENTATIVE"
    return Entry(
        uid=f"loan-{loan.id}@{PRODUCT}",
        summary=f"{loan.vehicle_name} → {loan.partner_name} ({state}{number})",
        start_day=loan.start_day,
        until=loan.end_day,
        description=_told(
            f"Goes out {shown_with_weekday(loan.start_day)}, comes back {shown_with_weekday(loan.end_day)}.",
            f"{WORDS[look]}{number}",
            f"{TITLES[Flag(loan.flag)]}." if loan.flag else "",
            f"Vehicle: {loan.vehicle_name} {short_vin(loan.vin)}, VIN {loan.vin}",
            f"Partner: {loan.partner_name}",
        ),
        location=loan.office,
        status=status,
        address=f"{site}/calendar?loan={loan.id}",
        revised_at=revised_at,
        revision=loan.version,
    )


def _of_activity(activity: ActivityFacts, feed: Feed, office: str, site: str) -> Entry:
    occupied = of_activity(activity.start_day, activity.end_day)
    first, last = shown_with_weekday(activity.start_day), shown_with_weekday(activity.end_day)
    kind = activity.activity_type
    is_ordinary = not kind or kind.casefold() in ORDINARY
    return Entry(
        uid=f"activity-{activity.company_id}-{activity.activity_id}@{PRODUCT}",
        summary=f"{activity.vehicle_name} → {addressee(activity)} ({'in FMS' if is_ordinary else kind})",
        start_day=occupied.start_day,
        until=occupied.end_day,
        description=_told(
            f"From {first} to {last}." if activity.person_id is None else f"Goes out {first}, comes back {last}.",
            f"In FMS's calendar: {kind or 'activity'} {activity.activity_id}",
            f"Vehicle: {activity.vehicle_name} {short_vin(activity.vin)}, VIN {activity.vin}",
        ),
        location=office,
        status="CONFIRMED",
        address=f"{site}/calendar?activity_id={activity.activity_id}",
        # FMS does not say when it changed a row.
        revised_at=feed.made_at,
        revision=None,
    )


def _told(*lines: str) -> str:
    return "\n".join(line for line in lines if line)
