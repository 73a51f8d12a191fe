"""The client over real HTTP: each fault once, each try through the gate, never half a list, never the key."""

import json
import traceback
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from tests.databases import plain_settings
from tests.ground.wire import WireServer, answer, say
from tests.sandbox_process import TODAY, SandboxProcess
from tests.smartmoving.conftest import settings_of_movers
from webapp.db import db
from webapp.smartmoving import client as clients
from webapp.smartmoving.client import SmartMovingClient, rest_client
from webapp.smartmoving.errors import Kind, SmartMovingFailed
from webapp.smartmoving.schemas import read_swept

TOMORROW = TODAY + timedelta(days=1)
# Pages of eight customers, so that the small company's sweep has several.
SIZE = 8


class OpenGate:
    """Lets everything through and remembers it."""

    def __init__(self) -> None:
        self.kinds: list[str] = []
        self.outcomes: list[str] = []
        self.waits: list[float] = []

    def admit(self, kind: str) -> int:
        self.kinds.append(kind)
        return len(self.kinds)

    def note(self, number: int, outcome: str, milliseconds: int) -> None:
        assert number <= len(self.kinds)
        assert milliseconds >= 0
        self.outcomes.append(outcome)

    def hold_off(self, seconds: float) -> None:
        self.waits.append(seconds)


class Caller:
    """A client of the sandbox, with what its gate and its pauses saw."""

    def __init__(self, sandbox: SandboxProcess, key: str | None = None) -> None:
        self.sandbox, self.gate = sandbox, OpenGate()
        self.pauses: list[float] = []
        values: dict[str, Any] = settings_of_movers(sandbox)
        self.key = key or values["smartmoving_api_key"]
        self.rest = rest_client(plain_settings(**values | {"smartmoving_api_key": self.key}), 2)
        self.client = SmartMovingClient(self.gate, self.rest, pause=self.pauses.append)

    def sweep(self) -> list[str]:
        """The ids of the customers of today and tomorrow."""
        return sorted(row["id"] for row in self.client.customers(TODAY, TOMORROW).customers)

    def failed(self) -> SmartMovingFailed:
        """How a sweep fails."""
        with pytest.raises(SmartMovingFailed) as caught:
            self.sweep()
        return caught.value


@pytest.fixture
def caller(movers: SandboxProcess, sqlite_app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Caller]:
    """A client whose pages are small."""
    monkeypatch.setattr(clients, "PAGE_SIZE", SIZE)
    monkeypatch.setattr(clients, "PAUSES", (1, 4))
    made = Caller(movers)
    with sqlite_app.app_context(), made.rest:
        yield made


def test_a_sweep_brings_every_customer_once(caller: Caller) -> None:
    """All pages, each customer of the window once, whether in envelopes or in bare arrays."""
    truth = {one["customer"]["id"] for one in caller.sandbox.smartmoving_state()["opportunities"]}
    assert len(truth) > 3 * SIZE
    assert caller.sweep() == sorted(truth)
    in_envelopes = len(caller.gate.kinds)
    caller.sandbox.switch_smartmoving(bare=True)
    assert caller.sweep() == sorted(truth)
    # A bare array does not say that it is the last: one more call finds nothing.
    assert len(caller.gate.kinds) == 2 * in_envelopes + 1
    assert set(caller.gate.outcomes) == {"ok"}


def test_branches_service_types_and_details(caller: Caller) -> None:
    """The other three calls bring what SmartMoving lists; the detail comes with every section."""
    state = caller.sandbox.smartmoving_state()
    assert [row["id"] for row in caller.client.branches()] == [row["id"] for row in state["branches"]]
    assert {1, 3, 4} <= {row["id"] for row in caller.client.service_types()}
    one = state["opportunities"][0]
    detail = caller.client.opportunity(one["id"])
    assert {"jobAddresses", "estimatedCharges", "crewMembers", "jobTime"} <= detail["jobs"][0].keys()
    assert caller.gate.kinds[-1] == "opportunity"


@pytest.mark.parametrize("fault", ["error", "truncated", "html", "cut", "reset"])
@pytest.mark.parametrize("page", [1, 3])
def test_a_page_that_fails_twice_comes_the_third_time(caller: Caller, fault: str, page: int) -> None:
    """500, broken JSON, HTML, a broken connection: again after a pause, and every try went through the gate."""
    expected = caller.sweep()
    calls = len(caller.gate.kinds)
    caller.sandbox.fault("smartmoving:customers", fault, page=page, times=2)
    assert caller.sweep() == expected
    assert len(caller.gate.kinds) == 2 * calls + 2
    assert caller.pauses == [1, 4]


def test_a_page_that_does_not_come_has_the_sweep_walked_again(caller: Caller) -> None:
    """After three tries of page 2 the sweep begins anew; the second walk is whole."""
    expected = caller.sweep()
    caller.sandbox.fault("smartmoving:customers", "error", page=2, times=3)
    assert caller.sweep() == expected
    assert caller.client.customers(TODAY, TOMORROW).walks == 1


def test_a_page_that_never_comes_fails_the_sweep(caller: Caller) -> None:
    """Three walks, three tries each, and then there is no sweep: never a short truth."""
    caller.sandbox.fault("smartmoving:customers", "error", page=2, times=None)
    assert caller.failed().kind is Kind.HALF
    pages = [call["path"].split("Page=")[1].split("&")[0] for call in caller.sandbox.smartmoving_calls("customers")]
    assert (pages.count("1"), pages.count("2"), pages.count("3")) == (3, 9, 0)


def test_a_first_page_that_never_comes_is_not_walked_again(caller: Caller) -> None:
    """SmartMoving is down: three calls are spent on that, not nine."""
    caller.sandbox.fault("smartmoving:any", "error", times=None)
    assert caller.failed().kind is Kind.LOST
    assert caller.gate.outcomes == ["error"] * 3


@pytest.mark.parametrize("fault", ["shuffled", "shrunk"])
def test_a_list_that_moves_while_it_is_read_is_walked_again(caller: Caller, fault: str) -> None:
    """Fewer distinct customers than promised: again; three times so, and the sweep has failed."""
    expected = caller.sweep()
    caller.sandbox.fault("smartmoving:customers", fault, page=2)
    assert caller.sweep() == expected
    caller.sandbox.fault("smartmoving:customers", fault, page=2, times=None)
    assert caller.failed().kind is Kind.HALF
    caller.sandbox.clear()
    assert caller.sweep() == expected


def test_rows_that_move_between_bare_arrays_are_noticed(caller: Caller) -> None:
    """Without totals, a row that comes twice says that another was skipped: the sweep is walked again."""
    expected = caller.sweep()
    caller.sandbox.switch_smartmoving(bare=True)
    caller.sandbox.fault("smartmoving:customers", "shuffled", page=2)
    assert caller.sweep() == expected
    caller.sandbox.fault("smartmoving:customers", "shuffled", page=2, times=None)
    assert caller.failed().kind is Kind.HALF


def test_one_bare_page_among_envelopes(caller: Caller) -> None:
    """A page without its envelope is read like the others, also the last."""
    expected = caller.sweep()
    for page in (1, 2, len(expected) // SIZE + 1):
        caller.sandbox.fault("smartmoving:customers", "bare", page=page)
        assert caller.sweep() == expected, page


def test_too_many_calls_are_waited_out(caller: Caller) -> None:
    """429: the gate is told how long, by the header or else by the text; three times, and the call has failed."""
    caller.sandbox.fault("smartmoving:customers", "busy", seconds=7)
    caller.sandbox.fault("smartmoving:customers", "busy", retry_after=9)
    caller.sweep()
    assert caller.gate.waits == [7, 9]
    caller.sandbox.fault("smartmoving:customers", "busy", text="Slow down", times=None)
    assert caller.failed().kind is Kind.THROTTLED
    assert caller.gate.waits == [7, 9, clients.USUAL_WAIT, clients.USUAL_WAIT]


@pytest.mark.parametrize(
    ("fault", "kind"), [("unauthorized", Kind.UNAUTHORIZED), ("quota", Kind.QUOTA), ("not_found", Kind.UNREADABLE)]
)
def test_refusals_are_not_repeated(caller: Caller, fault: str, kind: Kind) -> None:
    """401, a used-up month and a wrong address: one call each, and the run knows whether to stop."""
    caller.sandbox.fault("smartmoving:customers", fault, times=None)
    failure = caller.failed()
    assert (failure.kind, failure.stops) == (kind, kind is not Kind.UNREADABLE)
    assert caller.gate.kinds == ["customers"]


def test_a_403_that_is_no_quota_is_a_refused_key(caller: Caller) -> None:
    """403 in other words means that the key may not do this."""
    caller.sandbox.fault("smartmoving:customers", "quota", text="Forbidden for this subscription")
    assert caller.failed().kind is Kind.UNAUTHORIZED


@pytest.mark.parametrize("fault", ["bad_request", "not_found"])
def test_an_opportunity_that_is_gone(caller: Caller, fault: str) -> None:
    """400 and 404 of one opportunity mean that it is no more, and are not repeated."""
    one = caller.sandbox.smartmoving_state()["opportunities"][0]["id"]
    caller.sandbox.fault("smartmoving:opportunity", fault)
    with pytest.raises(SmartMovingFailed) as caught:
        caller.client.opportunity(one)
    assert (caught.value.kind, caller.gate.outcomes) == (Kind.GONE, ["gone"])


def test_a_page_may_be_long(sqlite_app: Flask) -> None:
    """An office that moves its people brings thousands of opportunities with it: that is no broken answer."""
    opportunities = [{"id": f"o{number}", "quoteNumber": "1" * 40, "status": 4, "jobs": []} for number in range(30_000)]
    page = {"pageResults": [{"id": "c1", "opportunities": opportunities}], "totalResults": 1, "totalPages": 1}
    body = json.dumps(page).encode()
    assert len(body) > 2_500_000
    with WireServer(say(answer(body=body))) as server:
        settings = plain_settings(smartmoving_base_url=server.url, smartmoving_api_key="key-of-this-test")
        with sqlite_app.app_context(), rest_client(settings, 1) as rest:
            found = SmartMovingClient(OpenGate(), rest).customers(TODAY, TOMORROW)
    assert len(found.customers[0]["opportunities"]) == 30_000


def test_an_id_that_is_none_is_not_asked_for(caller: Caller) -> None:
    """What is no id cannot lead the client to another address."""
    for strange in ("../branches", "a?b=c", "", "a b", "é"):
        with pytest.raises(SmartMovingFailed):
            caller.client.opportunity(strange)
    assert caller.gate.kinds == []


def test_the_key_is_in_no_failure(movers: SandboxProcess, sqlite_app: Flask) -> None:
    """Refused, throttled, broken or lost: no exception, nor anything it drags along, tells the key."""
    key = "very-secret-key-of-this-test"
    caller = Caller(movers, key)
    with sqlite_app.app_context(), caller.rest:
        for fault in ("busy", "quota", "error", "html", "reset"):
            movers.fault("smartmoving:any", fault, text=f"Your key {key} is bad", times=3)
        failures = [caller.failed()]
        movers.clear()
        for text in (f"Key {key}", ""):
            movers.fault("smartmoving:any", "unauthorized", text=text)
            failures.append(caller.failed())
    for failure in failures:
        told = "".join(traceback.format_exception(failure)) + repr(vars(failure)) + repr(caller.client)
        assert key not in told


def test_nothing_is_asked_inside_a_transaction(caller: Caller) -> None:
    """Whoever holds a transaction open may not wait for SmartMoving."""
    db.session.connection()
    with pytest.raises(RuntimeError, match="transaction"):
        caller.client.branches()
    db.session.rollback()
    assert caller.gate.kinds == []


def test_a_sweep_brings_what_it_promises(caller: Caller) -> None:
    """The customers' opportunities come with them, each with status and jobs."""
    swept = [one for row in caller.client.customers(TODAY, TOMORROW).customers for one in read_swept(row)[0]]
    truth = {one["id"]: one["status"] for one in caller.sandbox.smartmoving_state()["opportunities"]}
    assert truth.items() <= {one.opportunity_id: one.status for one in swept}.items()
