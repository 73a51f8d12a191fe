"""FMS: the client, the ledger of everything we asked of it, and recovery."""

from flask import Flask

from webapp import jobs
from webapp.fms import models as models


def register(app: Flask) -> None:
    """Add the client, the ledger page, its JSON and command, and recovery every minute."""
    from webapp.fms import client, recovery
    from webapp.fms.api import api
    from webapp.fms.commands import fms_commands
    from webapp.fms.views import pages

    settings = app.extensions["settings"]
    client.register(app, settings)
    app.register_blueprint(pages)
    app.register_blueprint(api)
    app.cli.add_command(fms_commands)
    jobs.add(app, jobs.Job("fms-recovery", settings.fms_recovery_seconds, recovery.recover))
