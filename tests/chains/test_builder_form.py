"""The builder's form: complete, sorted, with what the partner may have; stale choices vanish, and it is said."""

from datetime import date

import pytest

from tests.chains.draft_desk import DraftDesk
from tests.chains.draft_desk import desk as desk
from tests.loans.conftest import november as november
from tests.rows import OFFICE, Fleet
from webapp.accounts.permissions import Role
from webapp.chains.asking import Kind
from webapp.chains.builder.form import Form, form_for
from webapp.chains.builder.values import Values
from webapp.db import close_reading, writing
from webapp.errors import InvalidInput
from webapp.fleet.models import Holiday

pytestmark = pytest.mark.usefixtures("sqlite_app")


def form(desk: DraftDesk, error: InvalidInput | None = None, **given: object) -> Form:
    """The form for the partner at Los Angeles, unless told otherwise."""
    close_reading()
    usual = {"office": OFFICE, "person_id": str(desk.partner.person_id), "is_given": True, "start": "2026-11-23"}
    return form_for(desk.actor, Values(**{**usual, **given}), error)  # type: ignore[arg-type]


def test_every_partner_is_there_by_last_name(desk: DraftDesk) -> None:
    """However many: those of the office first, then everybody else of the offices in scope."""
    for number in range(120):
        desk.fleet.add_partner(f"Zoe Able{number:03}")
    names = [name for _, name in form(desk).partners[0][1]]
    assert len(names) == 121
    assert names == sorted(names, key=str.casefold)
    assert names[0].startswith("Able000, Zoe")


def test_every_vehicle_of_the_office_is_there(desk: DraftDesk) -> None:
    """With colour and the last eight of the VIN."""
    desk.fleet.add_vehicles(80, model="Q5")
    vehicles = form(desk, kind=Kind.VEHICLE, person_id="").vehicles
    assert len(vehicles) == 85
    assert ("WAUZZZ8V0SA051910", "Audi A3 …SA051910 · Silver") in vehicles


def test_makes_carry_the_partners_rank(desk: DraftDesk) -> None:
    """By name; those the partner may not have are said apart, and so are those still pending."""
    for make in ("Kia", "BMW", "Genesis"):
        desk.fleet.add_vehicle(make=make)
    desk.fleet.approve_make(desk.partner, "BMW", "A+")
    desk.fleet.approve_make(desk.partner, "Genesis", "Pending")
    found = form(desk)
    assert [(choice.value, choice.beside, choice.is_ticked) for choice in found.makes] == [
        ("Audi", "A", True),
        ("BMW", "A+", True),
    ]
    assert found.barred == ("Genesis (pending)", "Kia")
    assert found.said_makes == "Audi A · BMW A+"


def test_spellings_of_a_make_are_one(desk: DraftDesk) -> None:
    """FMS's reports do not agree on one: the vehicles' is shown, the approval's counts."""
    desk.fleet.add_vehicle(make="Volkswagen", model="Golf")
    desk.fleet.approve_make(desk.partner, "VW", "B")
    assert [choice.said for choice in form(desk).makes] == ["Audi A", "Volkswagen B"]


def test_models_are_listed_under_their_makes(desk: DraftDesk) -> None:
    """With how many the office has; a preferred one of which none is here stays listed."""
    desk.fleet.add_vehicle(model="A3")
    found = form(desk, models=("Audi|a3", "Audi|TT"))
    (make, models), *others = found.models
    assert (make, others) == ("Audi", [])
    assert [(model.label, model.beside, model.is_ticked) for model in models] == [
        ("A3", "2", True),
        ("A6", "1", False),
        ("Q4", "1", False),
        ("Q8", "1", False),
        ("RS 6", "1", False),
        ("TT", "none here", True),
    ]
    assert found.said_models == "Audi A3 · Audi TT"


def test_a_long_list_of_makes_is_said_in_one_line(desk: DraftDesk) -> None:
    """The first four, and how many more."""
    for make in ("BMW", "Kia", "Mazda", "Ford", "Volvo"):
        desk.fleet.add_vehicle(make=make)
        desk.fleet.approve_make(desk.partner, make, "B")
    assert form(desk).said_makes == "Audi A · BMW B · Ford B · Kia B · +2"


def test_a_vehicle_of_another_office_is_no_longer_chosen(desk: DraftDesk) -> None:
    """The person is told where it stands."""
    actor = desk.people(locations=[OFFICE, "Miami"]).actor
    close_reading()
    found = form_for(actor, Values(kind=Kind.VEHICLE, office="Miami", vin=desk.vins[0], is_given=True))
    assert found.values.vin == ""
    assert found.notices == (
        "Audi A3 …SA051910 stands in Los Angeles, so it is no longer chosen. Choose a vehicle of Miami.",
    )


def test_makes_that_the_other_office_lacks_are_dropped_aloud(desk: DraftDesk) -> None:
    """Makes and models, each with a sentence; where none is left, all are ticked."""
    actor = desk.people(locations=[OFFICE, "Miami"]).actor
    desk.fleet.add_vehicle(make="Kia", model="EV6", office="Miami")
    desk.fleet.approve_make(desk.partner, "Kia", "B")
    close_reading()
    given = Values(office="Miami", person_id=str(desk.partner.person_id), makes=("Audi",), models=("Audi|A3",))
    found = form_for(actor, given)
    assert [(choice.value, choice.is_ticked) for choice in found.makes] == [("Kia", True)]
    assert found.values.models == ()
    assert found.notices == (
        "No longer chosen, as Miami has none or the partner may not: Audi.",
        "No longer preferred, as the partner cannot have them: Audi A3.",
    )


def test_a_partner_nobody_lists_is_not_chosen(desk: DraftDesk) -> None:
    """Gone, of an office out of scope, or never there: the person chooses another."""
    found = form(desk, person_id="999")
    assert (found.values.person_id, found.has_whom) == ("", False)
    assert found.notices == ("That partner is not one of yours. Choose another.",)


def test_without_an_office_it_is_the_partners_own(desk: DraftDesk) -> None:
    """Or the vehicle's; else the first of the person's offices."""
    actor = desk.people(locations=["Boston", OFFICE]).actor
    close_reading()
    assert form_for(actor, Values(person_id=str(desk.partner.person_id))).values.office == OFFICE
    assert form_for(actor, Values(kind=Kind.VEHICLE, vin=desk.vins[0])).values.office == OFFICE
    assert form_for(actor, Values()).values.office == "Boston"


def test_an_office_out_of_scope_is_said(desk: DraftDesk) -> None:
    """And one of the person's own stands there instead."""
    found = form(desk, office="Miami")
    assert found.values.office == OFFICE
    assert found.notices == ("There is no office Miami that you may plan for.",)


def test_the_first_start_is_a_day_of_handing_over(desk: DraftDesk, fleet: Fleet) -> None:
    """Today, or the next day that is neither a weekend nor a holiday of the office."""
    close_reading()
    assert form_for(desk.actor, Values()).values.start == "2026-11-19"
    with writing() as session:
        for day in (date(2026, 11, 19), date(2026, 11, 20)):
            session.add(
                Holiday(
                    company_id=desk.actor.company_id,
                    office=OFFICE,
                    day=day,
                    name="Parade",
                    kind="",
                    is_all_day=True,
                    notes="",
                )
            )
    assert form_for(desk.actor, Values()).values.start == "2026-11-23"


def test_somebody_without_offices_gets_an_empty_form(desk: DraftDesk) -> None:
    """Nothing to choose, and nothing breaks."""
    actor = desk.people(Role.SCHEDULER, locations=[]).actor
    close_reading()
    found = form_for(actor, Values(person_id="3001"))
    assert (found.offices, found.values.office, found.partners) == ((), "", ())


def test_faults_stand_at_their_fields(desk: DraftDesk) -> None:
    """What is wrong with the whole is said above."""
    assert form(desk, InvalidInput("No.", fields={"start": "No."})).faults == {"start": "No."}
    assert form(desk, InvalidInput("Nothing of it.")).refused == "Nothing of it."


def test_pending_partners_are_asked_for_by_name(desk: DraftDesk) -> None:
    """Every rank is ticked at first, and an approval that is still to be given is not."""
    at_first = form(desk, kind=Kind.VEHICLE, person_id="").tiers
    assert [(tier.value, tier.is_ticked) for tier in at_first] == [
        ("A+", True),
        ("A", True),
        ("B", True),
        ("C", True),
        ("D", True),
        ("Pending", False),
    ]
    chosen = form(desk, kind=Kind.VEHICLE, person_id="", tiers=("Pending",)).tiers
    assert [tier.value for tier in chosen if tier.is_ticked] == ["Pending"]
