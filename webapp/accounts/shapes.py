"""The shape of JSON about signing in that programs parse."""

from typing import Literal

from typing_extensions import TypedDict


class TokenJson(TypedDict):
    """A bearer token; `expires_in` is told in seconds."""

    access_token: str
    token_type: Literal["bearer"]
    expires_in: int
