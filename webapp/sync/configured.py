"""What the settings say of the runs: whether there is anything to bring, and when."""

from datetime import time

from webapp.feeds.parse_schema import FEEDS
from webapp.feeds.service import url_of
from webapp.settings import Settings
from webapp.sync.due import ByDay, Nightly


def has_reports(settings: Settings) -> bool:
    """Whether any report of FMS has an address."""
    return any(url_of(settings, feed) for feed in FEEDS)


def nightly_of(settings: Settings) -> Nightly:
    """When the reports are imported."""
    return Nightly(time(settings.sync_hour, settings.sync_minute), settings.zone)


def has_key(settings: Settings) -> bool:
    """Whether there is a key to SmartMoving."""
    return bool(settings.smartmoving_api_key.get_secret_value())


def by_day_of(settings: Settings) -> ByDay:
    """When SmartMoving is looked at."""
    return ByDay(settings.smartmoving_sync_minutes, settings.zone)
