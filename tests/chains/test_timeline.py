"""The timeline: one lane per vehicle or partner, bars that meet and never hide each other, a month at a time."""

from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from tests.calendar.conftest import november as november
from tests.queries_counted import queries_of
from tests.rows import DAY, Fleet, People
from tests.servers import sign_in
from webapp.accounts.permissions import TABLE, Permission, Role
from webapp.calendar.looks import Look
from webapp.calendar.panels.stays import Stay
from webapp.chains.asking import Ask, Kind
from webapp.chains.drafting import drafts
from webapp.chains.panels.chain_picture import Picture, Piece
from webapp.chains.panels.picture_reading import read_picture
from webapp.chains.panels.timeline import Lane, Stretch, Timeline, Track, draw_timeline, month_of, window_of
from webapp.chains.panels.timeline_reading import read_timeline
from webapp.chains.panels.tracks import tracks_of
from webapp.db import close_reading
from webapp.errors import NotFound
from webapp.loans.states import Status

TODAY, DECEMBER = date(2026, 11, 19), date(2026, 12, 1)
WEEK = timedelta(days=7)
AUDI, KIA = "WAUZZZ8V0SA051916", "KNDC4DLC0R5112233"


def piece(number: int, start: date, vehicle: str = "Audi A3", vin: str = AUDI, **given: object) -> Piece:
    words = {"label": "Suggested", "told": "suggested, not saved yet"}
    values: dict[str, object] = {"look": Look.PLANNED, **words, **given}
    if vehicle:
        values |= {"vin": vin, "vehicle": vehicle, "person_id": 7, "partner": "Coastline Auto"}
    return Piece(number, start, start + WEEK, **values)  # type: ignore[arg-type]


def stay(start: date, vin: str = KIA, *, partner: str = "Coastline Auto", length: int = 7, **given: object) -> Stay:
    person = 7 if partner else None
    values: dict[str, object] = {"kind": "Media Loan" if partner else "Service", **given}
    end = start + timedelta(length)
    return Stay(start, end, vin, "Kia", "EV9", "Ivory", person, partner, Look.ACTIVE, **values)  # type: ignore[arg-type]


def picture(*pieces: Piece, kind: Kind = Kind.PARTNER) -> Picture:
    return Picture(kind, "Los Angeles", "draft=d", pieces, vin=AUDI, person_id=7)


def drawn(one: Picture, around: Sequence[Stay] = (), month: date = DECEMBER) -> Timeline:
    return draw_timeline(tracks_of(one, around), month, TODAY, "/chains/timeline?draft=d")


def titles(timeline: Timeline) -> list[str]:
    return [f"{lane.number or '-'} {lane.title}" for lane in timeline.lanes]


# --- lanes


def test_every_loan_of_the_partner_has_a_lane_that_names_its_vehicle() -> None:
    """Report 7: two concurrent loans of a partner are two rows with a vehicle and its VIN each."""
    chain = picture(piece(1, date(2026, 12, 7)), piece(2, date(2026, 12, 14), "Volvo EX90", "YV1ZZ"))
    found = drawn(chain, [stay(date(2026, 12, 7)), stay(date(2026, 12, 9), "KNDOTHER12345678")])
    assert titles(found) == ["- Kia EV9", "1 Audi A3", "- Kia EV9", "2 Volvo EX90"]
    assert [lane.detail for lane in found.lanes] == ["Ivory · …R5112233", "…SA051916", "Ivory · …12345678", "…YV1ZZ"]
    assert found.others == 2


def test_a_vehicle_has_one_lane_however_often_the_partner_has_it() -> None:
    """Two loans of one vehicle share a lane; so does a loan of the chain that has it again."""
    twice = [stay(date(2026, 12, 1)), stay(date(2026, 12, 21))]
    assert [len(lane.bars) for lane in drawn(picture(), twice).lanes] == [2]
    again = drawn(picture(piece(1, date(2026, 12, 14))), [stay(date(2026, 12, 1), AUDI)])
    assert [(lane.number, len(lane.bars)) for lane in again.lanes] == [(1, 2)]


def test_a_vehicle_chain_has_a_lane_per_partner_and_one_for_the_rest() -> None:
    """What else has the vehicle, for whomever and nobody, is one lane in which nothing hides."""
    chain = picture(piece(1, date(2026, 12, 7)), piece(2, date(2026, 12, 14)), kind=Kind.VEHICLE)
    around = [stay(date(2026, 12, 1), AUDI, partner="Jo Vance"), stay(date(2026, 12, 2), AUDI, partner="", length=0)]
    found = drawn(chain, around)
    assert titles(found) == ["- Otherwise", "1 Coastline Auto", "2 Coastline Auto"]
    rest = found.lanes[0].bars
    assert [bar.label for bar in rest] == ["Jo Vance", "Service"]
    assert {bar.area.partition("/")[0] for bar in rest} == {"1", "2"}


def test_the_chains_own_loans_are_drawn_once() -> None:
    """A saved chain is among the partner's loans, too."""
    saved = piece(1, date(2026, 12, 7), loan_id=5, look=Look.REQUESTED, label="Requested in FMS #4381", told="")
    found = drawn(picture(saved), [stay(date(2026, 12, 7), AUDI, loan_id=5), stay(date(2026, 12, 7), loan_id=6)])
    assert titles(found) == ["- Kia EV9", "1 Audi A3"]
    bar = found.lanes[1].bars[0]
    assert (bar.label, bar.classes, bar.address) == ("Requested in FMS #4381", "requested", "/calendar/loans/5")


def test_an_empty_loan_says_that_it_is_empty() -> None:
    """It has its days and its place, and nothing that could be taken for a vehicle."""
    lane = drawn(picture(piece(1, date(2026, 12, 7), ""))).lanes[0]
    assert (lane.title, lane.detail) == ("empty", "")
    assert (lane.bars[0].label, lane.bars[0].classes) == ("nothing chosen yet", "planned faded")
    assert lane.bars[0].spoken == "Loan 1, nothing chosen yet, Mon 12-07-26 to Mon 12-14-26"


def test_a_bar_says_everything_to_who_cannot_see_it() -> None:
    """Which vehicle, whose, how it stands, from when until when, weekdays named."""
    found = drawn(picture(piece(1, date(2026, 12, 7))), [stay(date(2026, 12, 28))])
    assert [lane.bars[0].spoken for lane in found.lanes] == [
        "Loan 1, Audi A3 …SA051916, suggested, not saved yet, Mon 12-07-26 to Mon 12-14-26",
        "Kia EV9 …R5112233 for Coastline Auto, Media Loan in FMS, Mon 12-28-26 to Mon 01-04-27",
    ]


# --- the month


def test_a_month_is_whole_weeks_and_the_year_is_seen_to_change() -> None:
    """Report 12: December 2026 with the days around it; the heads carry the year."""
    found = drawn(picture(piece(1, date(2026, 12, 28))))
    assert window_of(DECEMBER).first == date(2026, 11, 30)
    assert len(found.days) == 35
    assert [(head.head, head.days) for head in found.heads] == [("", 1), ("December 2026", 31), ("Jan 2027", 3)]
    assert [month.name for month in (found.before, found.month, found.after)] == [
        "November 2026",
        "December 2026",
        "January 2027",
    ]
    assert [(month.key, month.is_shown) for month in found.months_of_chain] == [("2026-12", True), ("2027-01", False)]
    assert found.at(found.after) == "/chains/timeline?draft=d&month=2027-01"
    first = drawn(picture(piece(1, DAY)), month=date(2026, 11, 1))
    assert [day.classes for day in first.days if "today" in day.classes] == ["today"]
    assert first.is_today_shown
    assert not found.is_today_shown


def test_loans_of_the_chain_that_are_elsewhere_are_pointed_at() -> None:
    """Their lanes stay in every month, with the days and the way there; other lanes come only with their month."""
    chain = picture(piece(1, date(2026, 11, 16)), piece(2, date(2026, 12, 7), "Volvo EX90", "YV1ZZ"))
    chain = Picture(chain.kind, "", "draft=d", (*chain.pieces, piece(3, date(2027, 2, 1), "Kia EV6", KIA)), person_id=7)
    found = drawn(chain, [stay(date(2027, 2, 15), "FARAWAY")])
    assert titles(found) == ["1 Audi A3", "2 Volvo EX90", "3 Kia EV6"]
    before, here, after = (lane.pointer for lane in found.lanes)
    assert here is None
    assert before is not None
    assert (before.text, found.at(before), before.is_before) == (
        "11-16-26 → 11-23-26",
        "/chains/timeline?draft=d&month=2026-11",
        True,
    )
    assert after is not None
    assert (after.month, after.is_before) == ("2027-02", False)


@pytest.mark.parametrize(
    ("starts", "month"),
    [([], date(2026, 11, 1)), ([date(2027, 1, 4)], date(2027, 1, 1)), ([date(2026, 10, 5), DAY], date(2026, 11, 1))],
)
def test_it_opens_where_the_chain_is(starts: list[date], month: date) -> None:
    """At its first day; while it is under way, at today."""
    assert month_of([(start, start + WEEK) for start in starts], TODAY) == month


days = st.tuples(st.dates(date(2026, 11, 1), date(2027, 2, 28)), st.integers(0, 40))


@given(
    st.lists(st.tuples(days, st.integers(0, 3), st.booleans()), max_size=12),
    st.dates(date(2026, 10, 1), date(2027, 3, 31)),
)
def test_bars_never_hide_each_other(given_tracks: list[tuple[tuple[date, int], int, bool]], month: date) -> None:
    """Whatever overlaps: no two bars of a lane share a cell's half, all stay inside, loans of the chain never go."""
    tracks = []
    for place, ((start, length), copies, is_of_chain) in enumerate(given_tracks):
        starts = [start + timedelta(3 * copy) for copy in range(copies + 1)]
        stretches = tuple(Stretch(day, day + timedelta(length), Look.ACTIVE, "", f"{place} {day}") for day in starts)
        tracks.append(Track(f"Lane {place}", "", stretches, place + 1 if is_of_chain else None))
    found = draw_timeline(tracks, month, TODAY, "")
    last_line = 2 * len(found.days) + 1
    for lane in found.lanes:
        taken: set[tuple[int, int]] = set()
        for row, begin, until in _areas(lane):
            assert 1 <= begin < until <= last_line
            halves = {(row, half) for half in range(begin, until)}
            assert not halves & taken
            taken |= halves
    assert [lane.number for lane in found.lanes if lane.number] == [
        track.number
        for track in sorted(tracks, key=lambda one: (min(each.start_day for each in one.stretches), one.number or 0))
        if track.number
    ]
    assert all(lane.bars for lane in found.lanes if lane.number is None)
    window = window_of(month)
    shown = sum(len(lane.bars) for lane in found.lanes)
    assert shown == sum(window.touches(each.start_day, each.end_day) for track in tracks for each in track.stretches)


def test_hand_overs_meet_in_the_middle_of_a_day() -> None:
    """One bar ends on the line on which the next begins."""
    one, other = drawn(picture(), [stay(date(2026, 12, 7)), stay(date(2026, 12, 14))]).lanes[0].bars
    (_, _, until), (_, begin, _) = _area(one.area), _area(other.area)
    assert until == begin == 2 * 14 + 2


# --- read from the database


@pytest.mark.usefixtures("november", "context")
def test_a_draft_among_the_partners_other_loans(people: People, fleet: Fleet) -> None:
    """Its own loans, FMS's and ours of that month alone, at whatever office; what is over as well."""
    actor, partner = people().actor, fleet.add_partner()
    fleet.approve_make(partner, "Audi")
    fleet.add_vehicle(model="Q4")
    theirs = fleet.add_vehicle(office="Miami", model="Q8")
    fleet.add_activity(theirs, partner, start_day=date(2026, 11, 26), end_day=date(2026, 12, 4))
    fleet.add_history(fleet.add_vehicle(model="A8"), partner, start_day=date(2026, 10, 28))
    fleet.add_loan(fleet.add_vehicle(model="A6"), partner, start_day=date(2027, 3, 1))
    close_reading()
    ask = Ask(Kind.PARTNER, "Los Angeles", date(2026, 12, 7), person_id=partner.person_id, count=2)
    draft_id = drafts.create(actor, ask, suggest=True)
    close_reading()
    chain = read_picture(actor, draft_id, None)
    assert titles(read_timeline(actor, chain)) == ["- Audi Q8", "1 Audi Q4", "2 empty"]
    assert titles(read_timeline(actor, chain, date(2026, 11, 1)))[:2] == ["- Audi A8", "- Audi Q8"]
    assert titles(read_timeline(actor, chain, date(2027, 3, 1)))[-1] == "- Audi A6"
    with pytest.raises(NotFound):
        read_picture(people().actor, draft_id, None)


@pytest.mark.usefixtures("november", "context")
def test_a_saved_vehicle_chain_among_what_else_has_the_vehicle(people: People, fleet: Fleet) -> None:
    """Its loans by partner, with what FMS made of one of them drawn once; a hold of FMS's beside."""
    actor, vehicle = people().actor, fleet.add_vehicle()
    one, other = fleet.add_partner("Jo Vance"), fleet.add_partner("Ada Quill")
    start = date(2026, 12, 7)
    fleet.add_loan(vehicle, one, start_day=start, chain_id="c", status=Status.ACTIVE, activity_id=4)
    fleet.add_activity(vehicle, one, start_day=start, activity_id=4)
    fleet.add_loan(vehicle, other, start_day=start + WEEK, chain_id="c", status=Status.REQUESTED, fms_request_id=9)
    fleet.add_activity(vehicle, None, start_day=date(2026, 12, 22))
    chain = read_picture(actor, None, "c")
    found = read_timeline(actor, chain)
    assert [(lane.title, [bar.label for bar in lane.bars]) for lane in found.lanes] == [
        ("Vance, Jo", ["Active"]),
        ("Quill, Ada", ["Requested in FMS #9"]),
        ("Otherwise", ["Hold"]),
    ]
    stranger = people(Role.ADMIN, company="Elsewhere").actor
    for who, chain_id in ((stranger, "c"), (actor, "d")):
        with pytest.raises(NotFound):
            read_picture(who, None, chain_id)


@pytest.mark.usefixtures("november", "context")
def test_as_many_queries_for_a_full_month_as_for_an_empty_one(people: People, fleet: Fleet) -> None:
    """Three for what surrounds the chain, one for the day at the office."""
    actor, partner = people().actor, fleet.add_partner()
    chain = picture(piece(1, date(2026, 12, 7)))
    chain = Picture(Kind.PARTNER, "Los Angeles", "draft=d", chain.pieces, person_id=partner.person_id)
    counts = []
    for number in (0, 15):
        for vehicle in fleet.add_vehicles(number):
            fleet.add_loan(vehicle, partner, start_day=date(2026, 12, 7))
            fleet.add_activity(vehicle, partner, start_day=date(2026, 12, 14))
        with queries_of() as statements:
            found = read_timeline(actor, chain)
        counts.append(len(statements))
        close_reading()
    assert len(found.lanes) == 16
    assert counts == [4, 4]


@pytest.mark.usefixtures("november")
@pytest.mark.parametrize("role", list(Role))
def test_who_may_look(sqlite_app: Flask, people: People, fleet: Fleet, role: Role) -> None:
    """A saved chain is for who may look at loans; a fragment for HTMX, a page otherwise; odd months are refused."""
    fleet.add_loan(fleet.add_vehicle(), fleet.add_partner(), start_day=date(2026, 12, 7), chain_id="c")
    client = sqlite_app.test_client()
    sign_in(client, people(role))
    is_allowed = Permission.VIEW_LOANS in TABLE[role]
    page = client.get("/chains/timeline?chain=c")
    assert page.status_code == (200 if is_allowed else 403)
    if is_allowed:
        assert "<h1" in page.text
        fragment = client.get("/chains/timeline?chain=c&month=2027-01", headers={"HX-Request": "true"}).text
        assert "<h1" not in fragment
        assert "January 2027" in fragment
        for wrong in ("chain=c&month=soon", "chain=c&month=2026-13", "chain=c&month=0000-01", "", "draft="):
            assert client.get(f"/chains/timeline?{wrong}").status_code == 422
        assert client.get("/chains/timeline?chain=nosuch").status_code == 404


def _areas(lane: Lane) -> list[tuple[int, int, int]]:
    return [_area(bar.area) for bar in lane.bars]


def _area(area: str) -> tuple[int, int, int]:
    row, begin, _, until = area.split("/")
    return int(row), int(begin), int(until)
