"""Between the supply and the solver: entries as offers, pins checked, and the best chain of either kind."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from webapp.chains.looking.fitting import Fit
from webapp.chains.looking.suggestion import Key
from webapp.chains.looking.supply import Entry, Supply
from webapp.chains.solving.partner_chain import best_partner_chain
from webapp.chains.solving.slots import Slot
from webapp.chains.solving.values import PartnerOffer, PinRefused, Status, Unfilled, VehicleOffer
from webapp.chains.solving.vehicle_chain import best_vehicle_chain
from webapp.fleet.names import short_vin

# The objective of a vehicle chain comes in thousandths.
THOUSANDTHS = 1000
EVERYWHERE: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Best:
    """The solver's answer in keys. `objective` in points; `excluded` by code; `unplaced` are person id and name."""

    status: Status
    objective: float
    picks: Mapping[int, Key]
    unfilled: tuple[Unfilled, ...]
    excluded: Mapping[str, int]
    unplaced: tuple[tuple[int, str], ...]


def best(
    supply: Supply,
    slots: Sequence[Slot],
    fits: Sequence[Fit],
    pins: Mapping[int, Entry],
    excluded: Mapping[str, int],
) -> Best:
    """The best chain of those who fit somewhere, around the pinned. Raises `PinRefused`."""
    refuse_pins(slots, pins)
    fitting = [fit for fit in fits if fit.free_in]
    if supply.is_of_vehicle:
        return _best_of_vehicle(supply, slots, fitting, pins, excluded)
    chain = best_partner_chain(
        slots,
        [vehicle_offer(fit.entry, fit.free_in) for fit in fitting],
        wishes=supply.wishes,
        budgets=supply.budgets,
        pinned={index: vehicle_offer(entry) for index, entry in pins.items()},
        excluded=excluded,
    )
    picks: dict[int, Key] = {pick.slot.index: pick.offer.vin for pick in chain.picks}
    return Best(chain.status, float(chain.objective), picks, chain.unfilled, chain.excluded, ())


def _best_of_vehicle(
    supply: Supply,
    slots: Sequence[Slot],
    fitting: Sequence[Fit],
    pins: Mapping[int, Entry],
    excluded: Mapping[str, int],
) -> Best:
    chain = best_vehicle_chain(
        slots,
        [partner_offer(fit.entry, fit.free_in) for fit in fitting],
        office=supply.point,
        fleet=_fleet(supply),
        max_hop_miles=supply.max_hop_miles,
        budgets=supply.budgets,
        pinned={index: partner_offer(entry) for index, entry in pins.items()},
        excluded=excluded,
    )
    picks: dict[int, Key] = {pick.slot.index: pick.offer.person_id for pick in chain.picks}
    unplaced = tuple((one.person_id, one.name) for one in chain.unplaced)
    return Best(chain.status, chain.objective / THOUSANDTHS, picks, chain.unfilled, chain.excluded, unplaced)


def vehicle_offer(entry: Entry, free_in: frozenset[int] = EVERYWHERE) -> VehicleOffer:
    """An entry of a partner chain as the solver takes it; makes and models as `fleet.makes` writes them."""
    make, model = entry.model
    return VehicleOffer(
        vin=entry.car.vin,
        make=make,
        model=model,
        rank=entry.rank,
        free_in=free_in,
        is_home=entry.is_home,
        publication_rate=entry.publication_rate,
        idle_days=entry.idle_days,
        cost=entry.cents,
        fleet=entry.vehicle.fleet,
    )


def partner_offer(entry: Entry, free_in: frozenset[int] = EVERYWHERE) -> PartnerOffer:
    """An entry of a vehicle chain as the solver takes it."""
    return PartnerOffer(
        person_id=entry.person_id,
        name=entry.name,
        rank=entry.rank,
        free_in=free_in,
        point=entry.point,
        publication_rate=entry.publication_rate,
        idle_days=entry.idle_days,
        cost=entry.cents,
    )


def refuse_pins(slots: Sequence[Slot], pins: Mapping[int, Entry]) -> None:
    """Raise `PinRefused` for picks that cannot stand together, or that nobody knows."""
    known, held = {slot.index for slot in slots}, dict[Key, int]()
    for index, entry in sorted(pins.items()):
        if index not in known:
            raise PinRefused("unknown", f"There is no loan {index} in this chain.", (index,))
        if not entry.is_known:
            what = f"partner {entry.key}" if isinstance(entry.key, int) else f"vehicle {short_vin(entry.key)}"
            raise PinRefused("unknown", f"No {what}, picked for loan {index}, is in FMS's list.", (index,))
        if entry.key in held:
            text = f"{entry.name} is picked for loan {held[entry.key]} and for loan {index}; a chain has it once."
            raise PinRefused("picked_twice", text, (held[entry.key], index))
        held[entry.key] = index


def _fleet(supply: Supply) -> str:
    return next((entry.vehicle.fleet for entry in supply.entries.values()), "")
