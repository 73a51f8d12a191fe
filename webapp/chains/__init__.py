"""Chains: loans one after another, for one partner or with one vehicle, the best under the rules."""

from flask import Flask

from webapp import jobs
from webapp.chains import audited as audited
from webapp.chains import models as models

A_DAY = 24 * 3600


def register(app: Flask) -> None:
    """Add this room's pages and JSON to `app`, and have forgotten drafts dropped."""
    from webapp.chains.api import api
    from webapp.chains.builder import actions as builder_actions
    from webapp.chains.builder import views as builder_views
    from webapp.chains.drafting import drafts
    from webapp.chains.panels import next_views, panel_views, why_views
    from webapp.chains.saved import actions as saved_actions
    from webapp.chains.saved import changes as saved_changes
    from webapp.chains.saved import copies as saved_copies
    from webapp.chains.saved import saving_api
    from webapp.chains.saved import views as saved_views

    app.register_blueprint(api)
    app.register_blueprint(saving_api.api)
    for pages in (
        panel_views,
        why_views,
        next_views,
        builder_views,
        builder_actions,
        saved_views,
        saved_actions,
        saved_changes,
        saved_copies,
    ):
        app.register_blueprint(pages.blueprint)
    jobs.add(app, jobs.Job("forgotten chain drafts", seconds=A_DAY, run=drafts.drop_untouched))
