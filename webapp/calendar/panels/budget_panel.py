"""Available to spend: what each fleet of an office has left by quarter, and what a chain would use of it. Pure.

`templates/calendar/panels/_budget.html` prints a `Budget` under the name `budget`; it may be included with values at
hand (`budget_reading.read_budget`) or fetched from `/chains/budget?office=&start=` with `&person_id=` or `&vin=`, or
from `/chains/budget?draft=`.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from webapp.fleet.makes import TOYOTA_AND_LEXUS, budget_fleet
from webapp.loans.periods import Quarter, quarter_of
from webapp.loans.rules.facts import Account
from webapp.loans.rules.money import dollars

NOTHING = Decimal(0)
# Of a saved chain nothing of which is planned or requested any more.
APPROVED = "No loan of this chain waits for FMS any more: what FMS approved is in FMS's own figures."
# By fleet, as `makes.budget_fleet` names it, and quarter: US dollars.
Uses = Mapping[tuple[str, Quarter], Decimal]
Accounts = Mapping[tuple[str, Quarter], Account]


@dataclass(frozen=True)
class Cell:
    """One fleet's money in one quarter, as text. `use` is what the chain takes of it, empty where nothing.

    `fault` says how much is missing: already, or once the chain is saved.
    """

    left: str
    is_limited: bool
    use: str = ""
    fault: str = ""


@dataclass(frozen=True)
class Line:
    """One fleet, with a cell for each quarter."""

    fleet: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Column:
    """A quarter; `note` says which it is where that is not evident."""

    label: str
    note: str = ""


@dataclass(frozen=True)
class Concern:
    """The fleets that a chain can have to do with: the vehicle's, or those its partner is approved for.

    `others` is what the rest is called.
    """

    fleets: Collection[str]
    others: str


@dataclass(frozen=True)
class Budget:
    """The panel: lines A to Z, and the fleets that are of no concern apart, under a title of their own.

    `uses` is a sentence about the chain, `remark` what else is to be known; either may be empty.
    """

    office: str
    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    others: tuple[Line, ...] = ()
    others_title: str = ""
    uses: str = ""
    remark: str = ""

    @property
    def tables(self) -> list[tuple[str, tuple[Line, ...]]]:
        """Title and lines of each part; the first has no title, and only the last may be empty."""
        return [("", self.lines), (self.others_title, self.others)]


def uses_of(loans: Iterable[tuple[str, date, Decimal]]) -> dict[tuple[str, Quarter], Decimal]:
    """What loans take, each given as fleet (in anybody's spelling), start and US dollars: by fleet and own quarter."""
    uses: defaultdict[tuple[str, Quarter], Decimal] = defaultdict(Decimal)
    for fleet, start_day, cost in loans:
        uses[budget_fleet(fleet), quarter_of(start_day)] += cost
    return dict(uses)


def quarters_of(start: date, uses: Uses) -> tuple[Quarter, ...]:
    """The quarter in which the chain starts, the next, and every further one in which it has a loan."""
    first = quarter_of(start)
    return tuple(sorted({first, first.next, *(quarter for _, quarter in uses)}))


def draw_budget(
    office: str,
    quarters: Collection[Quarter],
    accounts: Accounts,
    names: Mapping[str, str],
    today: date,
    *,
    uses: Uses | None = None,
    is_saved: bool = False,
    concern: Concern | None = None,
) -> Budget:
    """The panel of these quarters; `names` are the office's fleets as people write them, by `budget_fleet`.

    `uses` of None: there is no chain yet. `is_saved`: its loans count in what is left already.
    """
    taken, shown = uses or {}, sorted(quarters)
    fleets = {*names, *(fleet for fleet, quarter in [*accounts, *taken] if quarter in shown)}
    meant = fleets if concern is None else fleets & {*concern.fleets, *(fleet for fleet, _ in taken)}

    def lines(of: Collection[str]) -> tuple[Line, ...]:
        drawn = [
            Line(
                names.get(fleet) or fleet_name(fleet, ()),
                tuple(_cell(accounts, taken, (fleet, quarter), is_saved) for quarter in shown),
            )
            for fleet in of
        ]
        return tuple(sorted(drawn, key=lambda line: line.fleet.casefold()))

    return Budget(
        office=office,
        columns=tuple(Column(str(quarter), "now" if quarter == quarter_of(today) else "") for quarter in shown),
        lines=lines(meant),
        others=lines(fleets - meant),
        others_title=f"{concern.others} ({len(fleets - meant)})" if concern else "",
        uses=_sentence(uses, is_saved),
        remark=_remark(office, shown, accounts, today),
    )


def fleet_name(fleet: str, makes: Collection[str]) -> str:
    """A fleet as people write it: FMS's spelling of the make it stands for, among `makes`, else the fleet's own."""
    if fleet == TOYOTA_AND_LEXUS:
        return "Toyota/Lexus"
    return min((make for make in makes if budget_fleet(make) == fleet), key=str.casefold, default=fleet)


def _cell(accounts: Accounts, uses: Uses, key: tuple[str, Quarter], is_saved: bool) -> Cell:
    account, use = accounts.get(key), uses.get(key, NOTHING)
    words = f"{_minus(dollars(-_up(use)))} chain" if use > 0 else ""
    if account is None or account.available is None:
        return Cell("not limited", False, words)
    left = account.available
    after = left if is_saved else left - use
    fault = ""
    if left < 0:
        fault = f"over budget, {_minus(dollars(-_up(-after)))} with this chain" if after < left else "over budget"
    elif after < 0:
        fault = f"{dollars(_up(-after))} short with this chain"
    return Cell(_minus(dollars(left.to_integral_value(ROUND_FLOOR))), True, words, fault)


def _sentence(uses: Uses | None, is_saved: bool) -> str:
    if uses is None:
        return ""
    total = _up(sum(uses.values(), NOTHING))
    if not total:
        return APPROVED if is_saved else "This chain uses nothing yet."
    return (
        f"This chain uses about {dollars(total)}, which what is left has counted already."
        if is_saved
        else f"This chain would use about {dollars(total)}."
    )


def _remark(office: str, quarters: list[Quarter], accounts: Accounts, today: date) -> str:
    said = []
    if quarter_of(today) not in quarters:
        said.append(f"Today is in {quarter_of(today)}: its money is not this chain's.")
    without = [str(quarter) for quarter in quarters if not any(quarter == of for _, of in accounts)]
    if without:
        said.append(f"Nothing is allocated to {office} in {' or '.join(without)}.")
    return " ".join(said)


def _up(amount: Decimal) -> Decimal:
    """Whole dollars, never fewer than it costs."""
    return amount.to_integral_value(ROUND_CEILING)


def _minus(text: str) -> str:
    return text.replace("-", "\N{MINUS SIGN}")
