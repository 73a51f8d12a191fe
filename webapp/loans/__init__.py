"""Loans: planning, moving, requesting and removing them, under one set of rules."""

from flask import Flask

from webapp import jobs
from webapp.loans import audited as audited
from webapp.loans import models as models


def register(app: Flask) -> None:
    """Add the JSON of requests, what FMS's outcomes mean for loans, bulk runs, changes, and FMS's refusals heard."""
    from webapp.fms.exchange import register_subject
    from webapp.loans import batches, changes, deeds, reconciling
    from webapp.loans.api import api
    from webapp.loans.outcomes import LoanOutcomes
    from webapp.loans.states import LOAN

    register_subject(app, LOAN, LoanOutcomes())
    app.register_blueprint(api)
    jobs.add(app, jobs.Job("bulk-runs", app.extensions["settings"].fms_recovery_seconds, batches.resume))
    jobs.add(app, jobs.Job("old-deeds", 3600, deeds.throw_away))
    jobs.add(app, jobs.Job("fms-refusals", reconciling.REFUSALS_SECONDS, reconciling.hear_refusals))
    jobs.add(app, jobs.Job("forget-changes", changes.KEPT.total_seconds(), changes.forget_old))
