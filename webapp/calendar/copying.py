"""A loan like another: its vehicle and its partner, in the next days of the same length that are free."""

from datetime import timedelta

from webapp.accounts.actor import Actor
from webapp.calendar.reading import today_at
from webapp.errors import NotFound
from webapp.loans import queries, service
from webapp.loans.periods import next_weekday

# What is in the way one after the other; each try goes past all that stood in the one before.
TRIES = 24


def copy_of(actor: Actor, assignment_id: int) -> dict[str, str]:
    """What the form of the copy is filled with. Raises `NotFound` where the loan is not to be seen."""
    loan = queries.loan(actor, assignment_id)
    length = timedelta(days=(loan.end_day - loan.start_day).days)
    start = next_weekday(max(loan.end_day, today_at(actor, loan.office)))
    for _ in range(TRIES):
        try:
            assessment = service.check(
                actor,
                vin=loan.vin,
                person_id=loan.person_id,
                office=loan.office,
                start_day=start,
                end_day=start + length,
            )
        except NotFound:
            # Not theirs to plan: the form will say so.
            break
        over = [finding.until for finding in assessment.hard if finding.until]
        if not over:
            break
        start = next_weekday(max(over))
    return {
        "vin": loan.vin,
        "person_id": str(loan.person_id),
        "office": loan.office,
        "start_day": start.isoformat(),
        "end_day": (start + length).isoformat(),
    }
