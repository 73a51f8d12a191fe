"""The checklist that comes with every journey: six phases, who ticks them, and what is to be ticked."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Phase(StrEnum):
    """A part of the work, in the order of the day."""

    CREATION = "creation"
    MORNING_PREP = "morning_prep"
    PICKUP = "pickup"
    TRANSPORT = "transport"
    DELIVERY = "delivery"
    COMPLETION = "completion"

    @property
    def label(self) -> str:
        """What people call it."""
        return LABELS[self]

    @property
    def is_of_desk(self) -> bool:
        """Whether the desk ticks it; the others are the crew's, and the desk may help."""
        return self is Phase.CREATION


LABELS = {
    Phase.CREATION: "Creation",
    Phase.MORNING_PREP: "Morning prep",
    Phase.PICKUP: "Pickup",
    Phase.TRANSPORT: "Transport",
    Phase.DELIVERY: "Delivery",
    Phase.COMPLETION: "Completion",
}


@dataclass(frozen=True)
class Item:
    """One thing to tick: `code` is stored, `label` is what people read."""

    code: str
    label: str
    phase: Phase


ITEMS: Mapping[str, Item] = {
    item.code: item
    for item in (
        Item("addresses_checked", "Addresses and access checked", Phase.CREATION),
        Item("customer_called", "Customer called, arrival window confirmed", Phase.CREATION),
        Item("crew_and_truck_assigned", "Crew and truck assigned", Phase.CREATION),
        Item("special_items_noted", "Special items noted (piano, safe, art)", Phase.CREATION),
        Item("truck_inspected", "Truck inspected, fuel checked", Phase.MORNING_PREP),
        Item("equipment_loaded", "Dollies, straps and blankets on board", Phase.MORNING_PREP),
        Item("paperwork_on_board", "Paperwork on board", Phase.MORNING_PREP),
        Item("customer_told_of_arrival", "Customer told when we arrive", Phase.MORNING_PREP),
        Item("walk_through_done", "Walked through with the customer", Phase.PICKUP),
        Item("damage_photographed", "Existing damage photographed", Phase.PICKUP),
        Item("home_protected", "Floors and door frames protected", Phase.PICKUP),
        Item("inventory_loaded", "Everything on the inventory loaded", Phase.PICKUP),
        Item("load_secured", "Load strapped, doors locked", Phase.TRANSPORT),
        Item("customer_told_we_left", "Customer told that we are on the way", Phase.TRANSPORT),
        Item("route_checked", "Route and clearance for the truck checked", Phase.TRANSPORT),
        Item("placed_as_wished", "Everything placed where the customer wants it", Phase.DELIVERY),
        Item("furniture_assembled", "Furniture put together again", Phase.DELIVERY),
        Item("truck_empty", "Truck empty, nothing left behind", Phase.DELIVERY),
        Item("final_walk_through", "Last walk through with the customer", Phase.COMPLETION),
        Item("papers_signed", "Papers signed", Phase.COMPLETION),
        Item("times_noted", "Start and end of work noted", Phase.COMPLETION),
        Item("truck_cleaned", "Truck cleaned and parked", Phase.COMPLETION),
    )
}


def items_of(phase: Phase) -> tuple[Item, ...]:
    """The items of `phase`, in their order."""
    return tuple(item for item in ITEMS.values() if item.phase is phase)
