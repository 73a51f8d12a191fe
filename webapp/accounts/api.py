"""JSON: an e-mail and a password for a bearer token."""

from flask import Blueprint, Response, jsonify, request
from pydantic import Field

from webapp.accounts import sign_in, tokens
from webapp.accounts.access import public
from webapp.errors import answer_refusal
from webapp.jsonapi import Input, read_body

blueprint = Blueprint("auth_api", __name__, url_prefix="/api/auth")


class Credentials(Input):
    """What a program signs in with."""

    email: str = Field(min_length=1, max_length=254)
    password: str = Field(min_length=1, max_length=1000)


@blueprint.post("/token")
@public
def token() -> Response:
    """A bearer token for 15 minutes; 401 for wrong credentials, 429 after too many tries."""
    given = read_body(Credentials)
    bearer = sign_in.issue_bearer(given.email, given.password, address=request.remote_addr or "")
    return jsonify(access_token=bearer, token_type="bearer", expires_in=int(tokens.LIFETIME.total_seconds()))


def answer_throttled(refusal: sign_in.TooManyTries) -> Response:
    """429, and when to come back."""
    response = answer_refusal(refusal)
    response.headers["Retry-After"] = str(refusal.seconds)
    return response
