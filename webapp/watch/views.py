"""`/healthz`, `/readyz`, `/metrics`: for machines, without a sign-in, and without anything about anybody."""

import hmac
import ipaddress

from flask import Blueprint, Response, current_app, jsonify, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from webapp.accounts.access import public
from webapp.errors import NotFound
from webapp.watch.counted import of_all_workers
from webapp.watch.figures import Figures
from webapp.watch.health import look

blueprint = Blueprint("watch", __name__)


@blueprint.get("/healthz")
@public
def alive() -> Response:
    """This process answers; nothing else is asked."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
@public
def ready() -> tuple[Response, int]:
    """200 where requests can be served, else 503; each check by name."""
    found = look()
    checks = {"database": found.database, "migrations": found.migrations, "scheduler": found.scheduler}
    return jsonify(status="ok" if found.is_ready else "not ready", checks=checks), 200 if found.is_ready else 503


@blueprint.get("/metrics")
@public
def metrics() -> Response:
    """Figures for Prometheus, to who brings `METRICS_TOKEN`; without one set, to this machine alone."""
    if not _may_read():
        raise NotFound
    figures = CollectorRegistry()
    figures.register(Figures())
    body = generate_latest(of_all_workers()) + generate_latest(figures)
    return Response(body, content_type=CONTENT_TYPE_LATEST)


def _may_read() -> bool:
    token: str = current_app.extensions["settings"].metrics_token.get_secret_value()
    if token:
        given = request.headers.get("Authorization", "")
        return hmac.compare_digest(given.encode(), f"Bearer {token}".encode())
    # A proxy on this machine would make everybody look as if they were here.
    is_forwarded = any(name in request.headers for name in ("X-Forwarded-For", "Forwarded", "X-Real-IP"))
    return not is_forwarded and _is_loopback(request.remote_addr or "")


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
