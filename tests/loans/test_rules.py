"""The rules for one loan: each by table, with its sentence, whether it binds, and until when."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.loans.plain_facts import THURSDAY, VIN, codes, lent, plain, told
from webapp.loans.availability import Occupation
from webapp.loans.errors import BrokenRule
from webapp.loans.periods import Period, is_weekend, of_activity, with_weekday_end
from webapp.loans.rules import Severity, assess, obstacle
from webapp.loans.rules.facts import Hold, Limits

SERVICE = Occupation(THURSDAY, THURSDAY, "Service", "Audi A3", activity_id=700001)
OTHER_LOAN = Occupation(
    date(2026, 12, 2), date(2026, 12, 9), "Ring Report", "BMW M3 …NF288104", person_id=3036, assignment_id=5
)
HOLD = Hold(date(2026, 12, 2), date(2026, 12, 9), until="10:42 PST")
AFTER = Hold(date(2026, 12, 3), date(2026, 12, 10), until="10:40 PST")
BMW = ("BMW", "m3")
BUSY = replace(lent(date(2026, 12, 2), vin="WBAZZZ8V0NF288104", model_key=BMW), occupation=OTHER_LOAN)


def test_nothing_is_said_of_a_plain_loan() -> None:
    """An approved partner, a free vehicle, a week from Thursday to Thursday."""
    assert told() == []
    assert assess(plain()).is_possible
    assert obstacle(plain()) is None


BINDING: list[tuple[dict[str, Any], str, str, date | None]] = [
    ({"vehicle": {"is_known": False}}, "unknown", "No vehicle Audi A3 …SA051916 is in FMS's list.", None),
    ({"partner": {"is_known": False}}, "unknown", "No partner Coastline Auto is in FMS's list.", None),
    ({"wanted": Period(THURSDAY, THURSDAY)}, "period", "The end must be after the start.", None),
    ({"wanted": Period(THURSDAY, date(2026, 11, 23))}, "period", "The end must be after the start.", None),
    (
        {"wanted": Period(THURSDAY, date(2069, 1, 1))},
        "period",
        "FMS knows no day after Mon 12-31-68; check the year.",
        None,
    ),
    ({"office": {"today": date(2026, 11, 28)}}, "past", "Thu 11-26-26 is in the past.", date(2026, 11, 30)),
    (
        {"wanted": Period(date(2026, 11, 28), date(2026, 12, 3))},
        "weekend",
        "Sat 11-28-26 is a weekend; loans start Monday to Friday.",
        date(2026, 11, 30),
    ),
    (
        {"vehicle": {"in_service_date": date(2026, 11, 29)}},
        "not_in_service",
        "Audi A3 …SA051916 does not join the fleet until 11-29-26.",
        date(2026, 11, 30),
    ),
    (
        {"vehicle": {"occupations": (OTHER_LOAN,)}},
        "held",
        "Audi A3 …SA051916 is held by Ring Report 12-02-26 to 12-09-26.",
        date(2026, 12, 9),
    ),
    (
        {"vehicle": {"occupations": (SERVICE,)}},
        "held",
        "Audi A3 …SA051916 is held in FMS (Service) on 11-26-26.",
        date(2026, 11, 27),
    ),
]


@pytest.mark.parametrize(("facts", "code", "text", "until"), BINDING)
def test_what_always_binds(facts: dict[str, Any], code: str, text: str, until: date | None) -> None:
    """Each is refused for everybody, with a sentence, and where it ends by itself, the day from which it would."""
    assert told(**facts) == [(code, text, until)]
    (finding,) = assess(plain(**facts)).hard
    assert finding.is_binding


INFORMING: list[tuple[dict[str, Any], str, str, date | None]] = [
    ({"partner": {"ranks": {}}}, "not_approved", "Coastline Auto is not approved for Audi.", None),
    (
        {"partner": {"ranks": {"AUDI": "Pending"}}},
        "not_approved",
        "The approval of Coastline Auto for Audi is pending.",
        None,
    ),
    (
        {"office": {"holidays": {THURSDAY: "Thanksgiving"}}},
        "holiday",
        "Thu 11-26-26 is a holiday of the office (Thanksgiving).",
        date(2026, 11, 27),
    ),
    (
        {"office": {"holidays": {date(2026, 12, 3): "Founders' Day"}}},
        "holiday",
        "Thu 12-03-26 is a holiday of the office (Founders' Day).",
        date(2026, 11, 27),
    ),
    (
        {"vehicle": {"vehicle_id": None}},
        "no_vehicle_id",
        "FMS has not given Audi A3 …SA051916 a vehicle id: it can be planned, but not requested yet.",
        None,
    ),
]


@pytest.mark.parametrize(("facts", "code", "text", "until"), INFORMING)
def test_what_binds_suggestions_and_informs_people(
    facts: dict[str, Any], code: str, text: str, until: date | None
) -> None:
    """We would not suggest it; a person who picks by hand is told, and may go on."""
    assert told(**facts) == [(code, text, until)]
    assessment = assess(plain(**facts))
    assert assessment.hard == ()
    assert not assessment.is_possible
    found = obstacle(plain(**facts))
    assert found
    assert found.code == code


WARNING: list[tuple[dict[str, Any], str, str, date | None]] = [
    (
        {"vehicle": {"expected_turn_in_date": date(2026, 12, 1)}},
        "turn_in",
        "Expected turn-in 12-01-26 falls before the end of this loan. FMS still books past it.",
        None,
    ),
    (
        {"partner": {"loans": (BUSY,)}},
        "partner_busy",
        "Coastline Auto has BMW M3 …NF288104 12-02-26 to 12-09-26.",
        date(2026, 12, 9),
    ),
    (
        {"vehicle": {"holds": (HOLD,)}},
        "soft_hold",
        "Audi A3 …SA051916 is being planned by another scheduler until 10:42 PST.",
        None,
    ),
    (
        {"vehicle": {"holds": (HOLD, replace(HOLD, until="10:44 PST"), replace(AFTER, until="10:45 PST"))}},
        "soft_hold",
        "Audi A3 …SA051916 is being planned by another scheduler until 10:44 PST.",
        None,
    ),
    (
        {"partner": {"is_placed": False}},
        "no_coordinates",
        "Coastline Auto has no place on the map, so no distance is known.",
        None,
    ),
]


@pytest.mark.parametrize(("facts", "code", "text", "until"), WARNING)
def test_what_only_warns(facts: dict[str, Any], code: str, text: str, until: date | None) -> None:
    """It never makes a loan impossible, and no later day is offered for it."""
    assert told(**facts) == [(code, text, until)]
    assessment = assess(plain(**facts))
    assert assessment.is_possible
    assert assessment.outlook == ""
    assert obstacle(plain(**facts)) is None


SILENT: list[dict[str, Any]] = [
    {"partner": {"ranks": {"AUDI": "D"}}},
    {"vehicle": {"expected_turn_in_date": date(2026, 12, 3)}},
    {"vehicle": {"in_service_date": THURSDAY}},
    {"office": {"today": THURSDAY}},
    {"office": {"holidays": {date(2026, 11, 27): "the day after"}}},
    {"office": {"today": date(2026, 11, 28)}, "keeps_start": True},
    {"vehicle": {"occupations": (replace(OTHER_LOAN, start_day=date(2026, 12, 3)),)}},
    {"vehicle": {"occupations": (replace(OTHER_LOAN, start_day=date(2026, 11, 19), end_day=THURSDAY),)}},
    {"vehicle": {"occupations": (replace(SERVICE, start_day=date(2026, 12, 3), end_day=date(2026, 12, 3)),)}},
    {"vehicle": {"holds": (AFTER, replace(AFTER, start_day=date(2026, 11, 19), end_day=THURSDAY))}},
    {"partner": {"loans": (replace(BUSY, is_over=True),)}},
    {"wanted": Period(THURSDAY, date(2068, 12, 31))},
]


@pytest.mark.parametrize("facts", SILENT)
def test_what_is_just_within_the_rules(facts: dict[str, Any]) -> None:
    """The last day of turn-in, the first of service, today, a start kept, touching ends both ways, what is over."""
    assert told(**facts) == []


def test_every_reason_is_given_at_once_the_binding_ones_first() -> None:
    """Nobody mends one thing only to hear of the next."""
    facts = plain(
        wanted=Period(date(2026, 11, 21), date(2026, 12, 3)),
        office={"today": date(2026, 11, 23), "limits": {("AUDI", ""): Limits(loans_a_year=0)}},
        vehicle={
            "in_service_date": date(2026, 11, 30),
            "expected_turn_in_date": date(2026, 11, 20),
            "occupations": (OTHER_LOAN, SERVICE),
            "vehicle_id": None,
        },
        partner={"ranks": {}, "loans": (BUSY, lent(date(2026, 11, 1)), lent(date(2025, 5, 4), vin=VIN))},
    )
    assert codes(facts) == [
        *("past", "weekend", "not_in_service", "held", "held"),
        *("not_approved", "had_before", "no_vehicle_id", "cooldown", "yearly_cap"),
        *("turn_in", "partner_busy"),
    ]
    severities = [one.severity for one in assess(facts).findings]
    assert severities == [Severity.HARD] * 5 + [Severity.SOFT] * 5 + [Severity.WARNING] * 2


def test_the_refusal_names_the_fields_and_leads_to_what_is_in_the_way() -> None:
    """409 where somebody holds the vehicle, 422 else; programs get every code, people one text."""
    held = BrokenRule(assess(plain(vehicle={"occupations": (SERVICE,)})).hard)
    assert (held.status, held.code) == (409, "held")
    assert held.link == ("Show it", "/calendar?start=2026-11-26&activity_id=700001")
    loan = BrokenRule(assess(plain(vehicle={"occupations": (OTHER_LOAN,)})).hard)
    assert loan.link == ("Show it", "/calendar?start=2026-12-02&loan=5")
    strange = BrokenRule(assess(plain(vehicle={"is_known": False}, partner={"is_known": False})).hard)
    assert (strange.status, strange.code, strange.link) == (422, "unknown", None)
    assert set(strange.details["fields"]) == {"vin", "person_id"}
    assert [reason["code"] for reason in strange.details["reasons"]] == ["unknown", "unknown"]


def test_several_of_one_kind_are_over_on_one_day() -> None:
    """A gap too short for the loan is no answer: both holders say the day after the second."""
    early = replace(OTHER_LOAN, start_day=THURSDAY, end_day=date(2026, 11, 30))
    late = replace(OTHER_LOAN, start_day=date(2026, 12, 4), end_day=date(2026, 12, 9))
    facts = plain(vehicle={"occupations": (early, late)})
    assert [one.until for one in assess(facts).findings] == [date(2026, 12, 9)]
    short = replace(facts, wanted=Period(THURSDAY, date(2026, 11, 27)))
    assert [one.until for one in assess(short).findings] == [date(2026, 11, 30)]


OUTLOOKS: list[tuple[dict[str, Any], str]] = [
    ({}, ""),
    ({"partner": {"ranks": {}}}, ""),
    ({"vehicle": {"occupations": (OTHER_LOAN,)}}, "Possible from Wed 12-09-26."),
    (
        {"vehicle": {"occupations": (OTHER_LOAN,)}, "office": {"holidays": {date(2026, 12, 16): "Day"}}},
        "Possible from Thu 12-10-26.",
    ),
    (
        {"vehicle": {"occupations": (OTHER_LOAN,)}, "partner": {"ranks": {}}},
        "The days alone would work from Wed 12-09-26.",
    ),
    (
        {"vehicle": {"occupations": (OTHER_LOAN,)}, "partner": {"loans": (lent(date(2026, 11, 18)),)}},
        "Possible from Fri 12-25-26.",
    ),
    ({"vehicle": {"occupations": (replace(SERVICE, end_day=date.max),)}}, ""),
    ({"office": {"today": date(2026, 12, 5)}}, "Possible from Mon 12-07-26."),
    (
        {"office": {"today": date(2026, 12, 7)}, "keeps_start": True, "vehicle": {"occupations": (SERVICE,)}},
        "Possible from Mon 12-07-26.",
    ),
    # Two days from Thursday end on a Saturday and are booked until Monday; from the Monday after they are two again.
    (
        {
            "wanted": Period(date(2026, 11, 2), date(2026, 11, 4)),
            "vehicle": {
                "occupations": (
                    replace(SERVICE, start_day=date(2026, 11, 18), end_day=date(2026, 11, 28)),
                    replace(SERVICE, start_day=date(2026, 12, 2), end_day=date(2026, 12, 2)),
                )
            },
        },
        "Possible from Mon 11-30-26.",
    ),
]


@pytest.mark.parametrize(("facts", "outlook"), OUTLOOKS)
def test_one_day_is_named_from_which_everything_dated_is_over(facts: dict[str, Any], outlook: str) -> None:
    """What comes in the way only later counts, too; what no day mends is not promised; never is no day."""
    assert assess(plain(**facts)).outlook == outlook


day = st.integers(0, 40).map(lambda number: date(2026, 11, 2) + timedelta(days=number))
rows = st.lists(st.tuples(day, st.integers(0, 10)), max_size=6).map(
    lambda given: tuple(
        Occupation(start, start + timedelta(days=length), "Ring Report", "Audi A3", activity_id=number)
        for number, (start, length) in enumerate(given)
    )
)


@settings(deadline=None)
@given(day, st.integers(1, 10), rows)
def test_a_vehicle_is_held_exactly_by_those_it_shares_a_day_with(
    start: date, length: int, occupations: tuple[Occupation, ...]
) -> None:
    """And from the day the findings name on, nobody holds it; on no earlier workday is it free for as long."""
    facts = plain(wanted=Period(start, start + timedelta(days=length)), vehicle={"occupations": occupations})
    found = [one for one in assess(facts).findings if one.code == "held"]
    wish = {start + timedelta(days=number) for number in range(length)}
    holders = [one for one in occupations if wish & {one.start_day, *_between(one)}]
    assert {one.in_the_way for one in found} == set(holders)
    taken = {day for one in occupations for day in (one.start_day, *_between(one))}
    for one in found:
        assert one.in_the_way is not None
        assert not of_activity(one.in_the_way.start_day, one.in_the_way.end_day).overlaps(_period(one.until, length))
        assert one.until == _first(
            start, lambda day: not taken & _days(_period(day, length)) and day >= date(2026, 11, 19)
        )


loans = st.lists(st.tuples(st.integers(-60, 80), st.integers(0, 20)), max_size=5).map(
    lambda given: tuple(
        lent(THURSDAY + timedelta(days=at), THURSDAY + timedelta(days=at + length), activity_id=number)
        for number, (at, length) in enumerate(given)
    )
)


@settings(deadline=None)
@given(day, st.integers(1, 14), loans, st.none() | st.integers(0, 45))
def test_cooldown_against_a_calendar_on_which_days_are_ticked_off(
    start: date, length: int, given: tuple[Any, ...], days: int | None
) -> None:
    """A start is too close exactly when a loan of the model ended fewer days before, or begins fewer days after it
    ends; and the day named is the first on which none is."""
    gap = timedelta(days=30 if days is None else days)
    facts = plain(
        wanted=Period(start, start + timedelta(days=length)),
        office={"limits": {("AUDI", "A"): Limits(cooldown_days=days)}, "today": date(2026, 9, 1)},
        partner={"loans": given},
    )

    def is_far(one: Any, wanted: Period) -> bool:
        earlier, later = one.occupation.end_day, one.occupation.start_day
        return bool(earlier + gap <= wanted.start_day or wanted.end_day + gap <= later)

    found = [one for one in assess(facts).findings if one.code == "cooldown"]
    assert {one.in_the_way for one in found} == {
        one.occupation for one in given if not is_far(one, Period(start, start + timedelta(days=length)))
    }
    for one in found:
        assert one.until == _first(start, lambda day: all(is_far(each, _period(day, length)) for each in given))


@settings(deadline=None)
@given(day, st.integers(1, 10), rows, loans, st.lists(day, max_size=4), day)
def test_the_named_day_is_the_first_on_which_everything_works(
    start: date, length: int, occupations: tuple[Occupation, ...], given: tuple[Any, ...], off: list[date], today: date
) -> None:
    """Tried day by day: on no workday before it is the loan possible, and on it it is."""
    facts = plain(
        wanted=Period(start, start + timedelta(days=length)),
        vehicle={"occupations": occupations},
        partner={"loans": given},
        office={"holidays": dict.fromkeys(off, "Holiday"), "today": today},
    )
    assessment = assess(facts)
    assert (obstacle(facts) is None) == assessment.is_possible
    if assessment.is_possible:
        assert assessment.possible_from is None
        return
    expected = _first(start, lambda day: assess(facts.starting(day)).is_possible)
    assert assessment.possible_from == expected
    assert expected
    assert assess(facts.starting(expected)).is_possible


def _first(start: date, is_fine: Callable[[date], bool]) -> date | None:
    """The first workday from `start` on that is fine."""
    days = (start + timedelta(days=number) for number in range(400))
    return next((day for day in days if not is_weekend(day) and is_fine(day)), None)


def _period(day: date | None, length: int) -> Period:
    """A loan that is moved ends on a workday, as every loan."""
    assert day is not None
    return with_weekday_end(Period(day, day + timedelta(days=length)))


def _days(period: Period) -> set[date]:
    return {period.start_day + timedelta(days=number) for number in range(period.days)}


def _between(one: Occupation) -> set[date]:
    return {one.start_day + timedelta(days=number) for number in range((one.end_day - one.start_day).days)}
