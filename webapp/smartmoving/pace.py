"""The pace: when a call may go, so that no 60 seconds ever see more than so many."""

from datetime import datetime, timedelta

MINUTE = timedelta(seconds=60)


def next_moment(now: datetime, last: datetime | None, full: datetime | None) -> datetime:
    """The earliest moment, not before `now`, at which one more call may go.

    `last` is the moment given out last: moments are given out in order. `full` is the one given out as many calls
    ago as a minute may have: once 60 seconds have passed since, there is room for another.
    """
    return max(now, last or now, full + MINUTE if full else now)
