"""The job that watches the data and tells administrators: incidents first, then the messages about them."""

from webapp.sync.incidents import assess_all
from webapp.sync.notices import deliver

EVERY_SECONDS = 30.0


def watch() -> None:
    """Open and close incidents, and send what is due."""
    assess_all()
    deliver()
