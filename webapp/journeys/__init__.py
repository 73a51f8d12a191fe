"""Journeys: the day's jobs, who drives them, how far they are, and the board, phone page and figures over them."""

from flask import Flask

from webapp.journeys import models as models


def register(app: Flask) -> None:
    """Add this room to `app`."""
