"""What is wrong with a company's jobs: SmartMoving refuses us, or no look has been good for too long."""

from flask import current_app
from sqlalchemy import select

from webapp.clock import now
from webapp.db import db
from webapp.smartmoving.models import SmartMovingState
from webapp.sync.configured import by_day_of
from webapp.sync.due import told_moment, told_span
from webapp.sync.smartmoving_overview import is_set_up_for, last_good_run_at

HELD = "smartmoving:hold"
STALE = "smartmoving:stale"


def jobs_wrong(company_id: int) -> dict[str, str]:
    """Subject and sentence of what is wrong now: at most one, as the first explains the second."""
    settings = current_app.extensions["settings"]
    if not is_set_up_for(company_id):
        return {}
    # Kept until a look is good, also when runs no longer wait for it: else it would be told again every hour.
    reason = db.session.scalar(select(SmartMovingState.hold_reason).where(SmartMovingState.company_id == company_id))
    if reason:
        return {HELD: reason}
    good_at, by_day = last_good_run_at(company_id), by_day_of(settings)
    if good_at is None or not settings.sync_enabled or by_day.worked(good_at, now()) <= by_day.alert_after:
        return {}
    as_of, span = told_moment(good_at, settings.zone), told_span(by_day.alert_after)
    return {STALE: f"SmartMoving's jobs are as of {as_of}: no good look for {span} of working time."}
