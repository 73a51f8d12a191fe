"""Acting on loans of a saved chain from its page: chosen ones, all, one by one; reports found again and put away."""

import re

import pytest

from tests.chains.saved_desk import ChainDesk
from tests.chains.saved_desk import desk as desk
from tests.chains.saved_site import Site, looks, message, run
from tests.chains.saved_site import site as site
from tests.promise.promise import assert_promise
from webapp.loans import requests
from webapp.loans.models import BatchKind
from webapp.loans.states import Status

# What differs between the engines is proved where it is read and written.
pytestmark = pytest.mark.usefixtures("sqlite_app")


def test_only_the_chosen(desk: ChainDesk, site: Site) -> None:
    """What is not ticked stays as it is."""
    chain_id, ids = desk.chain(3)
    run(site, chain_id, "request", id=[ids[0], ids[2]], shown=ids)
    assert [desk.status(one) for one in ids] == [Status.REQUESTED, Status.PLANNED, Status.REQUESTED]
    run(site, chain_id, "delete", id=[ids[2]], shown=ids)
    assert [desk.status(one) for one in ids] == [Status.REQUESTED, Status.PLANNED, None]
    assert_promise(desk)


def test_all_is_what_it_can_be_done_to(desk: ChainDesk, site: Site) -> None:
    """Requesting all asks for the green ones alone; what came to the chain since the page was drawn was not meant."""
    chain_id, ids = desk.chain(3)
    run(site, chain_id, "request", id=ids[:1])
    ended = run(site, chain_id, "request", shown=ids[:2])
    assert "1 of 1 requested" in ended.text
    assert [desk.status(one) for one in ids] == [Status.REQUESTED, Status.REQUESTED, Status.PLANNED]
    nothing = site.post(f"/chains/{chain_id}/bulk", kind="request", shown=ids[:2])
    assert nothing.status_code == 409
    assert message(nothing) == ("refused", "There is nothing to request: no loan of this chain is green.")


def test_a_loan_of_a_run_was_taken_meanwhile(desk: ChainDesk, site: Site) -> None:
    """One that somebody else deleted is a failed row, and is not offered for another try."""
    chain_id, ids = desk.chain(2)
    desk.do(requests.delete, ids[1])
    ended = run(site, chain_id, "request", shown=ids)
    assert list(looks(ended)) == ids[:1]
    refused = site.post(f"/chains/{chain_id}/bulk", kind="delete", id=ids)
    assert (refused.status_code, message(refused)[0]) == (422, "refused")
    assert desk.ids_of_everything() == ids[:1]


def test_one_loan_at_a_time(desk: ChainDesk, site: Site) -> None:
    """Request, unrequest and delete from a card answer at once, with FMS's number, and the first two can be undone."""
    chain_id, ids = desk.chain(2)
    asked = site.post(f"/chains/{chain_id}/loans/{ids[0]}/request")
    (request,) = desk.sandbox.requests()
    assert looks(asked) == {ids[0]: "requested", ids[1]: "planned"}
    assert message(asked)[1].startswith(f"Requested in FMS (#{request['id']})")
    assert f'action="/chains/{chain_id}/loans/{ids[0]}/unrequest"' in asked.text
    back = site.post(f"/chains/{chain_id}/loans/{ids[0]}/unrequest", undo=1)
    assert looks(back)[ids[0]] == "planned"
    desk.sandbox.fault("create", "refuse", text="No")
    failed = site.post(f"/chains/{chain_id}/loans/{ids[0]}/request")
    assert (failed.status_code, message(failed)[0], looks(failed)[ids[0]]) == (502, "failed", "planned")
    stale = site.post(f"/chains/{chain_id}/loans/{ids[1]}/delete", version=99)
    assert (stale.status_code, message(stale)[0]) == (409, "refused")
    gone = site.post(f"/chains/{chain_id}/loans/{ids[1]}/delete", version=1)
    assert list(looks(gone)) == ids[:1]
    assert_promise(desk)


def test_the_report_is_found_again_until_it_is_put_away(desk: ChainDesk, site: Site) -> None:
    """Closing the tab loses nothing; what was put away stays away, and an older report does not come in its place."""
    chain_id, ids = desk.chain(2)
    run(site, chain_id, "request", id=ids[:1])
    ended = run(site, chain_id, "request", id=ids[1:])
    page = f"/chains/{chain_id}"
    assert "1 of 1 requested" in site.get(page).text
    put_away = re.search(r'action="(/chains/[^"]+/dismiss)"', ended.text)
    assert put_away
    assert "1 of 1 requested" not in site.post(put_away.group(1)).text
    assert "1 of 1 requested" not in site.get(page).text


def test_a_run_elsewhere_is_not_this_chains(desk: ChainDesk, site: Site) -> None:
    """A run over loans of several chains belongs to the calendar's page, where its report is."""
    chain_id, ids = desk.chain(1)
    _, others = desk.chain(1, start_week=5)
    desk.run(BatchKind.REQUEST, [*ids, *others])
    assert 'id="run"' not in site.get(f"/chains/{chain_id}").text
