"""HTMX plumbing: one view serves page or fragment, and a redirect reaches the whole window."""

from urllib.parse import urlsplit

from flask import Flask, Response, current_app, redirect, request
from htmx_flask import Htmx

htmx = Htmx()


def register(app: Flask) -> None:
    """Recognise HTMX requests, and tell caches that an answer depends on that."""
    htmx.init_app(app)
    app.after_request(_vary)


def is_by_htmx() -> bool:
    """Whether HTMX asks, for a part of a page or for a whole one."""
    return request.headers.get("HX-Request") == "true"


def is_fragment() -> bool:
    """Whether the answer replaces a part of a page; a boosted or restored page is a whole one."""
    headers = request.headers
    return is_by_htmx() and headers.get("HX-Boosted") != "true" and headers.get("HX-History-Restore-Request") != "true"


def go_to(address: str) -> Response:
    """Send the window to `address`: `HX-Redirect` for HTMX, an ordinary redirect otherwise."""
    if is_by_htmx():
        return Response(status=200, headers={"HX-Redirect": address})
    return current_app.make_response(redirect(address, 303))


def is_own_address(address: str) -> bool:
    """Whether `address` is a path of ours: what `next` may hold, so that nobody is sent elsewhere."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return (
        address.startswith("/")
        and not address.startswith(("//", "/\\"))
        and not parts.netloc
        and "\\" not in address
        and address.isprintable()
    )


def _vary(response: Response) -> Response:
    response.vary.add("HX-Request")
    response.vary.add("Cookie")
    return response
