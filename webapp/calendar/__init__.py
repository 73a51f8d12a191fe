"""Calendar: four weeks of an office, by vehicle or by partner, where loans are planned and requested."""

from flask import Flask

from webapp.calendar import (
    actions,
    api,
    bulk,
    deeds,
    exports,
    holds_views,
    ics_views,
    links_views,
    live,
    moves,
    moving,
    notes_views,
    permalinks,
    planning,
    saved_view_pages,
    search_views,
    shell,
    views,
)
from webapp.calendar import audited as audited
from webapp.calendar import models as models
from webapp.calendar.panels import views as panel_views


def register(app: Flask) -> None:
    """Add this room to `app`."""
    shell.register(app)
    for room_part in (
        views,
        live,
        holds_views,
        actions,
        planning,
        bulk,
        deeds,
        notes_views,
        panel_views,
        exports,
        links_views,
        permalinks,
        saved_view_pages,
        search_views,
        moves,
        moving,
    ):
        app.register_blueprint(room_part.blueprint)
    app.register_blueprint(api.api)
    ics_views.register(app)
