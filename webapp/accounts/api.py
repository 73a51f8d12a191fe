"""JSON: an e-mail and a password for a bearer token."""

from flask import Blueprint, Response, jsonify, request
from pydantic import Field

from webapp.accounts import proving, sign_in, tokens
from webapp.accounts.access import public
from webapp.accounts.shapes import TokenJson
from webapp.declared import declares
from webapp.errors import answer_refusal
from webapp.jsonapi import Input, read_body

blueprint = Blueprint("auth_api", __name__, url_prefix="/api/auth")


class Credentials(Input):
    """What a program signs in with."""

    email: str = Field(min_length=1, max_length=254)
    password: str = Field(min_length=1, max_length=1000)
    # Of the authenticator, or for recovery; of who has a second factor alone.
    code: str = Field("", max_length=100)


@blueprint.post("/token")
@public
@declares({200: TokenJson}, body=Credentials, refuses=(401, 429))
def token() -> Response:
    """A bearer token for 15 minutes; 401 for wrong credentials, 429 after too many tries.

    Of who has a second factor a `code` is asked as well: 401 `second_factor` without one, `wrong_code` where it is not
    good.
    """
    given = read_body(Credentials)
    address = request.remote_addr or ""
    bearer = sign_in.issue_bearer(given.email, given.password, code=given.code, address=address)
    seconds = int(tokens.LIFETIME.total_seconds())
    return jsonify(TokenJson(access_token=bearer, token_type="bearer", expires_in=seconds))


def answer_throttled(refusal: proving.TooManyTries) -> Response:
    """429, and when to come back."""
    response = answer_refusal(refusal)
    response.headers["Retry-After"] = str(refusal.seconds)
    return response
