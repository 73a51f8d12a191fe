"""What schedulers reported about the system before (product.md), as far as building chains mends it: by number."""

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from tests.calendar.conftest import november as november
from tests.chains.builder_site import START, Site, draft_in, words_of
from tests.chains.builder_site import site as site
from tests.queries_counted import queries_of
from tests.rows import DAY, OFFICE
from webapp.db import Base, db
from webapp.fleet.models import Budget
from webapp.loans.models import Assignment
from webapp.loans.states import Status

WEEK = timedelta(days=7)
# As data writes them, with slashes, without a year, with the month's name.
OTHER_DATES = re.compile(r"\d{4}-\d\d-\d\d|\d/\d\d|\b\d\d-\d\d\b(?!-\d\d)(?<!-\d\d-\d\d)|\b(?:Dec|Jan)[a-z]* \d\d?\b")


def vins(suggestion: dict[str, Any]) -> list[str]:
    """What fills its slots."""
    return [slot["vin"] for slot in suggestion["slots"]]


def codes(suggestion: dict[str, Any]) -> list[list[str]]:
    """The warnings of each slot."""
    return [[warning["code"] for warning in slot["warnings"]] for slot in suggestion["slots"]]


def dump(site: Site) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table."""
    with site.app.app_context():
        rows = {
            table.name: [tuple(row) for row in db.session.execute(select(table).order_by(*table.primary_key))]
            for table in Base.metadata.sorted_tables
        }
        db.session.rollback()
    return rows


def test_report_1_a_vehicle_requested_for_one_partner_is_not_offered_to_the_next(site: Site) -> None:
    """However many loans there are: the one in the way is the last of 1,101. Its entry in the drop-down says why."""
    ring = site.fleet.add_partner("Ring Report")
    taken, free = site.add_vehicle("Audi", "A3"), site.add_vehicle("Audi", "A6")
    others = site.fleet.add_vehicles(11)
    site.fleet.add_weeks(others, ring, weeks=100)
    site.fleet.add_loan(taken, ring, status=Status.REQUESTED, fms_request_id=4372)
    found = site.suggestion(count=1)
    assert (vins(found), found["excluded"]) == ([free.vin], {"held": 12})
    drop_down = site.read(f"/chains/drafts/{draft_in(site.draft(count=1))}/slots/1")
    assert "1 fits, best first Audi A6" in drop_down
    assert f"Audi A3 …{taken.vin[-8:]} is held by Ring Report 11-23-26 to 11-30-26." in drop_down


def test_report_2_a_vehicle_the_partner_has_booked_later_is_not_offered_again(site: Site) -> None:
    """Whether FMS has it or a plan of ours; another of that model comes only after the cooldown."""
    mine, twin, other = (site.add_vehicle("Audi", model) for model in ("A3", "A3", "A6"))
    site.fleet.add_activity(mine, site.partner, start_day=date(2027, 1, 18))
    found = site.suggestion(count=3)
    assert mine.vin not in vins(found)
    assert sorted(vins(found)) == sorted([twin.vin, other.vin])
    site.fleet.add_loan(other, site.partner, start_day=date(2027, 3, 15))
    assert vins(site.suggestion(count=3)) == [twin.vin]
    drop_down = site.read(f"/chains/drafts/{draft_in(site.draft(count=1))}/slots/1")
    assert f"Wendy Torque is booked for Audi A3 …{mine.vin[-8:]} 01-18-27 to 01-25-27" in drop_down


def test_report_3_a_vehicle_past_its_expected_turn_in_is_offered_with_a_warning(site: Site) -> None:
    """It fills its slot; the card, the drop-down and the JSON say when it was expected back."""
    late = site.add_vehicle("Audi", "A3", expected_turn_in_date=date(2026, 8, 12))
    found = site.suggestion(count=1)
    assert (found["status"], vins(found), codes(found)) == ("optimal", [late.vin], [["turn_in"]])
    address = site.draft(count=1)
    assert "Expected turn-in 08-12-26" in site.read(address)
    assert "1 fits, best first Audi A3 A Silver" in (said := site.read(f"/chains/drafts/{draft_in(address)}/slots/1"))
    assert "Expected turn-in 08-12-26" in said


def test_report_4_asked_for_a_date_got_a_later_one_and_is_told(site: Site) -> None:
    """Moved start and 6 of 8 loans are said in JSON and above the chain, with the way to have the days asked for."""
    for number in range(6):
        site.add_vehicle("Audi", f"Q{number}")
    kept = site.fleet.add_vehicle(make="Kia", model="EV9", office="Miami")
    site.fleet.add_activity(kept, site.partner, start_day=date(2026, 11, 16), end_day=date(2027, 1, 12))
    found = site.suggestion(count=8)
    assert (found["status"], found["requested_start"], found["actual_start"]) == ("partial", START, "2027-01-12")
    assert [slot["index"] for slot in found["slots"]] == [1, 2, 3, 4, 5, 6]
    address = site.draft(count=8)
    page = site.read(address)
    assert "Start moved to 01-12-27, 6 of 8 placed." in page
    assert f"The partner has Kia EV9 …{kept.vin[-8:]} 11-16-26 to 01-12-27." in page
    assert "Keep 11-23-26 and double-book" in page
    assert "6 of 8 loans placed" in page
    moved = site.send(f"/chains/drafts/{draft_in(address)}/ask", version=1, allow_double_booking="true")
    assert moved.location == address
    page = site.read(address)
    assert "Start moved" not in page
    assert "Double-booked on purpose: Kia EV9" in page
    assert "1 · Mon 11-23-26 → Mon 11-30-26" in page


def test_report_7_two_loans_at_once_are_two_lanes_with_the_vehicle_named(site: Site) -> None:
    """On the timeline of the partner's chain, and in the list of what the partner has."""
    for model in ("A3", "A6"):
        site.fleet.add_activity(site.add_vehicle("Audi", model), site.partner, start_day=date(2026, 11, 16))
    site.add_vehicle("Kia", "EV9")
    address = site.draft(count=1)
    lanes = re.findall(
        r'<li class="lane[^"]*">.*?<b>(.*?)</b>', site.get(f"/chains/timeline?draft={draft_in(address)}").text
    )
    assert sorted(lanes[:2]) == ["Audi A3", "Audi A6"]
    assert lanes[2:] == ["1 · Kia EV9"]
    panel = site.read(f"/chains/partners/{site.partner.person_id}", office=OFFICE)
    assert re.search(r"Now Audi A[36] .*? 11-16-26 → 11-23-26 .* Audi A[36] .*? 11-16-26 → 11-23-26", panel)


@pytest.mark.parametrize("kind", ["Hold", "Hold For Turn In"])
def test_report_8_rows_without_a_person_stand_in_the_way_by_their_kind(site: Site, kind: str) -> None:
    """A partner's chain goes round the vehicle, a vehicle's chain round the days; the timeline names the kind."""
    held = site.add_vehicle("Audi", "A3")
    site.fleet.add_activity(held, None, activity_type=kind)
    found = site.suggestion(count=1)
    assert (found["status"], found["slots"], found["excluded"]) == ("none", [], {"held": 1})
    chain = site.suggestion(vin=held.vin, count=1)
    assert (chain["requested_start"], chain["actual_start"]) == (START, "2026-11-30")
    address = site.draft(vin=held.vin, count=1)
    page = site.read(address)
    assert f"Start moved to 11-30-26, 1 of 1 placed. The vehicle is held in FMS ({kind}) 11-23-26 to 11-30-26." in page
    assert kind in site.read("/chains/timeline", draft=draft_in(address))


def budget(fleet: str, year: int, quarter: int, allocation: int, used: int) -> Budget:
    """Money of Los Angeles."""
    values = {"allocation": Decimal(allocation), "amount_used": Decimal(used)}
    return Budget(office=OFFICE, fleet=fleet, year=year, quarter=quarter, **values)


def test_report_10_a_make_over_its_budget_is_left_out_while_another_has_money(site: Site) -> None:
    """Though it ranks higher. Toyota and Lexus are one budget, and the next quarter's is there to choose a week by."""
    audi = site.add_vehicle("Audi", "A3", rank="A+")
    lexus, toyota = site.add_vehicle("Lexus", "RX 500h"), site.add_vehicle("Toyota", "Crown")
    kia = site.add_vehicle("Kia", "EV6", rank="C")
    site.put(
        budget("AUDI", 2026, 4, 1000, 1000),
        budget("AUDI", 2027, 1, 5000, 0),
        budget("TOYOTA/LEXUS", 2026, 4, 1000, 500),
        budget("KIA", 2026, 4, 1000, 0),
    )
    found = site.suggestion(count=3)
    assert found["status"] == "partial"
    assert len(found["slots"]) == 2
    assert kia.vin in vins(found)
    # There is money for one loan of the two makes together.
    assert len({lexus.vin, toyota.vin} & set(vins(found))) == 1
    assert audi.vin not in vins(found)
    beside = site.read(site.draft(count=3))
    assert "Make Q4 2026 now Q1 2027" in beside
    assert "Audi $0 $5,000" in beside
    assert "Toyota/Lexus $500 \N{MINUS SIGN}$400" in beside
    assert vins(site.suggestion(count=1, start="2027-01-04")) == [audi.vin]
    assert vins(site.suggestion(count=1, respect_budgets="false")) == [audi.vin]


def test_report_11_clips_are_counted_and_view_all_shows_all(site: Site) -> None:
    """Published, not published and not known are three answers; behind the first eight loans are all eleven."""
    clips = [3, 0, None]
    for number in range(11):
        start = date(2026, 9, 7) - number * WEEK
        vehicle = site.fleet.add_vehicle(model=f"Model {number}")
        site.fleet.add_history(vehicle, site.partner, start_day=start, clips_received=clips[number % 3])
    address = f"/chains/partners/{site.partner.person_id}?office=Los+Angeles"
    few = site.read(address)
    assert "11 loans in 12 months: 4 published, 4 not published, 3 not known yet" in few
    assert re.findall(r"Audi Model (\d+)", few) == [str(number) for number in range(8)]
    assert "09-07-26 → 09-14-26 published · 3 clips" in few
    assert "08-31-26 → 09-07-26 not published" in few
    assert "08-24-26 → 08-31-26 not known yet" in few
    assert "View all 11" in few
    everything = site.read(f"{address}&all=true")
    assert re.findall(r"Audi Model (\d+)", everything) == [str(number) for number in range(11)]


def test_report_12_dates_are_as_fms_writes_them_with_the_year_across_new_year(site: Site) -> None:
    """`MM-DD-YY` on every page of a chain, where people read; `2026-12-30` only in data."""
    for model in ("A3", "A6", "Q8"):
        site.add_vehicle("Audi", model, expected_turn_in_date=date(2026, 12, 28))
    site.fleet.add_activity(site.add_vehicle("Kia", "EV9"), None, start_day=date(2026, 12, 21))
    given: dict[str, Any] = {"start": "2026-12-23", "count": 3}
    assert [slot["start_day"] for slot in site.suggestion(**given)["slots"]] == [
        "2026-12-23",
        "2026-12-30",
        "2027-01-06",
    ]
    address = site.draft(**given)
    draft = draft_in(address)
    page = site.read(address)
    for days in ("1 · Wed 12-23-26 → Wed 12-30-26", "2 · Wed 12-30-26 → Wed 01-06-27", "3 · Wed 01-06-27 → Wed 01-13"):
        assert days in page
    pages = [page, *(site.read(f"/chains/drafts/{draft}/slots/{number}") for number in (1, 2, 3))]
    pages.append(site.read(f"/chains/timeline?draft={draft}"))
    assert "December 2026 January 2027" in pages[-1]
    saved = site.send(f"/chains/drafts/{draft}/save", version=1).location
    pages += [site.read(saved), site.read("/chains"), site.read(f"/chains/timeline?chain={saved.rpartition('/')[2]}")]
    assert "12-23-26 to 01-13-27" in pages[-2]
    for text in pages:
        assert OTHER_DATES.findall(text) == [], text


def test_report_14_deleting_a_chain_leaves_everything_else_of_that_partner(site: Site) -> None:
    """Their other chain, and the loan picked by hand between: gone is what has this chain's number."""
    vehicle = site.fleet.add_vehicle()
    chain, other = "0" * 8 + "-0000-4000-8000-000000000001", "0" * 8 + "-0000-4000-8000-000000000002"
    weeks = {0: chain, 1: chain, 2: None, 3: other}
    loans = {
        week: site.fleet.add_loan(vehicle, site.partner, start_day=DAY + week * WEEK, chain_id=chain_id).id
        for week, chain_id in weeks.items()
    }
    fields = {"kind": "delete", "shown": [loans[0], loans[1], loans[2]]}
    run = site.send(f"/chains/{chain}/bulk", **fields)
    assert run.status_code == 303
    while "2 of 2 deleted" not in (report := words_of(site.client.get(run.location))):
        assert "of 2" in report
    assert [row[0] for row in dump(site)[Assignment.__tablename__]] == [loans[2], loans[3]]


def test_report_14_opening_the_builder_changes_nothing(site: Site) -> None:
    """Not one row of any table: the builder, a draft, its drop-downs and panels, saved chains and their forms."""
    vehicle = site.add_vehicle("Audi", "A3")
    site.add_vehicle("Audi", "A6")
    site.fleet.add_loan(vehicle, site.partner, start_day=DAY - WEEK, status=Status.PLANNED)
    saved = site.send(f"/chains/drafts/{draft_in(site.draft(count=1))}/save", version=1).location
    address = site.draft(count=2, start="2027-02-01")
    draft, chain = draft_in(address), saved.rpartition("/")[2]
    loan = dump(site)[Assignment.__tablename__][-1][0]
    before = dump(site)
    assert before["chain_drafts"]
    whom = {"office": OFFICE, "person_id": site.partner.person_id, "start": START}
    for path, query in (
        ("/chains", {}),
        ("/chains", whom),
        ("/chains", {"vin": vehicle.vin}),
        (address, {}),
        ("/chains/form", whom),
        (f"/chains/drafts/{draft}/slots/1", {}),
        (f"/chains/drafts/{draft}/slots/2", {}),
        (f"/chains/timeline?draft={draft}", {}),
        (f"/chains/partners/{site.partner.person_id}", whom),
        (f"/chains/vehicles/{vehicle.vin}", {}),
        ("/chains/budget", whom),
        ("/chains/saved", {}),
        (saved, {}),
        (f"/chains/timeline?chain={chain}", {}),
        (f"{saved}/loans/{loan}/swap", {}),
        (f"{saved}/loans/{loan}/dates", {}),
        (f"{saved}/copy", {}),
        ("/chains/left-out", {"draft": draft}),
        ("/chains/why-not", {**whom, "vin": vehicle.vin, "end": "2026-11-30", "draft": draft, "loan": 1}),
        ("/api/chains/partner", whom),
        ("/api/chains/vehicle", {"office": OFFICE, "vin": vehicle.vin, "start": START}),
    ):
        site.get(path, **query)
        assert dump(site) == before, path


def test_report_16_every_choice_is_there_by_last_name_and_nothing_stale_stays_chosen(site: Site) -> None:
    """Seventy vehicles in the drop-down; partners by last name; the office is marked; changing it lets go of whom it
    cannot have, in words.
    """
    for number in range(70):
        site.add_vehicle("Audi", f"Model {number:02}")
    for name in ("Zoe Abbott", "Adam Zimmer", "María Núñez", "Paul Ng"):
        site.fleet.add_partner(name, affiliation="")
    drop_down = site.get(f"/chains/drafts/{draft_in(site.draft(how='hand', count=1))}/slots/1").text
    assert drop_down.count('class="candidate"') == 70
    assert 'placeholder="Search 70 vehicles"' in drop_down
    page = site.get("/chains", office=OFFICE).text
    people = re.findall(r'<option value="\d+"[^>]*>([^<]*)</option>', page)
    assert people == ["Abbott, Zoe", "Ng, Paul", "Núñez, María", "Torque, Wendy · Weekly Torque", "Zimmer, Adam"]
    assert f"<option selected>{OFFICE}</option>" in page
    vin = site.fleet.add_vehicle(make="Kia", model="EV9").vin
    moved = site.get("/chains/form", office="Miami", kind="vehicle", vin=vin, given="1")
    assert "<option selected>Miami</option>" in moved.text
    assert f'<option value="{vin}" selected>' not in moved.text
    assert f"Kia EV9 …{vin[-8:]} stands in Los Angeles, so it is no longer chosen." in words_of(moved)


def test_report_17_ten_times_the_rows_are_as_many_questions_to_the_database(site: Site) -> None:
    """For a suggestion of either kind, the builder's page, a drop-down, and a saved chain's page."""
    vehicle = site.add_vehicle("Audi", "A3")
    for model in ("A6", "Q8"):
        site.add_vehicle("Audi", model)
    vin = vehicle.vin
    address, chain = site.draft(count=2), saved_chain(site, 2)
    paths: tuple[tuple[str, dict[str, Any]], ...] = (
        ("/api/chains/partner", site.asked(count=3)),
        ("/api/chains/vehicle", site.asked(vin=vin, count=3)),
        (address, {}),
        (f"/chains/drafts/{draft_in(address)}/slots/1", {}),
        ("/chains", site.asked()),
        (chain, {}),
        ("/chains/saved", {}),
    )
    counts: list[dict[str, int]] = []
    for size in (0, 30):
        grow(site, size)
        counts.append({path: asked_of_the_database(site, path, query) for path, query in paths})
    assert counts[0] == counts[1]
    # Nor do more loans of the chain ask more.
    assert asked_of_the_database(site, saved_chain(site, 8), {}) == counts[0][chain]


def saved_chain(site: Site, count: int) -> str:
    """The address of a chain of so many loans that was suggested and saved; another size, another year."""
    start = date(2027, 3, 1) + 52 * count * WEEK
    draft = draft_in(site.draft(count=count, start=start.isoformat()))
    return site.send(f"/chains/drafts/{draft}/save", version=1).location


def grow(site: Site, size: int) -> None:
    """So many more vehicles and partners, with loans of every kind."""
    for number in range(size):
        vehicle = site.add_vehicle("Audi", f"Model {number}")
        partner = site.fleet.add_partner(latitude=34.2, longitude=-118.2)
        site.fleet.approve_make(partner, "Audi")
        site.fleet.add_history(vehicle, partner, start_day=date(2026, 3, 2))
        site.fleet.add_activity(vehicle, partner, start_day=DAY - WEEK)
        site.fleet.add_loan(vehicle, partner, start_day=DAY + 20 * WEEK)


def asked_of_the_database(site: Site, path: str, query: dict[str, Any]) -> int:
    """How many statements it takes to answer."""
    with site.app.app_context(), queries_of() as statements:
        site.get(path, **query)
    return len(statements)


def test_report_19_a_chain_beyond_twelve_weeks_is_seen_with_all_that_is_booked_there(site: Site) -> None:
    """Half a year ahead FMS's calendar counts as it does tomorrow, and the timeline pages as far as it goes."""
    taken, free = site.add_vehicle("Audi", "A3"), site.add_vehicle("Audi", "A6")
    start = DAY + 30 * WEEK
    site.fleet.add_activity(taken, site.fleet.add_partner("Ring Report"), start_day=start)
    before = site.add_vehicle("Kia", "EV9")
    site.fleet.add_loan(before, site.partner, start_day=start - WEEK)
    found = site.suggestion(start=start.isoformat(), count=1)
    assert (vins(found), found["excluded"]) == ([free.vin], {"held": 1, "partner_has": 1})
    address = f"/chains/timeline?draft={draft_in(site.draft(start=start.isoformat(), count=1))}"
    page = site.get(address)
    assert "June 2027" in words_of(page)
    assert "Kia EV9" in words_of(page)
    later = re.search(r'id="timeline-after" href="([^"]+)"', page.text)
    assert later
    assert "Timeline, July 2027" in site.read(later.group(1).replace("&amp;", "&"))
