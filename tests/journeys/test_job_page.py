"""A job's page in words: stages, what is missing, links, sources, both values, history by the clock of the place."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.journeys.test_job_forms import card_with
from tests.rows import CREATED_AT
from webapp.journeys.cards import Person, TruckName
from webapp.journeys.detail import Detail, Difference, Event
from webapp.journeys.fields import FIELDS
from webapp.journeys.job_page import Page, page_of, picture
from webapp.journeys.stages import Stage

DENVER = ZoneInfo("America/Denver")
KIM, OLA = Person(1, "Kim Diaz", "DRIVER"), Person(2, "Ola Berg", "MOVER")
TRUCK = TruckName(1, "Truck 7")


def detail_with(differences: tuple[Difference, ...] = (), *, is_manual: bool = False, **values: Any) -> Detail:
    known = {
        "on_board": True,
        "crew": (),
        "trucks": (),
        "clashes": (),
        "estimated_value": None,
        "source_status": 4,
        "last_sync_at": None,
        "data_source": "MANUAL" if is_manual else "SMARTMOVING",
        "sync_status": "SYNCED",
    }
    return Detail(
        card=card_with(**{**known, **values}),
        is_manual=is_manual,
        may_edit=True,
        may_work=True,
        differences=differences,
        checklist=(),
        forward=None,
        back=None,
        zone=DENVER,
        created_at=CREATED_AT,
        updated_at=CREATED_AT,
    )


def page_with(**values: Any) -> Page:
    return page_of(detail_with(**values), [])


@pytest.mark.parametrize(
    ("values", "badges", "needs"),
    [
        ({}, [("sending", "Needs crew, truck")], "Still needed: 1 person and 1 truck."),
        (
            {"crew_needed": 3, "crew": (KIM,), "trucks": (TRUCK,)},
            [("sending", "Needs crew")],
            "Still needed: 2 people.",
        ),
        ({"crew": (KIM,), "trucks_needed": 2}, [("sending", "Needs truck")], "Still needed: 2 trucks."),
        ({"crew": (KIM,), "trucks": (TRUCK,)}, [("planned", "Ready")], ""),
        ({"problem": "A flat tyre."}, [("failed", "Problem")], "Still needed: 1 person and 1 truck."),
        ({"crew": (KIM,), "trucks": (TRUCK,), "stage": Stage.ONSITE}, [("active", "Under way")], ""),
        ({"stage": Stage.COMPLETED}, [("over", "Done")], ""),
        ({"source_status": 10}, [("over", "Done in SmartMoving")], ""),
        ({"source_status": 11, "stage": Stage.AUDITED}, [("over", "Done"), ("over", "Done in SmartMoving")], ""),
        ({"source_status": 10, "problem": "A"}, [("failed", "Problem"), ("over", "Done in SmartMoving")], ""),
        ({"on_board": False}, [("over", "Off the board")], ""),
        ({"on_board": False, "problem": "A"}, [("failed", "Problem"), ("over", "Off the board")], ""),
        (
            {"stage": Stage.COMPLETED, "is_manual": True},
            [("over", "Done"), ("manual", "Added by hand")],
            "",
        ),
        (
            {"stage": Stage.COMPLETED, "sync_status": "FAILED"},
            [("over", "Done"), ("failed", "Not read from SmartMoving")],
            "",
        ),
        (
            {"stage": Stage.COMPLETED, "sync_status": "PENDING"},
            [("over", "Done"), ("sending", "Details not read yet")],
            "",
        ),
    ],
)
def test_how_it_stands(values: dict[str, Any], badges: list[tuple[str, str]], needs: str) -> None:
    """First how ready it is, in the board's words, one colour each; missing is counted where it is waited for."""
    page = page_with(**values)
    assert (page.badges, page.needs) == (badges, needs)


def test_stages_behind_here_and_ahead() -> None:
    """Each stage says where it is."""
    states = [mark.state for mark in page_with(stage=Stage.ONSITE).stages]
    assert states == ["done", "done", "here", "ahead", "ahead"]


@pytest.mark.parametrize(
    ("address", "link"),
    [
        ("rowan@example.com", "mailto:rowan@example.com"),
        ("rowan+x@example.com?cc=all@example.com", ""),
        ("rowan?bcc=x@example.com", "mailto:rowan%3Fbcc%3Dx@example.com"),
        ("not known", ""),
        ("@example.com", ""),
        ("", ""),
    ],
)
def test_only_an_address_is_written_to(address: str, link: str) -> None:
    """What others typed neither breaks out of the link nor becomes one."""
    assert page_with(customer_email=address).mail == link


def test_places_and_the_way() -> None:
    """Every stop has its map, the way goes through all of them; a number is called by its digits."""
    page = page_with(stops=("1 Oak", "2 Elm", "3 Ash"), customer_phone="(303) 555-0100")
    assert [place.role for place in page.places] == ["From", "Stop 2", "To"]
    assert "waypoints=1+Oak%7C2+Elm" in page.route
    assert page.call == "tel:3035550100"
    nothing = page_with()
    assert (nothing.places, nothing.route, nothing.call) == ([], "", "")


def test_what_is_known_and_what_is_not() -> None:
    """What is not known is said to be so; money is told to the cent, and left out where it is not ours to see."""
    facts = dict(page_with(minutes_needed=150, confirmed=True).facts)
    assert facts["Time needed"] == "2 h 30 min"
    assert facts["Confirmed"] == "by the customer"
    assert facts["Crew needed"] == "not known"
    assert not any("Estimate" in label for label in facts)
    assert dict(page_with(estimated_value=Decimal("1250.5")).facts)["Estimate of the whole booking"] == "$1,250.50"


def test_where_it_comes_from() -> None:
    """SmartMoving's state of it and its last change there by the clock of the place; none of that by hand."""
    told = dict(page_with(last_sync_at=datetime(2026, 11, 23, 17, 0, tzinfo=UTC), sync_status="PENDING").source)
    assert told["Status there"] == "Booked"
    assert told["Sync"] == "Details not read yet"
    assert told["Last change there"] == "11-23-26 10:00 MST"
    by_hand = dict(page_with(is_manual=True, source_status=None).source)
    assert by_hand == {"Comes from": "By hand", "On our list since": "01-05-26 10:00 MST"}


def test_both_values_and_the_history_name_who_and_when() -> None:
    """By the clock of the place; a value whose author is unknown stands alone."""
    at = datetime(2026, 7, 1, 17, 0, tzinfo=UTC)
    found = detail_with(
        (
            Difference(FIELDS["arrival_start"], "09:30", "08:00", "Odette Farnham", at),
            Difference(FIELDS["move_size"], "3 rooms", "nothing", "", None),
        )
    )
    page = page_of(found, [Event(at, "Kim Diaz", "tick", "Ticked: Papers signed.")])
    assert [one.who for one in page.both] == ["Odette Farnham, 07-01-26 11:00 MDT", ""]
    assert [(line.when, line.who) for line in page.history] == [("07-01-26 11:00 MDT", "Kim Diaz")]


def test_another_picture_for_whatever_changes() -> None:
    """The same page is the same picture; any other value, crew or event makes another."""
    found = detail_with()
    same = picture(found, page_of(found, []))
    assert same == picture(detail_with(), page_of(detail_with(), []))
    others = [detail_with(notes="x"), detail_with(crew=(OLA,)), detail_with(problem="x")]
    pictures = {picture(other, page_of(other, [])) for other in others}
    pictures.add(picture(found, page_of(found, [Event(CREATED_AT, "Kim", "tick", "Ticked.")])))
    assert len(pictures | {same}) == 5
