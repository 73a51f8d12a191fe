"""Fleet: what FMS told us about vehicles, partners and their calendar."""

from flask import Flask

from webapp.fleet import audited as audited
from webapp.fleet import models as models


def register(app: Flask) -> None:
    """Add this room to `app`."""
