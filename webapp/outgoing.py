"""Where our own calls may lead: judged by the address that answers, not by the name that was asked for.

A name may resolve to one address when it is checked and to another a moment later (DNS rebinding), and a redirect may
name anything. So every connection that we open is asked for its peer before a byte is sent on it.
"""

import smtplib
import socket
from enum import StrEnum
from functools import partial
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

# RFC 6052: an IPv4 address as networks without IPv4 write it; its last four bytes say where it leads.
NAT64 = IPv6Network("64:ff9b::/96")
# Clouds hand out keys here to whoever asks from within; one of them lies among public addresses.
METADATA = frozenset(
    ip_address(text) for text in ("169.254.169.254", "fd00:ec2::254", "100.100.100.200", "192.0.0.192", "168.63.129.16")
)


class Reach(StrEnum):
    """How far an address lies: `PUBLIC`; `PRIVATE`, of this machine or its network; `NEVER` one to call."""

    PUBLIC = "public"
    PRIVATE = "private"
    NEVER = "never"


class AddressRefused(Exception):
    """The connection was closed before anything was sent: its peer is one that we do not call.

    No `OSError`, which would be taken for a network that may do better the next time.
    """

    def __init__(self) -> None:
        super().__init__("the host leads to an address that may not be called")


def reach_of(text: str) -> Reach:
    """How far the address `text` lies, whatever form it is written in."""
    address = _within(ip_address(text.partition("%")[0]))
    if address in METADATA or address.is_link_local or address.is_multicast or address.is_unspecified:
        return Reach.NEVER
    if address.is_loopback or getattr(address, "is_site_local", False):
        return Reach.PRIVATE
    if address.is_reserved:
        return Reach.NEVER
    return Reach.PUBLIC if address.is_global else Reach.PRIVATE


def checked(connection: socket.socket, *, may_be_private: bool) -> socket.socket:
    """The connection, if we may speak to its peer; otherwise it is closed. Raises `AddressRefused`."""
    reach = reach_of(connection.getpeername()[0])
    if reach is Reach.PUBLIC or (reach is Reach.PRIVATE and may_be_private):
        return connection
    connection.close()
    raise AddressRefused


class GuardedAdapter(HTTPAdapter):
    """Opens connections to addresses that may be called only; pooled ones were asked when they were opened."""

    def __init__(self, *, may_be_private: bool, **options: Any) -> None:
        # The pools are made while the base class begins.
        self._may_be_private = may_be_private
        super().__init__(**options)

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        pools = {"http": _HTTPPool, "https": _HTTPSPool}
        self.poolmanager.pool_classes_by_scheme = {
            scheme: partial(pool, may_be_private=self._may_be_private) for scheme, pool in pools.items()
        }


class GuardedSMTP(smtplib.SMTP):
    """A mail server, if its address may be called."""

    def __init__(self, *args: Any, may_be_private: bool, **options: Any) -> None:
        # The base class connects while it begins.
        self._may_be_private = may_be_private
        super().__init__(*args, **options)

    def _get_socket(self, *args: Any) -> socket.socket:
        connection = super()._get_socket(*args)  # type: ignore[misc]
        return checked(connection, may_be_private=self._may_be_private)


class GuardedSMTPS(smtplib.SMTP_SSL, GuardedSMTP):
    """The same over TLS from the first byte on: the peer is asked before the handshake."""

    def __init__(self, *args: Any, may_be_private: bool, **options: Any) -> None:
        self._may_be_private = may_be_private
        smtplib.SMTP_SSL.__init__(self, *args, **options)


class _HTTP(HTTPConnection):
    def __init__(self, *args: Any, may_be_private: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        self._may_be_private = may_be_private

    def _new_conn(self) -> socket.socket:
        return checked(super()._new_conn(), may_be_private=self._may_be_private)


class _HTTPS(_HTTP, HTTPSConnection):
    """The same before the handshake of TLS."""


class _HTTPPool(HTTPConnectionPool):
    ConnectionCls = _HTTP


class _HTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _HTTPS


def _within(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address that an IPv6 address stands for, where it stands for one."""
    if isinstance(address, IPv4Address):
        return address
    if address in NAT64:
        return IPv4Address(address.packed[-4:])
    return address.ipv4_mapped or address.sixtofour or address
