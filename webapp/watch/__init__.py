"""Watch: whether we are well, for those who run us and for the machines that restart us."""

from flask import Flask

from webapp.watch import commands, counted, views


def register(app: Flask) -> None:
    """Add this room to `app`."""
    counted.register(app)
    app.register_blueprint(views.blueprint)
    app.cli.add_command(commands.backup)
    app.cli.add_command(commands.restore)
