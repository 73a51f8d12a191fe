"""SmartMoving's envelope around a list, and what a fault does to one page of a walk."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from webapp.sandbox.faults import Fault

LARGEST = 200
USUAL = 100


class BadParameter(ValueError):
    """A parameter that SmartMoving cannot read; the text says which."""


@dataclass(frozen=True, slots=True)
class Page:
    """Which rows are wanted: `number` from 1, `size` already clamped; `offset` is the first row's."""

    number: int
    size: int
    offset: int

    def shifted(self, fault: Fault | None) -> "Page":
        """Rows moved between pages meanwhile: one comes twice or is skipped, depending on the page."""
        if fault is None or fault.fault != "shuffled":
            return self
        return Page(self.number, self.size, self.offset + (1 if self.number == 1 else -1))


def read_page(number: str | None, size: str | None) -> Page:
    """The page asked for; a size above 200 is 200, silently. Raises BadParameter."""
    wanted, rows = _positive("Page", number, 1), min(LARGEST, _positive("PageSize", size, USUAL))
    return Page(wanted, rows, (wanted - 1) * rows)


def envelope(rows: Sequence[dict[str, Any]], page: Page, total: int, fault: Fault | None) -> dict[str, Any]:
    """The page's rows with the counts around them; a `shrunk` one holds fewer than it promises."""
    pages = max(1, -(-total // page.size))
    kept = _shrunk(rows, fault) if fault and fault.fault == "shrunk" else rows
    return {
        "pageNumber": page.number,
        "pageSize": page.size,
        "lastPage": page.number >= pages,
        "totalPages": pages,
        "totalResults": total,
        "totalThisPage": len(kept),
        "pageResults": list(kept),
    }


def _shrunk(rows: Sequence[dict[str, Any]], fault: Fault) -> Sequence[dict[str, Any]]:
    percent = 30 if fault.percent is None else fault.percent
    return rows[: int(len(rows) * percent / 100)]


def _positive(name: str, text: str | None, otherwise: int) -> int:
    if not text:
        return otherwise
    if not text.isdecimal() or int(text) < 1:
        raise BadParameter(f"The value '{text}' is not valid for {name}.")
    return int(text)
