"""The best chain of vehicles for one partner, against trying every chain there is."""

import json
import subprocess
import sys
from dataclasses import replace
from random import Random

import pytest

from tests.chains.brute import LAST, best_vehicles, every_partner_chain
from tests.chains.instances import PartnerInstance, partner_instance, slots_of
from webapp.chains.solving.objective import Wishes
from webapp.chains.solving.partner_chain import Candidate, best_partner_chain, undominated
from webapp.chains.solving.solver import Limits
from webapp.chains.solving.values import BudgetKey, Chain, PinRefused, Status, VehicleOffer

# A search that may hardly look around leaves everything to CP-SAT.
NO_ROOM = Limits(seconds=30, room=2)
PLENTY = Limits(seconds=30)


def best(instance: PartnerInstance, limits: Limits = PLENTY) -> Chain[VehicleOffer]:
    """What we answer."""
    return best_partner_chain(
        instance.slots,
        instance.offers,
        wishes=instance.wishes,
        budgets=instance.budgets,
        pinned=instance.pinned,
        limits=limits,
    )


def vins(chain: Chain[VehicleOffer], instance: PartnerInstance) -> tuple[str, ...]:
    """The VIN in each slot."""
    filled = {pick.slot.index: pick.offer.vin for pick in chain.picks}
    return tuple(filled.get(slot.index, LAST) for slot in instance.slots)


def expected(instance: PartnerInstance) -> tuple[tuple[int, int, int, int], tuple[str, ...]]:
    """What trying every chain finds."""
    free = [offer for offer in instance.offers if instance.wishes.allow(offer.make, offer.model)]
    chains = every_partner_chain(instance.slots, free, instance.pinned, instance.budgets)
    return best_vehicles(chains, instance.wishes)


@pytest.mark.parametrize("part", range(10))
def test_the_answer_is_what_trying_every_chain_finds(part: int) -> None:
    """200 instances each: filled slots, objective, and the same vehicles in the same slots, ties included."""
    for seed in range(part * 200, part * 200 + 200):
        instance = partner_instance(Random(seed))
        sums, chosen = expected(instance)
        chain = best(instance)
        assert (vins(chain, instance), chain.objective, len(chain.picks)) == (chosen, sums[1], sums[0]), seed
        assert chain.status != Status.FEASIBLE


@pytest.mark.parametrize("part", range(4))
def test_cp_sat_settles_what_the_search_may_not(part: int) -> None:
    """The same answers, 75 instances each, when the search has no room."""
    needed = 0
    for seed in range(part * 75, part * 75 + 75):
        instance = partner_instance(Random(seed))
        sums, chosen = expected(instance)
        chain = best(instance, NO_ROOM)
        needed += chain.work.needed_cp_sat
        assert (vins(chain, instance), chain.objective) == (chosen, sums[1]), seed
    assert needed > 30


def test_reducing_keeps_the_answer() -> None:
    """Long chains with many vehicles of a make: what is left out is not in the best chain, nor in its ties."""
    left_out = 0
    for seed in range(150):
        made = partner_instance(Random(seed), slots=3, vehicles=14)
        plain = replace(made, budgets=None, wishes=Wishes(), pinned={})
        kept = set()
        for slot in plain.slots:
            here = [Candidate(one, _points(one)) for one in plain.offers if slot.index in one.free_in]
            reduced = undominated(here, len(plain.slots))
            left_out += len(here) - len(reduced)
            kept |= {(slot.index, one.offer.vin) for one in reduced}
        narrow = [
            replace(one, free_in=frozenset(index for index in one.free_in if (index, one.vin) in kept))
            for one in plain.offers
        ]
        assert expected(replace(plain, offers=narrow)) == expected(plain), seed
    assert left_out > 300


def test_the_order_of_the_input_does_not_matter() -> None:
    """Shuffled vehicles, slots and budgets give the same chain."""
    for seed in range(60):
        instance = partner_instance(Random(seed))
        first = best(instance)
        random = Random(seed)
        budgets = list((instance.budgets or {}).items())
        slots = list(instance.slots)
        random.shuffle(instance.offers)
        random.shuffle(budgets)
        random.shuffle(slots)
        again = best(replace(instance, slots=tuple(slots), budgets=dict(budgets) or None))
        assert again == first, seed


def test_an_unused_vehicle_can_go_and_a_rule_never_helps() -> None:
    """Without a vehicle that is not in it the chain stays; one slot less for a vehicle never makes it better."""
    for seed in range(120):
        random, instance = Random(seed), partner_instance(Random(seed))
        chain = best(instance)
        used = {pick.offer.vin for pick in chain.picks}
        unused = [offer for offer in instance.offers if offer.vin not in used]
        if unused:
            gone = random.choice(unused)
            fewer = best(replace(instance, offers=[one for one in instance.offers if one != gone]))
            assert (fewer.picks, fewer.objective) == (chain.picks, chain.objective), seed
        if instance.offers:
            hit = random.choice(instance.offers)
            stricter = replace(hit, free_in=frozenset(list(hit.free_in)[1:]))
            less = best(replace(instance, offers=[stricter if one == hit else one for one in instance.offers]))
            assert (len(less.picks), less.objective) <= (len(chain.picks), chain.objective), seed


def test_two_calls_and_two_processes_give_the_same_answer() -> None:
    """Also when Python hashes words differently, and when CP-SAT had to be asked."""
    program = (
        "import json\nfrom random import Random\n"
        "from tests.chains.instances import partner_instance\n"
        "from tests.chains.test_partner_chain import NO_ROOM, PLENTY, best, vins\n"
        "made = [partner_instance(Random(seed), 4, 20) for seed in range(8)]\n"
        "print(json.dumps([vins(best(one, limits), one) for one in made for limits in (PLENTY, NO_ROOM)]))"
    )
    answers = [
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": "."},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    made = [partner_instance(Random(seed), 4, 20) for seed in range(8)]
    here = [list(vins(best(one, limits), one)) for one in made for limits in (PLENTY, NO_ROOM)]
    assert json.loads(answers[0]) == json.loads(answers[1]) == here


def offer(vin: str, make: str = "Audi", model: str = "A3", **changes: object) -> VehicleOffer:
    """A vehicle that is free in four slots."""
    return replace(VehicleOffer(vin, make, model, "A", frozenset({1, 2, 3, 4}), fleet=make), **changes)  # type: ignore[arg-type]


def test_the_limit_reached_is_said() -> None:
    """No time at all: a chain all the same, and `feasible`, not `optimal`."""
    random = Random(7)
    many = [
        offer(f"V{number:03}", random.choice("ABC"), str(number % 9), idle_days=random.randrange(300))
        for number in range(120)
    ]
    chain = best_partner_chain(slots_of(4), many, limits=Limits(seconds=0, room=0))
    assert chain.status == Status.FEASIBLE
    assert len(chain.picks) == 4


def test_fewer_loans_than_asked_is_an_answer_with_reasons() -> None:
    """Ten asked, three models: partial, and each empty slot says why."""
    models = [offer("V1", model="A3"), offer("V2", model="A4"), offer("V3", model="A4")]
    chain = best_partner_chain(slots_of(4), models, excluded={"held": 97})
    assert (chain.status, len(chain.picks)) == (Status.PARTIAL, 2)
    assert {one.code for one in chain.unfilled} == {"used"}
    assert chain.excluded == {"held": 97}
    nothing = best_partner_chain(slots_of(2), [])
    assert (nothing.status, nothing.objective) == (Status.NONE, 0)
    assert [one.code for one in nothing.unfilled] == ["no_candidate", "no_candidate"]


def test_report_10_a_make_over_its_budget_is_passed_over_for_one_with_money() -> None:
    """Toyota and Lexus are one budget, per quarter of each loan's own start, the chain's own loans counted."""
    slots = slots_of(4)  # two start in December, the third on January 4
    toyota = offer("V1", "Toyota", "Camry", cost=40_000, rank="A+")
    lexus = offer("V2", "Lexus", "ES", cost=40_000, rank="A+")
    kia = offer("V3", "Kia", "EV6", cost=40_000, rank="D")
    budgets = {BudgetKey("TOYOTA/LEXUS", 2026, 4): 40_000, BudgetKey("TOYOTA/LEXUS", 2027, 1): 0}
    chain = best_partner_chain(slots, [toyota, lexus, kia], budgets=budgets)
    paid = [pick.offer.make for pick in chain.picks if pick.slot.period.start_day.year == 2026]
    later = [pick.offer.make for pick in chain.picks if pick.slot.period.start_day.year == 2027]
    assert len([make for make in paid if make != "Kia"]) == 1
    assert set(later) <= {"Kia"}
    assert {one.code for one in chain.unfilled} == {"over_budget"}
    free = best_partner_chain(slots, [toyota, lexus, kia])
    assert len(free.picks) == 3


def test_nothing_fits_but_for_the_budget_is_its_own_answer() -> None:
    """With the number of vehicles that are too dear."""
    budgets = {BudgetKey("AUDI", 2026, 4): 39_999, BudgetKey("AUDI", 2027, 1): 0}
    chain = best_partner_chain(slots_of(4), [offer("V1", cost=40_000), offer("V2", cost=41_000)], budgets=budgets)
    assert chain.status == Status.BUDGET_BLOCKED
    assert chain.excluded == {"over_budget": 2}


def test_preferred_models_win_and_strict_leaves_nothing_else() -> None:
    """800 points beat any rank but A+ at home; strict fills fewer slots rather than others."""
    wishes = Wishes(models=frozenset({("Audi", "A4")}))
    offers = [offer("V1", model="A3", rank="A+"), offer("V2", model="A4", rank="B")]
    chain = best_partner_chain(slots_of(1), offers, wishes=wishes)
    assert [pick.offer for pick in chain.picks] == [offers[1]]
    assert chain.objective == 400 + 800
    strict = best_partner_chain(slots_of(2), offers, wishes=replace(wishes, is_strict=True))
    assert ([pick.offer for pick in strict.picks], strict.status) == ([offers[1]], Status.PARTIAL)


def test_a_pair_of_one_make_costs_150_also_across_an_empty_slot() -> None:
    """Consecutive among the filled slots."""
    first, last = frozenset({1}), frozenset({3})
    offers = [offer("V1", model="A3", free_in=first), offer("V2", model="A4", free_in=last)]
    assert best_partner_chain(slots_of(3), offers).objective == 700 + 700 - 150


def test_what_a_person_chose_stays_and_is_not_suggested_again() -> None:
    """Nor is another of its model; the same vehicle twice is refused by name."""
    chosen = offer("V1", rank=None)
    chain = best_partner_chain(slots_of(2), [chosen, offer("V2"), offer("V3", model="A4")], pinned={2: chosen})
    assert [(pick.offer.vin, pick.is_pinned) for pick in chain.picks] == [
        ("V3", False),
        ("V1", True),
    ]
    with pytest.raises(PinRefused, match="picked for loan 1 and for loan 2") as refused:
        best_partner_chain(slots_of(2), [], pinned={1: chosen, 2: chosen})
    assert refused.value.slots == (1, 2)


def _points(one: VehicleOffer) -> int:
    return {"A+": 1000, "A": 700, "B": 400, "C": 100, "D": 50}.get(one.rank or "", 0) + 100 * one.is_home
