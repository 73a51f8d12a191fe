"""Changing one loan of a saved chain by its forms, copying the chain and going on with it."""

import re
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.chains.saved_desk import WEEK, ChainDesk, week
from tests.chains.saved_desk import desk as desk
from tests.chains.saved_site import Site, looks, message
from tests.chains.saved_site import site as site
from tests.promise.promise import assert_promise
from tests.rows import OFFICE
from webapp.chains.models import Draft
from webapp.db import writing
from webapp.fleet.models import Holiday
from webapp.loans import queries, service
from webapp.loans.service import Change
from webapp.loans.states import Status

# What differs between the engines is proved where it is read and written.
pytestmark = pytest.mark.usefixtures("sqlite_app")


def undo(answer: TestResponse) -> tuple[str, dict[str, str]]:
    """Where the message's Undo leads, and what it posts."""
    found = re.search(r'<form [^>]*action="([^"]+)"[^>]*data-undo>(.*?)</form>', answer.text, re.DOTALL)
    assert found, answer.text
    return found.group(1), dict(re.findall(r'name="(\w+)" value="([^"]*)"', found.group(2)))


def history(desk: ChainDesk, loan: int) -> list[str]:
    """What the loan's history says, newest first."""
    return [entry.text for entry in desk.do(queries.history, loan)]


def test_a_swap_lists_everybody_with_reasons(desk: ChainDesk, site: Site) -> None:
    """All vehicles of the office, more than fifty, best first; greyed with every reason, and refused ones disabled."""
    chain_id, ids = desk.chain(2)
    desk.fleet.add_vehicles(60, make="Mazda", model="CX-90")
    free = desk.fleet.add_vehicle(make="Kia", model="EV9", color="Moonscape")
    desk.fleet.add_loan(desk.vehicles[3], desk.fleet.add_partner("Ring Report"), start_day=week(0).start_day)
    page = site.get(f"/chains/{chain_id}/loans/{ids[0]}/swap", page=f"/chains/{chain_id}").text
    rows = re.findall(r'<li class="candidate[^"]*">.*?</li>', page, re.DOTALL)
    assert len(rows) == 65
    assert [number for number, row in enumerate(rows) if "greyed" not in row] == [0, 1, 2], "who fits comes first"
    assert f"Moonscape · …{free.vin[-8:]}" in "".join(rows[:3])
    greyed = {desk.vehicles[number].vin: row for number in range(4) for row in rows if desk.vehicles[number].vin in row}
    assert "held by Ring Report" in greyed[desk.vehicles[3].vin]
    assert "disabled" in greyed[desk.vehicles[3].vin], "nobody may"
    assert "has it now" in greyed[desk.vehicles[0].vin]
    assert "is to get" in greyed[desk.vehicles[1].vin], "it is the next loan of the chain"
    assert ", in this chain" in greyed[desk.vehicles[1].vin]
    assert "disabled" not in greyed[desk.vehicles[1].vin], "a choice"
    assert page.count("is not approved for Mazda") == 60


def test_a_swap_list_is_searched_without_scripts(desk: ChainDesk, site: Site) -> None:
    """Words of name, colour, VIN or reason, whatever the accents; nothing found says so."""
    chain_id, ids = desk.chain(1)
    desk.fleet.add_vehicle(make="Citroën", model="Ami", color="Blue")
    address = f"/chains/{chain_id}/loans/{ids[0]}/swap"
    found = site.get(f"{address}?q=citroen+blue").text
    assert len(re.findall(r'class="candidate( greyed)?"', found)) == 1
    assert "csrf_token" not in re.search(r'<form class="searching".*?</form>', found, re.DOTALL).group(0)  # type: ignore[union-attr]
    assert "Nothing matches." in site.get(f"{address}?q=zeppelin").text


def test_a_green_loan_is_swapped_at_once_and_back(desk: ChainDesk, site: Site) -> None:
    """It is then picked by hand, with the note in its history; Undo puts the old vehicle and the old green back."""
    chain_id, ids = desk.chain(2)
    address = f"/chains/{chain_id}/loans/{ids[0]}/swap"
    done = site.post(address, version=1, key=desk.vehicles[3].vin.lower(), note="He asked for it")
    assert done.status_code == 200
    assert looks(done) == {ids[0]: "manual", ids[1]: "planned"}
    assert message(done)[0] == "done"
    assert "Kia EV6 GT" in message(done)[1]
    assert "Note: He asked for it" in history(desk, ids[0])[0]
    back = site.post(undo(done)[0], **undo(done)[1])
    assert looks(back) == {ids[0]: "planned", ids[1]: "planned"}
    assert desk.loans_of(chain_id)[0].vin == desk.vehicles[0].vin
    assert desk.sandbox.calls() == []


def test_what_is_overruled_is_told(desk: ChainDesk, site: Site) -> None:
    """A vehicle that we would not suggest may be picked all the same: the answer and the history say what was said."""
    chain_id, ids = desk.chain(1)
    mazda = desk.fleet.add_vehicle(make="Mazda", model="CX-90")
    done = site.post(f"/chains/{chain_id}/loans/{ids[0]}/swap", version=1, key=mazda.vin)
    assert "is not approved for Mazda" in message(done)[1]
    assert "is not approved for Mazda" in history(desk, ids[0])[0]


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"version": 1, "key": ""}, 422),
        ({"version": 1, "key": "own"}, 422),
        ({"version": 1, "key": "NOSUCHVIN"}, 422),
        ({"version": 1, "key": "'; --"}, 422),
        ({"key": "other"}, 422),
        ({"version": 7, "key": "other"}, 409),
    ],
)
def test_a_swap_that_makes_no_sense(desk: ChainDesk, site: Site, fields: dict[str, object], status: int) -> None:
    """The form again with the sentence, in the dialog; an older picture shows the chain as it is."""
    chain_id, ids = desk.chain(1)
    keys = {"own": desk.vehicles[0].vin, "other": desk.vehicles[3].vin}
    given = {name: keys.get(str(value), value) for name, value in fields.items()}
    answer = site.post(f"/chains/{chain_id}/loans/{ids[0]}/swap", **given)
    assert answer.status_code == status
    assert 'role="alert"' in answer.text
    assert (answer.headers.get("HX-Retarget") == "#dialog-body") == (status == 422)
    assert desk.loans_of(chain_id)[0].vin == desk.vehicles[0].vin


def test_a_partner_is_swapped_on_a_vehicle_chain(desk: ChainDesk, site: Site) -> None:
    """The candidates are partners, last name first, with the way there; the vehicle stays."""
    people = [
        desk.fleet.add_partner(name, latitude=34.05, longitude=-118.24 + number / 10)
        for number, name in enumerate(("Ana Alder", "Ben Birch", "Cleo Cedar"))
    ]
    chain_id = "00000000-0000-4000-8000-000000000002"
    ids = [
        desk.fleet.add_loan(desk.vehicles[0], person, start_day=week(number).start_day, chain_id=chain_id).id
        for number, person in enumerate(people[:2])
    ]
    address = f"/chains/{chain_id}/loans/{ids[1]}/swap"
    listed = site.get(address).text
    assert "Cedar, Cleo" in listed
    assert "miles from the one before" in listed
    done = site.post(address, version=1, key=people[2].person_id)
    assert done.status_code == 200
    assert [loan.partner_name for loan in desk.loans_of(chain_id)] == ["Ana Alder", "Cleo Cedar"]
    assert site.post(address, version=2, key="WAUZZZ").status_code == 422


def test_other_days_for_a_green_loan_and_back(desk: ChainDesk, site: Site) -> None:
    """The other loans keep theirs; an end on a weekend moves to Monday; Undo gives the old days back."""
    chain_id, ids = desk.chain(2)
    address = f"/chains/{chain_id}/loans/{ids[0]}/dates"
    form = site.get(address).text
    assert 'value="2060-06-07"' in form
    done = site.post(address, version=1, start_day="2060-06-01", end_day="2060-06-05")
    assert done.status_code == 200
    days = [(loan.start_day, loan.end_day) for loan in desk.loans_of(chain_id)]
    assert days == [(date(2060, 6, 1), date(2060, 6, 7)), (week(1).start_day, week(1).end_day)]
    site.post(undo(done)[0], **undo(done)[1])
    assert desk.loans_of(chain_id)[0].start_day == week(0).start_day


@pytest.mark.parametrize(
    ("start", "end", "field"),
    [
        ("", "2060-06-14", "start_day"),
        ("2060-06-07", "soon", "end_day"),
        ("2060-06-07", "2060-06-07", "end_day"),
        ("2060-06-12", "2060-06-20", "start_day"),
        ("2020-06-08", "2020-06-15", "start_day"),
    ],
)
def test_days_that_cannot_be(desk: ChainDesk, site: Site, start: str, end: str, field: str) -> None:
    """422 with the fault at its field and what was typed still there; nothing is changed."""
    chain_id, ids = desk.chain(1)
    answer = site.post(f"/chains/{chain_id}/loans/{ids[0]}/dates", version=1, start_day=start, end_day=end, note="Hm")
    assert answer.status_code == 422
    assert re.search(rf'name="{field}"[^>]*aria-invalid="true"', answer.text)
    assert f'id="fault-{field}"' in answer.text
    assert 'value="Hm"' in answer.text
    assert desk.loans_of(chain_id)[0].start_day == week(0).start_day


def test_other_days_where_the_vehicle_is_held(desk: ChainDesk, site: Site) -> None:
    """409 with the holder and the way to them, in the form."""
    chain_id, ids = desk.chain(1)
    other = desk.fleet.add_loan(desk.vehicles[0], desk.fleet.add_partner("Ring Report"), start_day=week(1).start_day)
    answer = site.post(
        f"/chains/{chain_id}/loans/{ids[0]}/dates", version=1, start_day="2060-06-07", end_day="2060-06-16"
    )
    assert answer.status_code == 409
    assert "held by Ring Report" in answer.text
    assert f"loan={other.id}" in answer.text


def test_other_days_for_a_requested_loan_in_one_step(desk: ChainDesk, site: Site) -> None:
    """The form says what it does; FMS then holds one request, with the new days."""
    chain_id, ids = desk.requested_chain(1)
    address = f"/chains/{chain_id}/loans/{ids[0]}/dates"
    assert "FMS cannot change a request." in site.get(address).text
    version = desk.loans_of(chain_id)[0].version
    done = site.post(address, version=version, start_day="2060-06-07", end_day="2060-06-11")
    assert (done.status_code, looks(done)) == (200, {ids[0]: "requested"})
    (request,) = desk.sandbox.requests()
    assert (request["startDate"], request["endDate"]) == ("06/07/60", "06/11/60")
    assert "data-undo" not in done.text
    assert_promise(desk)


def test_a_loan_that_should_have_started_may_still_be_swapped(desk: ChainDesk, site: Site) -> None:
    """Its start has passed and stays: that stands in no vehicle's way, as it does not when saving."""
    yesterday = date(2020, 6, 1)
    loan = desk.fleet.add_loan(
        desk.vehicles[0], desk.partner, start_day=yesterday, end_day=date(2067, 1, 3), chain_id="0" * 36
    )
    chain_id = "00000000-0000-4000-8000-000000000003"
    desk.change_row(loan.id, chain_id=chain_id)
    page = site.get(f"/chains/{chain_id}/loans/{loan.id}/swap").text
    assert "is in the past" not in page
    assert site.post(f"/chains/{chain_id}/loans/{loan.id}/swap", version=1, key=desk.vehicles[1].vin).status_code == 200


def test_changed_by_somebody_else_meanwhile(desk: ChainDesk, site: Site) -> None:
    """A form drawn from an older picture is refused, and the chain is shown as it stands now."""
    chain_id, ids = desk.chain(1)
    desk.do(service.change, ids[0], Change(1, end_day=week(0).end_day + timedelta(days=1)))
    answer = site.post(
        f"/chains/{chain_id}/loans/{ids[0]}/dates", version=1, start_day="2060-06-07", end_day="2060-06-10"
    )
    assert (answer.status_code, message(answer)[0]) == (409, "refused")
    assert "Tue 06-15-60" in answer.text
    assert "chainDone" in answer.headers["HX-Trigger-After-Settle"], "the form closes"


def test_changes_without_scripts(desk: ChainDesk, site: Site) -> None:
    """Done goes back to the chain, refused is the form as a page with the fault and the status."""
    chain_id, ids = desk.chain(1)
    address = f"/chains/{chain_id}/loans/{ids[0]}"
    done = site.send(f"{address}/swap", version=1, key=desk.vehicles[2].vin)
    assert (done.status_code, done.location) == (303, f"/chains/{chain_id}")
    assert "Changed" in site.get(done.location).text
    refused = site.send(f"{address}/dates", version=2, start_day="2060-06-12", end_day="2060-06-20")
    assert refused.status_code == 422
    assert "is a weekend" in refused.text
    assert "Back to the chain" in refused.text
    gone = site.send(f"/chains/{chain_id}/loans/99999/swap", version=1, key="X")
    assert gone.status_code == 404


def test_copying_opens_a_draft_and_leaves_the_chain(desk: ChainDesk, site: Site) -> None:
    """For another partner and date; nothing is saved, and the address is the builder's."""
    chain_id, ids = desk.chain(2)
    other = desk.fleet.add_partner("Ring Report")
    form = site.get(f"/chains/{chain_id}/copy").text
    assert f'<option value="{desk.partner.person_id}" selected>' in form
    assert "Report, Ring" in form
    done = site.post(f"/chains/{chain_id}/copy", person_id=other.person_id, start="2060-09-06")
    assert done.headers["HX-Redirect"].startswith("/chains?draft=")
    draft_id = done.headers["HX-Redirect"].partition("=")[2]
    with desk.reading() as session:
        draft = session.scalars(select(Draft)).one()
        assert (draft.id, draft.person_id, draft.start_day) == (draft_id, other.person_id, date(2060, 9, 6))
        assert draft.chain_id is None
    assert [loan.id for loan in desk.loans_of(chain_id)] == ids


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"person_id": "", "start": "2060-09-06"}, "person_id"),
        ({"person_id": "own", "start": ""}, "start"),
        ({"person_id": "own", "start": "2060-09-05"}, "start"),
        ({"person_id": "own", "start": "2020-09-07"}, "start"),
        ({"person_id": "own", "start": "2060-09-07"}, "start"),
    ],
)
def test_a_copy_that_cannot_be(desk: ChainDesk, site: Site, fields: dict[str, str], field: str) -> None:
    """No partner, no start, a start on a weekend, in the past or on a holiday: 422 at its field, and no draft."""
    chain_id, _ = desk.chain(1)
    with desk.app.app_context(), writing() as session:
        session.add(
            Holiday(
                company_id=desk.actor.company_id,
                office=OFFICE,
                day=date(2060, 9, 7),
                name="Founders' Day",
                kind="Public",
                is_all_day=True,
                notes="",
            )
        )
    given = {name: str(desk.partner.person_id) if value == "own" else value for name, value in fields.items()}
    answer = site.post(f"/chains/{chain_id}/copy", **given)
    assert answer.status_code == 422
    assert f'id="fault-{field}"' in answer.text
    assert desk.drafts() == []


def test_going_on_joins_the_chain(desk: ChainDesk, site: Site) -> None:
    """The draft begins where the chain ends; what is saved from it has the chain's id."""
    chain_id, ids = desk.chain(2)
    begun = site.send(f"/chains/{chain_id}/continue")
    assert begun.status_code == 303
    with desk.reading() as session:
        draft = session.scalars(select(Draft)).one()
        assert (draft.chain_id, draft.start_day) == (chain_id, week(1).end_day)
    assert timedelta(days=7) == WEEK
    assert [loan.id for loan in desk.loans_of(chain_id)] == ids


def test_nobody_else_is_told_by_a_form(desk: ChainDesk, app: Flask) -> None:
    """A loan of this chain that is asked for under another chain's address is not there."""
    _, ids = desk.chain(1)
    other, _ = desk.chain(1, start_week=4)
    site = Site(desk, app.test_client())
    for path in ("swap", "dates"):
        assert site.get(f"/chains/{other}/loans/{ids[0]}/{path}").status_code == 404
        assert site.post(f"/chains/{other}/loans/{ids[0]}/{path}", version=1, key="X").status_code == 404
    assert desk.status(ids[0]) == Status.PLANNED
