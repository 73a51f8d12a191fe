"""Structured logs: one JSON line per event, with the request's id, and without anybody's secrets."""

import logging
import re
import sys
import time
import uuid
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog
from flask import Flask, Response, g, request

SECRET_KEYS = re.compile(r"(?i)token|password|secret|cookie|authorization|api[_-]?key|email|phone|address")
REQUEST_ID = re.compile(r"^[A-Za-z0-9._-]{8,64}$")
log = structlog.get_logger("webapp.request")


def configure(level: str) -> None:
    """Write JSON lines of `level` and above to standard error."""
    logging.basicConfig(level=level.upper(), stream=sys.stderr, format="%(message)s", force=True)
    for name in ("urllib3", "apscheduler", "alembic", "werkzeug"):
        logging.getLogger(name).setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _hide_secrets,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        cache_logger_on_first_use=False,
    )


def register(app: Flask) -> None:
    """Name every request and write one line when it has been answered."""
    app.before_request(_begin)
    app.after_request(_end)


def _begin() -> None:
    given = request.headers.get("X-Request-ID", "")
    g.request_id = given if REQUEST_ID.match(given) else uuid.uuid4().hex[:16]
    g.started = time.perf_counter()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def _end(response: Response) -> Response:
    if "request_id" not in g:
        return response
    response.headers["X-Request-ID"] = g.request_id
    # The route, never the address: addresses carry what people search for.
    route = request.url_rule.rule if request.url_rule else "unknown"
    milliseconds = round((time.perf_counter() - g.started) * 1000, 1)
    log.info("request", method=request.method, route=route, status=response.status_code, ms=milliseconds)
    return response


def _hide_secrets(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    return {key: "hidden" if SECRET_KEYS.search(key) else value for key, value in event.items()}
