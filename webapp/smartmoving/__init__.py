"""SmartMoving: reads the jobs of a moving company within its call budget and makes journeys of them."""

from flask import Flask

from webapp.smartmoving import audited as audited
from webapp.smartmoving import models as models


def register(app: Flask) -> None:
    """Add this room to `app`."""
