"""A spreadsheet read whole: what its sheets say, or every cell that cannot be used. Nothing here writes."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from difflib import get_close_matches
from typing import Any

from webapp.feeds.sheet_files import RawRow, RawSheet, read_file
from webapp.feeds.sheet_schema import BROKEN, OFFICE, CellFault, SheetColumn, SheetKind, header_key
from webapp.fleet.differences import Key, Values

HEADER_WITHIN = 10
Places = dict[str, int]


@dataclass(frozen=True)
class Fault:
    """What is wrong, and where: `rules`, `E7`."""

    sheet: str
    cell: str
    text: str

    def __str__(self) -> str:
        return f"{self.sheet}!{self.cell}: {self.text}"


@dataclass(frozen=True)
class ReadSheet:
    """What one sheet says: rows by key, and remarks for the person."""

    kind: SheetKind
    rows: dict[Key, Values]
    remarks: tuple[str, ...]


@dataclass(frozen=True)
class ReadFile:
    """What a file says. With `faults` nothing of it may be used."""

    sheets: tuple[ReadSheet, ...]
    faults: tuple[Fault, ...]
    remarks: tuple[str, ...]


@dataclass
class _Reading:
    kind: SheetKind
    name: str
    offices: dict[str, str]
    rows: dict[Key, Values] = field(default_factory=dict)
    seen: dict[Key, list[int]] = field(default_factory=dict)
    has_rows: bool = False
    faults: list[Fault] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def fault(self, cell: str, text: str) -> None:
        """Note what is wrong with a cell."""
        self.faults.append(Fault(self.name, cell, text))


def read(filename: str, content: bytes, kinds: Sequence[SheetKind], offices: Collection[str]) -> ReadFile:
    """The sheets of `kinds` in a file. `offices` are the names that exist. Raises `FileRefused`.

    Sheets are known by their names, else by their headers (a .csv has no name). What is none of `kinds` is
    left out, with a remark.
    """
    found: dict[str, ReadSheet] = {}
    faults: list[Fault] = []
    remarks: list[str] = []
    known = {name.casefold(): name for name in offices}
    for raw in read_file(filename, content):
        kind, header, places = _recognised(raw, kinds)
        if kind is None:
            if raw.rows:
                remarks.append(f"The sheet {raw.name} was left out: {_expected(kinds)}." if raw.name else "")
            continue
        reading = _Reading(kind, raw.name or kind.name, known)
        if kind.name in found:
            reading.fault("A1", f"is the second sheet with {kind.title.lower()}; there can be one")
        _read_rows(reading, raw, header, places)
        faults += reading.faults
        found[kind.name] = ReadSheet(kind, reading.rows, tuple(reading.remarks))
    if not found:
        faults.append(Fault(filename, "A1", _expected(kinds)))
    return ReadFile(tuple(found.values()), tuple(faults), tuple(filter(None, remarks)))


def cell_name(row: int, place: int) -> str:
    """`E7` for row 7 and place 4."""
    letters, rest = "", place + 1
    while rest:
        rest, letter = divmod(rest - 1, 26)
        letters = chr(65 + letter) + letters
    return f"{letters}{row}"


def _recognised(raw: RawSheet, kinds: Sequence[SheetKind]) -> tuple[SheetKind | None, RawRow | None, Places]:
    """The kind of a sheet, the row of its headers, and where each field stands."""
    by_name = [kind for kind in kinds if raw.name and header_key(raw.name) == header_key(kind.name)]
    best: tuple[int, SheetKind | None, RawRow | None, Places] = (0, by_name[0] if by_name else None, None, {})
    for row in raw.rows[:HEADER_WITHIN]:
        for kind in by_name or kinds:
            places = _places(row, kind)
            required = sum(column.field in places for column in kind.columns if column.is_required)
            missing = sum(column.is_required for column in kind.columns) - required
            # More than half of what it must have, and it is this kind with something missing.
            if not by_name and required <= missing:
                continue
            score = required * 10 - missing * 10 + len(places)
            if score > best[0] or (by_name and best[2] is None and required):
                best = (score, kind, row, places)
    return best[1:]


def _places(row: RawRow, kind: SheetKind) -> Places:
    places: Places = {}
    for place, header in enumerate(row.cells):
        column = next((column for column in kind.columns if header_key(header) in column.keys), None)
        if column is not None and header:
            places.setdefault(column.field, place)
    return places


def _read_rows(reading: _Reading, raw: RawSheet, header: RawRow | None, places: Places) -> None:
    kind = reading.kind
    missing = [column.title for column in kind.columns if column.is_required and column.field not in places]
    if header is None or missing:
        where = cell_name(header.number if header else 1, 0)
        reading.fault(where, f"has no column {', no column '.join(missing)}")
        return
    _check_headers(reading, header, places)
    for row in raw.rows:
        if row.number > header.number:
            _read_row(reading, row, places)
    if not reading.has_rows and not reading.faults:
        loss = "; an empty one would remove everything, so it is refused" if kind.replaces else ""
        reading.fault(cell_name(header.number + 1, 0), f"has no rows{loss}")


def _check_headers(reading: _Reading, header: RawRow, places: Places) -> None:
    used = set(places.values())
    for place, title in enumerate(header.cells):
        if not title or place in used:
            continue
        twin = next((one for one in reading.kind.columns if header_key(title) in one.keys), None)
        if twin is None:
            reading.remarks.append(f"The column {title[:40]} of {reading.name} was left out: nothing is made of it.")
        else:
            reading.fault(cell_name(header.number, place), f"is a second column {twin.title}")


def _read_row(reading: _Reading, row: RawRow, places: Places) -> None:
    before, fields = len(reading.faults), {}
    if not any(row.cells[place : place + 1] not in ((), ("",)) for place in places.values()):
        return
    for column in reading.kind.columns:
        place = places.get(column.field)
        text = row.cells[place] if place is not None and place < len(row.cells) else ""
        try:
            fields[column.field] = _value(reading, column, text)
        except ValueError as error:
            reading.fault(cell_name(row.number, place or 0), f"{column.title} {error}")
    reading.has_rows = True
    if len(reading.faults) > before:
        return
    try:
        _keep(reading, row, reading.kind.finish(fields))
    except CellFault as fault:
        column = next(column for column in reading.kind.columns if column.field == fault.field)
        reading.fault(cell_name(row.number, places.get(fault.field, 0)), f"{column.title} {fault}")


def _value(reading: _Reading, column: SheetColumn, text: str) -> Any:
    if text in BROKEN:
        raise ValueError(f"is a broken formula: {text}")
    if text.startswith(("=", "<openpyxl")):
        raise ValueError("is a formula without a value; open the file in a spreadsheet program and save it there")
    value = column.convert(text)
    if column.field != OFFICE:
        return value
    known = reading.offices.get(str(value).casefold())
    if known is None:
        near = get_close_matches(str(value).casefold(), reading.offices, n=1)
        hint = f"; did you mean {reading.offices[near[0]]}?" if near else ""
        raise ValueError(f"is none that we know: “{str(value)[:40]}”{hint}")
    return known


def _keep(reading: _Reading, row: RawRow, fields: dict[str, Any]) -> None:
    kind = reading.kind
    key = tuple(fields[name] for name in kind.key)
    values = tuple(fields.get(name) for name in kind.shape.values)
    earlier = reading.seen.setdefault(key, [])
    if earlier and not kind.is_summed:
        reading.fault(cell_name(row.number, 0), f"{_shown(key)} is in row {earlier[0]} already")
        return
    earlier.append(row.number)
    if len(earlier) == 1:
        reading.rows[key] = values
        return
    summed = Decimal(str(reading.rows[key][0])) + Decimal(str(values[0]))
    reading.rows[key] = (summed, *values[1:])
    numbers = " and ".join(map(str, earlier))
    remark = f"Rows {numbers} of {reading.name} are one budget ({_shown(key)}) and were added up: ${summed:,.2f}."
    reading.remarks[:] = [one for one in reading.remarks if f"({_shown(key)})" not in one] + [remark]


def _shown(key: Key) -> str:
    return " ".join(map(str, key))


def _expected(kinds: Sequence[SheetKind]) -> str:
    named = "; or ".join(
        f"{kind.name} with {', '.join(column.title for column in kind.columns if column.is_required)}" for kind in kinds
    )
    return f"its headers are not those of {named}"
