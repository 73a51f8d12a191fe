"""Bulk runs over a saved chain, on both engines, with FMS refusing, down and silent in the middle of one."""

import re
import threading
from typing import Any

import pytest

from tests.chains.saved_desk import ChainDesk
from tests.chains.saved_desk import desk as desk
from tests.chains.saved_site import Site, looks, message, run
from tests.chains.saved_site import site as site
from tests.promise.promise import assert_promise
from webapp.rest import Answer, RestClient


@pytest.fixture
def one_by_one(desk: ChainDesk) -> None:
    """FMS is called for one row after the other, so that a test can say which is the second."""
    desk.app.extensions["bulk_slots"] = threading.Semaphore(1)


def retry(answer: Any) -> dict[str, Any]:
    """What the form behind “Retry the n failed” posts."""
    form = next(part for part in re.findall(r"<form.*?</form>", answer.text, re.DOTALL) if "Retry the" in part)
    found = re.findall(r'name="(kind|id)" value="([^"]*)"', form)
    return {"kind": dict(found)["kind"], "id": [value for name, value in found if name == "id"]}


@pytest.mark.usefixtures("one_by_one")
def test_one_refusal_in_the_middle(desk: ChainDesk, site: Site) -> None:
    """The others are requested, the refused loan stays green with FMS's own words, and only it is tried again."""
    chain_id, ids = desk.chain(3)
    refuse_the_second(desk)
    ended = run(site, chain_id, "request", shown=ids)
    assert looks(ended) == dict(zip(ids, ["requested", "planned", "requested"], strict=True))
    assert "2 of 3 requested · 1 failed" in ended.text
    assert "FMS refused it: Vehicle is at the body shop" in ended.text
    assert retry(ended) == {"kind": "request", "id": [str(ids[1])]}
    again = run(site, chain_id, **retry(ended))
    assert set(looks(again).values()) == {"requested"}
    assert len(desk.sandbox.requests()) == 3
    assert_promise(desk)


def refuse_the_second(desk: ChainDesk) -> None:
    """Order a refusal once FMS has taken the first request."""
    ordered = threading.Event()
    call = RestClient.call

    def counted(self: RestClient, *arguments: Any, **named: Any) -> Answer:
        answer = call(self, *arguments, **named)
        if not ordered.is_set():
            ordered.set()
            desk.sandbox.fault("create", "refuse", text="Vehicle is at the body shop")
        return answer

    desk.monkeypatch.setattr(RestClient, "call", counted)


@pytest.mark.usefixtures("one_by_one")
def test_fms_goes_down_in_the_middle(desk: ChainDesk, site: Site) -> None:
    """What was not sent stays green and says so; when FMS is back, the failed are tried again, and none is doubled."""
    chain_id, ids = desk.chain(3)
    call, is_first = RestClient.call, threading.Event()

    def down_after_one(self: RestClient, *arguments: Any, **named: Any) -> Answer:
        answer = call(self, *arguments, **named)
        if not is_first.is_set():
            is_first.set()
            desk.sandbox.kill()
        return answer

    desk.monkeypatch.setattr(RestClient, "call", down_after_one)
    ended = run(site, chain_id, "request", shown=ids)
    assert looks(ended) == dict(zip(ids, ["requested", "planned", "planned"], strict=True))
    assert ended.text.count("FMS cannot be reached. Nothing was sent.") == 2
    desk.sandbox.restart()
    again = run(site, chain_id, **retry(ended))
    assert set(looks(again).values()) == {"requested"}
    assert_promise(desk)


@pytest.mark.usefixtures("one_by_one")
@pytest.mark.settings(fms_read_timeout=1)
def test_an_answer_that_is_lost(desk: ChainDesk, site: Site) -> None:
    """Amber, held, not offered for another try; recovery finds out, and the page shows it."""
    chain_id, ids = desk.chain(2)
    desk.sandbox.fault("create", "reset_after")
    ended = run(site, chain_id, "request", shown=ids)
    assert looks(ended) == dict(zip(ids, ["uncertain", "requested"], strict=True))
    assert "1 not confirmed by FMS" in ended.text
    assert "Retry the" not in ended.text
    assert f'id="choose-{ids[0]}"' not in ended.text
    for action in ("request", "unrequest", "delete"):
        assert site.post(f"/chains/{chain_id}/loans/{ids[0]}/{action}").status_code == 409
    desk.settle_everything()
    assert set(looks(site.get(f"/chains/{chain_id}")).values()) == {"requested"}
    assert_promise(desk)


def test_unrequest_and_delete_all(desk: ChainDesk, site: Site) -> None:
    """Requests are taken back and each loan is the green it was; deleting takes requests along and empties the page."""
    chain_id, ids = desk.requested_chain(2)
    taken_back = run(site, chain_id, "unrequest", shown=ids)
    assert set(looks(taken_back).values()) == {"planned"}
    assert desk.sandbox.requests() == []
    run(site, chain_id, "request", id=ids[:1])
    deleted = run(site, chain_id, "delete", shown=ids)
    assert "No loan of this chain is left" in deleted.text
    assert "2 of 2 deleted" in deleted.text
    assert desk.sandbox.requests() == []
    assert desk.ids_of_everything() == []
    assert_promise(desk)


@pytest.mark.parametrize("kind", ["request", "delete"])
def test_nothing_outside_the_chain(desk: ChainDesk, site: Site, kind: str) -> None:
    """An id of another chain, or of none, refuses the whole run: nothing is sent and nothing is gone."""
    chain_id, ids = desk.chain(1)
    _, others = desk.chain(2, start_week=5)
    before = desk.ids_of_everything()
    for outside in (others[0], 99_999):
        answer = site.post(f"/chains/{chain_id}/bulk", kind=kind, id=[ids[0], outside])
        assert answer.status_code == 422
        assert message(answer)[0] == "refused"
    for action in ("request", "delete"):
        assert site.post(f"/chains/{chain_id}/loans/{others[0]}/{action}").status_code == 404
    assert site.post(f"/chains/{chain_id}/loans/{others[0]}/dates", version=1).status_code == 404
    assert desk.ids_of_everything() == before
    assert desk.sandbox.calls() == []
