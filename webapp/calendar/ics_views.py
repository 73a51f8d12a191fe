"""The private addresses themselves: whoever has one reads a calendar, and nobody learns why one opens nothing."""

import threading
from datetime import datetime, timedelta

from flask import Blueprint, Flask, Response, current_app, request

from webapp import clock
from webapp.accounts.access import public
from webapp.calendar.filters import PAGE
from webapp.calendar.ics import calendar_of, mark_of
from webapp.calendar.ics_reading import read_entries, title_of
from webapp.calendar.links import feed_at, was_read

blueprint = Blueprint("calendar_ics", __name__, url_prefix=PAGE)
# A calendar asks a few times an hour; a team that shares an address, some dozens of times.
MOST_READS, WITHIN = 60, timedelta(minutes=10)
# The address is a secret: it goes into no search engine, no other site's log and no shared cache.
PRIVATE = {
    "Cache-Control": "private, no-cache",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
}


class Pace:
    """How often each address was read of late, by this process."""

    def __init__(self) -> None:
        self._reads: dict[int, list[datetime]] = {}
        self._lock = threading.Lock()

    def waits(self, link_id: int, now: datetime) -> int:
        """Count a read; 0, or the seconds until the next one is welcome."""
        with self._lock:
            recent = [at for at in self._reads.get(link_id, ()) if at > now - WITHIN]
            self._reads[link_id] = recent
            if len(recent) >= MOST_READS:
                return int((recent[0] + WITHIN - now).total_seconds()) + 1
            recent.append(now)
            return 0


def register(app: Flask) -> None:
    """Add the address of calendars to `app`, with a count of its own."""
    app.extensions["calendar_pace"] = Pace()
    app.register_blueprint(blueprint)


@blueprint.get("/ics/<token>.ics")
@public
def feed(token: str) -> Response:
    """The calendar behind an address; 304 while nothing has changed, 404 for whatever opens nothing."""
    found = feed_at(token)
    if found is None:
        return _said("There is no calendar at this address.", 404)
    seconds = current_app.extensions["calendar_pace"].waits(found.link_id, clock.now())
    if seconds:
        answer = _said("This calendar is asked for too often. Once an hour is enough.", 429)
        answer.headers["Retry-After"] = str(seconds)
        return answer
    entries, title = read_entries(found, request.host_url.rstrip("/")), title_of(found)
    was_read(found)
    mark = mark_of(title, entries)
    if request.if_none_match.contains_weak(mark):
        answer = Response(status=304)
    else:
        answer = Response(calendar_of(title, entries), mimetype="text/calendar")
        answer.headers["Content-Disposition"] = "inline; filename=motorpool.ics"
    # The date is told and not asked for: a loan that is deleted leaves an older newest one behind.
    answer.last_modified = max((entry.revised_at for entry in entries), default=found.made_at)
    answer.set_etag(mark)
    answer.headers.update(PRIVATE)
    return answer


def _said(sentence: str, status: int) -> Response:
    headers = {**PRIVATE, "Cache-Control": "no-store"}
    return Response(f"{sentence}\n", status=status, mimetype="text/plain", headers=headers)
