"""Sync: runs of the imports, leases, and the scheduler that does every room's jobs."""

from flask import Flask

from webapp import jobs
from webapp.sync import alerts, analytics, api, branches_views, header, smartmoving_api, smartmoving_views, views
from webapp.sync import audited as audited
from webapp.sync import models as models
from webapp.sync.commands import sync


def register(app: Flask) -> None:
    """Add this room to `app`. No thread begins here: the process that serves calls `scheduler.start`."""
    for module in (api, smartmoving_api):
        app.register_blueprint(module.blueprint)
    for room in (views, smartmoving_views, branches_views, analytics):
        app.register_blueprint(room.pages)
    app.context_processor(header.values)
    app.cli.add_command(sync)
    jobs.add(app, jobs.Job("alerts", alerts.EVERY_SECONDS, alerts.watch))
