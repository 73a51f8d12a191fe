"""Loans: planning, moving, requesting and removing them, under one set of rules."""

from flask import Flask

from webapp.loans import models as models


def register(app: Flask) -> None:
    """Add this room to `app`."""
