"""No call of ours reaches the inside of our own network by a name, a redirect or a trick, and none is sent a byte."""

import secrets
import socket
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from tests.ground.wire import WireServer, answer, say
from tests.sync.listeners import MailServer
from webapp.feeds import fetch as feeds
from webapp.feeds.fetch import FetchFailed, Hosts, Limits
from webapp.fms.client import FmsClient
from webapp.fms.outcomes import Fate
from webapp.outgoing import Reach, reach_of
from webapp.rest import CallFailed, RestClient
from webapp.settings import Settings
from webapp.smartmoving.client import rest_client
from webapp.sync.delivery import Message, NotDelivered, mail, post

AT_ONCE = Limits(connect_seconds=30, read_seconds=60, pauses=())
MESSAGE = Message("Headline", "Text", {})

NEVER = [
    *("169.254.169.254", "169.254.1.1", "100.100.100.200", "192.0.0.192", "168.63.129.16", "fd00:ec2::254"),
    *("0.0.0.0", "::", "224.0.0.1", "239.255.255.255", "ff02::1", "240.0.0.1", "255.255.255.255"),
    *("fe80::1", "fe80::1%eth0", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::", "::7f00:1"),
]
PRIVATE = [
    *("127.0.0.1", "127.8.8.8", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.0.1", "100.64.0.1", "0.1.2.3"),
    *("::1", "fc00::1", "fd12:3456::1", "fec0::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1"),
    *("2002:7f00:1::", "192.0.2.1", "198.18.0.1", "2001:db8::1"),
]
PUBLIC = ["8.8.8.8", "172.32.0.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]


@pytest.mark.parametrize(
    ("reach", "addresses"), [(Reach.NEVER, NEVER), (Reach.PRIVATE, PRIVATE), (Reach.PUBLIC, PUBLIC)]
)
def test_an_address_is_judged_by_where_it_leads(reach: Reach, addresses: list[str]) -> None:
    """Also where IPv4 is written as IPv6, in each of the ways that networks translate."""
    assert {address: reach_of(address) for address in addresses} == dict.fromkeys(addresses, reach)


def production(**values: Any) -> Settings:
    """Settings of production, with nothing but what is given."""
    return Settings(_env_file=None, app_env="production", secret_key=secrets.token_urlsafe(32), **values)


@pytest.fixture
def inside(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], str]:
    """`inside(port)`: an https address of that port on this machine, by a name that looks public until it is called."""
    real = socket.getaddrinfo

    def resolve(host: Any, port: Any, *args: Any, **options: Any) -> Any:
        return real("127.0.0.1" if host == "reports.example.com" else host, port, *args, **options)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return lambda port: f"https://reports.example.com:{port}"


def port_of(server: WireServer) -> int:
    return int(server.url.rpartition(":")[2])


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_private_peer_is_sent_nothing(scheme: str, inside: Callable[[int], str]) -> None:
    """Neither the request with its token nor the first word of TLS; and it is known never to have left."""
    with WireServer(say(answer())) as server:
        address = inside(port_of(server)).replace("https", scheme)
        client = RestClient(address, headers={"Authorization": "Token x"}, connect_timeout=5, read_timeout=5)
        with pytest.raises(CallFailed, match="may not be called") as caught:
            client.call("POST", "/", body={})
        assert server.closed.wait(10)
        assert (caught.value.was_sent, server.requests) == (False, [b""])


def test_fms_inside_our_network_must_be_named_in_production(sqlite_app: Flask, inside: Callable[[int], str]) -> None:
    """Its name alone proves nothing: it is the address that counts."""
    with WireServer(say(answer())) as server:
        client = FmsClient(production(fms_staging_url=inside(port_of(server)), fms_staging_token="x"))
        with sqlite_app.app_context():
            outcome, _ = client.create({})
        assert server.closed.wait(10)
    assert (outcome.fate, server.requests) == (Fate.NOT_SENT, [b""])


def test_smartmoving_inside_our_network_must_be_named_in_production(inside: Callable[[int], str]) -> None:
    """Its key goes to nobody else."""
    with WireServer(say(answer())) as server:
        settings = production(smartmoving_base_url=inside(port_of(server)), smartmoving_api_key="x")
        with rest_client(settings, 1) as client, pytest.raises(CallFailed, match="may not be called"):
            client.call("GET", "/api/branches")
        assert server.closed.wait(10)
    assert server.requests == [b""]


def test_a_named_host_may_be_inside_our_network() -> None:
    """With its port or without, and then also without encryption."""
    with WireServer(say(answer())) as server:
        for name in ("127.0.0.1", f"127.0.0.1:{port_of(server)}"):
            settings = production(smartmoving_base_url=server.url, outgoing_private_hosts=(name,))
            with rest_client(settings, 1) as client:
                assert client.call("GET", "/").status == 200


def test_a_report_inside_our_network_must_be_named_in_production(inside: Callable[[int], str]) -> None:
    """Configured is not enough there."""
    with WireServer(say(answer())) as server:
        url = inside(port_of(server)) + "/vehicles.csv"
        settings = production(fms_vehicles_csv_url=url)
        hosts = Hosts.of([url], (), settings.may_be_private)
        with pytest.raises(FetchFailed, match=r"reports\.example\.com leads to a private address"):
            feeds.fetch(url, hosts, limits=AT_ONCE)
        assert server.closed.wait(10)
    assert server.requests == [b""]


@pytest.mark.parametrize("host", ["localhost", "127.1", "2130706433", "0x7f000001", "0", "[::1]", "[::ffff:127.0.0.1]"])
def test_a_redirect_leads_nowhere_inside_however_it_is_written(host: str) -> None:
    """Decimal, hexadecimal, short and IPv6 spellings resolve to the same machine, and it is told nothing."""
    with WireServer(say(answer())) as hidden:
        target = f"http://{host}:{port_of(hidden)}/latest/meta-data/"
        with WireServer(say(answer("302 Found", b"", f"Location: {target}"))) as server:
            # Even where an administrator lists the name.
            hosts = Hosts.of([server.url], ["127.0.0.1", host.strip("[]")])
            with pytest.raises(FetchFailed):
                feeds.fetch(server.url, hosts, limits=AT_ONCE)
        assert all(request == b"" for request in hidden.requests)


def test_the_webhook_is_no_way_inside(inside: Callable[[int], str]) -> None:
    """An administrator types it, and may be mistaken or misled."""
    with WireServer(say(answer())) as server:
        settings = production(alert_webhook_url=inside(port_of(server)) + "/hook")
        with pytest.raises(NotDelivered, match="may not be called"):
            post(settings, MESSAGE)
        assert server.closed.wait(10)
    assert server.requests == [b""]


@pytest.mark.parametrize("tls", ["starttls", "tls"])
def test_the_mail_server_is_no_way_inside(tls: str) -> None:
    """Named it is a mail server of ours; unnamed it is anything that listens there."""
    with MailServer() as server:
        values = {"smtp_host": "127.0.0.1", "smtp_port": server.port, "smtp_from": "a@example.com", "smtp_tls": tls}
        with pytest.raises(NotDelivered, match="may not be called"):
            mail(production(**values), "b@example.com", MESSAGE)
        assert not server.letters


def test_a_named_mail_server_gets_the_letter() -> None:
    """The guard does not stand in the way of what is meant."""
    with MailServer() as server:
        values = {"smtp_host": "127.0.0.1", "smtp_port": server.port, "smtp_from": "a@example.com", "smtp_tls": "none"}
        mail(production(outgoing_private_hosts=("127.0.0.1",), **values), "b@example.com", MESSAGE)
        assert len(server.letters) == 1


def test_what_hands_out_keys_is_never_called(monkeypatch: pytest.MonkeyPatch) -> None:
    """A cloud's metadata address is refused in development and when it is named, too."""
    peers = iter([("169.254.169.254", 80), ("fd00:ec2::254", 80, 0, 0)])
    monkeypatch.setattr("webapp.outgoing.reach_of", lambda text, real=reach_of: real(next(peers)[0]))
    with WireServer(say(answer())) as server:
        for _ in range(2):
            client = RestClient(server.url, headers={}, connect_timeout=5, read_timeout=5, may_be_private=True)
            with pytest.raises(CallFailed, match="may not be called"):
                client.call("GET", "/")
