"""Sync: runs of the imports, leases, and the scheduler that does every room's jobs."""

from flask import Flask

from webapp import jobs
from webapp.sync import alerts, api, header, views
from webapp.sync import models as models
from webapp.sync.commands import sync


def register(app: Flask) -> None:
    """Add this room to `app`. No thread begins here: the process that serves calls `scheduler.start`."""
    app.register_blueprint(api.blueprint)
    app.register_blueprint(views.pages)
    app.context_processor(header.values)
    app.cli.add_command(sync)
    jobs.add(app, jobs.Job("alerts", alerts.EVERY_SECONDS, alerts.watch))
