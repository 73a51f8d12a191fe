"""When sweeps are due by default, and how many of the day's are still to come."""

from datetime import datetime, time, timedelta

FIRST, LAST = time(6), time(22)


def sweeps_left(local: datetime, minutes: int) -> int:
    """How many sweeps are due after `local`, the desk's own time, until the last of its day: one every `minutes`."""
    begin, end = (datetime.combine(local.date(), hour) for hour in (FIRST, LAST))
    here = local.replace(tzinfo=None)
    step = timedelta(minutes=minutes)
    if here < begin:
        return (end - begin) // step + 1
    passed = (here - begin) // step
    return max(0, (end - begin) // step - passed)


def last_sweep(local: datetime) -> datetime:
    """The moment of the last sweep of the day of `local`, which is aware."""
    return datetime.combine(local.date(), LAST, local.tzinfo)
