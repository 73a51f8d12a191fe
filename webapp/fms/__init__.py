"""FMS: the client, the ledger of everything we asked of it, and recovery."""

from flask import Flask

from webapp.fms import models as models


def register(app: Flask) -> None:
    """Add this room to `app`."""
