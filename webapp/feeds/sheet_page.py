"""What a spreadsheet would change, in the words of the preview: page and command print the same."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from typing import Any

from webapp.dates import shown_with_weekday
from webapp.feeds.sheet_service import TITLES, Plan, SheetPlan
from webapp.fleet.differences import Key, Values

SHOWN = 200
MONEY = {"allocation", "cost"}


@dataclass(frozen=True)
class Line:
    """One row that changes: `kind` is added, changed or removed; `details` is what it says, or (what, old, new)."""

    kind: str
    name: str
    details: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class SheetPreview:
    """One sheet of a plan. `more` is how many lines are not in `lines`."""

    title: str
    added: int
    changed: int
    removed: int
    unchanged: int
    lines: tuple[Line, ...]
    more: int

    @property
    def sentence(self) -> str:
        """`3 added, 1 changed, 0 removed, 120 unchanged`."""
        counts = {"added": self.added, "changed": self.changed, "removed": self.removed, "unchanged": self.unchanged}
        return ", ".join(f"{count:,} {word}" for word, count in counts.items())


def previews(plan: Plan) -> list[SheetPreview]:
    """The sheets of a plan; removals first, as they are what nobody expects."""
    return [_sheet(sheet) for sheet in plan.sheets]


def summary_sentence(summary: Iterable[dict[str, Any]]) -> str:
    """`Rules: 3 added, 1 changed, 0 removed`."""
    parts = []
    for one in summary:
        counts = ", ".join(f"{one[word]:,} {word}" for word in ("added", "changed", "removed") if one[word])
        parts.append(f"{TITLES[one['sheet']]}: {counts or 'nothing to change'}")
    return "; ".join(parts)


def _sheet(sheet: SheetPlan) -> SheetPreview:
    found, fields = sheet.difference, sheet.kind.shape.values
    titles = {column.field: column.title for column in sheet.kind.columns}
    lines = [
        *(Line("removed", _name(key), _says(titles, fields, old)) for _, key, old in found.removed),
        *(
            Line("changed", _name(change.key), _turns(titles, fields, change.old, change.new))
            for change in found.changed
        ),
        *(Line("added", _name(key), _says(titles, fields, new)) for key, new in found.added),
    ]
    counts = (len(found.added), len(found.changed), len(found.removed), found.unchanged)
    return SheetPreview(sheet.kind.title, *counts, tuple(lines[:SHOWN]), max(0, len(lines) - SHOWN))


def _name(key: Key) -> str:
    return " · ".join(_shown("", part) for part in key)


def _says(titles: dict[str, str], fields: tuple[str, ...], values: Values) -> tuple[tuple[str, str, str], ...]:
    pairs = zip(fields, values, strict=True)
    return tuple((titles[name], "", _shown(name, value)) for name, value in pairs if name in titles and value != "")


def _turns(
    titles: dict[str, str], fields: tuple[str, ...], old: Values, new: Values
) -> tuple[tuple[str, str, str], ...]:
    found = []
    for name, before, after in zip(fields, old, new, strict=True):
        if before != after:
            # A row that had vanished from FMS's report and comes back has no title for that.
            title = titles.get(name, "FMS's report")
            found.append((title, _shown(name, before), _shown(name, after) if name in titles else "back"))
    return tuple(found)


def _shown(name: str, value: Any) -> str:
    if value is None or value == "":
        return "none"
    if name == "is_hard":
        return "Hard" if value else "Soft"
    if name == "publication_rate":
        return f"{value.normalize():f} %"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal) or name in MONEY:
        return f"${value:,.2f}"
    if isinstance(value, time):
        return value.strftime("%H:%M")
    if isinstance(value, date):
        return shown_with_weekday(value)
    return str(value)
