"""Feeds: six CSV reports from FMS, checked whole before the first row is written."""

from flask import Flask

from webapp.feeds import audited as audited
from webapp.feeds import sheet_models as sheet_models


def register(app: Flask) -> None:
    """Add the page and the commands for spreadsheets."""
    from webapp.feeds.commands import imports
    from webapp.feeds.views import pages

    app.register_blueprint(pages)
    app.cli.add_command(imports)
