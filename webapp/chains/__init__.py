"""Chains: loans one after another, for one partner or with one vehicle, the best under the rules."""

from flask import Flask


def register(app: Flask) -> None:
    """Add what this room brings to `app`: nothing yet."""
