"""Headers that every answer carries: what the browser may load, and who may frame us."""

from flask import Flask, Response

from webapp.settings import Environment, Settings


def register(app: Flask, settings: Settings) -> None:
    """Put the headers on every answer of `app`. Frames are allowed by exact origin only."""
    ancestors = " ".join(("'self'", *settings.frame_ancestors))
    policy = (
        "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
        # Bars are placed by custom properties in their style attribute; style sheets come from files only.
        f"style-src 'self'; style-src-attr 'unsafe-inline'; frame-ancestors {ancestors}"
    )
    production = settings.app_env is Environment.PRODUCTION

    def add(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", policy)
        headers.setdefault("X-Content-Type-Options", "nosniff")
        # Stricter would break the CSRF check of forms over HTTPS.
        headers.setdefault("Referrer-Policy", "same-origin")
        headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=()")
        if production:
            headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
        if "Cache-Control" not in headers:
            headers["Cache-Control"] = "no-store"
        return response

    app.after_request(add)
