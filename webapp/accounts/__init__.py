"""Accounts: people, what each may do and where, and how they sign in."""

from flask import Flask

from webapp.accounts import access, signed_in
from webapp.accounts import models as models


def register(app: Flask) -> None:
    """Add this room to `app`."""
    signed_in.register(app)
    access.register(app)
