"""Accounts: people, what each may do and where, and how they sign in."""

from flask import Flask

from webapp.accounts import access, api, code_views, embedding, launch, people_views, proving, sign_in, signed_in, views
from webapp.accounts import models as models
from webapp.accounts.commands import users
from webapp.jobs import Job, add


def register(app: Flask) -> None:
    """Add this room to `app`."""
    embedding.register(app)
    signed_in.register(app)
    access.register(app)
    for blueprint in (views.door, code_views.account, people_views.blueprint, api.blueprint):
        app.register_blueprint(blueprint)
    app.register_error_handler(proving.TooManyTries, api.answer_throttled)
    app.cli.add_command(users)
    add(app, Job("forget old sign-ins", seconds=3600, run=sign_in.forget_old))
    add(app, Job("forget used launches", seconds=3600, run=launch.forget_used))
