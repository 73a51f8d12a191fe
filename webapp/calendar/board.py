"""The board: rows and bars put together from what was read, ready to be printed. Pure: values in, values out."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TypeVar

from webapp.calendar.board_filters import kept
from webapp.calendar.board_rows import Row, partner_key, partner_row, strange_row, vehicle_key, vehicle_row
from webapp.calendar.filters import Filters, Rows
from webapp.calendar.found import Found, unlinked
from webapp.calendar.holding import hold_bars
from webapp.calendar.queries import VehicleFacts
from webapp.calendar.uses import Lent
from webapp.names import by_last_name


@dataclass(frozen=True)
class Board:
    """Everything of one view: rows in order, how many of the office's rows have nothing, the makes to choose."""

    rows: tuple[Row, ...]
    idle: int
    long_idle: int
    over_used: int
    makes: tuple[str, ...]

    def shows(self, card: str, row: str) -> bool:
        """Whether a bar with that address is on it, or else a row with that key."""
        if row:
            return any(each.key == row for each in self.rows)
        return any(bar.address == card for each in self.rows for bar in each.bars)


def board_by_vehicle(found: Found, filters: Filters) -> Board:
    """Rows by make and model, then VINs outside the vehicles feed that have something in the window."""
    loans = _grouped(found.loans, lambda loan: loan.fleet_vehicle_id)
    known = _grouped(
        (each for each in unlinked(found) if each.fleet_vehicle_id is not None),
        lambda each: each.fleet_vehicle_id or 0,
    )
    strange = _grouped(
        (each for each in unlinked(found) if each.fleet_vehicle_id is None),
        lambda each: (each.company_id, each.vin),
    )
    rows = [
        vehicle_row(found, filters, vehicle, loans.get(vehicle.id, ()), known.get(vehicle.id, ()))
        for vehicle in sorted(found.vehicles, key=_vehicle_order)
    ]
    rows += [strange_row(filters, vin, company, those) for (company, vin), those in sorted(strange.items())]
    return _board(rows, filters, found)


def board_by_partner(found: Found, filters: Filters) -> Board:
    """Rows by last name; a person listed under two offices is one row, and so is one who only has bars."""
    listed = _grouped(found.partners, lambda partner: (partner.company_id, partner.person_id))
    loans = _grouped(found.loans, lambda loan: (loan.company_id, loan.person_id))
    activities = _grouped(
        (each for each in unlinked(found) if each.person_id is not None),
        lambda each: (each.company_id, each.person_id or 0),
    )
    rows = []
    for key in listed.keys() | loans.keys() | activities.keys():
        rows.append(partner_row(found, filters, key, listed.get(key, ()), loans.get(key, ()), activities.get(key, ())))
    rows.sort(key=lambda row: (by_last_name(row.title), row.key))
    return _board(rows, filters, found)


def _board(rows: Iterable[Row], filters: Filters, found: Found) -> Board:
    shown = _with_holds(kept(rows, filters), filters, found)
    lent = Counter(row.use.lent for row in shown)
    idle = sum(not row.bars for row in shown)
    return Board(shown, idle, lent[Lent.IDLE], lent[Lent.OVER], tuple(found.makes))


def _with_holds(rows: tuple[Row, ...], filters: Filters, found: Found) -> tuple[Row, ...]:
    """The rows with what is being planned in them just now, by whoever."""
    if not found.holds:
        return rows
    if filters.rows is Rows.PARTNERS:
        by_key = _grouped(found.holds, lambda hold: partner_key(hold.company_id, hold.person_id or 0))
    else:
        by_key = _grouped(found.holds, lambda hold: vehicle_key(hold.fleet_vehicle_id))
    return tuple(
        replace(row, holds=hold_bars(filters, by_key[row.key], row.bars, found.user_id)) if row.key in by_key else row
        for row in rows
    )


def _vehicle_order(vehicle: VehicleFacts) -> tuple[str, str, str, int]:
    return vehicle.make.casefold(), vehicle.model.casefold(), vehicle.vin, vehicle.id


T = TypeVar("T")
K = TypeVar("K")


def _grouped(values: Iterable[T], key: Callable[[T], K]) -> dict[K, list[T]]:
    groups: dict[K, list[T]] = defaultdict(list)
    for value in values:
        groups[key(value)].append(value)
    return dict(groups)
