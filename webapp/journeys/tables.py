"""Tables of figures: values once, told to people and written to files, and the chart that belongs to them. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from markupsafe import Markup

from webapp.dates import shown_with_weekday
from webapp.journeys.words import length_words

# A dash, as long as a digit is wide.
UNKNOWN = "\N{EN DASH}"
Value = str | int | float | date | Decimal | None


class Kind(StrEnum):
    """What a column holds: decides how it is told and on which side it stands."""

    TEXT = "text"
    DAY = "day"
    COUNT = "count"
    SHARE = "share"
    DOLLARS = "dollars"
    MINUTES = "minutes"
    SECONDS = "seconds"

    @property
    def is_number(self) -> bool:
        """Whether it is right-aligned."""
        return self not in (Kind.TEXT, Kind.DAY)


@dataclass(frozen=True)
class Column:
    """A column of a table."""

    label: str
    kind: Kind = Kind.COUNT


@dataclass(frozen=True)
class Section:
    """One subject of the page: `code` is in addresses, `charts` come first, the table has everything.

    Each chart goes with its title. `note` says how it is counted; `nothing` is said where there are no rows.
    """

    code: str
    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Value]]
    charts: Sequence[tuple[str, Markup]] = ()
    note: str = ""
    nothing: str = "No jobs in these days."

    @property
    def header(self) -> list[str]:
        """The labels of the columns."""
        return [column.label for column in self.columns]

    def cells(self, row: Sequence[Value]) -> list[tuple[str, bool]]:
        """A row as people read it: words, and whether it is a number."""
        return [
            (told(column.kind, value), column.kind.is_number) for column, value in zip(self.columns, row, strict=True)
        ]

    def file_rows(self) -> list[list[str]]:
        """The rows for a spreadsheet: ISO dates, plain numbers."""
        return [[_written(value) for value in row] for row in self.rows]


def told(kind: Kind, value: Value) -> str:
    """A value as people read it; a dash where it is not known."""
    if value is None:
        return UNKNOWN
    if isinstance(value, date):
        return shown_with_weekday(value)
    if isinstance(value, str):
        return value
    if kind is Kind.SHARE:
        return share(float(value))
    if kind is Kind.DOLLARS:
        return dollars(value)
    if kind is Kind.MINUTES:
        return length_words(int(value))
    if kind is Kind.SECONDS:
        return f"{value:,.1f} s"
    return f"{value:,}"


def share(part: float) -> str:
    """`0.874` as `87 %`."""
    return f"{part * 100:.0f} %"


def dollars(amount: float | Decimal) -> str:
    """Whole dollars, as estimates are no finer."""
    return f"${amount:,.0f}"


def _written(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, date):
        return value.isoformat()
    return f"{value:.4g}" if isinstance(value, float) else str(value)
