"""Scripts of other sites at the JSON interface: named origins alone, by bearer token, never by somebody's cookies.

Without `CORS_ORIGINS` nothing here says anything, and browsers keep other sites' scripts out.
"""

from flask import Flask, Response, request

from webapp.errors import wants_json
from webapp.settings import Settings

METHODS = "GET, POST, PUT, PATCH, DELETE"
HEADERS = "Authorization, Content-Type, X-Request-ID"
TOLD = "X-Request-ID, Retry-After"
SECONDS = "600"


def register(app: Flask, settings: Settings) -> None:
    """Let the origins of the settings use the JSON interface of `app`. Before anybody asks who is calling."""
    if not settings.cors_origins:
        return
    allowed = frozenset(settings.cors_origins)

    def answer_preflight() -> Response | None:
        is_preflight = request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers
        # A preflight carries no token: it asks whether a request with one may follow.
        if is_preflight and wants_json() and request.headers.get("Origin") in allowed:
            return Response(status=204)
        return None

    def add(response: Response) -> Response:
        if not wants_json():
            return response
        response.vary.add("Origin")
        origin = request.headers.get("Origin")
        if origin not in allowed:
            return response
        # Without Access-Control-Allow-Credentials a browser shows no answer that a cookie has opened.
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Expose-Headers"] = TOLD
        if request.method == "OPTIONS":
            response.headers["Access-Control-Allow-Methods"] = METHODS
            response.headers["Access-Control-Allow-Headers"] = HEADERS
            response.headers["Access-Control-Max-Age"] = SECONDS
        return response

    app.before_request(answer_preflight)
    app.after_request(add)
