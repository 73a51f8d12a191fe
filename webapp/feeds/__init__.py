"""Feeds: six CSV reports from FMS, checked whole before the first row is written."""

from flask import Flask

from webapp.feeds import sheet_models as sheet_models


def register(app: Flask) -> None:
    """Add this room to `app`."""
