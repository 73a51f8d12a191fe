"""Which table keeps which report, and which of its columns the report may write."""

from dataclasses import dataclass

from sqlalchemy import Table

from webapp.feeds.parse_schema import (
    APPROVED_MAKES,
    BUDGET_SPENDING,
    CURRENT_ACTIVITY,
    LOAN_HISTORY,
    PARTNERS,
    VEHICLES,
)
from webapp.fleet.models import Activity, ApprovedMake, Budget, FromFeed, LoanHistory, Partner, Vehicle


@dataclass(frozen=True)
class Target:
    """Where a report's rows go. `names_offices`: its offices are places of ours.

    `shared_with` is a column that somebody else fills in the same rows: where it holds something, a vanished
    row only loses what the report wrote.
    """

    model: type[FromFeed]
    names_offices: bool = False
    shared_with: str | None = None

    @property
    def table(self) -> Table:
        """The table itself."""
        table = self.model.__table__  # type: ignore[attr-defined]
        assert isinstance(table, Table)
        return table


TARGETS = {
    VEHICLES.name: Target(Vehicle, names_offices=True),
    PARTNERS.name: Target(Partner, names_offices=True),
    APPROVED_MAKES.name: Target(ApprovedMake),
    LOAN_HISTORY.name: Target(LoanHistory),
    CURRENT_ACTIVITY.name: Target(Activity),
    BUDGET_SPENDING.name: Target(Budget, shared_with="allocation"),
}
