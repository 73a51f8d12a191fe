"""Structured logs: one JSON line per event, with the request's id, and without anybody's secrets."""

import json
import logging
import re
import sys
import time
import uuid
from collections.abc import Mapping, MutableMapping
from datetime import UTC, datetime
from typing import Any

import structlog
from flask import Flask, Response, g, request

from webapp import redaction

# What a server that we run in writes by itself; it may quote what it was sent.
SERVERS = ("gunicorn.error", "gunicorn.access")
METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
# Our own words and numbers; every other text is looked through.
OURS = frozenset({"event", "level", "timestamp", "request_id", "route", "method", "exception"})
SECRET_KEYS = re.compile(r"(?i)token|password|secret|cookie|authorization|api[_-]?key|email|phone|address")
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
log = structlog.get_logger("webapp.request")


def configure(level: str) -> None:
    """Write JSON lines of `level` and above to standard error."""
    logging.basicConfig(level=level.upper(), stream=sys.stderr, force=True)
    for logger in (logging.getLogger(), *map(logging.getLogger, SERVERS)):
        for handler in logger.handlers:
            handler.setFormatter(Lines())
    for name in ("urllib3", "apscheduler", "alembic", "werkzeug"):
        logging.getLogger(name).setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _tell_failure,
            _hide_secrets,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        cache_logger_on_first_use=False,
    )


class Lines(logging.Formatter):
    """Our lines as they are; what libraries and the server write becomes one, without what it quotes."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line of JSON."""
        text = record.getMessage()
        if record.name.startswith("webapp") and text.startswith("{") and not record.exc_info:
            return text
        line = {
            "event": redaction.message(text),
            "level": record.levelname.lower(),
            "logger": record.name,
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(),
        }
        error = record.exc_info[1] if record.exc_info else None
        if error is not None:
            line["exception"] = redaction.failure(error)
        return json.dumps(line)


def register(app: Flask) -> None:
    """Name every request and write one line when it has been answered."""
    app.before_request(_begin)
    app.after_request(_end)


def _begin() -> None:
    given = request.headers.get("X-Request-ID", "")
    g.request_id = given if REQUEST_ID.fullmatch(given) else uuid.uuid4().hex[:16]
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
    method = request.method if request.method in METHODS else "other"
    log.info("request", method=method, route=route, status=response.status_code, ms=milliseconds)
    return response


def _tell_failure(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    given = event.pop("exc_info", None)
    error = given if isinstance(given, BaseException) else sys.exc_info()[1] if given else None
    if error is not None:
        event["exception"] = redaction.failure(error)
    return event


def _hide_secrets(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    return {key: _shown(key, value) for key, value in event.items()}


def _shown(key: str, value: Any) -> Any:
    if key in OURS:
        return value
    if SECRET_KEYS.search(key):
        return redaction.HIDDEN
    return redaction.plain(value) if isinstance(value, str) else value
