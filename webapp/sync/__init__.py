"""Sync: runs of the imports, leases, and the scheduler that does every room's jobs."""

from flask import Flask

from webapp.sync import models as models


def register(app: Flask) -> None:
    """Add this room to `app`. Nothing is started here: see `scheduler.start`."""
    from webapp.sync.commands import sync

    app.cli.add_command(sync)
