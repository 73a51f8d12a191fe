"""From a report's bytes to typed rows: what is good, what is bad and why, and what the columns look like."""

import re
from array import array
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import islice

from webapp.feeds.parse_lines import RawRow, decoded, rows_of
from webapp.feeds.parse_schema import Feed
from webapp.feeds.parse_values import WHOLE_VIN, Convert, Value
from webapp.fleet.makes import budget_fleet

# Grows when the same bytes would be read differently, so that an unchanged report is read again after that.
VERSION = 2
SHOWN_CHARACTERS = 500
NOT_A_LETTER = re.compile(r"[^a-z]")

Row = tuple[Value, ...]
Key = tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be used: the physical line it begins on (from 1), the reason, its text (cut).

    `key` is what of its key could be read, None in the places that could not; None where a row in its place
    is not missing (a contradictory repetition) or nothing could be read.
    """

    line: int
    reason: str
    text: str
    key: Key | None = None


@dataclass(frozen=True)
class Parsed:
    """A report as read. `fetched` rows came, without header and blank lines; `valid` of them can be used.

    `rows` maps a key to the whole row in the order of `Feed.fields`, `beyond` to the cells after the columns
    that are known. `width` is the number of columns of most
    rows. `moved` names header cells that stand in another place than they should. `is_cut_short`: the last
    row breaks off. `strange_lines` were not UTF-8.
    """

    feed: Feed
    fetched: int = 0
    valid: int = 0
    rows: dict[Key, Row] = field(default_factory=dict)
    beyond: dict[Key, list[str]] = field(default_factory=dict)
    bad: tuple[BadRow, ...] = ()
    repeated: int = 0
    width: int = 0
    moved: tuple[str, ...] = ()
    strange_lines: int = 0
    is_cut_short: bool = False

    @property
    def extra_columns(self) -> int:
        """How many columns more than are known."""
        return max(0, self.width - len(self.feed.columns))

    def spared(self) -> list[Key]:
        """Keys, perhaps in part, of bad rows: what is stored under them has not vanished."""
        return [bad.key for bad in self.bad if bad.key is not None]


def parse(feed: Feed, content: bytes) -> Parsed:
    """Read a report. Never raises: what is wrong with it is in the answer, for `guard.judge`."""
    text, strange_lines = decoded(content)
    first = next(rows_of(text), None)
    if first is None:
        return Parsed(feed)
    places = _header_places(feed, first.cells)
    reading = _read(feed, text, len(first.cells), has_header=bool(places))
    if reading.usual_width() != reading.width:
        # The first row is an odd one. What most are like is only known now.
        reading = _read(feed, text, reading.usual_width(), has_header=bool(places))
    rows = _summed(reading) if feed.is_summed else reading.rows
    return Parsed(
        feed,
        fetched=reading.fetched,
        valid=len(reading.rows) + reading.repeated,
        rows=rows,
        beyond=reading.beyond,
        bad=tuple(reading.bad),
        repeated=reading.repeated,
        width=reading.usual_width(),
        moved=_moved(feed, places),
        strange_lines=strange_lines,
        is_cut_short=_is_cut_short(reading.last or first, reading.usual_width(), text),
    )


def _read(feed: Feed, text: str, width: int, *, has_header: bool) -> "_Reading":
    reading = _Reading(feed, width)
    reading.read(islice(rows_of(text), int(has_header), None))
    return reading


def is_spared(key: Key, spared: Iterable[Key]) -> bool:
    """Whether a bad row's key, as far as it could be read, fits `key`."""
    return any(all(part is None or part == own for part, own in zip(partial, key, strict=True)) for partial in spared)


class _Memory(dict[str, Value]):
    """What the cells of one column mean: days, makes and addresses repeat, and are read and kept once."""

    def __init__(self, convert: Convert) -> None:
        self._convert = convert

    def __missing__(self, cell: str) -> Value:
        value = self[cell] = self._convert(cell)
        return value


class _Reading:
    """The rows of one report while they are read, those of `width` columns. No more is kept than they need."""

    def __init__(self, feed: Feed, width: int) -> None:
        self.feed, self.width = feed, width
        self.rows: dict[Key, Row] = {}
        self.beyond: dict[Key, list[str]] = {}
        self.bad: list[BadRow] = []
        self.fetched = self.repeated = 0
        self.last: RawRow | None = None
        self._widths: Counter[int] = Counter()
        # The lines of `rows`, in their order.
        self._lines = array("L")
        self._contradictions: list[tuple[RawRow, Key]] = []
        self._converters = [
            # A name of its own on every row is not worth remembering.
            column.convert if feed.key == (column.field,) else _Memory(column.convert).__getitem__
            for column in feed.columns
        ]

    def usual_width(self) -> int:
        """The number of columns of most rows; of two that are as frequent, the one that is known."""
        counts, known = self._widths, len(self.feed.columns)
        return max(counts, key=lambda width: (counts[width], width == known), default=0)

    def read(self, raw_rows: Iterable[RawRow]) -> None:
        """Read all rows, once. Where `width` is not enough for the columns, they are only counted."""
        if self.width < len(self.feed.columns):
            deque(self._counted(raw_rows), maxlen=0)
            return
        converters, width, period = self._converters, self.width, self.feed.period_places
        places, rows = self.feed.key_places, self.rows
        for raw in self._counted(raw_rows):
            cells = raw.cells
            if raw.fault or len(cells) != width:
                self._refuse(raw, raw.fault or _wrong_width(len(cells), width), is_trusted=False)
                continue
            try:
                row = tuple([convert(cell) for convert, cell in zip(converters, cells, strict=False)])
            except ValueError:
                self._refuse(raw, self._complaint(cells))
                continue
            if period and _is_reversed(row, period):
                self._refuse(raw, "ends before it begins")
                continue
            key = tuple([row[place] for place in places])
            known = rows.get(key)
            if known is None:
                rows[key] = row
                self._lines.append(raw.line)
                if width > len(converters):
                    self.beyond[key] = cells[len(converters) :]
            elif known == row:
                self.repeated += 1
            else:
                self._contradictions.append((raw, key))
        self._tell_contradictions()

    def _counted(self, raw_rows: Iterable[RawRow]) -> Iterator[RawRow]:
        for raw in raw_rows:
            self.fetched += 1
            self.last = raw
            if not raw.fault:
                self._widths[len(raw.cells)] += 1
            yield raw

    def _tell_contradictions(self) -> None:
        if not self._contradictions:
            return
        lines = dict(zip(self.rows, self._lines, strict=True))
        names = " and ".join(self.feed.columns[place].name for place in self.feed.key_places)
        for raw, key in self._contradictions:
            reason = f"has the {names} of line {lines[key]}, but says something else"
            self.bad.append(BadRow(raw.line, reason, raw.text[:SHOWN_CHARACTERS]))
        self.bad.sort(key=lambda bad: bad.line)

    def _refuse(self, raw: RawRow, reason: str, *, is_trusted: bool = True) -> None:
        key = self._readable_key(raw.cells, is_trusted=is_trusted)
        self.bad.append(BadRow(raw.line, reason, raw.text[:SHOWN_CHARACTERS], key))

    def _complaint(self, cells: Sequence[str]) -> str:
        for column, cell in zip(self.feed.columns, cells, strict=False):
            try:
                column.convert(cell)
            except ValueError as error:
                return f"{column.name} {error}"
        raise AssertionError("a row that could not be read can be read")

    def _readable_key(self, cells: Sequence[str], *, is_trusted: bool) -> Key | None:
        """What of the key can be read. In a row of the wrong width only the first cell is in its place."""
        parts = [self._part(place, cells) if is_trusted or place == 0 else None for place in self.feed.key_places]
        if not is_trusted and self.feed.key == ("vin",):
            trimmed = (cell.strip().upper() for cell in cells)
            parts = [next((cell for cell in trimmed if WHOLE_VIN.fullmatch(cell)), None)]
        return None if all(part is None for part in parts) else tuple(parts)

    def _part(self, place: int, cells: Sequence[str]) -> Value:
        try:
            return self.feed.columns[place].convert(cells[place])
        except (ValueError, IndexError):
            return None


def _header_places(feed: Feed, cells: Sequence[str]) -> list[tuple[int, int]]:
    """(place found, place it belongs) of each known name; empty where this is no header row."""
    names = {NOT_A_LETTER.sub("", column.name): place for place, column in enumerate(feed.columns)}
    found = [NOT_A_LETTER.sub("", cell.lower()) for cell in cells]
    places = [(place, names[name]) for place, name in enumerate(found) if name in names]
    # A partner may be called "Name", but hardly also live at "Address".
    return places if len(places) * 2 >= len(feed.columns) else []


def _moved(feed: Feed, places: Iterable[tuple[int, int]]) -> tuple[str, ...]:
    return tuple(feed.columns[belongs].name for found, belongs in places if found != belongs)


def _wrong_width(found: int, usual: int) -> str:
    return f"has {found} column{'' if found == 1 else 's'} where the report has {usual}"


def _is_reversed(row: Row, period: tuple[int, int]) -> bool:
    start, end = row[period[0]], row[period[1]]
    return isinstance(start, date) and isinstance(end, date) and end < start


def _is_cut_short(last: RawRow, width: int, text: str) -> bool:
    is_ended = text.endswith(("\n", "\r"))
    return last.is_open or (not is_ended and len(last.cells) < width)


def _summed(reading: _Reading) -> dict[Key, Row]:
    """One row per budget: the amounts of fleets that share one are added up.

    Where a part of a sum could not be read, the sum is left out: half of it would be worse than yesterday's.
    """
    feed = reading.feed
    fleet, amount = feed.fields.index("fleet"), feed.fields.index("amount_used")
    fleet_of_key = feed.key.index("fleet")
    reading.bad = [_for_budget(bad, fleet_of_key) for bad in reading.bad]
    spared = [bad.key for bad in reading.bad if bad.key is not None]
    sums: dict[Key, Row] = {}
    beyond, reading.beyond = reading.beyond, {}
    for raw_key, row in reading.rows.items():
        cells = list(row)
        cells[fleet] = budget_fleet(str(row[fleet]))
        key = tuple([cells[place] for place in feed.key_places])
        if is_spared(key, spared):
            continue
        if key in sums:
            cells[amount] = _dollars(sums[key][amount]) + _dollars(row[amount])
        elif raw_key in beyond:
            reading.beyond[key] = beyond[raw_key]
        sums[key] = tuple(cells)
    return sums


def _for_budget(bad: BadRow, fleet_of_key: int) -> BadRow:
    if bad.key is None or bad.key[fleet_of_key] is None:
        return bad
    key = list(bad.key)
    key[fleet_of_key] = budget_fleet(str(key[fleet_of_key]))
    return BadRow(bad.line, bad.reason, bad.text, tuple(key))


def _dollars(value: Value) -> Decimal:
    assert isinstance(value, Decimal)
    return value
