"""Loans that are wished in one go: what the earlier ones mean for the later, by table and without a database."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.loans.plain_facts import THURSDAY, plain
from webapp.loans.periods import Period, Quarter
from webapp.loans.rules import Facts, assess
from webapp.loans.rules.facts import Account, Costs, Limits
from webapp.loans.rules.together import counting, in_turn

Q4 = Quarter(2026, 4)
COASTLINE, RING = 3035, 3036
ANOTHER = {"vin": "WAUZZZ8V0SA777777", "name": "Audi A3 …SA777777"}
Q8 = {"vin": "WAUZZZ8V0SA888888", "name": "Audi Q8 …SA888888", "model_key": ("AUDI", "q8")}


def wished(days: int = 0, *, vehicle: dict[str, Any] | None = None, person_id: int = COASTLINE, **more: Any) -> Facts:
    """A week that begins so many days after Thursday, for one of two partners."""
    name = {COASTLINE: "Coastline Auto", RING: "Ring Report"}[person_id]
    start = THURSDAY + timedelta(days=days)
    wanted = Period(start, start + timedelta(days=7))
    partner = {"name": name, "person_id": person_id, **more.pop("partner", {})}
    return plain(**{"wanted": wanted, **more}, vehicle=vehicle, partner=partner)


def later(*wishes: Facts) -> list[str]:
    """What is said of the last of them, where nothing is said of it alone."""
    assert assess(wishes[-1]).findings == ()
    return [f"{one.code}: {one.text}" for one in assess(in_turn(wishes)[-1]).findings]


HELD = "held: Audi A3 …SA051916 is held by Coastline Auto 11-26-26 to 12-03-26, in this chain."
BOOKED = "partner_has: Coastline Auto is to get Audi A3 …SA051916 11-26-26 to 12-03-26, in this chain."
COOLING = (
    "cooldown: Cooldown until 01-02-27: Coastline Auto is to get Audi A3 …SA051916 11-26-26 to 12-03-26, in this chain "
    "(30 days between loans of one model)."
)
AGAINST_EACH_OTHER: list[tuple[Facts, Facts, list[str]]] = [
    # One vehicle: at once, on the day it comes back, much later.
    (wished(), wished(4), [HELD, BOOKED, COOLING]),
    (wished(), wished(4, person_id=RING), [HELD]),
    (wished(), wished(7, person_id=RING), []),
    (wished(), wished(7), [BOOKED, COOLING]),
    (wished(), wished(200), [BOOKED]),
    # One model: within its cooldown, after it, and for somebody else.
    (wished(), wished(7, vehicle=ANOTHER), [COOLING]),
    (wished(), wished(40, vehicle=ANOTHER), []),
    (wished(), wished(7, vehicle=ANOTHER, person_id=RING), []),
    # The earlier one of the call may be the later one of the two.
    (
        wished(7, vehicle=ANOTHER),
        wished(),
        [
            "cooldown: Cooldown until 01-09-27: Coastline Auto is to get Audi A3 …SA777777 12-03-26 to 12-10-26, "
            "in this chain (30 days between loans of one model)."
        ],
    ),
    # Another model: nothing, but that the partner is busy where they overlap.
    (wished(), wished(7, vehicle=Q8), []),
    (
        wished(),
        wished(4, vehicle=Q8),
        ["partner_busy: Coastline Auto has Audi A3 …SA051916 11-26-26 to 12-03-26, in this chain."],
    ),
    (wished(), wished(4, vehicle=Q8, person_id=RING), []),
]


@pytest.mark.parametrize(("first", "second", "said"), AGAINST_EACH_OTHER)
def test_an_earlier_loan_of_the_call_counts_as_booked(first: Facts, second: Facts, said: list[str]) -> None:
    """Its vehicle is held, it is its partner's, its model cools down, and all say that it stands in this chain, as FMS
    knows nothing of it; nothing is said of the earlier one.
    """
    assert later(first, second) == said
    assert in_turn([first, second])[0] == first


def test_a_year_counts_the_loans_of_the_call() -> None:
    """With a cap of two, the third is one too many."""
    office = {"limits": {("AUDI", "A"): Limits(cooldown_days=0, loans_a_year=2)}}
    wishes = [
        wished(0, office=office),
        wished(7, vehicle=ANOTHER, office=office),
        wished(14, vehicle=Q8, office=office),
    ]
    assert later(*wishes[:2]) == []
    assert later(*wishes) == ["yearly_cap: Coastline Auto has 2 loans of Audi in 2026; rank A allows 2 loans a year."]


def test_money_counts_the_loans_of_the_call() -> None:
    """Each at what it costs its own partner, in the fleet and the quarter in which it starts."""
    account = Account(Decimal(1000), used=Decimal(0), planned=Decimal(100))
    office = {"accounts": {("AUDI", Q4): account}}
    dear = {"costs": Costs(Decimal(400), by_make={"AUDI": Decimal(501)})}
    last = wished(14, vehicle=Q8, office=office)
    assert later(wished(office=office), last) == []
    assert later(wished(office=office, partner=dear), last) == [
        "over_budget: Over budget by $1: Los Angeles has $399 left for AUDI in Q4 2026, and this loan costs about $400."
    ]
    elsewhere = {"fleet": "LEXUS"}
    next_year: dict[str, Any] = {"wanted": Period(date(2027, 1, 4), date(2027, 1, 11))}
    assert later(wished(office=office, partner=dear, vehicle={**ANOTHER, **elsewhere}), last) == []
    assert later(wished(office=office, partner=dear, **next_year, vehicle={**ANOTHER, "model_key": None}), last) == []


NONSENSE = [
    wished(vehicle={"is_known": False}),
    wished(partner={"is_known": False}),
    wished(wanted=Period(THURSDAY, THURSDAY)),
    wished(wanted=Period(THURSDAY + timedelta(days=5), THURSDAY)),
]


@pytest.mark.parametrize("nonsense", NONSENSE)
def test_what_makes_no_sense_counts_for_nothing(nonsense: Facts) -> None:
    """Neither against others, nor is anything more to be said of it."""
    assert later(nonsense, wished()) == []
    assert assess(in_turn([wished(), nonsense])[1]) == assess(nonsense)


def test_a_broken_loan_still_counts() -> None:
    """Whoever mends the first must not hear of the second only then."""
    broken = wished(office={"today": date(2026, 12, 1)})
    assert [one.code for one in assess(broken).hard] == ["past"]
    assert [one.code for one in assess(counting(wished(4, person_id=RING), [broken])).hard] == ["held"]


def test_others_may_be_counted_in_any_order() -> None:
    """A draft asks about one loan beside all others."""
    others = [wished(7, vehicle=Q8), wished(-30, vehicle=ANOTHER), wished(100)]
    one = wished()
    assert assess(counting(one, others)).findings == assess(counting(one, others[::-1])).findings
    assert counting(one, []) == one
