"""Values that must never be seen again, one of each kind, and a place in which everything that is logged is kept."""

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager

from webapp.logs import SERVERS, Lines

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.Y2FuYXJ5LXNpZ25hdHVyZQ"
CANARIES = {
    "token": "canary-token-4f7a91",
    "password": "canarypasswordinsmallletters",
    "phone": "+1 (305) 555-0142",
    "email": "canary.person@canary.example",
    "address": "47110815 Canary Wharf Street",
    "cookie": "canary-cookie-88d1",
    "api_key": "canary_api_key_77c2",
    "jwt": JWT,
}
# What would still give them away: parts that no redaction may leave over.
TRACES = ("canary", "Canary", "555-0142", "5550142", "47110815", JWT[:20])


@contextmanager
def everything_logged() -> Iterator[io.StringIO]:
    """What our log, the libraries' and the server's would be on standard error, from here on, from DEBUG on."""
    kept = io.StringIO()
    handler = logging.StreamHandler(kept)
    handler.setFormatter(Lines())
    loggers = [logging.getLogger(), *map(logging.getLogger, SERVERS)]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.addHandler(handler)
        logger.setLevel(logging.DEBUG)
    try:
        yield kept
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.removeHandler(handler)
            logger.setLevel(level)


def traces_in(text: str) -> set[str]:
    """Which of the canaries' parts `text` holds."""
    return {trace for trace in TRACES if trace in text}
