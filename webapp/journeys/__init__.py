"""Journeys: the day's jobs, who drives them, how far they are, and the board, phone page and figures over them."""

from flask import Flask

from webapp import jobs
from webapp.journeys import api, phone_views, writing
from webapp.journeys import models as models


def register(app: Flask) -> None:
    """Add this room to `app`."""
    app.register_blueprint(api.api)
    jobs.add(app, jobs.Job("forget old taps", seconds=3600, run=writing.forget_old_taps))
    app.register_blueprint(phone_views.blueprint)
