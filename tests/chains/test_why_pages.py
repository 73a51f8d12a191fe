"""Why not, and who was left out: every reason at once, what mends it, and a way to what is in it."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask

from tests.calendar.conftest import november as november
from tests.chains.draft_desk import DraftDesk, week
from tests.chains.draft_desk import desk as desk
from tests.queries_counted import queries_of
from tests.rows import DAY, OFFICE, Fleet, People
from tests.servers import sign_in
from webapp.accounts.permissions import TABLE, Permission, Role
from webapp.chains.asking import Ask, Kind
from webapp.chains.drafting import drafts
from webapp.chains.looking import suggesting
from webapp.chains.looking.suggestion import LeftOut, LeftOutLine
from webapp.chains.panels.left_out_page import draw_left_out
from webapp.chains.panels.why_page import Asked, WhyPage, draw_why
from webapp.chains.panels.why_reading import read_why
from webapp.db import close_reading, writing
from webapp.errors import NotFound
from webapp.fleet.models import Budget
from webapp.loans.periods import Period
from webapp.loans.rules import Finding, Severity

pytestmark = pytest.mark.usefixtures("november")
WEEK = Period(DAY, DAY + timedelta(7))
HELD = Finding("held", "It is held.", Severity.HARD, until=date(2026, 12, 3))
COOLDOWN = Finding("cooldown", "Cooldown.", Severity.SOFT, until=date(2026, 12, 7))
BEFORE = Finding("had_before", "They had it.", Severity.SOFT)
TURN_IN = Finding("turn_in", "Turn-in.", Severity.WARNING)


def drawn(*findings: Finding, possible_from: date | None = None, may_plan: bool = True) -> WhyPage:
    asked = Asked("VIN1", 7, "Audi A3 …VIN1", "Jo Vance", OFFICE, WEEK)
    return draw_why(asked, findings, possible_from=possible_from, outlook="Then.", links={}, may_plan=may_plan)


def codes(page: WhyPage) -> list[str]:
    return [reason.code for reason in page.reasons]


# --- the page about one


def test_the_verdict_says_whom_it_binds() -> None:
    """Nothing, a note, what we do not suggest, what nobody can: four sentences, the last without a way to plan it."""
    pages = [drawn(), drawn(TURN_IN), drawn(COOLDOWN, BEFORE, TURN_IN), drawn(HELD, COOLDOWN)]
    assert [page.tone for page in pages] == ["fine", "fine", "soft", "hard"]
    assert [bool(page.plan) for page in pages] == [True, True, True, False]
    assert "2 reasons" in pages[2].verdict
    assert "one reason" in drawn(BEFORE).verdict
    assert drawn(may_plan=False).plan == ""


def test_each_reason_says_what_would_mend_it() -> None:
    """A day where a day helps, something else where none does."""
    reasons = drawn(HELD, BEFORE, TURN_IN).reasons
    assert [reason.mend for reason in reasons] == [
        "Over from Thu 12-03-26 on.",
        "No day mends it: nobody is lent the same vehicle twice. Another one of the model would.",
        "",
    ]
    assert [reason.word for reason in reasons] == ["Not possible", "Not suggested", "Note"]


def test_the_first_day_that_would_do_is_one_click_away() -> None:
    """As many days, the end moved off a weekend as it would be booked; who was asked about stays."""
    page = drawn(COOLDOWN, possible_from=date(2026, 12, 4))
    assert urlsplit(page.again).path == "/chains/why-not"
    assert parse_qs(urlsplit(page.again).query) == {
        "vin": ["VIN1"],
        "person_id": ["7"],
        "start": ["2026-12-04"],
        "end": ["2026-12-11"],
    }
    saturday = drawn(COOLDOWN, possible_from=date(2026, 12, 5))
    assert parse_qs(urlsplit(saturday.again).query)["end"] == ["2026-12-14"]
    assert parse_qs(urlsplit(page.plan).query)["start_day"] == ["2026-11-23"]
    assert drawn(BEFORE).again == ""


@pytest.mark.usefixtures("context")
def test_all_reasons_with_a_way_to_what_is_in_it(app: Flask, people: People, fleet: Fleet) -> None:
    """Report 13: what is in the way is said and shown: on the calendar, or among the partner's previous loans."""
    vehicle, partner = fleet.add_vehicle(), fleet.add_partner("Jo Vance", latitude=34.0, longitude=-118.0)
    fleet.approve_make(partner, "Audi")
    service = fleet.add_activity(vehicle, None, start_day=DAY, end_day=DAY, activity_type="Service")
    ours = fleet.add_loan(vehicle, fleet.add_partner("Ada Quill"), start_day=DAY + timedelta(3))
    fleet.add_history(vehicle, partner, start_day=date(2026, 3, 2))
    fleet.add_history(fleet.add_vehicle(), partner, start_day=date(2026, 10, 26))
    other = fleet.add_loan(fleet.add_vehicle(model="Q8"), partner, start_day=DAY)
    elsewhere = fleet.add_vehicle(model="Q4", office="Miami")
    fleet.add_activity(elsewhere, partner, start_day=DAY)
    with writing() as session:
        money = {"allocation": Decimal(100), "amount_used": Decimal(0)}
        session.add(Budget(company_id=1, office=OFFICE, fleet="AUDI", year=2026, quarter=4, **money))
    close_reading()
    page = read_why(people().actor, vehicle.vin.lower(), partner.person_id, WEEK)
    assert page.title == f"Audi A3 Premium Plus …{vehicle.vin[-8:]} for Jo Vance"
    assert codes(page) == ["held", "held", "had_before", "cooldown", "over_budget", "partner_busy", "partner_busy"]
    links = [reason.link[1] if reason.link else "" for reason in page.reasons]
    view = f"/calendar?office=Los+Angeles&start={DAY}"
    assert links[0] == f"{view}&activity_id={service.activity_id}"
    assert links[1] == f"/calendar?office=Los+Angeles&start={DAY + timedelta(3)}&loan={ours.id}"
    previous = f"/calendar/partners/{partner.person_id}?office=Los+Angeles&all=1"
    assert links[2:5] == [previous, previous, ""]
    assert sorted(links[5:]) == ["", f"/calendar?office=Los+Angeles&rows=partners&start={DAY}&loan={other.id}"]
    assert page.outlook.startswith("The days alone would work from ")
    assert page.again


@pytest.mark.usefixtures("context")
def test_what_nobody_knows_is_said_not_a_crash(people: People, fleet: Fleet) -> None:
    """No such vehicle, no such partner, an end before the start; a vehicle out of scope is not found."""
    actor, vehicle, theirs = people().actor, fleet.add_vehicle(), fleet.add_vehicle(office="Miami")
    page = read_why(actor, "NOSUCHVIN", 999, Period(DAY, DAY))
    assert codes(page) == ["unknown", "unknown", "period"]
    assert page.plan == ""
    assert codes(read_why(actor, vehicle.vin, -1, WEEK)) == ["unknown"]
    with pytest.raises(NotFound):
        read_why(actor, theirs.vin, 1, WEEK)


def test_beside_the_rest_of_a_draft(desk: DraftDesk) -> None:
    """A model that another loan of the draft has is against it there, and nowhere else; no day is promised then."""
    twin = desk.fleet.add_vehicle("WAUZZZ8V0SA059999", model="A3")
    draft_id = desk.begin(suggest=False)
    drafts.pick(desk.actor, draft_id, 1, 1, desk.vins[0])
    close_reading()
    alone = read_why(desk.actor, twin.vin, desk.partner.person_id, week(2))
    assert alone.reasons == ()
    close_reading()
    beside = read_why(desk.actor, twin.vin, desk.partner.person_id, week(2), draft_id=draft_id, loan=3)
    assert "cooldown" in codes(beside)
    assert (beside.outlook, beside.again) == ("", "")
    assert dict(beside.hidden)["loan"] == "3"
    for who, loan in ((desk.actor, 9), (desk.people().actor, 3)):
        close_reading()
        with pytest.raises(NotFound):
            read_why(who, twin.vin, desk.partner.person_id, week(2), draft_id=draft_id, loan=loan)


# --- who was left out


def test_everybody_is_listed_by_reason_the_largest_group_first() -> None:
    """Counts that add up, a way to all reasons for each, and nobody folded away."""
    lines = [LeftOutLine(f"VIN{number}", f"Car {number}", "Silver", COOLDOWN) for number in range(3)]
    lines.append(LeftOutLine("VIN9", "Car 9", "Red", HELD))
    found = LeftOut(10, tuple(lines), {"cooldown": 3, "held": 1}, unplaced=((5, "Jo Vance"),))
    ask = Ask(Kind.PARTNER, OFFICE, DAY, person_id=7)
    page = draw_left_out(found, ask, WEEK)
    assert page.title == "4 of 10 vehicles left out"
    assert [(group.title, len(group.entries)) for group in page.groups] == [
        ("Cooldown of the model", 3),
        ("Held on these days", 1),
    ]
    query = parse_qs(urlsplit(page.groups[1].entries[0].address).query)
    assert query == {"vin": ["VIN9"], "person_id": ["7"], "start": ["2026-11-23"], "end": ["2026-11-30"]}
    assert page.unplaced == ("Jo Vance",)
    of_vehicle = draw_left_out(
        LeftOut(1, (LeftOutLine(8, "Jo", "", HELD),), {"held": 1}), Ask(Kind.VEHICLE, OFFICE, DAY, vin="VIN1"), WEEK
    )
    query = parse_qs(urlsplit(of_vehicle.groups[0].entries[0].address).query)
    assert (query["vin"], query["person_id"]) == (["VIN1"], ["8"])
    assert draw_left_out(LeftOut(0, (), {}), ask, None).groups == ()


def test_as_many_as_the_suggestion_left_out(desk: DraftDesk, app: Flask) -> None:
    """The page of a draft, and the one of the same parameters, list those whom the suggestion counted."""
    desk.hold(desk.vehicles[0], week(0, weeks=9))
    desk.fleet.add_vehicle("KNDC4DLC0R5112233", make="Kia", model="EV9")
    draft_id = desk.begin()
    counted = suggesting.suggest(desk.actor, desk.ask())
    client = app.test_client()
    sign_in(client, desk.people(email="colleague@example.com"))
    close_reading()
    who: dict[str, Any] = {"office": OFFICE, "person_id": desk.partner.person_id}
    page = client.get("/chains/left-out", query_string={**who, "start": DAY.isoformat(), "count": 3, "kind": "partner"})
    assert page.status_code == 200
    assert counted.left_out == 2
    assert page.text.count("Why not?</a>") == counted.left_out
    assert "Held on these days: 1" in page.text
    assert "Not approved for the make: 1" in page.text
    # A draft is its owner's alone.
    assert client.get("/chains/left-out", query_string={"draft": draft_id}).status_code == 404


@pytest.mark.usefixtures("context")
def test_as_many_queries_for_many_reasons_as_for_few(people: People, fleet: Fleet) -> None:
    """No query per finding, nor per thing in the way."""
    actor, vehicle, partner = people().actor, fleet.add_vehicle(), fleet.add_partner()
    fleet.approve_make(partner, "Audi")
    counts = []
    for number in (1, 9):
        for _ in range(number):
            fleet.add_activity(vehicle, partner, start_day=DAY)
            fleet.add_activity(fleet.add_vehicle(), partner, start_day=DAY)
            fleet.add_loan(fleet.add_vehicle(), partner, start_day=DAY)
        with queries_of() as statements:
            page = read_why(actor, vehicle.vin, partner.person_id, WEEK)
        counts.append(len(statements))
        close_reading()
    assert len(page.reasons) > 30
    assert counts[0] == counts[1]


@pytest.mark.parametrize("role", list(Role))
def test_who_may_ask(sqlite_app: Flask, people: People, fleet: Fleet, role: Role) -> None:
    """By the permission table; who may not plan sees no way to plan; what cannot be read is refused."""
    vehicle, partner = fleet.add_vehicle(), fleet.add_partner()
    fleet.approve_make(partner, "Audi")
    client = sqlite_app.test_client()
    sign_in(client, people(role))
    why = f"/chains/why-not?vin={vehicle.vin}&person_id={partner.person_id}&start={DAY}&end={WEEK.end_day}"
    out = f"/chains/left-out?office={OFFICE}&start={DAY}"
    is_allowed = Permission.VIEW_LOANS in TABLE[role]
    of_partner, of_vehicle = f"{out}&person_id={partner.person_id}", f"{out}&vin={vehicle.vin}"
    for address in (why, of_partner, of_vehicle):
        assert client.get(address).status_code == (200 if is_allowed else 403)
    if is_allowed:
        fragment = client.get(why, headers={"HX-Request": "true"}).text
        assert "<html" not in fragment
        assert ("/calendar/plan" in fragment) is (Permission.PLAN_LOANS in TABLE[role])
        for wrong in (f"{why}x", "/chains/why-not?vin=X", out, f"{of_partner}&count=x", f"{of_vehicle}&days=99"):
            assert client.get(wrong).status_code == 422
