"""Journeys: the day's jobs, who drives them, how far they are, and the board, phone page and figures over them."""

from flask import Flask

from webapp import jobs
from webapp.journeys import (
    api,
    board_actions,
    board_views,
    edit_views,
    job_views,
    phone_views,
    sheet,
    truck_views,
    writing,
)
from webapp.journeys import audited as audited
from webapp.journeys import models as models


def register(app: Flask) -> None:
    """Add this room to `app`."""
    app.register_blueprint(api.api)
    jobs.add(app, jobs.Job("forget old taps", seconds=3600, run=writing.forget_old_taps))
    app.register_blueprint(phone_views.blueprint)
    for part in (board_views, board_actions, sheet):
        app.register_blueprint(part.blueprint)
    for part in (job_views, edit_views, truck_views):
        app.register_blueprint(part.blueprint)
