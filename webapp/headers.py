"""Headers that every answer carries: what the browser may load, keep and run, and who may frame us."""

from flask import Flask, Response

from webapp.settings import Environment, Settings

# What no page of ours asks a browser for.
UNUSED = ("camera", "microphone", "geolocation", "payment", "usb", "serial", "hid", "midi", "display-capture")


def register(app: Flask, settings: Settings) -> None:
    """Put the headers on every answer of `app`. Frames are allowed by exact origin only."""
    ancestors = " ".join(("'self'", *settings.frame_ancestors))
    policy = (
        "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
        # Bars are placed by custom properties in their style attribute; style sheets come from files only.
        f"style-src 'self'; style-src-attr 'unsafe-inline'; frame-ancestors {ancestors}"
    )
    production = settings.app_env is Environment.PRODUCTION
    permissions = ", ".join(f"{feature}=()" for feature in UNUSED)
    is_framed = bool(settings.frame_ancestors)

    def add(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", policy)
        headers.setdefault("X-Content-Type-Options", "nosniff")
        # Stricter would break the CSRF check of forms over HTTPS.
        headers.setdefault("Referrer-Policy", "same-origin")
        headers.setdefault("Permissions-Policy", permissions)
        # A window that another site opened on us, or we on it, is out of each other's reach; frames are not meant.
        headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        # A page in a frame is loaded by another site, which may ask this of all that it loads.
        if not (is_framed and response.mimetype == "text/html"):
            headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if production:
            headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
        headers.setdefault("Cache-Control", "no-store")
        return response

    app.after_request(add)
