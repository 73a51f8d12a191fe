"""Who is doing what is being done: a signed-in person, a job, a command, or a thread that goes on for one of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from enum import StrEnum

import click
from flask import g, has_request_context, request

from webapp.accounts.actor import Actor
from webapp.errors import wants_json

NOBODY = "Nobody signed in"


class Origin(StrEnum):
    """Where a change came from."""

    PAGE = "page"
    API = "api"
    JOB = "job"
    COMMAND = "command"


@dataclass(frozen=True)
class Doer:
    """Who does it and from where; `user_id` None: no person, then `name` is the job's or the command's."""

    user_id: int | None
    name: str
    role: str
    company_id: int | None
    origin: Origin
    address: str = ""
    request_id: str = ""


_doer: ContextVar[Doer | None] = ContextVar("audit_doer", default=None)


@contextmanager
def acting(doer: Doer) -> Iterator[None]:
    """What is written inside the block was done by `doer`. A thread begins with nobody: its work is wrapped in this."""
    token = _doer.set(doer)
    try:
        yield
    finally:
        _doer.reset(token)


def current() -> Doer:
    """Who acts in this thread now. Asks nothing of the database."""
    given = _doer.get()
    if given is not None:
        return given
    if has_request_context():
        return _of_request()
    command = click.get_current_context(silent=True)
    if command is not None:
        # Without the program's own name, which says nothing.
        return Doer(None, command.command_path.partition(" ")[2], "", None, Origin.COMMAND)
    return Doer(None, "The application", "", None, Origin.JOB)


def by_job(name: str) -> Doer:
    """A job that nobody asked for."""
    return Doer(None, name, "", None, Origin.JOB)


def for_person(actor: Actor) -> Doer:
    """Whoever goes on for a person: as the person came, where they are acting already, else by a job."""
    now = current()
    if now.user_id is not None and now.user_id == actor.user_id:
        return now
    origin = now.origin if now.user_id is None else Origin.JOB
    return replace(now, user_id=actor.user_id, name=actor.name, role=actor.role, origin=origin)


def _of_request() -> Doer:
    # Never looked for here: that would ask the database, and write, in the midst of somebody's transaction.
    actor: Actor | None = getattr(g.get("_login_user"), "actor", None)
    origin = Origin.API if wants_json() else Origin.PAGE
    where = {"address": request.remote_addr or "", "request_id": g.get("request_id", "")}
    if actor is None:
        return Doer(None, NOBODY, "", None, origin, **where)
    return Doer(actor.user_id, actor.name, actor.role, actor.company_id, origin, **where)
