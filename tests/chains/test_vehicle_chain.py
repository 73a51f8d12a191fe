"""The best chain of partners for one vehicle, against trying every chain there is."""

import json
import subprocess
import sys
from dataclasses import replace
from random import Random

import pytest

from tests.chains.brute import NOBODY, Sums, best_partners, every_vehicle_chain, hop
from tests.chains.instances import VehicleInstance, slots_of, vehicle_instance
from webapp.chains.solving import hops
from webapp.chains.solving.solver import Limits
from webapp.chains.solving.values import BudgetKey, Chain, PartnerOffer, PinRefused, Status
from webapp.chains.solving.vehicle_chain import best_vehicle_chain
from webapp.fleet.distances import tenth_miles

FLEET = "Audi"
NO_ROOM = Limits(seconds=30, room=2)
PLENTY = Limits(seconds=30)
OFFICE = (33.75, -84.39)
NORTH = 1 / 69.09  # degrees of latitude in a mile


def best(instance: VehicleInstance, limits: Limits = PLENTY) -> Chain[PartnerOffer]:
    """What we answer."""
    return best_vehicle_chain(
        instance.slots,
        instance.offers,
        office=instance.office,
        fleet=FLEET,
        max_hop_miles=instance.max_hop_miles,
        budgets=instance.budgets,
        pinned=instance.pinned,
        limits=limits,
    )


def people(chain: Chain[PartnerOffer], instance: VehicleInstance) -> tuple[int, ...]:
    """The person in each slot."""
    filled = {pick.slot.index: pick.offer.person_id for pick in chain.picks}
    return tuple(filled.get(slot.index, NOBODY) for slot in instance.slots)


def expected(instance: VehicleInstance) -> tuple[Sums, tuple[int, ...]]:
    """What trying every chain finds."""
    made = instance
    chains = every_vehicle_chain(
        made.slots, made.offers, made.office, made.max_hop_miles, made.pinned, made.budgets, FLEET
    )
    return best_partners(chains, made.office)


@pytest.mark.parametrize("part", range(8))
def test_the_answer_is_what_trying_every_chain_finds(part: int) -> None:
    """200 instances each: filled slots, objective, and the same partners in the same slots, ties included."""
    for seed in range(part * 200, part * 200 + 200):
        instance = vehicle_instance(Random(seed))
        sums, chosen = expected(instance)
        chain = best(instance)
        assert (people(chain, instance), chain.objective, len(chain.picks)) == (chosen, sums[1], sums[0]), seed
        nowhere = {one.person_id for one in instance.offers if one.point is None}
        assert {one.person_id for one in chain.unplaced} == nowhere, seed


def test_leaving_out_first_who_cannot_win_keeps_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """As with far more partners than are weighed at once."""
    monkeypatch.setattr(hops, "CORE", 2)
    for seed in range(2000, 2400):
        instance = vehicle_instance(Random(seed))
        sums, chosen = expected(instance)
        chain = best(instance)
        assert (people(chain, instance), chain.objective) == (chosen, sums[1]), seed


@pytest.mark.parametrize("part", range(3))
def test_cp_sat_settles_what_the_search_may_not(part: int) -> None:
    """The same answers, 100 instances each."""
    needed = 0
    for seed in range(part * 100, part * 100 + 100):
        instance = vehicle_instance(Random(seed))
        sums, chosen = expected(instance)
        chain = best(instance, NO_ROOM)
        needed += chain.work.needed_cp_sat
        assert (people(chain, instance), chain.objective) == (chosen, sums[1]), seed
    assert needed > 30


def test_shuffled_input_and_another_process_give_the_same_answer() -> None:
    """Whatever order the partners come in, and however Python hashes."""
    for seed in range(60):
        instance = vehicle_instance(Random(seed))
        first = best(instance)
        Random(seed).shuffle(instance.offers)
        assert best(instance) == first, seed
    program = (
        "import json\nfrom random import Random\n"
        "from tests.chains.instances import vehicle_instance\n"
        "from tests.chains.test_vehicle_chain import best, people\n"
        "made = [vehicle_instance(Random(seed), 6, 30) for seed in range(12)]\n"
        "print(json.dumps([people(best(one), one) for one in made]))"
    )
    run = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONHASHSEED": "3", "PYTHONPATH": "."},
        capture_output=True,
        text=True,
        check=True,
    )
    made = [vehicle_instance(Random(seed), 6, 30) for seed in range(12)]
    assert json.loads(run.stdout) == [list(people(best(one), one)) for one in made]


def test_an_unused_partner_can_go_and_a_rule_never_helps() -> None:
    """Without one who is not in it the chain stays; one slot less for a partner never makes it better."""
    for seed in range(120):
        random, instance = Random(seed), vehicle_instance(Random(seed))
        chain = best(instance)
        unused = [one for one in instance.offers if one.person_id not in people(chain, instance)]
        if unused:
            gone = random.choice(unused)
            fewer = best(replace(instance, offers=[one for one in instance.offers if one != gone]))
            assert (fewer.picks, fewer.objective) == (chain.picks, chain.objective), seed
        if instance.offers:
            hit = random.choice(instance.offers)
            stricter = replace(hit, free_in=frozenset(list(hit.free_in)[1:]))
            less = best(replace(instance, offers=[stricter if one == hit else one for one in instance.offers]))
            assert (len(less.picks), less.objective) <= (len(chain.picks), chain.objective), seed


def partner(number: int, miles_north: float | None, **changes: object) -> PartnerOffer:
    """A partner so far north of the office, free in four slots."""
    point = None if miles_north is None else (OFFICE[0] + miles_north * NORTH, OFFICE[1])
    made = PartnerOffer(number, f"Partner {number}", "A", frozenset({1, 2, 3, 4}), point)
    return replace(made, **changes)  # type: ignore[arg-type]


def test_every_hop_is_at_most_as_long_as_it_may_be_the_first_from_the_office() -> None:
    """80 miles away can only be reached over somebody between; 100 further, not at all."""
    near, far, beyond = partner(1, 40), partner(2, 80, rank="A+"), partner(3, 180, rank="A+")
    chain = best_vehicle_chain(slots_of(3), [far, beyond, near], office=OFFICE)
    assert [pick.offer for pick in chain.picks] == [near, far]
    assert [pick.hop_tenth_miles for pick in chain.picks] == [pytest.approx(400, abs=2), pytest.approx(400, abs=2)]
    assert (chain.status, [one.code for one in chain.unfilled]) == (Status.PARTIAL, ["too_far"])
    assert best_vehicle_chain(slots_of(1), [far], office=OFFICE).status == Status.NONE
    assert len(best_vehicle_chain(slots_of(1), [far], office=OFFICE, max_hop_miles=90).picks) == 1


def test_who_is_nowhere_is_listed_apart_and_never_suggested() -> None:
    """Unless a person picks them; then the hops to and from them are not known."""
    nowhere = partner(1, None, rank="A+")
    chain = best_vehicle_chain(slots_of(2), [nowhere, partner(2, 10)], office=OFFICE)
    assert [pick.offer.person_id for pick in chain.picks] == [2]
    assert [one.person_id for one in chain.unplaced] == [1]
    picked = best_vehicle_chain(slots_of(2), [partner(2, 10)], office=OFFICE, pinned={1: nowhere})
    assert [(pick.offer.person_id, pick.hop_tenth_miles) for pick in picked.picks] == [(1, None), (2, None)]
    assert [one.person_id for one in picked.unplaced] == [1]


def test_whom_a_person_picked_may_be_far_away_and_comes_once() -> None:
    """The hop to them is allowed; the same partner twice is not."""
    far = partner(1, 200)
    chain = best_vehicle_chain(slots_of(2), [far, partner(2, 180)], office=OFFICE, pinned={1: far})
    assert [pick.offer.person_id for pick in chain.picks] == [1, 2]
    with pytest.raises(PinRefused, match="loans 1 and 2"):
        best_vehicle_chain(slots_of(2), [], office=OFFICE, pinned={1: far, 2: far})


def test_quality_and_distance_weigh_as_specified() -> None:
    """0.3 x (700 + 30 for 30 %) - 0.7 x $2 x 10 miles = 205 points, in thousandths."""
    chain = best_vehicle_chain(slots_of(1), [partner(1, 10, publication_rate=300)], office=OFFICE)
    miles = tenth_miles(OFFICE, partner(1, 10).point or OFFICE)
    assert miles == hop(None, partner(1, 10), OFFICE) == pytest.approx(100, abs=1)
    assert chain.objective == 219_000 - 140 * miles


def test_only_the_tiers_that_were_chosen_are_suggested() -> None:
    """A chain of A and nothing else."""
    offers = [partner(1, 10, rank="A+"), partner(2, 10, rank="A"), partner(3, 10, rank="B")]
    chain = best_vehicle_chain(slots_of(4), offers, office=OFFICE, tiers=frozenset({"A"}))
    assert [pick.offer.person_id for pick in chain.picks] == [2]


def test_each_quarter_pays_for_its_own_loans() -> None:
    """One loan fits into what is left of the year, two into the next quarter."""
    offers = [partner(number, 10, cost=40_000) for number in range(1, 6)]
    budgets = {BudgetKey("AUDI", 2026, 4): 79_999, BudgetKey("AUDI", 2027, 1): 80_000}
    chain = best_vehicle_chain(slots_of(6), offers, office=OFFICE, fleet=FLEET, budgets=budgets)
    days = [pick.slot.period.start_day for pick in chain.picks]
    assert [day.year for day in days].count(2026) == 1
    assert {one.code for one in chain.unfilled} <= {"over_budget", "no_candidate"}
    broke = best_vehicle_chain(slots_of(2), offers, office=OFFICE, fleet=FLEET, budgets={BudgetKey("AUDI", 2026, 4): 1})
    assert broke.status == Status.BUDGET_BLOCKED
    assert broke.excluded == {"over_budget": 5}


def test_the_limit_reached_is_said() -> None:
    """No time at all: a chain all the same, and `feasible`."""
    random = Random(3)
    many = [partner(number, random.uniform(0, 40), idle_days=random.randrange(90)) for number in range(80)]
    chain = best_vehicle_chain(slots_of(4), many, office=OFFICE, limits=Limits(seconds=0, room=0))
    assert (chain.status, len(chain.picks)) == (Status.FEASIBLE, 4)
