"""Loans as other calendars read them: iCalendar of all-day events. Pure: values in, bytes out."""

import hashlib
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from icalendar import Calendar, Event, vDuration, vText

from webapp.exports import clean

PRODUCT = "-//Motorpool//Loans//EN"
# How often a calendar should ask again.
REFRESH = timedelta(hours=1)


class Entry(NamedTuple):
    """One event. `until` is the first day that is free again; `revised_at` is aware.

    `revision` grows with every change of it; None where nobody tells when it changed.
    """

    uid: str
    summary: str
    start_day: date
    until: date
    description: str
    location: str
    status: str
    address: str
    revised_at: datetime
    revision: int | None


def calendar_of(title: str, entries: Sequence[Entry]) -> bytes:
    """The calendar of that name, as RFC 5545 has it."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    name = clean(title).replace("\n", " ")
    calendar.add("name", vText(name))
    calendar.add("x-wr-calname", vText(name))
    calendar.add("refresh-interval", vDuration(REFRESH), parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", vDuration(REFRESH))
    for entry in entries:
        calendar.add_component(_event(entry))
    written: bytes = calendar.to_ical()
    return written


def mark_of(title: str, entries: Sequence[Entry]) -> str:
    """What changes whenever the calendar does."""
    told = repr((PRODUCT, title, [tuple(entry) for entry in entries]))
    return hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()[:32]


def _event(entry: Entry) -> Event:
    event = Event()
    event.add("uid", entry.uid)
    # When it was revised, not when it was asked for: the same loans give the same bytes.
    event.add("dtstamp", entry.revised_at)
    if entry.revision is not None:
        event.add("last-modified", entry.revised_at)
        event.add("sequence", entry.revision)
    event.add("dtstart", entry.start_day)
    event.add("dtend", entry.until)
    event.add("summary", clean(entry.summary))
    event.add("description", clean(entry.description))
    event.add("location", clean(entry.location))
    event.add("status", entry.status)
    # A vehicle is out; whoever looks at that is not.
    event.add("transp", "TRANSPARENT")
    event.add("url", entry.address)
    return event
