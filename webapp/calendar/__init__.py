"""Calendar: four weeks of an office, by vehicle or by partner, where loans are planned and requested."""

from flask import Flask

from webapp.calendar import shell


def register(app: Flask) -> None:
    """Add this room to `app`."""
    shell.register(app)
