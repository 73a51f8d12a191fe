"""A chain as its timeline and its map draw it, whether it is being built or saved. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from webapp.calendar.looks import Look
from webapp.chains.asking import Kind
from webapp.chains.looking.suggestion import Placed
from webapp.chains.solving.slots import Slot
from webapp.fleet.names import short_vin, vehicle_name
from webapp.names import last_first


@dataclass(frozen=True)
class Piece:
    """One loan of the chain, by its place from 1. `vin` or `person_id` is missing while nothing fills it.

    `label` says shortly how it stands, `told` where there is room; `loan_id` is None until it is saved.
    """

    number: int
    start_day: date
    end_day: date
    look: Look
    label: str
    told: str
    vin: str = ""
    vehicle: str = ""
    person_id: int | None = None
    partner: str = ""
    loan_id: int | None = None


@dataclass(frozen=True)
class Picture:
    """The chain. `address` is the query that names it to a panel: `draft=...` or `chain=...`.

    `vin` is that of a vehicle chain, `person_id` that of a partner chain.
    """

    kind: Kind
    office: str
    address: str
    pieces: tuple[Piece, ...]
    vin: str = ""
    person_id: int | None = None

    @property
    def start_day(self) -> date | None:
        """When its first loan starts; None where it has none."""
        return min((piece.start_day for piece in self.pieces), default=None)

    @property
    def is_of_partner(self) -> bool:
        """Whether one partner gets several vehicles, rather than one vehicle going from partner to partner."""
        return self.kind is Kind.PARTNER


def picture_of_draft(
    draft_id: str,
    *,
    kind: Kind,
    office: str,
    slots: Sequence[Slot],
    placed: Sequence[Placed],
    vin: str | None = None,
    person_id: int | None = None,
) -> Picture:
    """The picture of a draft: what was suggested, what a person picked, what is still empty."""
    filled = {one.slot.index: one for one in placed}
    pieces = tuple(_slot(slot, filled.get(slot.index)) for slot in slots)
    return Picture(kind, office, f"draft={draft_id}", pieces, vin or "", person_id)


def _slot(slot: Slot, one: Placed | None) -> Piece:
    days = slot.period
    if one is None:
        return Piece(slot.index, days.start_day, days.end_day, Look.PLANNED, "", "")
    label = "Picked by hand" if one.is_pinned else "Suggested"
    return Piece(
        slot.index,
        days.start_day,
        days.end_day,
        Look.MANUAL if one.is_pinned else Look.PLANNED,
        label,
        f"{label.lower()}, not saved yet",
        vin=one.vin,
        vehicle=vehicle_name(one.make, one.model) or short_vin(one.vin),
        person_id=one.person_id,
        partner=last_first(one.partner_name),
    )
