"""Refusals and failures: one exception family, answered as problem JSON, a fragment or a page."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import structlog
from flask import Flask, Response, current_app, g, jsonify, render_template, request
from werkzeug.exceptions import HTTPException

log = structlog.get_logger(__name__)

SENTENCES = {
    400: "This request could not be understood.",
    401: "Sign in first.",
    403: "Your role does not allow this.",
    404: "There is nothing here, or nothing you may see.",
    405: "This address does not take that kind of request.",
    413: "This is larger than we accept.",
    415: "Send this as JSON.",
    429: "Too many tries. Wait a little.",
}


class Refusal(Exception):
    """Something we will not do, with a sentence for the person who asked.

    `status` is the HTTP status, `code` the stable word for programs. `details` are further members of the
    problem answer; `link`, where given, leads to what is in the way.
    """

    status = 409
    code = "refused"

    def __init__(
        self,
        sentence: str,
        *,
        code: str | None = None,
        status: int | None = None,
        link: tuple[str, str] | None = None,
        details: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.code = code or type(self).code
        self.status = status or type(self).status
        self.link = link
        self.details = dict(details or {})


class NotFound(Refusal):
    """It does not exist, or not for this person: the two are not told apart."""

    status = 404
    code = "not_found"

    def __init__(self, sentence: str = SENTENCES[404]) -> None:
        super().__init__(sentence)


class Forbidden(Refusal):
    """The role does not allow it."""

    status = 403
    code = "forbidden"

    def __init__(self, sentence: str = SENTENCES[403]) -> None:
        super().__init__(sentence)


class Unauthenticated(Refusal):
    """Nobody is signed in, or the sign-in has ended."""

    status = 401
    code = "unauthenticated"

    def __init__(self, sentence: str = SENTENCES[401]) -> None:
        super().__init__(sentence)


class InvalidInput(Refusal):
    """Input that cannot be used. `fields` maps a field's name to what is wrong with it."""

    status = 422
    code = "invalid"

    def __init__(self, sentence: str, *, fields: Mapping[str, str] | None = None, code: str | None = None) -> None:
        super().__init__(sentence, code=code, details={"fields": dict(fields)} if fields else None)
        self.fields = dict(fields or {})


def wants_json() -> bool:
    """Whether the request at hand belongs to the JSON interface, by its address."""
    return is_json_address(request.path)


def is_json_address(path: str) -> bool:
    """Whether an address belongs to the JSON interface."""
    return path.startswith(("/api/", "/smartmoving/")) or path == "/openapi.json"


def problem(status: int, code: str, detail: str, **members: Any) -> Response:
    """An RFC 9457 answer: `title`, `status`, `detail`, `code` and whatever else helps a program."""
    response = jsonify(
        {"title": HTTPStatus(status).phrase, "status": status, "detail": detail, "code": code, **members}
    )
    response.status_code = status
    response.mimetype = "application/problem+json"
    return response


def answer_refusal(refusal: Refusal) -> Response:
    """The refusal as this request wants to read it; rooms that draw their own fragment catch it before."""
    if wants_json():
        return problem(refusal.status, refusal.code, refusal.sentence, **refusal.details)
    return _as_html(refusal.status, refusal.sentence, refusal.link)


def register(app: Flask) -> None:
    """Answer every refusal and every crash of `app` in the form that was asked for."""
    app.register_error_handler(Refusal, answer_refusal)
    app.register_error_handler(HTTPException, _answer_http)
    app.register_error_handler(Exception, answer_crash)


def _answer_http(error: HTTPException) -> Response:
    status = error.code or 500
    if status < 400:
        return current_app.make_response(error.get_response(request.environ))
    sentence = SENTENCES.get(status, HTTPStatus(status).phrase + ".")
    if wants_json():
        response = problem(status, HTTPStatus(status).phrase.lower().replace(" ", "_"), sentence)
    else:
        response = _as_html(status, sentence, None)
    allowed = getattr(error, "valid_methods", None)
    if allowed:
        response.headers["Allow"] = ", ".join(sorted(allowed))
    return response


def answer_crash(error: Exception) -> Response:
    """500 with the request's id, and the error in the log alone."""
    log.error("unhandled", exc_info=error)
    sentence = "Something broke on our side. Nothing was changed unless you see it changed."
    if wants_json():
        return problem(500, "internal", sentence, request_id=g.get("request_id", ""))
    return _as_html(500, sentence, None)


def _as_html(status: int, sentence: str, link: tuple[str, str] | None) -> Response:
    template = "errors/_fragment.html" if request.headers.get("HX-Request") else "errors/page.html"
    body = render_template(
        template,
        status=status,
        phrase=HTTPStatus(status).phrase,
        sentence=sentence,
        link=link,
        request_id=g.get("request_id", ""),
    )
    return Response(body, status=status, mimetype="text/html")
