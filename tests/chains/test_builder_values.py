"""The builder's form as text: what an address, a post and a draft make of it, and what is asked with it."""

from datetime import date

import pytest

from webapp.chains.asking import Ask, Kind
from webapp.chains.builder.values import Values, ask_of, values_in, values_of
from webapp.errors import InvalidInput

FILLED = Values(office="Los Angeles", person_id="3001", start="2026-11-23", is_given=True)


def read(**fields: str | list[str]) -> Values:
    """What stands in these fields."""
    return values_in({name: value if isinstance(value, list) else [value] for name, value in fields.items()})


def test_an_address_alone_has_the_usual_wishes() -> None:
    """Seven days, four loans, budgets respected, nobody double-booked, every make."""
    values = read(office="Los Angeles", person_id="3001")
    assert (values.kind, values.days, values.count) == (Kind.PARTNER, "7", "4")
    assert (values.respect_budgets, values.allow_double_booking, values.is_strict) == (True, False, False)
    assert (values.makes, values.tiers) == (None, None)


def test_a_vin_in_the_address_asks_for_a_vehicle_chain() -> None:
    """As the calendar's rows send it, in whatever case."""
    values = read(office="Los Angeles", vin="wauzzz8v0sa051916")
    assert (values.kind, values.vin) == (Kind.VEHICLE, "WAUZZZ8V0SA051916")


def test_a_partner_goes_before_a_vehicle() -> None:
    """The plan form may send both; a chain of the partner is meant."""
    assert read(person_id="3001", vin="WAUZZZ8V0SA051916").kind is Kind.PARTNER


def test_a_filled_form_can_switch_off() -> None:
    """What is not ticked in a form that somebody filled is off."""
    assert not read(given="1").respect_budgets
    assert read(given="1", respect_budgets="true").respect_budgets


@pytest.mark.parametrize(
    ("ticked", "offered", "makes"),
    [
        (["Audi", "Kia"], "2", None),
        (["Audi"], "2", ("Audi",)),
        ([], "2", ()),
        ([], "0", None),
        (["Audi"], "", ("Audi",)),
        ([], "", None),
    ],
)
def test_all_that_was_offered_means_everything(ticked: list[str], offered: str, makes: tuple[str, ...] | None) -> None:
    """So that another partner's makes are all ticked too; none ticked is none."""
    assert read(given="1", makes=ticked, makes_offered=[offered] if offered else []).makes == makes


@pytest.mark.parametrize(
    ("ticked", "tiers"),
    [
        (["A+", "A", "B", "C", "D"], None),
        (["A+", "A", "B", "C", "D", "Pending"], ("A+", "A", "B", "C", "D", "Pending")),
        (["A+"], ("A+",)),
        ([], ()),
    ],
)
def test_a_pending_approval_counts_where_it_is_asked_for(ticked: list[str], tiers: tuple[str, ...] | None) -> None:
    """Every rank alone is what is asked anyway."""
    assert read(given="1", tiers=ticked, tiers_offered="6").tiers == tiers


def test_odd_text_is_kept_as_text() -> None:
    """Nothing in an address breaks the reading, and no NUL reaches the database."""
    values = read(office="Los\x00 Angeles", person_id="٣", start="soon", days="9" * 5000)
    assert (values.office, values.person_id, values.start, len(values.days)) == ("Los Angeles", "٣", "soon", 200)


def test_a_filled_form_is_an_ask() -> None:
    """Every field arrives where the solver reads it."""
    values = Values(
        office="Los Angeles",
        person_id="3001",
        start="2026-11-23",
        days="5",
        count="2",
        respect_budgets=False,
        allow_double_booking=True,
        is_strict=True,
        makes=("Audi",),
        models=("Audi|A3 Premium Plus",),
    )
    assert ask_of(values) == Ask(
        kind=Kind.PARTNER,
        office="Los Angeles",
        start=date(2026, 11, 23),
        person_id=3001,
        days=5,
        count=2,
        respect_budgets=False,
        allow_double_booking=True,
        makes=("Audi",),
        models=(("Audi", "A3 Premium Plus"),),
        is_strict=True,
    )


def test_a_vehicle_chain_asks_for_no_makes() -> None:
    """What belongs to the other kind of chain is left out."""
    values = Values(
        kind=Kind.VEHICLE,
        office="Los Angeles",
        person_id="3001",
        vin="WAUZZZ8V0SA051916",
        start="2026-11-23",
        allow_double_booking=True,
        makes=("Audi",),
        tiers=("A+",),
    )
    ask = ask_of(values)
    assert (ask.person_id, ask.vin, ask.makes, ask.allow_double_booking) == (None, "WAUZZZ8V0SA051916", (), False)
    assert ask.tiers == ("A+",)


def test_a_draft_comes_back_as_it_was_asked() -> None:
    """From the ask to the form and back nothing is lost."""
    ask = Ask(
        kind=Kind.PARTNER,
        office="Los Angeles",
        start=date(2026, 11, 23),
        person_id=3001,
        days=3,
        count=9,
        respect_budgets=False,
        makes=("Audi", "Kia"),
        models=(("Audi", "A3"),),
    )
    assert ask_of(values_of(ask)) == ask


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        (Values(is_given=True), {"office", "person_id", "start"}),
        (Values(kind=Kind.VEHICLE, office="Los Angeles", start="2026-11-23"), {"vin"}),
        (Values(office="Los Angeles", person_id="3001", start="11-23-26"), {"start"}),
        (
            Values(office="Los Angeles", person_id="x", start="2026-11-23", days="15", count="0"),
            {"person_id", "days", "count"},
        ),
        (Values(office="Los Angeles", person_id="3001", start="2026-11-23", makes=()), {"makes"}),
        (Values(office="Los Angeles", person_id="3001", start="2026-11-23", is_strict=True), {"models"}),
        (Values(kind=Kind.VEHICLE, office="Los Angeles", vin="A1", start="2026-11-23", tiers=()), {"tiers"}),
    ],
)
def test_every_field_that_cannot_be_used_is_named(values: Values, fields: set[str]) -> None:
    """All of them at once, each with its sentence."""
    with pytest.raises(InvalidInput) as refused:
        ask_of(values)
    assert set(refused.value.fields) == fields


def test_the_address_of_a_form_opens_it_again() -> None:
    """Office, partner or vehicle, and start."""
    assert FILLED.address() == "/chains?office=Los+Angeles&person_id=3001&start=2026-11-23"
    vehicle = Values(kind=Kind.VEHICLE, office="Miami")
    assert vehicle.address() == "/chains?office=Miami&kind=vehicle"
