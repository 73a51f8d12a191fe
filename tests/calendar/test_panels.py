"""Partner and vehicle facts: each loan once, what was published told honestly, everything on `view all`."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.calendar.conftest import november as november
from tests.queries_counted import queries_of
from tests.rows import DAY, OFFICE, Fleet, People
from tests.servers import sign_in
from webapp.accounts.models import Location
from webapp.accounts.permissions import TABLE, Permission, Role
from webapp.calendar.looks import Look
from webapp.calendar.panels.partner_facts import PartnerPanel, read_partner
from webapp.calendar.panels.stays import Publication, Stay, by_time, year_of
from webapp.calendar.panels.vehicle_facts import next_words, read_vehicle, where_now
from webapp.dates import days_shown
from webapp.db import close_reading, writing
from webapp.errors import NotFound
from webapp.fleet.models import Budget, LoanCost, Partner, PreferredWeekday, PublicationRate
from webapp.loans.states import Status

pytestmark = pytest.mark.usefixtures("november")
TODAY = date(2026, 11, 19)
FMS = pytest.mark.settings(fms_staging_url="https://fms.example.com", fms_staging_token="a-token")


def stay(
    start: date, end: date, partner: str = "Coastline Auto", look: Look = Look.ACTIVE, clips: int | None = None
) -> Stay:
    person_id = 7 if partner else None
    kind = "" if partner else "Service"
    return Stay(start, end, "WAUZZZ8V0SA051916", "Audi", "A3", "Silver", person_id, partner, look, kind, clips)


def days(start: int, length: int = 7) -> tuple[date, date]:
    return TODAY + timedelta(days=start), TODAY + timedelta(days=start + length)


def budget_row(year: int, quarter: int) -> Budget:
    return Budget(company_id=1, office=OFFICE, fleet="AUDI", year=year, quarter=quarter, allocation=Decimal(5000))


def read(app: Flask, people: People, partner: Partner, role: Role = Role.SCHEDULER, **options: bool) -> PartnerPanel:
    actor = people(role).actor
    with app.app_context():
        return read_partner(actor, partner.person_id, OFFICE, **options)


# --- values


def test_a_loan_that_comes_back_today_is_not_over() -> None:
    """Now, to come and over, as seen from today; the latest of what is over first."""
    ends_today, begins_today = stay(*days(-7)), stay(*days(0))
    earlier, later = stay(*days(-30)), stay(*days(-20))
    done = stay(*days(-3, 10), look=Look.OVER)
    found = by_time([earlier, later, ends_today, begins_today, stay(*days(1)), done], TODAY)
    assert found.now == (ends_today, begins_today)
    assert found.coming == (stay(*days(1)),)
    assert found.past == (done, later, earlier)


def test_nobody_knowing_is_not_the_same_as_nothing_published() -> None:
    """Report 11: no clips known, none published, some published are three answers."""
    assert [stay(*days(-9), clips=clips).publication for clips in (None, 0, 1, 12)] == [
        Publication.UNKNOWN,
        Publication.NOT_PUBLISHED,
        Publication.PUBLISHED,
        Publication.PUBLISHED,
    ]
    past = [stay(*days(-20), clips=clips) for clips in (None, 0, 0, 3)]
    assert year_of(past, TODAY) == "4 loans in 12 months: 1 published, 2 not published, 1 not known yet"
    assert year_of([stay(*days(-20), clips=2)], TODAY) == "1 loan in 12 months: 1 published"


def test_the_twelve_months_end_today() -> None:
    """What ended a year ago today is not of them, nor is what nobody borrowed."""
    year_ago = date(2025, 11, 19)
    older, inside = stay(year_ago - timedelta(7), year_ago), stay(year_ago, year_ago + timedelta(1))
    service = stay(*days(-20), partner="")
    assert year_of([older, service], TODAY) == "No loan in 12 months"
    assert year_of([older, inside, service], TODAY).startswith("1 loan in 12 months")


def test_years_are_shown_across_new_year() -> None:
    """Report 12: FMS's own form of a date, with the year; what lasts a day says it once."""
    assert days_shown(date(2026, 12, 28), date(2027, 1, 4)) == "12-28-26 → 01-04-27"
    assert days_shown(TODAY, TODAY) == "11-19-26"


def test_where_a_vehicle_is_and_what_is_next() -> None:
    """With whom it goes to on a day of handing over; free from the end of everything that meets."""
    leaves, comes = stay(*days(-7)), stay(*days(0), partner="Jo Vance")
    service, later = stay(*days(7, 0), partner=""), stay(*days(20), partner="Weekly Torque")
    found = by_time([leaves, comes, service, later], TODAY)
    assert where_now(found, OFFICE) == "With Jo Vance until Thu 11-26-26"
    assert next_words(found, TODAY) == "Free from Fri 11-27-26 until Wed 12-09-26 (Weekly Torque)."
    nothing = by_time([], TODAY)
    assert (where_now(nothing, OFFICE), next_words(nothing, TODAY)) == (
        "At Los Angeles",
        "Free now, nothing is planned after.",
    )
    held = by_time([stay(*days(-1, 3), partner="")], TODAY)
    assert where_now(held, OFFICE) == "In FMS: Service until Sat 11-21-26"


# --- a partner


@FMS
def test_a_partner_as_the_builder_needs_them(app: Flask, people: People, fleet: Fleet) -> None:
    """Where, when, how often, which makes at what rank, rate and cost, and the way into FMS."""
    partner = fleet.add_partner(
        "Wendy Torque",
        affiliation="Coastline Auto",
        default_loan_region="San Diego",
        notes_instructions="Gate code from the guard.",
        latitude=34.0522,
        longitude=-118.2437,
    )
    for make, rank in (("Kia", "B"), ("VW", "C"), ("Volkswagen", "A"), ("Audi", "A+"), ("BMW", "Pending")):
        fleet.approve_make(partner, make, rank)
    person = partner.person_id
    with app.app_context(), writing() as session:
        office = session.query(Location).one()
        office.latitude, office.longitude = 34.1425, -118.2551
        thursday = {"weekday": 3, "loans": 18, "share": Decimal("0.6")}
        session.add(PreferredWeekday(company_id=1, person_id=person, office=OFFICE, **thursday))
        session.add(PublicationRate(company_id=1, person_id=person, make="VOLKSWAGEN", known=5, published=4))
        session.add(PublicationRate(company_id=1, person_id=0, make="KIA", known=50, published=4))
        session.add(LoanCost(company_id=1, person_id=person, name="", make="Kia", cost=Decimal("331.40")))
    panel = read(app, people, partner)
    assert (panel.name, panel.affiliation) == ("Torque, Wendy", "Coastline Auto")
    assert panel.facts == (
        "Los Angeles",
        "region San Diego",
        "6.3 miles from Los Angeles",
        "mostly starts on Thursday (18 loans)",
    )
    assert panel.year == "No loan in 12 months"
    assert [(line.make, line.rank, line.published, line.cost) for line in panel.makes] == [
        ("Audi", "A+", "not known yet", "about $331"),
        ("VW", "A", "4 of 5", "about $331"),
        ("Kia", "B", "not known yet", "$331"),
        ("BMW", "Pending", "not known yet", "about $331"),
    ]
    assert panel.notes == "Gate code from the guard."
    assert [link.address for link in panel.links] == [f"https://fms.example.com/people/list_activities/{person}"]


def test_a_loan_its_activity_and_its_history_are_one(app: Flask, people: People, fleet: Fleet) -> None:
    """Report 11: what FMS's history knows of clips is told of our own loan, too."""
    partner, vehicle = fleet.add_partner(), fleet.add_vehicle()
    start = date(2026, 10, 5)
    fleet.add_loan(vehicle, partner, start_day=start, status=Status.COMPLETED, activity_id=5)
    fleet.add_activity(vehicle, partner, start_day=start, activity_id=5)
    fleet.add_history(vehicle, partner, start_day=start, activity_id=5, clips_received=2)
    fleet.add_activity(vehicle, partner, start_day=date(2026, 9, 7), activity_id=6)
    fleet.add_history(vehicle, partner, start_day=date(2026, 9, 7), activity_id=6, clips_received=0)
    fleet.add_history(vehicle, partner, start_day=date(2026, 8, 3))
    fleet.add_loan(vehicle, partner, start_day=date(2026, 7, 6), status=Status.CANCELLED)
    panel = read(app, people, partner)
    assert [(line.days, line.publication) for line in panel.past] == [
        ("10-05-26 → 10-12-26", "published · 2 clips"),
        ("09-07-26 → 09-14-26", "not published"),
        ("08-03-26 → 08-10-26", "not known yet"),
    ]
    assert panel.year == "3 loans in 12 months: 1 published, 1 not published, 1 not known yet"


def test_two_concurrent_loans_of_a_partner_name_their_vehicles(app: Flask, people: People, fleet: Fleet) -> None:
    """Report 7: two rows that cannot be taken for one twice; ours and FMS's, requested and active."""
    partner = fleet.add_partner()
    audi, kia = fleet.add_vehicle(), fleet.add_vehicle("KNDC4DLC0R5112233", make="Kia", model="EV9", color="Ivory")
    fleet.add_loan(audi, partner, start_day=DAY, status=Status.REQUESTED, fms_request_id=4381)
    fleet.add_activity(kia, partner, start_day=DAY)
    fleet.add_activity("UNKNOWNVIN1234567", partner, start_day=TODAY)
    panel = read(app, people, partner)
    assert [(line.title, line.detail, line.word) for line in panel.coming] == [
        ("Kia EV9", "Ivory · …R5112233", "Loan in FMS"),
        ("Audi A3 Premium Plus", f"Silver · …{audi.vin[-8:]}", "Requested in FMS #4381"),
    ]
    assert [(line.title, line.word) for line in panel.now] == [("…N1234567", "Loan in FMS")]


def test_view_all_shows_all(sqlite_app: Flask, people: People, fleet: Fleet) -> None:
    """Report 11: eight at first, then every one, on a page and in place."""
    partner, vehicle = fleet.add_partner("Wendy Torque"), fleet.add_vehicle()
    for number in range(70):
        fleet.add_history(vehicle, partner, start_day=date(2025, 1, 6) + timedelta(days=7 * number))
    client = sqlite_app.test_client()
    sign_in(client, people())
    for address in (f"/calendar/partners/{partner.person_id}?office={OFFICE}", f"/calendar/vehicles/{vehicle.vin}?"):
        page = client.get(address).text
        assert page.count("not known yet</span>") == 8
        assert "View all 70" in page
        whole = client.get(f"{address}&all=1", headers={"HX-Request": "true"}).text
        assert whole.count("not known yet</span>") == 70
        assert "View all" not in whole
        assert "<html" not in whole


def test_who_may_not_see_money_sees_no_costs(
    app: Flask, people: People, fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the table alone: without the permission no cost is even read."""
    partner = fleet.add_partner()
    fleet.approve_make(partner, "Audi")
    monkeypatch.setitem(TABLE, Role.SCHEDULER, TABLE[Role.SCHEDULER] - {Permission.SEE_BUDGETS})
    panel = read(app, people, partner)
    assert not panel.shows_costs
    assert [line.cost for line in panel.makes] == [""]


def test_places_that_nobody_knows_are_said(app: Flask, people: People, fleet: Fleet) -> None:
    """A partner without coordinates; an office without them is not a distance of nothing."""
    nowhere, somewhere = fleet.add_partner(), fleet.add_partner(latitude=34.0, longitude=-118.0)
    assert "no place on the map" in read(app, people, nowhere).facts
    assert read(app, people, somewhere).facts == ("Los Angeles",)


def test_scope_of_partners_and_vehicles(app: Flask, people: People, fleet: Fleet) -> None:
    """A person listed at an office of mine is seen, with their other office only where I may; others are not found."""
    mine, theirs = fleet.add_partner(person_id=77), fleet.add_partner(office="Miami")
    fleet.add_partner(person_id=77, office="Miami")
    vehicle = fleet.add_vehicle(office="Miami")
    actor, admin, stranger = people().actor, people(Role.ADMIN).actor, people(Role.ADMIN, company="Elsewhere").actor
    with app.app_context():
        assert read_partner(actor, mine.person_id, OFFICE).facts[0] == "Los Angeles"
        assert read_partner(admin, mine.person_id, OFFICE).facts[0] == "Los Angeles, Miami"
        assert read_vehicle(admin, vehicle.vin).where == "At Miami"
        for who, person in ((actor, theirs.person_id), (actor, 999), (stranger, 77)):
            with pytest.raises(NotFound):
                read_partner(who, person, OFFICE)
        for who, vin in ((actor, vehicle.vin), (actor, "NOSUCH"), (stranger, vehicle.vin)):
            with pytest.raises(NotFound):
                read_vehicle(who, vin)
        with pytest.raises(NotFound):
            read_partner(actor, 77, "Miami")


def test_a_loan_of_another_office_is_told_but_not_linked(app: Flask, people: People, fleet: Fleet) -> None:
    """The partner is busy with it, so it is shown; its card is for who may see that office."""
    partner, theirs = fleet.add_partner(), fleet.add_vehicle(office="Miami")
    fleet.add_loan(theirs, partner)
    fleet.add_activity(theirs, partner, start_day=TODAY)
    own = fleet.add_loan(fleet.add_vehicle(), partner, start_day=DAY + timedelta(7))
    panel = read(app, people, partner)
    assert [line.address for line in (*panel.now, *panel.coming)] == ["", "", f"/calendar/loans/{own.id}"]
    assert all(line.address for line in read(app, people, partner, Role.ADMIN).coming)


# --- a vehicle


@FMS
def test_a_vehicle_as_the_builder_needs_it(app: Flask, people: People, fleet: Fleet) -> None:
    """Report 3: a turn-in that has passed is told, and hides nothing; facts as text, in FMS's form of dates."""
    vehicle = fleet.add_vehicle(
        "WAUZZZ8V0SA051916",
        vehicle_id=None,
        current_mileage=24360,
        expected_turn_in_date=date(2026, 11, 1),
        in_service_date=date(2025, 3, 4),
        notes="Spare key at the desk.",
    )
    partner = fleet.add_partner("Jo Vance")
    fleet.add_activity(vehicle, partner, start_day=TODAY)
    fleet.add_activity(vehicle, None, start_day=date(2026, 8, 3), activity_type="Service")
    fleet.add_history(vehicle, partner, start_day=date(2026, 9, 7), clips_received=1)
    actor = people().actor
    with app.app_context():
        panel = read_vehicle(actor, "wauzzz8v0sa051916")
    facts = dict(panel.facts)
    assert facts["Mileage"] == "24,360 miles"
    assert facts["Expected turn-in"] == "11-01-26"
    assert "Registration until" not in facts
    assert panel.warnings == (
        "Expected turn-in 11-01-26 has passed. FMS still books past it.",
        "FMS has given it no vehicle id: it can be planned, but not requested yet.",
    )
    assert panel.where == "With Jo Vance until Thu 11-26-26"
    assert [(line.title, line.publication) for line in panel.past] == [("Vance, Jo", "published · 1 clip")]
    assert panel.links == ()
    assert panel.notes == "Spare key at the desk."


def test_a_vehicle_that_fms_dropped_stays_explainable(app: Flask, people: People, fleet: Fleet) -> None:
    """A saved chain may still have it."""
    vehicle = fleet.add_vehicle(gone_at=datetime(2026, 11, 1, tzinfo=UTC))
    actor = people().actor
    with app.app_context():
        assert read_vehicle(actor, vehicle.vin).warnings == ("No longer in FMS's list.",)


def test_as_many_queries_for_a_long_history_as_for_none(app: Flask, people: People, fleet: Fleet) -> None:
    """No query per loan, make or vehicle, for either panel."""
    actor, partner, vehicle = people().actor, fleet.add_partner(), fleet.add_vehicle()
    counts = []
    with app.app_context():
        for number in range(2):
            for week in range(20 * number):
                start = date(2026, 1, 5) + timedelta(days=14 * week)
                fleet.add_history(vehicle, partner, start_day=start)
                fleet.add_activity(vehicle, partner, start_day=start)
                fleet.add_loan(vehicle, partner, start_day=start)
                fleet.approve_make(partner, f"Make {week}")
            with queries_of() as statements:
                read_partner(actor, partner.person_id, OFFICE)
                read_vehicle(actor, vehicle.vin)
            counts.append(len(statements))
            close_reading()
    assert counts[0] == counts[1] <= 17


@FMS
def test_a_partner_beside_the_calendar(app: Flask, people: People, fleet: Fleet) -> None:
    """Report 10: what is left for their makes in the quarter of the next loan and in the one after; and the ways on."""
    partner, vehicle = fleet.add_partner("Wendy Torque"), fleet.add_vehicle()
    fleet.approve_make(partner, "Audi", "A")
    fleet.add_vehicle(make="Kia")
    fleet.add_loan(vehicle, partner, start_day=date(2027, 1, 4))
    with app.app_context(), writing() as session:
        for year, quarter in ((2026, 4), (2027, 1), (2027, 2)):
            session.add(budget_row(year, quarter))
        session.add(PublicationRate(company_id=1, person_id=partner.person_id, make="AUDI", known=8, published=6))
    panel = read(app, people, partner, is_whole=True)
    assert panel.budget is not None
    assert [column.label for column in panel.budget.columns] == ["Q1 2027", "Q2 2027"]
    assert [line.fleet for line in panel.budget.lines] == ["Audi"]
    assert panel.published == "Published in 24 months: 6 of 8 loans of which it is known, 75 %"
    assert panel.plan == f"/calendar/plan?person_id={partner.person_id}&office=Los+Angeles"
    assert panel.chain == f"/chains?person_id={partner.person_id}&office=Los+Angeles"
    without = read(app, people, partner)
    assert (without.budget, without.plan, without.chain) == (None, "", "")
    auditor = read(app, people, partner, Role.AUDITOR, is_whole=True)
    assert auditor.budget is not None
    assert (auditor.plan, auditor.chain) == ("", "")


def test_a_vehicle_beside_the_calendar(app: Flask, people: People, fleet: Fleet) -> None:
    """Its gaps with the ways to fill them; what is before and after a bar."""
    vehicle, partner = fleet.add_vehicle("WAUZZZ8V0SA051916"), fleet.add_partner("Jo Vance")
    fleet.add_activity(vehicle, partner, start_day=date(2026, 11, 12), end_day=TODAY + timedelta(days=4))
    fleet.add_loan(vehicle, fleet.add_partner("Wendy Torque"), start_day=date(2026, 12, 14))
    actor, auditor = people().actor, people(Role.AUDITOR).actor
    with app.app_context():
        panel = read_vehicle(actor, vehicle.vin, day=date(2026, 12, 14), is_whole=True)
        watched = read_vehicle(auditor, vehicle.vin, is_whole=True)
        bare = read_vehicle(actor, vehicle.vin)
    first, second = panel.openings
    assert (first.gap.coming_off, first.gap.going_to) == ("Jo Vance Mon 11-23-26", "Wendy Torque Mon 12-14-26")
    assert first.gap.length == "21 days, 15 weekdays"
    days = "start=2026-11-23&end=2026-11-30"
    assert first.next_partners == f"/chains/next-partners?vin={vehicle.vin}&{days}"
    assert first.plan == (
        f"/calendar/plan?vin={vehicle.vin}&office=Los+Angeles&start_day=2026-11-23&end_day=2026-11-30"
    )
    assert first.chain == f"/chains?vin={vehicle.vin}&office=Los+Angeles&start=2026-11-23"
    assert (second.gap.days, second.gap.going_to) == ("from Mon 12-21-26 on", "")
    assert panel.around is not None
    assert panel.around.before is not None
    assert (panel.around.has, panel.around.before.coming_off) == (
        "Wendy Torque Mon 12-14-26 → Mon 12-21-26",
        "Jo Vance Mon 11-23-26",
    )
    assert [(one.plan, one.chain) for one in watched.openings] == [("", ""), ("", "")]
    assert all(one.next_partners for one in watched.openings)
    assert (bare.openings, bare.around) == ((), None)


def test_a_vehicle_that_is_gone_is_planned_no_more(sqlite_app: Flask, people: People, fleet: Fleet) -> None:
    """Its gaps are still told."""
    vehicle = fleet.add_vehicle(gone_at=datetime(2026, 11, 1, tzinfo=UTC))
    with sqlite_app.app_context():
        (one,) = read_vehicle(people().actor, vehicle.vin, is_whole=True).openings
    assert (one.plan, one.chain) == ("", "")


def test_money_is_not_in_the_answer_of_who_may_not_see_it(
    sqlite_app: Flask, people: People, fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither costs nor budgets, on the page or in the fragment."""
    partner = fleet.add_partner()
    fleet.approve_make(partner, "Audi")
    fleet.add_vehicle()
    with sqlite_app.app_context(), writing() as session:
        session.add(budget_row(2026, 4))
        session.add(LoanCost(company_id=1, person_id=partner.person_id, name="", make="Audi", cost=Decimal("331.40")))
    client = sqlite_app.test_client()
    sign_in(client, people())
    address = f"/calendar/partners/{partner.person_id}?office={OFFICE}"
    assert "$331" in client.get(address).text
    assert "Available to spend" in client.get(address).text
    monkeypatch.setitem(TABLE, Role.SCHEDULER, TABLE[Role.SCHEDULER] - {Permission.SEE_BUDGETS})
    for headers in ({}, {"HX-Request": "true"}):
        seen = client.get(address, headers=headers).text
        assert "Audi" in seen
        assert "$" not in seen
        assert "Available to spend" not in seen


@FMS
def test_rows_and_cards_lead_to_what_is_known(sqlite_app: Flask, people: People, fleet: Fleet) -> None:
    """The name of a row and the names on a card open panels; FMS is a way of its own, with a spoken name. Of a VIN
    that no feed has, and of whom no feed lists, there is nothing to open."""
    vehicle, partner = fleet.add_vehicle("WAUZZZ8V0SA051916", vehicle_id=89943), fleet.add_partner("Wendy Torque")
    loan = fleet.add_loan(vehicle, partner, start_day=date(2026, 11, 23))
    activity = fleet.add_activity("UNKNOWNVIN1234567", partner, start_day=TODAY)
    client = sqlite_app.test_client()
    sign_in(client, people())
    board = client.get("/calendar?office=Los+Angeles").text
    assert '<a class="title" href="/calendar/vehicles/WAUZZZ8V0SA051916" data-panel>' in board
    assert 'href="https://fms.example.com/vehicles/list_activities/89943"' in board
    assert 'aria-label="Audi A3 Premium Plus in FMS"' in board
    assert "/calendar/vehicles/UNKNOWN" not in board
    of_partner = f"/calendar/partners/{partner.person_id}?office=Los+Angeles"
    assert f'href="{of_partner}" data-panel' in client.get("/calendar?office=Los+Angeles&rows=partners").text
    card = client.get(f"/calendar/loans/{loan.id}").text
    assert 'href="/calendar/vehicles/WAUZZZ8V0SA051916?day=2026-11-23" data-panel' in card
    assert f'href="{of_partner}" data-panel' in card
    strange = client.get(f"/calendar/activities/{activity.activity_id}").text
    assert "data-panel" not in strange


@pytest.mark.parametrize("room", ["calendar", "chains"])
@pytest.mark.parametrize("role", list(Role))
def test_facts_are_for_who_may_look_at_loans(
    sqlite_app: Flask, people: People, fleet: Fleet, role: Role, room: str
) -> None:
    """By the permission table, under the calendar's addresses and the builder's; an office that is not named is
    asked for, and so is a day that is none."""
    partner, vehicle = fleet.add_partner(), fleet.add_vehicle()
    client: FlaskClient = sqlite_app.test_client()
    sign_in(client, people(role))
    status = 200 if Permission.VIEW_LOANS in TABLE[role] else 403
    partner_page = f"/{room}/partners/{partner.person_id}"
    assert client.get(f"{partner_page}?office={OFFICE}").status_code == status
    assert client.get(f"/{room}/vehicles/{vehicle.vin}?day=2026-12-14").status_code == status
    wrong = 422 if status == 200 else 403
    assert client.get(partner_page).status_code == wrong
    assert client.get(f"/{room}/vehicles/{vehicle.vin}?day=soon").status_code == wrong
