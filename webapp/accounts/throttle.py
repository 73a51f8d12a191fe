"""How long somebody who failed to sign in has to wait: pure arithmetic on the times of failure."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network

# Five failed tries lock an account: for a minute, then twice as long with each further one, at most an hour.
TRIES_OF_ACCOUNT = 5
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=1)
MEMORY_OF_ACCOUNT = timedelta(days=1)

# An office shares one address: fifty failures in a quarter of an hour. Of IPv6 it has 2 ** 64, by the first half alike.
TRIES_OF_ADDRESS = 50
MEMORY_OF_ADDRESS = timedelta(minutes=15)


def counted_as(address: str) -> str:
    """Under what an address is counted: IPv4 itself, also where it comes as IPv6; of IPv6 its network of 64 bits."""
    try:
        found = ip_address(address)
    except ValueError:
        return address[:45]
    if not isinstance(found, IPv6Address):
        return str(found)
    return str(found.ipv4_mapped or ip_network((int(found), 64), strict=False))


def account_opens(failures: Sequence[datetime], now: datetime) -> datetime | None:
    """When the account may be tried again, or None when that is now. `failures` newest first."""
    recent = [moment for moment in failures if moment > now - MEMORY_OF_ACCOUNT]
    beyond = len(recent) - TRIES_OF_ACCOUNT
    if beyond < 0:
        return None
    wait = min(FIRST_WAIT * 2 ** min(beyond, 10), LONGEST_WAIT)
    opens = recent[0] + wait
    return opens if opens > now else None


def address_opens(failures: Sequence[datetime], now: datetime) -> datetime | None:
    """When the address may try again, or None when that is now. `failures` newest first."""
    recent = [moment for moment in failures if moment > now - MEMORY_OF_ADDRESS]
    if len(recent) < TRIES_OF_ADDRESS:
        return None
    return recent[TRIES_OF_ADDRESS - 1] + MEMORY_OF_ADDRESS
