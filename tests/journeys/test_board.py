"""The board as values: columns, readiness, counters, words, what the address carries, and when two pictures differ."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from webapp.journeys.board import Board, board_of
from webapp.journeys.board_cards import Readiness, clash_words, drawn, marks, readiness
from webapp.journeys.board_filters import CLASH, Columns, Filters, read_filters, view_in
from webapp.journeys.cards import Card, Only, Person, TruckName
from webapp.journeys.spans import Clash, Kind, Span
from webapp.journeys.stages import ORDER, Stage

MONDAY = date(2026, 11, 23)
KIM, OLA = Person(1, "Kim Diaz", "DRIVER"), Person(2, "Ola Berg", "MOVER")
TRUCK = TruckName(7, "Truck 7")
SPAN = Span(MONDAY, 8 * 60, 12 * 60)


def card(number: int = 1, **changes: Any) -> Card:
    """A booked and confirmed job in Denver that lacks nothing."""
    return Card(
        id=number,
        company_id=1,
        external_id=f"sm_job_{number}",
        job_number=f"4100{number}-1",
        quote_number=f"4100{number}",
        customer_name=f"Customer {number}",
        customer_phone="(303) 555-0100",
        customer_email="",
        estimated_value=None,
        scheduled_date=MONDAY,
        arrival_start=8 * 60,
        arrival_end=10 * 60,
        origin_address="1 Larch Street, Denver",
        destination_address="2 Aspen Court, Boulder",
        service_type="Moving",
        move_size="2 bedrooms",
        confirmed=True,
        source_status=4,
        location="Denver",
        location_id=5,
        data_source="SMARTMOVING",
        sync_status="SYNCED",
        sync_error="",
        last_sync_at=None,
        on_board=True,
        off_reason="",
        change_note="",
        crew_needed=2,
        trucks_needed=1,
        minutes_needed=150,
        notes="",
        problem="",
        version=1,
        stage=Stage.MORNING_PREP,
        stops=("1 Larch Street, Denver", "2 Aspen Court, Boulder"),
        is_changed=False,
        overridden=(),
        crew=(KIM, OLA),
        trucks=(TRUCK,),
        clashes=(),
    )._replace(**changes)


def clash(name: str = "Kim Diaz", label: str = "41009-1 Rowan", span: Span = SPAN) -> Clash:
    return Clash(Kind.PERSON, 1, name, 9, label, span)


def board(*cards: Card, **filters: Any) -> Board:
    return board_of(cards, Filters(MONDAY, **filters))


def ids(of: Board) -> dict[str, list[int]]:
    return {column.title: [each.id for each in column.cards] for column in of.columns if column.cards}


def test_every_stage_has_a_column_in_order() -> None:
    """Also where nothing is: a card can be dragged there. Cards stay in the order they came."""
    of = board(card(1), card(2, stage=Stage.ONSITE), card(3))
    assert [column.stage for column in of.columns] == list(ORDER)
    assert ids(of) == {"Morning prep": [1, 3], "On site": [2]}


def test_only_locations_with_jobs_have_a_column() -> None:
    """By name; two of one name, of two companies, stay apart."""
    of = board(
        card(1, location="Phoenix", location_id=2),
        card(2, location="Boise", location_id=3),
        card(3, location="Boise", location_id=4),
        by=Columns.LOCATION,
    )
    assert [(column.title, [each.id for each in column.cards]) for column in of.columns] == [
        ("Boise", [2]),
        ("Boise", [3]),
        ("Phoenix", [1]),
    ]
    assert len({column.key for column in of.columns}) == 3
    assert "Morning prep" in of.columns[0].cards[0].place


def test_the_place_is_named_only_where_there_are_several() -> None:
    """Who has one branch knows where it is."""
    alone = board(card(1)).columns[0].cards[0]
    among = board(card(1), card(2, location="Boise", location_id=9)).columns[0].cards[0]
    assert alone.place == "41001-1"
    assert among.place == "41001-1 · Denver"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, Readiness.READY),
        ({"crew": (KIM,)}, Readiness.NEEDS_CREW),
        ({"crew": (), "crew_needed": None}, Readiness.NEEDS_CREW),
        ({"crew": (KIM,), "crew_needed": None}, Readiness.READY),
        ({"crew": (KIM,), "crew_needed": 0}, Readiness.READY),
        ({"trucks": ()}, Readiness.NEEDS_TRUCK),
        ({"trucks_needed": 2}, Readiness.NEEDS_TRUCK),
        ({"crew": (), "trucks": ()}, Readiness.NEEDS_BOTH),
        ({"stage": Stage.EN_ROUTE}, Readiness.UNDER_WAY),
        ({"stage": Stage.ONSITE}, Readiness.UNDER_WAY),
        ({"stage": Stage.ONSITE, "crew": (KIM,)}, Readiness.NEEDS_CREW),
        ({"stage": Stage.COMPLETED, "crew": ()}, Readiness.DONE),
        ({"stage": Stage.AUDITED}, Readiness.DONE),
        ({"source_status": 10, "crew": ()}, Readiness.DONE),
        ({"source_status": 11, "trucks": ()}, Readiness.DONE),
        ({"problem": "Lift broken", "crew": ()}, Readiness.PROBLEM),
        ({"problem": "Scratched table", "stage": Stage.COMPLETED}, Readiness.PROBLEM),
    ],
)
def test_readiness(changes: dict[str, Any], expected: Readiness) -> None:
    """A problem comes first; then whoever is missing, while the work is not done."""
    assert readiness(card(**changes)) is expected


def test_counters_count_before_they_filter() -> None:
    """A counter that is on hides cards, and still says what the others would show; location, stage, search count."""
    cards = (
        card(1, crew=()),
        card(2, confirmed=None, crew=()),
        card(3, is_changed=True, stage=Stage.ONSITE),
        card(4, clashes=(clash(),)),
        # Done by SmartMoving's word: nobody is to be put on it any more.
        card(5, source_status=10, crew=(), trucks=()),
        card(6, source_status=11, crew=()),
    )
    of = board(*cards, only=frozenset({Only.UNASSIGNED}))
    assert {count.name: count.number for count in of.counts} == {
        "unassigned": 2,
        "unconfirmed": 1,
        "changed": 1,
        "clash": 1,
    }
    assert ids(of) == {"Morning prep": [1, 2]}
    assert (of.shown, of.total) == (2, 6)
    assert [count.number for count in board(*cards, stage=Stage.ONSITE).counts] == [0, 0, 1]


def test_filters_hold_together() -> None:
    """Two counters that are on show what is both."""
    cards = card(1, crew=()), card(2, crew=(), confirmed=False), card(3, confirmed=False)
    assert ids(board(*cards, only=frozenset({Only.UNASSIGNED, Only.UNCONFIRMED}))) == {"Morning prep": [2]}
    assert ids(board(card(1), card(2, clashes=(clash(),)), only=frozenset({CLASH}))) == {"Morning prep": [2]}


def test_a_counter_leads_to_its_filter_and_back() -> None:
    """Its address is the same view with the filter on, or off where it is on."""
    counter = board(card(crew=()), q="larch").counts[0]
    assert not counter.is_on
    assert dict(parse_qsl(urlsplit(counter.address).query)) == {"only": "unassigned", "q": "larch"}
    assert board(card(), only=frozenset({Only.UNASSIGNED})).counts[0].address == "/journeys"


@pytest.mark.parametrize(
    "view",
    [
        Filters(MONDAY),
        Filters(MONDAY, day="tomorrow", by=Columns.LOCATION),
        Filters(MONDAY, day=MONDAY + timedelta(days=9), location="Ørsted & Sons, #2", stage=Stage.ONSITE),
        Filters(MONDAY, only=frozenset({Only.CHANGED, CLASH}), tentative=True, q="a+b 100% / ?"),
    ],
)
def test_the_address_carries_the_view(view: Filters) -> None:
    """Whatever is chosen can be linked to and comes back the same."""
    assert view_in(view.address(), MONDAY) == view
    assert view_in(view.address("/elsewhere"), MONDAY) is None


@pytest.mark.parametrize(
    "values",
    [
        {"day": "someday", "by": "colour", "stage": "LUNCH", "only": "money,,", "tentative": "yes"},
        {"day": "9999-12-31"},
        {"day": "0001-01-01"},
        {"q": "  \x00 ", "location": "\x00"},
    ],
)
def test_what_cannot_be_read_is_as_usual(values: dict[str, str]) -> None:
    """An address from elsewhere never breaks the page."""
    assert read_filters(values, MONDAY) == Filters(MONDAY)


def test_the_days_beside_have_their_names() -> None:
    """Yesterday is a date; the day after today is "tomorrow", and today stays today when the date changes."""
    view = Filters(MONDAY, q="x")
    assert view.beside(1) == "/journeys?day=tomorrow&q=x"
    assert view.beside(-1) == "/journeys?day=2026-11-22&q=x"
    assert replace(view, day="tomorrow").beside(-1) == "/journeys?q=x"
    assert read_filters({"day": MONDAY.isoformat()}, MONDAY).day == "today"


def test_days_of_several_zones_are_told() -> None:
    """Where it is Tuesday in one branch already, the heading says both."""
    assert board(card()).day_words == "Today, Mon 11-23-26"
    assert board(card(), card(2, scheduled_date=MONDAY + timedelta(days=1))).day_words == (
        "Today, Mon 11-23-26 and Tue 11-24-26"
    )
    assert board(day=date(2026, 12, 24)).day_words == "Thu 12-24-26"


def test_a_card_in_words() -> None:
    """Everything a dispatcher asks about is said, and calls and maps can be followed."""
    words = drawn(card(crew=(KIM,), stops=("a", "b", "c", "d")))
    assert words.arrival == "08:00 to 10:00"
    assert words.dial == "tel:3035550100"
    assert words.origin == "1 Larch Street, Denver"
    assert words.origin_map == "https://www.google.com/maps/search/?api=1&query=1+Larch+Street%2C+Denver"
    assert words.stops == "+2 stops"
    assert words.facts == "Moving · 2 bedrooms · 2 h 30 min"
    assert (words.crew_count, words.crew, words.trucks_count, words.trucks) == (
        "1 of 2",
        "Kim Diaz",
        "1 of 1",
        "Truck 7",
    )
    assert (words.next_stage, words.next_words) == ("EN_ROUTE", "En route")


def test_a_card_of_which_nothing_is_known() -> None:
    """Unknowns are said or left out, never printed as None."""
    unknown = card(
        customer_name="",
        job_number="",
        quote_number="",
        customer_phone="",
        origin_address="",
        destination_address="",
        stops=(),
        service_type="",
        move_size="",
        minutes_needed=None,
        arrival_start=None,
        arrival_end=None,
        crew=(),
        crew_needed=None,
        trucks=(),
        trucks_needed=None,
        stage=Stage.AUDITED,
    )
    words = drawn(unknown)
    assert words.customer == "Customer not named"
    assert (words.arrival, words.origin_map, words.destination_map, words.dial) == ("time open", "", "", "")
    assert (words.crew, words.trucks) == ("Nobody yet", "No truck yet")
    assert words.next_stage == ""
    assert "None" not in repr([each for each in words if isinstance(each, str)])


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ()),
        ({"confirmed": False}, ("Not confirmed",)),
        ({"confirmed": None}, ("Confirmation unknown",)),
        ({"source_status": 10}, ("Done in SmartMoving",)),
        ({"source_status": 11}, ("Done in SmartMoving",)),
        ({"data_source": "MANUAL"}, ("Added by hand",)),
        ({"overridden": ("customer_phone", "crew_needed")}, ("Changed here: phone, crew needed",)),
        ({"on_board": False, "off_reason": "Tentative in SmartMoving"}, ("Tentative in SmartMoving",)),
        ({"sync_status": "FAILED", "sync_error": "No such job."}, ("Not read from SmartMoving: No such job.",)),
        ({"sync_status": "PENDING"}, ("Details not read yet",)),
    ],
)
def test_marks(changes: dict[str, Any], expected: tuple[str, ...]) -> None:
    """What is particular about a booking is said in words."""
    assert marks(card(**changes)) == expected


def test_who_goes_together_is_told_together() -> None:
    """One line for each other job, not one for each person."""
    told = clash_words([clash("Kim Diaz"), clash("Ola Berg"), clash("Kim Diaz", label="")])
    assert told == (
        "Kim Diaz, Ola Berg: also on 41009-1 Rowan, 08:00 to 12:00",
        "Kim Diaz: also on another job, 08:00 to 12:00",
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"crew": (KIM,)},
        {"notes": "Ring twice"},
        {"is_changed": True},
        {"stage": Stage.EN_ROUTE},
        {"clashes": (clash(),)},
        {"version": 2},
    ],
)
def test_pictures_that_differ_have_different_hashes(changes: dict[str, Any]) -> None:
    """Whatever a card shows tells two pictures apart; the same picture has the same hash in every process."""
    assert board(card()).hash == board(card()).hash
    assert board(card()).hash != board(card(**changes)).hash


def test_the_hash_is_of_what_this_view_shows() -> None:
    """A change of a job that the filters hide draws nothing again."""
    before = board(card(1), card(2, location="Boise"), location="Denver").hash
    assert before == board(card(1), card(2, location="Boise", notes="Ring twice"), location="Denver").hash
