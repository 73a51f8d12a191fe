"""The board from what was read: rows in order, one bar for a loan and its activity, filters, names."""

from dataclasses import replace
from datetime import date

import pytest

from webapp.calendar.board import Board, board_by_partner, board_by_vehicle
from webapp.calendar.filters import ActivityFilter, Filters, Rows, read_filters
from webapp.calendar.found import Found
from webapp.calendar.looks import Look
from webapp.calendar.queries import ActivityFacts, LoanFacts, PartnerFacts, VehicleFacts

TODAY = date(2026, 11, 19)
VIEW = read_filters({"office": "Los Angeles"}, TODAY)
VIN = "WAUZZZ8V0SA051916"
A3 = VehicleFacts(1, 1, VIN, 89001, "Audi", "A3 Premium Plus", "Grey", "Los Angeles", None, False)
IONIQ = VehicleFacts(2, 1, "KMHZZZ8V0RA330071", 89002, "Hyundai", "Ioniq 5 N", "Blue", "Los Angeles", None, False)
ACURA = VehicleFacts(3, 1, "JH4ZZZ8V0MC004417", None, "Acura", "Integra", "White", "Los Angeles", TODAY, False)
TORQUE = PartnerFacts(1, 3035, "Wendy Torque", "Los Angeles", "Coastline Auto")
LOAN = LoanFacts(
    id=7,
    company_id=1,
    fleet_vehicle_id=1,
    person_id=3035,
    partner_name="Wendy Torque",
    office="Los Angeles",
    start_day=date(2026, 11, 23),
    end_day=date(2026, 11, 30),
    status="manual",
    fms_request_id=None,
    activity_id=None,
    chain_id=None,
    version=1,
    vin=VIN,
    make="Audi",
    model="A3 Premium Plus",
)
ACTIVITY = ActivityFacts(
    company_id=1,
    activity_id=700,
    vin=VIN,
    person_id=3035,
    activity_type="Media Loan",
    start_day=date(2026, 11, 17),
    end_day=date(2026, 11, 23),
    to="Wendy Torque",
    region="Los Angeles",
    fleet_vehicle_id=1,
    make="Audi",
    model="A3 Premium Plus",
)


def found(*facts: VehicleFacts | PartnerFacts | LoanFacts | ActivityFacts, **given: object) -> Found:
    """What was read, sorted into its kinds."""
    kinds = {"vehicles": VehicleFacts, "partners": PartnerFacts, "loans": LoanFacts, "activities": ActivityFacts}
    read = {name: tuple(fact for fact in facts if isinstance(fact, kind)) for name, kind in kinds.items()}
    makes = sorted({fact.make for fact in facts if isinstance(fact, VehicleFacts)})
    return Found(**{**read, "company_id": 1, "may_plan": True, "makes": makes, **given})  # type: ignore[arg-type]


def board(*facts: VehicleFacts | PartnerFacts | LoanFacts | ActivityFacts, view: Filters = VIEW) -> Board:
    draw = board_by_partner if view.rows is Rows.PARTNERS else board_by_vehicle
    return draw(found(*facts), view)


def test_every_vehicle_has_a_row_by_make_and_model_even_when_idle() -> None:
    """Nothing is left out for being idle, and idle ones are counted."""
    drawn = board(IONIQ, A3, ACURA, LOAN)
    assert [row.title for row in drawn.rows] == ["Acura Integra", "Audi A3 Premium Plus", "Hyundai Ioniq 5 N"]
    assert drawn.idle == 2
    assert drawn.makes == ("Acura", "Audi", "Hyundai")
    assert drawn.rows[0].warning == "turn-in 11-19-26"


def test_a_linked_loan_and_its_activity_are_one_bar() -> None:
    """After approval the same loan is blue once, not magenta and blue."""
    approved = replace(LOAN, status="active", activity_id=700, fms_request_id=4372)
    (row,) = board(A3, approved, ACTIVITY).rows
    assert [(bar.look, bar.loan_id) for bar in row.bars] == [(Look.ACTIVE, 7)]


def test_an_activity_that_fms_gave_another_vehicle_is_drawn_there() -> None:
    """One number, two vehicles: the loan stays where we have it, flagged, and the other vehicle is not shown free."""
    loan = replace(LOAN, status="active", activity_id=700, flag="vehicle_changed")
    elsewhere = replace(ACTIVITY, vin=IONIQ.vin, fleet_vehicle_id=2)
    ours, theirs = board(A3, IONIQ, loan, elsewhere).rows
    assert [(bar.loan_id, bar.classes) for bar in ours.bars] == [(7, "active flagged")]
    assert "FMS has another vehicle for this" in ours.bars[0].spoken
    assert [bar.loan_id for bar in theirs.bars] == [None]


def test_overlapping_rows_of_fms_are_all_drawn() -> None:
    """FMS's own rows may overlap; each gets its lane."""
    hold = replace(ACTIVITY, activity_id=701, person_id=None, to="", activity_type="Hold For Turn In")
    (row,) = board(A3, ACTIVITY, hold).rows
    assert sorted(bar.lane for bar in row.bars) == [1, 2]
    assert {bar.label for bar in row.bars} == {"Wendy Torque", "Hold For Turn In"}


@pytest.mark.parametrize(
    ("changes", "look", "label"),
    [
        ({}, Look.MANUAL, "Wendy Torque"),
        ({"status": "planned"}, Look.PLANNED, "Wendy Torque"),
        ({"status": "requested", "fms_request_id": 4372}, Look.REQUESTED, "Wendy Torque"),
        ({"status": "completed"}, Look.OVER, "Wendy Torque"),
        ({"operation": "sending"}, Look.SENDING, "Wendy Torque"),
        ({"operation": "uncertain"}, Look.UNCERTAIN, "Wendy Torque — checking with FMS"),
        ({"status": "requested", "operation": "uncertain"}, Look.UNCERTAIN, "Wendy Torque — checking with FMS"),
    ],
)
def test_the_look_follows_status_and_ledger(changes: dict[str, str], look: Look, label: str) -> None:
    """A colour is what FMS and the ledger say, never what we hope."""
    (row,) = board(A3, replace(LOAN, **changes)).rows  # type: ignore[arg-type]
    assert [(bar.look, bar.label) for bar in row.bars] == [(look, label)]


def test_a_bar_says_everything_to_who_cannot_see_it() -> None:
    """The spoken sentence names partner, state, request, days and vehicle."""
    (row,) = board(A3, replace(LOAN, status="requested", fms_request_id=4372)).rows
    spoken = "Wendy Torque, requested in FMS #4372, 11-23-26 to 11-30-26, Audi A3 Premium Plus …SA051916"
    assert row.bars[0].spoken == spoken


def test_what_is_over_and_what_is_nobodys_look_different() -> None:
    """Past is grey, a hold ochre, a loan that ends today is still out."""
    acts = [
        replace(ACTIVITY, activity_id=1, start_day=date(2026, 11, 1), end_day=date(2026, 11, 18)),
        replace(ACTIVITY, activity_id=2, start_day=date(2026, 11, 18), end_day=TODAY),
        replace(ACTIVITY, activity_id=3, start_day=date(2026, 11, 20), end_day=date(2026, 11, 20), person_id=None),
    ]
    (row,) = board(A3, *acts).rows
    assert [bar.look for bar in row.bars] == [Look.OVER, Look.ACTIVE, Look.HOLD]


def test_a_vin_outside_the_vehicles_feed_is_named_by_its_end() -> None:
    """Two such rows never read alike, and nothing can be planned in them."""
    strange = [
        replace(
            ACTIVITY, activity_id=index, vin=f"ZZZ0000000000000{index}", fleet_vehicle_id=None, make=None, model=None
        )
        for index in (1, 2)
    ]
    rows = board(A3, *strange).rows
    assert [row.title for row in rows] == ["Audi A3 Premium Plus", "…00000001", "…00000002"]
    assert [row.plan for row in rows[1:]] == ["", ""]
    assert len({row.key for row in rows}) == 3


def test_a_vehicle_that_left_fms_keeps_its_bars_and_says_so() -> None:
    """Its loans stay explainable; nothing new can be planned with it."""
    (row,) = board(replace(A3, is_gone=True), LOAN).rows
    assert (row.warning, row.plan, len(row.bars)) == ("no longer in FMS's list", "", 1)


def test_partners_stand_by_last_name_once_each() -> None:
    """`Last, First`; who is listed under two offices is one row naming both."""
    view = replace(VIEW, rows=Rows.PARTNERS, office="")
    twice = replace(TORQUE, office="Miami")
    other = PartnerFacts(1, 1, "Zoë Álvarez", "Miami", "")
    rows = board(TORQUE, twice, other, LOAN, ACTIVITY, view=view).rows
    assert [row.title for row in rows] == ["Álvarez, Zoë", "Torque, Wendy"]
    assert rows[1].details == "Coastline Auto · Los Angeles · Miami"
    assert [bar.label for bar in rows[1].bars] == ["Audi A3 Premium Plus", "Audi A3 Premium Plus"]


def test_two_loans_of_a_partner_are_told_apart_by_their_vehicles() -> None:
    """Concurrent loans name their vehicle and stand in lanes of their own."""
    view = replace(VIEW, rows=Rows.PARTNERS)
    second = replace(LOAN, id=8, fleet_vehicle_id=2, vin=IONIQ.vin, make="Hyundai", model="Ioniq 5 N")
    (row,) = board(TORQUE, LOAN, second, view=view).rows
    assert [(bar.label, bar.lane) for bar in row.bars] == [("Audi A3 Premium Plus", 1), ("Hyundai Ioniq 5 N", 2)]


def test_a_borrower_outside_the_partners_feed_still_has_a_row() -> None:
    """Nobody who has a vehicle is missing for not being listed."""
    (row,) = board(LOAN, view=replace(VIEW, rows=Rows.PARTNERS)).rows
    assert (row.title, row.warning, row.plan) == ("Torque, Wendy", "not in the partners feed", "")


@pytest.mark.parametrize(
    ("filters", "titles"),
    [
        ({"make": "Hyundai"}, ["Hyundai Ioniq 5 N"]),
        ({"activity": ActivityFilter.WITH}, ["Audi A3 Premium Plus"]),
        ({"activity": ActivityFilter.NONE}, ["Acura Integra", "Hyundai Ioniq 5 N"]),
        ({"status": Look.MANUAL}, ["Audi A3 Premium Plus"]),
        ({"status": Look.REQUESTED}, []),
        ({"q": "torque"}, ["Audi A3 Premium Plus"]),
        ({"q": "mc004417"}, ["Acura Integra"]),
        ({"q": "ioniq"}, ["Hyundai Ioniq 5 N"]),
        ({"q": "#4372"}, []),
    ],
)
def test_filters_keep_the_rows_that_fit(filters: dict[str, object], titles: list[str]) -> None:
    """Make, activity, status and a search over partner, vehicle, VIN and request number."""
    drawn = board(A3, IONIQ, ACURA, LOAN, view=replace(VIEW, **filters))  # type: ignore[arg-type]
    assert [row.title for row in drawn.rows] == titles


def test_a_search_finds_a_request_by_its_number_and_fades_the_rest() -> None:
    """The bar that was meant stands out; the others stay, as they hold the vehicle."""
    requested = replace(LOAN, status="requested", fms_request_id=4372)
    (row,) = board(A3, IONIQ, requested, ACTIVITY, view=replace(VIEW, q="4372")).rows
    assert {(bar.loan_id, bar.is_faded) for bar in row.bars} == {(7, False), (None, True)}


def test_a_make_among_partners_means_approved_or_having_it() -> None:
    """With a make: all who are approved or have one; with: who has one; none: approved, but without."""
    other = PartnerFacts(1, 1, "Zoë Álvarez", "Los Angeles", "")
    third = PartnerFacts(1, 2, "Tom Alba", "Los Angeles", "")
    view = replace(VIEW, rows=Rows.PARTNERS, make="Audi")
    read = found(TORQUE, other, third, LOAN, ranks={(1, 1): {"AUDI": "A"}})

    def titles(activity: ActivityFilter) -> list[str]:
        return [row.title for row in board_by_partner(read, replace(view, activity=activity)).rows]

    assert titles(ActivityFilter.ALL) == ["Álvarez, Zoë", "Torque, Wendy"]
    assert titles(ActivityFilter.WITH) == ["Torque, Wendy"]
    assert titles(ActivityFilter.NONE) == ["Álvarez, Zoë"]


def test_only_what_can_be_acted_on_can_be_chosen() -> None:
    """Greens and magentas have a box; FMS's own, active and unsettled bars have none, nor has anything for a reader."""
    loans = [
        replace(LOAN, id=index, status=status, operation=operation)
        for index, (status, operation) in enumerate(
            [("manual", None), ("planned", None), ("requested", None), ("active", None), ("manual", "sending")]
        )
    ]
    (row,) = board(A3, ACTIVITY, *loans).rows
    assert {bar.loan_id for bar in row.bars if bar.is_selectable} == {0, 1, 2}
    (row,) = board_by_vehicle(found(A3, *loans, may_plan=False), VIEW).rows
    assert not any(bar.is_selectable for bar in row.bars)
    assert row.plan == ""


def test_who_has_paged_ahead_builds_chains_from_there() -> None:
    """The first weekday of the view is in the address; this week's view names no day."""
    assert board(A3).rows[0].plan == f"vin={VIN}&office=Los+Angeles"
    ahead = read_filters({"office": "Los Angeles", "start": "2026-12-19"}, TODAY)
    day = "start=2026-12-21"
    assert board_by_vehicle(found(A3), ahead).rows[0].plan == f"vin={VIN}&office=Los+Angeles&{day}"
    partners = replace(ahead, rows=Rows.PARTNERS)
    assert board_by_partner(found(TORQUE), partners).rows[0].plan == f"person_id=3035&office=Los+Angeles&{day}"


def test_a_loan_of_another_office_on_our_vehicle_is_shown_and_left_alone() -> None:
    """It holds the vehicle, so it is drawn; whoever does not plan for its office cannot choose it."""
    loan = replace(LOAN, office="Miami")
    (row,) = board_by_vehicle(found(A3, loan, own_offices=frozenset({"Los Angeles"})), VIEW).rows
    assert [(bar.loan_id, bar.is_selectable) for bar in row.bars] == [(7, False)]
