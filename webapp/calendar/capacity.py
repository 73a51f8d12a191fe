"""How many moves a day asks of an office's drivers, and whether they can make them. Pure: values in, values out.

The one definition. A loan is two moves: the vehicle goes out on its first day and comes back on its last. Counted is
whatever goes to a partner and is not cancelled: planned, picked by hand, requested, active and over loans of ours, and
FMS's own rows that name a person. A hold or a service names none: nobody is driven to. A loan and the row that FMS
made of it are one.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple

MOVES_PER_DRIVER = 2
# From this part of what the drivers can make, a day is nearly full.
NEARLY = 0.8


class Trip(NamedTuple):
    """A loan as drivers see it. `address` is that of its bar; `partner` says which one, whatever the name."""

    office: str
    vin: str
    partner: tuple[int, int]
    start_day: date
    end_day: date
    address: str


class Kind(StrEnum):
    """What happens at a partner's."""

    SWAP = "swap"
    OUT = "out"
    BACK = "back"
    STAYS = "stays"


class Move(NamedTuple):
    """One drive to a partner: what is fetched there, what is brought; both in a swap."""

    kind: Kind
    back: Trip | None
    out: Trip | None

    @property
    def trip(self) -> Trip:
        """What is brought or, where nothing is, fetched: it names the partner."""
        found = self.out or self.back
        assert found is not None
        return found


class Fullness(StrEnum):
    """How a day's moves compare with what the office's drivers can make."""

    UNKNOWN = "unknown"
    FINE = "fine"
    NEARLY = "nearly"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Load:
    """A day's number of moves; `most` is what the drivers can make, None where nobody said how many there are."""

    moves: int
    most: int | None

    @property
    def fullness(self) -> Fullness:
        """From 80 % of what the drivers can make a day is nearly full, above 100 % it is over."""
        if self.most is None:
            return Fullness.UNKNOWN
        if self.moves > self.most:
            return Fullness.OVER
        return Fullness.NEARLY if self.moves and self.moves >= NEARLY * self.most else Fullness.FINE

    @property
    def words(self) -> str:
        """`26 of 30 moves, nearly full`: the same without colour."""
        counted = "1 move" if self.moves == 1 else f"{self.moves} moves"
        if self.most is None:
            return counted
        verdict = self._verdict
        return f"{self.moves} of {self.most} moves, {verdict}" if verdict else f"{self.moves} of {self.most} moves"

    @property
    def brief(self) -> str:
        """`26 of 30, nearly full`: the same for a narrow screen."""
        verdict = self._verdict
        return f"{self.moves} of {self.most}, {verdict}" if verdict else self.words

    @property
    def _verdict(self) -> str:
        if self.most is None or self.fullness is Fullness.FINE:
            return ""
        if self.fullness is Fullness.OVER:
            return f"{self.moves - self.most} too many"
        return "full" if self.moves == self.most else "nearly full"

    @property
    def mark(self) -> str:
        """The few letters that fit under the number: `87%`, `full`, `+1`."""
        if self.most is None or self.fullness is Fullness.FINE:
            return ""
        if self.fullness is Fullness.OVER:
            return f"+{self.moves - self.most}"
        return "full" if self.moves == self.most else f"{100 * self.moves // self.most}%"


def most_moves(drivers_per_day: int) -> int:
    """What the drivers of an office can make in a day: two moves each (operations' capacity sheet)."""
    return MOVES_PER_DRIVER * drivers_per_day


def moves_of(trips: Iterable[Trip], first: date, last: date) -> dict[tuple[str, date], list[Move]]:
    """Who moves at each office on each day from `first` to `last`; days without any are left out."""
    back: dict[tuple[str, date, tuple[int, int]], list[Trip]] = {}
    out: dict[tuple[str, date, tuple[int, int]], list[Trip]] = {}
    found: defaultdict[tuple[str, date], list[Move]] = defaultdict(list)
    for trip in trips:
        office, _, partner, start_day, end_day, _ = trip
        if start_day == end_day:
            if first <= start_day <= last:
                # Brought and fetched on one day: two drives, and neither waits for a swap.
                found[office, start_day] += [Move(Kind.OUT, None, trip), Move(Kind.BACK, trip, None)]
            continue
        if first <= end_day <= last:
            back.setdefault((office, end_day, partner), []).append(trip)
        if first <= start_day <= last:
            out.setdefault((office, start_day, partner), []).append(trip)
    for visit, brought in out.items():
        found[visit[:2]] += _at_one_partner(back.pop(visit, []), brought)
    for visit, fetched in back.items():
        found[visit[:2]] += [Move(Kind.BACK, trip, None) for trip in fetched]
    return dict(found)


def load_of(moves: Iterable[Move], most: int | None) -> Load:
    """What these moves ask of drivers: a swap counts one; a vehicle that stays where it is, none."""
    return Load(sum(move.kind is not Kind.STAYS for move in moves), most)


def _at_one_partner(back: list[Trip], out: list[Trip]) -> list[Move]:
    """A vehicle lent on to the same partner stays; of the others each one fetched is swapped for one brought."""
    if not back:
        return [Move(Kind.OUT, None, trip) for trip in out]
    back, out = sorted(back), sorted(out)
    staying = _staying(back, out)
    moves = [Move(Kind.STAYS, ended, begun) for ended, begun in staying]
    fetched = [trip for trip in back if all(trip is not ended for ended, _ in staying)]
    brought = [trip for trip in out if all(trip is not begun for _, begun in staying)]
    swaps = min(len(fetched), len(brought))
    moves += [Move(Kind.SWAP, *pair) for pair in zip(fetched, brought, strict=False)]
    moves += [Move(Kind.BACK, trip, None) for trip in fetched[swaps:]]
    return moves + [Move(Kind.OUT, None, trip) for trip in brought[swaps:]]


def _staying(back: list[Trip], out: list[Trip]) -> list[tuple[Trip, Trip]]:
    begun = {trip.vin: trip for trip in reversed(out)}
    ended = {trip.vin: trip for trip in reversed(back)}
    return [(trip, begun[vin]) for vin, trip in ended.items() if vin in begun]
