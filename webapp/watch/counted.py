"""Requests as Prometheus counts them: by route, method and status, and how long they took.

Several workers write into files of `PROMETHEUS_MULTIPROC_DIR`, which gunicorn's configuration makes; one process
keeps its figures in memory.
"""

import os
import time

from flask import Flask, Response, g, request
from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.multiprocess import MultiProcessCollector

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
registry = CollectorRegistry()
REQUESTS = Counter("motorpool_requests", "Requests answered", ["method", "route", "status"], registry=registry)
TOOK = Histogram("motorpool_request_seconds", "How long answers took", ["route"], buckets=SECONDS, registry=registry)


def register(app: Flask) -> None:
    """Count every request of `app` once it is answered."""
    app.before_request(_begin)
    app.after_request(_count)


def of_all_workers() -> CollectorRegistry:
    """The figures of this process, or of all workers where there are several."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return registry
    together = CollectorRegistry()
    MultiProcessCollector(together)  # type: ignore[no-untyped-call]
    return together


def _begin() -> None:
    g.counted_from = time.perf_counter()


def _count(response: Response) -> Response:
    # Routes, never addresses: strangers could make up any number of those.
    route = request.url_rule.rule if request.url_rule else "none"
    method = (
        request.method if request.method in {"GET", "POST", "PATCH", "PUT", "DELETE", "HEAD", "OPTIONS"} else "other"
    )
    REQUESTS.labels(method, route, response.status_code).inc()
    if "counted_from" in g:
        TOOK.labels(route).observe(time.perf_counter() - g.counted_from)
    return response
