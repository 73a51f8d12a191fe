"""What is said of a chain that a person put together by hand."""

from dataclasses import replace

from tests.chains.instances import slots_of
from webapp.chains.solving.checks import of_partners, of_vehicles
from webapp.chains.solving.values import BudgetKey, PartnerOffer, Pick, VehicleOffer

SLOTS = slots_of(4)
FREE = frozenset({1, 2, 3, 4})
A3 = VehicleOffer("WAUZZZ00000000001", "Audi", "A3", "A", FREE, cost=40_000, fleet="Audi PR - Press")
OFFICE = (33.75, -84.39)


def picked(*offers: VehicleOffer) -> tuple[Pick[VehicleOffer], ...]:
    """One after another."""
    return tuple(Pick(slot, offer, True) for slot, offer in zip(SLOTS, offers, strict=False))


def test_a_vehicle_and_a_model_that_come_twice_are_named_with_their_slots() -> None:
    """The same vehicle is not reported as the same model again."""
    other = replace(A3, vin="WAUZZZ00000000002")
    assert [(one.code, one.slots) for one in of_vehicles(picked(A3, A3))] == [("had_before", (1, 2))]
    assert [(one.code, one.slots) for one in of_vehicles(picked(A3, other))] == [("cooldown", (1, 2))]
    assert of_vehicles(picked(A3, replace(other, model="A4"))) == ()


def test_a_chain_over_budget_says_whose_when_and_by_how_much() -> None:
    """The two loans of December, not the ones of January."""
    cars = [replace(A3, vin=f"V{number}", model=f"A{number}") for number in range(4)]
    budgets = {BudgetKey("AUDI", 2026, 4): 45_000, BudgetKey("AUDI", 2027, 1): 80_000}
    (finding,) = of_vehicles(picked(*cars), budgets)
    starts = [slot.index for slot in SLOTS if slot.period.start_day.year == 2026]
    assert (finding.code, finding.slots) == ("over_budget", tuple(starts))
    over = 400 * len(starts) - 450
    assert finding.text == f"AUDI is over its budget of quarter 4 of 2026 by ${over:,.0f}."


def test_long_hops_and_unknown_places_are_named() -> None:
    """The hop after a partner who is nowhere is not counted either."""
    near = PartnerOffer(1, "Coastline Auto", "A", FREE, (34.25, -84.39))
    far = PartnerOffer(2, "Harbor Drive", "A", FREE, (36.25, -84.39))
    nowhere = PartnerOffer(3, "Open Road", "A", FREE, None)
    picks = [Pick(slot, one, True) for slot, one in zip(SLOTS, (near, far, nowhere, near), strict=True)]
    found = of_partners(picks, office=OFFICE, max_hop_miles=50)
    assert [(one.code, one.slots) for one in found] == [
        ("too_far", (2,)),
        ("no_coordinates", (3,)),
        ("had_before", (1, 4)),
    ]
    assert found[0].text == "Harbor Drive is 139 miles from Coastline Auto; a hop is at most 50."
