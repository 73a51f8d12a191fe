"""What is audited of loans: they themselves, notes, and what a person says became of a request in FMS."""

from webapp.accounts.permissions import Permission
from webapp.audit.watched import Row, leave_alone, thing, watch
from webapp.fms.models import Operation
from webapp.fms.outcomes import Fate
from webapp.loans.models import Assignment, Batch, BatchRow, Deed, LoanChange, LoanEvent, LoanNote, SoftHold

# What a person says who looked in FMS; the others rest on FMS's own word, and the ledger has them all.
BY_HAND = frozenset({Fate.CONFIRMED, Fate.BY_HAND})
TOLD_OF_OPERATION = frozenset({"id", "state", "code", "error", "fms_request_id", "finished_at"})


def _is_by_hand(operation: Row) -> bool:
    return operation.get("code") in BY_HAND


thing("loan", "Loan", address="/calendar/loans/{id}/history", needs=Permission.VIEW_LOANS)
watch(
    Assignment,
    "loan",
    "{partner_name}, {start_day:%m-%d-%y} to {end_day:%m-%d-%y}",
    leave_out=["version", "updated_at", "created_at"],
)
watch(LoanNote, "loan", part="note", id_column="assignment_id", parent=Assignment)
watch(
    Operation,
    "loan",
    "{label}",
    part="operation",
    id_column="assignment_id",
    leave_out=set(Operation.__table__.columns.keys()) - TOLD_OF_OPERATION - {"assignment_id", "company_id"},
    only=_is_by_hand,
)
leave_alone(SoftHold, "It binds nobody, and runs out within minutes.")
leave_alone(LoanEvent, "A history itself, never changed.")
leave_alone(LoanChange, "What open calendars follow, thrown away after an hour.")
leave_alone(Deed, "What can be undone, forgotten after a while; the loans that it is about are told.")
leave_alone(Batch, "Which loans a run is over and how far it is; what it does to them is told.")
leave_alone(BatchRow, "The same, of one loan.")
