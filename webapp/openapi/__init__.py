"""The JSON interface described: made from the routes, never written beside them. Registered after every other room."""

from flask import Flask

from webapp.openapi import views
from webapp.openapi.description import check_routes


def register(app: Flask) -> None:
    """Add this room to `app`. Raises `RuntimeError` where a JSON route says nothing of itself."""
    app.register_blueprint(views.blueprint)
    check_routes(app)
