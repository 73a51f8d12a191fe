"""Chains: loans one after another, for one partner or with one vehicle, the best under the rules."""

from flask import Flask

from webapp.chains import models as models


def register(app: Flask) -> None:
    """Add this room's JSON to `app`."""
    from webapp.chains.api import api

    app.register_blueprint(api)
