"""A plain loan that no rule says anything of, and ways to make it less plain."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from webapp.loans.availability import Occupation
from webapp.loans.periods import Period
from webapp.loans.rules import Facts, assess
from webapp.loans.rules.facts import Costs, OfficeFacts, PartnerFacts, PartnerLoan, VehicleFacts

THURSDAY = date(2026, 11, 26)
WEEK = Period(THURSDAY, THURSDAY + timedelta(days=7))
AUDI_A3 = ("AUDI", "a3 premium plus")
VIN = "WAUZZZ8V0SA051916"
FACTS = Facts(
    wanted=WEEK,
    office=OfficeFacts("Los Angeles", today=date(2026, 11, 19)),
    vehicle=VehicleFacts(
        name="Audi A3 …SA051916",
        vin=VIN,
        vehicle_id=89943,
        make="Audi",
        make_key="AUDI",
        model_key=AUDI_A3,
        fleet="AUDI",
    ),
    partner=PartnerFacts("Coastline Auto", ranks={"AUDI": "A"}, costs=Costs(Decimal(400))),
)
Said = tuple[str, str, date | None]


def plain(
    *,
    vehicle: dict[str, Any] | None = None,
    partner: dict[str, Any] | None = None,
    office: dict[str, Any] | None = None,
    **loan: Any,
) -> Facts:
    """The plain loan with other facts about its vehicle, its partner, its office, or itself."""
    return replace(
        FACTS,
        vehicle=replace(FACTS.vehicle, **(vehicle or {})),
        partner=replace(FACTS.partner, **(partner or {})),
        office=replace(FACTS.office, **(office or {})),
        **loan,
    )


def told(**facts: Any) -> list[Said]:
    """Code, sentence and until-day of every finding about a plain loan with these facts."""
    return [(one.code, one.text, one.until) for one in assess(plain(**facts)).findings]


def codes(facts: Facts) -> list[str]:
    """The code of every finding, what binds most first."""
    return [one.code for one in assess(facts).findings]


def lent(
    start: date,
    end: date | None = None,
    *,
    vin: str = "WAUZZZ8V0SA777777",
    model_key: tuple[str, str] | None = AUDI_A3,
    is_over: bool = False,
    **ids: int,
) -> PartnerLoan:
    """A loan of the partner's: another Audi A3 for a week, unless told otherwise."""
    end = end or start + timedelta(days=7)
    name = f"Audi A3 …{vin[-8:]}"
    number = ids or {"activity_id": 700001}
    occupation = Occupation(
        start,
        end,
        "Coastline Auto",
        name,
        person_id=3035,
        assignment_id=number.get("assignment_id"),
        activity_id=number.get("activity_id"),
    )
    return PartnerLoan(occupation, vin, model_key[0] if model_key else None, model_key, is_over)
