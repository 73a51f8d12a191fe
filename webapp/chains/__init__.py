"""Chains: loans one after another, for one partner or with one vehicle, the best under the rules."""

from flask import Flask

from webapp.chains import models as models


def register(app: Flask) -> None:
    """Add this room's pages and JSON to `app`."""
    from webapp.chains import builder_actions, builder_views, panel_views, saved_actions, saved_views, saving_api
    from webapp.chains.api import api

    app.register_blueprint(api)
    app.register_blueprint(saving_api.api)
    for pages in (panel_views, builder_views, builder_actions, saved_views, saved_actions):
        app.register_blueprint(pages.blueprint)
