"""Which activity of FMS's calendar is which loan of ours: the best pairing, each used once. Pure.

A loan and an activity may be the same where VIN and person are, and their days overlap. Of all pairings the one
with the most pairs is taken, then the one whose starts lie closest, then whose ends do; what is still equal is
decided by the numbers, so that the same input gives the same answer.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from webapp.loans.periods import Period


@dataclass(frozen=True, slots=True)
class Wanted:
    """A loan that looks for its activity."""

    loan_id: int
    vin: str
    person_id: int
    period: Period


@dataclass(frozen=True, slots=True)
class Seen:
    """A row of FMS's calendar, or of its history (`is_over`): what it occupies, and for whom."""

    activity_id: int
    vin: str
    person_id: int | None
    period: Period
    is_over: bool = False


Key = tuple[str, int]


def match(loans: Iterable[Wanted], activities: Iterable[Seen]) -> dict[int, Seen]:
    """The activity of each loan that has one, by the loan's id; no activity twice."""
    seen: dict[Key, list[Seen]] = defaultdict(list)
    for activity in activities:
        if activity.person_id is not None:
            seen[activity.vin, activity.person_id].append(activity)
    wanted: dict[Key, list[Wanted]] = defaultdict(list)
    for loan in loans:
        if (loan.vin, loan.person_id) in seen:
            wanted[loan.vin, loan.person_id].append(loan)
    pairs: dict[int, Seen] = {}
    for key, group in wanted.items():
        pairs |= _pairs(
            sorted(group, key=lambda loan: loan.loan_id),
            sorted(seen[key], key=lambda activity: activity.activity_id),
        )
    return pairs


def _pairs(loans: Sequence[Wanted], activities: Sequence[Seen]) -> dict[int, Seen]:
    """The best pairing of one partner's loans of one vehicle; both in the order of their numbers."""
    costs = _costs(loans, activities)
    return {
        loan.loan_id: activities[column]
        for loan, column in zip(loans, _assigned(costs), strict=True)
        if column < len(activities)
    }


def _costs(loans: Sequence[Wanted], activities: Sequence[Seen]) -> list[list[int]]:
    """One row for each loan: what each activity costs, then as many places to stay alone.

    One whole number says all: being alone weighs more than all distances together, a day between starts more than
    all ends, a day between ends more than all numbers.
    """
    apart = [[_apart(loan, activity) for activity in activities] for loan in loans]
    known = [days for row in apart for days in row if days is not None]
    end_weight = (len(activities) + 1) ** len(loans)
    start_weight = end_weight * (sum(ends for _, ends in known) + 1)
    alone = start_weight * (sum(starts for starts, _ in known) + 1)
    rows = []
    for place, row in enumerate(apart):
        # The first loan's choice counts most, as in an alphabet.
        rank_weight = (len(activities) + 1) ** (len(loans) - 1 - place)
        rows.append(
            [
                2 * alone if days is None else days[0] * start_weight + days[1] * end_weight + rank * rank_weight
                for rank, days in enumerate(row)
            ]
            + [alone + len(activities) * rank_weight] * len(loans)
        )
    return rows


def _apart(loan: Wanted, activity: Seen) -> tuple[int, int] | None:
    """Days between their starts and between their ends; None where they have no day in common."""
    if not loan.period.overlaps(activity.period):
        return None
    return (
        abs((loan.period.start_day - activity.period.start_day).days),
        abs((loan.period.end_day - activity.period.end_day).days),
    )


def _assigned(costs: Sequence[Sequence[int]]) -> list[int]:
    """The column of each row such that no column is used twice and the sum is least (Kuhn and Munkres).

    Row after row is added along the cheapest chain of changes; `of_row` and `of_column` are the prices that keep
    every cost not negative.
    """
    columns = len(costs[0])
    of_row, of_column = [0] * len(costs), [0] * (columns + 1)
    row_at = [-1] * (columns + 1)
    for row in range(len(costs)):
        # The last place is no column: it holds the row that is being added.
        row_at[columns], column = row, columns
        least: list[int | None] = [None] * columns
        came_from = [columns] * columns
        visited: set[int] = set()
        while row_at[column] != -1:
            visited.add(column)
            here, step, following = row_at[column], None, columns
            for other in range(columns):
                if other in visited:
                    continue
                cost = costs[here][other] - of_row[here] - of_column[other]
                known = least[other]
                if known is None or cost < known:
                    least[other], came_from[other] = cost, column
                    known = cost
                if step is None or known < step:
                    step, following = known, other
            assert step is not None
            for other in range(columns):
                known = least[other]
                if other not in visited and known is not None:
                    least[other] = known - step
            for other in visited:
                of_row[row_at[other]] += step
                of_column[other] -= step
            column = following
        while column != columns:
            row_at[column] = row_at[came_from[column]]
            column = came_from[column]
    places = {row: column for column, row in enumerate(row_at[:columns]) if row != -1}
    return [places[row] for row in range(len(costs))]
