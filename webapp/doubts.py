"""Settings that are right each by itself and make little sense together: said in the log when production starts."""

from collections.abc import Iterator

import structlog

from webapp.settings import EmbedCookies, Environment, Settings

log = structlog.get_logger(__name__)


def tell(settings: Settings) -> None:
    """Write a line for each doubt. Nothing is refused: a trial may be meant."""
    if settings.app_env is Environment.PRODUCTION:
        for setting, sentence in doubts(settings):
            log.warning("doubtful setting", setting=setting, sentence=sentence)


def doubts(settings: Settings) -> Iterator[tuple[str, str]]:
    """The setting to look at, and why."""
    is_framed, cookies = bool(settings.frame_ancestors), settings.embed_cookies
    if is_framed and cookies is EmbedCookies.OFF:
        yield "EMBED_COOKIES", "off: in a frame of another site nobody stays signed in"
    if settings.embed_launch_secret.get_secret_value() and not is_framed:
        yield "FRAME_ANCESTORS", "empty: FMS may sign people in, but not show us in a frame"
    if not settings.trusted_proxies:
        yield "TRUSTED_PROXIES", "0: behind a proxy everybody comes from its address, which fifty failures lock out"
    if settings.uses_sqlite:
        yield "DATABASE_URL", "SQLite: one host and a disk that lasts, no more"
    if settings.fms_url and not settings.fms_token.get_secret_value():
        yield f"FMS_{settings.fms_environment.value.upper()}_TOKEN", "empty: FMS refuses every request"
    if not settings.fms_url:
        yield f"FMS_{settings.fms_environment.value.upper()}_URL", "empty: nothing can be requested"
