"""The rules for one loan: each by table, with its sentence, whether it binds, and until when."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.loans.availability import Occupation
from webapp.loans.errors import BrokenRule
from webapp.loans.periods import Period, of_activity
from webapp.loans.rules import Facts, findings

THURSDAY = date(2026, 11, 26)
WEEK = Period(THURSDAY, THURSDAY + timedelta(days=7))
FACTS = Facts(
    wanted=WEEK,
    today=date(2026, 11, 19),
    vehicle_name="Audi A3 …SA051916",
    vehicle_id=89943,
    is_vehicle_known=True,
    is_partner_known=True,
    partner_name="Coastline Auto",
    make="Audi",
    rank="A",
    in_service_date=None,
    expected_turn_in_date=None,
    vehicle_occupations=(),
    partner_occupations=(),
)
SERVICE = Occupation(THURSDAY, THURSDAY, "Service", "Audi A3", activity_id=700001)
OTHER_LOAN = Occupation(
    date(2026, 12, 2), date(2026, 12, 9), "Ring Report", "BMW M3 …NF288104", person_id=3036, assignment_id=5
)


def told(**facts: Any) -> list[tuple[str, bool, str, date | None]]:
    """Code, whether it binds, sentence and until-day of every finding about a plain loan with these facts."""
    return [(one.code, one.is_hard, one.text, one.until) for one in findings(replace(FACTS, **facts))]


def test_nothing_is_said_of_a_plain_loan() -> None:
    """An approved partner, a free vehicle, a week from Thursday to Thursday."""
    assert told() == []


BINDING: list[tuple[dict[str, Any], str, str, date | None]] = [
    ({"is_vehicle_known": False}, "unknown", "No vehicle Audi A3 …SA051916 is in FMS's list.", None),
    ({"is_partner_known": False}, "unknown", "No partner Coastline Auto is in FMS's list.", None),
    ({"wanted": Period(THURSDAY, THURSDAY)}, "period", "The end must be after the start.", None),
    ({"wanted": Period(THURSDAY, date(2026, 11, 23))}, "period", "The end must be after the start.", None),
    (
        {"wanted": Period(THURSDAY, date(2069, 1, 1))},
        "period",
        "FMS knows no day after Mon 12-31-68; check the year.",
        None,
    ),
    ({"today": date(2026, 11, 28)}, "past", "Thu 11-26-26 is in the past.", date(2026, 11, 30)),
    (
        {"wanted": Period(date(2026, 11, 28), date(2026, 12, 3))},
        "weekend",
        "Sat 11-28-26 is a weekend; loans start Monday to Friday.",
        date(2026, 11, 30),
    ),
    (
        {"in_service_date": date(2026, 11, 29)},
        "not_in_service",
        "Audi A3 …SA051916 does not join the fleet until 11-29-26.",
        date(2026, 11, 30),
    ),
    (
        {"vehicle_occupations": (OTHER_LOAN,)},
        "held",
        "Audi A3 …SA051916 is held by Ring Report 12-02-26 to 12-09-26.",
        date(2026, 12, 9),
    ),
    (
        {"vehicle_occupations": (SERVICE,)},
        "held",
        "Audi A3 …SA051916 is held in FMS (Service) on 11-26-26.",
        date(2026, 11, 27),
    ),
]


@pytest.mark.parametrize(("facts", "code", "text", "until"), BINDING)
def test_what_always_binds(facts: dict[str, Any], code: str, text: str, until: date | None) -> None:
    """Each is refused for everybody, with a sentence, and where it ends by itself, the day from which it would."""
    assert told(**facts) == [(code, True, text, until)]


INFORMING: list[tuple[dict[str, Any], str, str]] = [
    ({"rank": None}, "not_approved", "Coastline Auto is not approved for Audi."),
    ({"rank": "Pending"}, "not_approved", "The approval of Coastline Auto for Audi is pending."),
    (
        {"expected_turn_in_date": date(2026, 12, 1)},
        "turn_in",
        "Expected turn-in 12-01-26 falls before the end of this loan. FMS still books past it.",
    ),
    (
        {"holidays": ((THURSDAY, "Thanksgiving"),)},
        "holiday",
        "Thu 11-26-26 is a holiday of the office (Thanksgiving).",
    ),
    (
        {"holidays": ((date(2026, 12, 3), "Founders' Day"),)},
        "holiday",
        "Thu 12-03-26 is a holiday of the office (Founders' Day).",
    ),
    (
        {"partner_occupations": (OTHER_LOAN,)},
        "partner_busy",
        "Coastline Auto has BMW M3 …NF288104 12-02-26 to 12-09-26.",
    ),
    (
        {"vehicle_id": None},
        "no_vehicle_id",
        "FMS has not given Audi A3 …SA051916 a vehicle id: it can be planned, but not requested yet.",
    ),
]


@pytest.mark.parametrize(("facts", "code", "text"), INFORMING)
def test_what_only_informs(facts: dict[str, Any], code: str, text: str) -> None:
    """A person who picks by hand is told, and may go on."""
    assert [(one[0], one[1], one[2]) for one in told(**facts)] == [(code, False, text)]


SILENT: list[dict[str, Any]] = [
    {"rank": "D"},
    {"expected_turn_in_date": date(2026, 12, 3)},
    {"in_service_date": THURSDAY},
    {"today": THURSDAY},
    {"holidays": ((date(2026, 11, 27), "the day after"),)},
    {"today": date(2026, 11, 28), "keeps_start": True},
    {"vehicle_occupations": (OTHER_LOAN,), "assignment_id": 5},
    {"partner_occupations": (OTHER_LOAN,), "assignment_id": 5},
    {"vehicle_occupations": (replace(OTHER_LOAN, start_day=date(2026, 12, 3)),)},
    {"vehicle_occupations": (replace(SERVICE, start_day=date(2026, 12, 3), end_day=date(2026, 12, 3)),)},
    {"wanted": Period(THURSDAY, date(2068, 12, 31))},
]


@pytest.mark.parametrize("facts", SILENT)
def test_what_is_just_within_the_rules(facts: dict[str, Any]) -> None:
    """The last day of turn-in, the first of service, today, a start kept, one's own loan, touching ends."""
    assert told(**facts) == []


def test_every_reason_is_given_at_once_the_binding_ones_first() -> None:
    """Nobody mends one thing only to hear of the next."""
    facts: dict[str, Any] = {
        "wanted": Period(date(2026, 11, 21), date(2026, 12, 3)),
        "today": date(2026, 11, 23),
        "in_service_date": date(2026, 11, 30),
        "rank": None,
        "expected_turn_in_date": date(2026, 11, 20),
        "vehicle_occupations": (OTHER_LOAN, SERVICE),
        "partner_occupations": (OTHER_LOAN,),
        "vehicle_id": None,
    }
    codes = [one[0] for one in told(**facts)]
    assert codes[:5] == ["past", "weekend", "not_in_service", "held", "held"]
    assert codes[5:] == ["not_approved", "turn_in", "partner_busy", "no_vehicle_id"]


def test_the_refusal_names_the_fields_and_leads_to_what_is_in_the_way() -> None:
    """409 where somebody holds the vehicle, 422 else; programs get every code, people one text."""
    held = BrokenRule(findings(replace(FACTS, vehicle_occupations=(SERVICE,))))
    assert (held.status, held.code) == (409, "held")
    assert held.link == ("Show it", "/calendar?start=2026-11-26&activity_id=700001")
    loan = BrokenRule(findings(replace(FACTS, vehicle_occupations=(OTHER_LOAN,))))
    assert loan.link == ("Show it", "/calendar?start=2026-12-02&loan=5")
    strange = BrokenRule(findings(replace(FACTS, is_vehicle_known=False, is_partner_known=False)))
    assert (strange.status, strange.code, strange.link) == (422, "unknown", None)
    assert set(strange.details["fields"]) == {"vin", "person_id"}
    assert [reason["code"] for reason in strange.details["reasons"]] == ["unknown", "unknown"]


day = st.integers(0, 40).map(lambda number: date(2026, 11, 2) + timedelta(days=number))
rows = st.lists(st.tuples(day, st.integers(0, 10)), max_size=6).map(
    lambda given: tuple(
        Occupation(start, start + timedelta(days=length), "Ring Report", "Audi A3", activity_id=number)
        for number, (start, length) in enumerate(given)
    )
)


@given(day, st.integers(1, 10), rows)
def test_a_vehicle_is_held_exactly_by_those_it_shares_a_day_with(
    start: date, length: int, occupations: tuple[Occupation, ...]
) -> None:
    """And from the day the finding names on, that one does not hold it any more."""
    wanted = Period(start, start + timedelta(days=length))
    found = [
        one for one in findings(replace(FACTS, wanted=wanted, vehicle_occupations=occupations)) if one.code == "held"
    ]
    wish = {start + timedelta(days=number) for number in range(length)}
    holders = [one for one in occupations if wish & {one.start_day, *_between(one)}]
    assert {one.in_the_way for one in found} == set(holders)
    for one in found:
        assert one.in_the_way is not None
        assert one.until is not None
        later = Period(one.until, one.until + timedelta(days=length))
        assert not of_activity(one.in_the_way.start_day, one.in_the_way.end_day).overlaps(later)


def _between(one: Occupation) -> set[date]:
    return {one.start_day + timedelta(days=number) for number in range((one.end_day - one.start_day).days)}
