"""What is audited of the feeds: what a spreadsheet changed, and that a report was taken in over the guard rail."""

from sqlalchemy.orm import Session

from webapp.audit.pending import Note, note
from webapp.audit.watched import leave_alone, thing
from webapp.feeds.sheet_models import SheetImport

thing("guard", "Guard rail of a report", address="/sync")
leave_alone(SheetImport, "Who imported which file, a record itself; the rows that it changed are told.")


def tell_override(session: Session, company_id: int, feed: str, rows_before: int, rows_now: int) -> None:
    """Have it told, with the import that it let through, that a report was taken in with too few rows."""
    before, after = {"rows": rows_before}, {"rows": rows_now}
    note(session, Note("guard", "overridden", feed, company_id, before, after))
