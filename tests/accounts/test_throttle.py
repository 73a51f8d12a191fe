"""How long the throttle makes people wait, by table."""

from datetime import UTC, datetime, timedelta

import pytest

from webapp.accounts.throttle import account_opens, address_opens, counted_as

NOW = datetime(2026, 11, 21, 17, 0, tzinfo=UTC)


def failures(count: int, *, newest: timedelta = timedelta()) -> list[datetime]:
    return [NOW - newest - timedelta(seconds=number) for number in range(count)]


@pytest.mark.parametrize(
    ("count", "minutes"), [(0, 0), (4, 0), (5, 1), (6, 2), (7, 4), (8, 8), (10, 32), (11, 60), (20, 60)]
)
def test_the_wait_of_an_account_grows(count: int, minutes: int) -> None:
    """Five failures lock for a minute, each further one doubles that, up to an hour."""
    opens = account_opens(failures(count), NOW)
    assert opens == (NOW + timedelta(minutes=minutes) if minutes else None)


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:7:8:1:2:3:4", "2001:db8:7:8::/64"),
        ("2001:db8:7:8::", "2001:db8:7:8::/64"),
        ("2001:db8:7:9::1", "2001:db8:7:9::/64"),
        ("", ""),
        ("unknown", "unknown"),
    ],
)
def test_an_office_counts_as_one(address: str, counted: str) -> None:
    """By its address, of IPv6 by the network in which it may choose any."""
    assert counted_as(address) == counted


def test_an_account_opens_when_the_wait_is_over() -> None:
    """Exactly a minute after the fifth failure the next try is looked at."""
    assert account_opens(failures(5, newest=timedelta(seconds=59)), NOW) is not None
    assert account_opens(failures(5, newest=timedelta(seconds=60)), NOW) is None


def test_failures_of_yesterday_are_forgotten() -> None:
    """What happened more than a day ago locks nobody."""
    assert account_opens(failures(20, newest=timedelta(days=1)), NOW) is None


def test_an_address_has_fifty_tries_in_a_quarter_of_an_hour() -> None:
    """The fiftieth failure locks the address until the oldest of the fifty is a quarter of an hour old."""
    assert address_opens(failures(49), NOW) is None
    oldest = failures(50)[-1]
    assert address_opens(failures(50), NOW) == oldest + timedelta(minutes=15)
    assert address_opens(failures(50, newest=timedelta(minutes=15)), NOW) is None
