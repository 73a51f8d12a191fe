"""What a phone dials, where its maps lead, and which part of the checklist is open."""

from datetime import date
from urllib.parse import parse_qs, urlsplit

import pytest

from webapp.journeys.checklists import Phase
from webapp.journeys.phone import day_words, dialled, map_of, next_steps, phase_at_hand, route_of, stages_of, steps_back
from webapp.journeys.stages import Stage

MONDAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("phone", "link"),
    [
        ("3035550100", "tel:3035550100"),
        ("(303) 555-0100", "tel:3035550100"),
        ("+1 303.555.0100", "tel:+13035550100"),
        (" +1 303 555 0100 ext 7", "tel:+13035550100,7"),
        ("303-555-0100 x12", "tel:3035550100,12"),
        ("٣٠٣ 555", "tel:555"),
        ("ask at the desk", ""),
        ("x12", ""),
        ("", ""),
    ],
)
def test_numbers_as_people_write_them_can_be_dialled(phone: str, link: str) -> None:
    """Digits, a leading plus, an extension after a pause; what is no number is no link."""
    assert dialled(phone) == link


def test_the_way_leads_through_every_stop() -> None:
    """From where the phone is through all stops to the last, whatever signs are in the addresses."""
    query = parse_qs(urlsplit(route_of(["1 Fir & Co St", "2 Larch #4", "3 Åsen"])).query)
    assert query["waypoints"] == ["1 Fir & Co St|2 Larch #4"]
    assert query["destination"] == ["3 Åsen"]
    assert "waypoints" not in route_of(["1 Fir St"])
    assert route_of([]) == ""
    assert parse_qs(urlsplit(map_of("1 Fir & Co St")).query)["query"] == ["1 Fir & Co St"]


@pytest.mark.parametrize(
    ("stage", "complete", "at_hand"),
    [
        (Stage.MORNING_PREP, (), Phase.MORNING_PREP),
        (Stage.MORNING_PREP, (Phase.MORNING_PREP,), Phase.MORNING_PREP),
        (Stage.EN_ROUTE, (), Phase.PICKUP),
        (Stage.ONSITE, (), Phase.PICKUP),
        (Stage.ONSITE, (Phase.PICKUP,), Phase.TRANSPORT),
        (Stage.ONSITE, (Phase.PICKUP, Phase.DELIVERY), Phase.TRANSPORT),
        (Stage.ONSITE, (Phase.PICKUP, Phase.TRANSPORT, Phase.DELIVERY), Phase.COMPLETION),
        (Stage.ONSITE, tuple(Phase), Phase.COMPLETION),
        (Stage.COMPLETED, (), Phase.COMPLETION),
    ],
)
def test_the_part_at_hand_is_open(stage: Stage, complete: tuple[Phase, ...], at_hand: Phase) -> None:
    """The first part of the stage with something left to tick, else its last; the script is told the same."""
    assert phase_at_hand(stage, complete) is at_hand
    assert stage in stages_of(at_hand)


def test_a_crew_goes_from_prep_to_done_and_back() -> None:
    """One step at a time in both directions; auditing is not the crew's."""
    forward = [(step.at, step.to) for step in next_steps()]
    assert forward == [
        (Stage.MORNING_PREP, Stage.EN_ROUTE),
        (Stage.EN_ROUTE, Stage.ONSITE),
        (Stage.ONSITE, Stage.COMPLETED),
    ]
    assert [(step.to, step.at) for step in steps_back()] == forward


def test_near_days_have_names() -> None:
    """Yesterday, today and tomorrow are called that; other days by weekday and date."""
    words = [day_words(date(2026, 11, day), MONDAY) for day in (22, 23, 24, 26)]
    assert words == ["Yesterday, Sun 11-22-26", "Today, Mon 11-23-26", "Tomorrow, Tue 11-24-26", "Thu 11-26-26"]
