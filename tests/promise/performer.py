"""A process of its own that performs actions in children and lets them be killed: `python -m tests.promise.performer`.

Each line on stdin is a troupe: settings, a person, and cases; an empty one wakes those that sleep. Each case is
played by a child of its own, all at once, over an application of its own. A case may name the step at which the
child kills itself with SIGKILL, so that nothing after it happens: no rollback, no clean-up, no closing of
connections. The steps are planted here by wrapping functions; the application knows nothing of them. The answer
is a line with how each child ended.
"""

import json
import os
import signal
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from http.client import HTTPConnection
from typing import Any

from flask import Flask
from sqlalchemy.orm import configure_mappers

from tests.databases import plain_settings
from tests.rows import OFFICE
from webapp import create_app
from webapp.accounts.actor import Actor
from webapp.accounts.permissions import Role
from webapp.db import db
from webapp.errors import Refusal
from webapp.fms import exchange, ledger, recovery
from webapp.loans import batches, requests, service
from webapp.loans.outcomes import LoanOutcomes
from webapp.loans.requests import Result
from webapp.loans.service import Change, Planned
from webapp.rest import RestClient

# How a child ended, beside what the operating system says.
ASLEEP, REFUSED = 100, 101
Performance = Callable[[Actor, dict[str, Any]], object]


def die(*_: Any, **__: Any) -> None:
    """End this process as a power cut would."""
    os.kill(os.getpid(), signal.SIGKILL)


def before(owner: Any, name: str, *, nth: int = 1) -> None:
    """Die instead of the `nth` call of `owner.name`."""
    original, calls = getattr(owner, name), [0]

    def wrapper(*arguments: Any, **named: Any) -> Any:
        calls[0] += 1
        if calls[0] == nth:
            die()
        return original(*arguments, **named)

    setattr(owner, name, wrapper)


def pause(owner: Any, name: str) -> None:
    """Stop at the first call of `owner.name`, as a suspended machine would, and go on when told to."""
    original, calls = getattr(owner, name), [0]

    def wrapper(*arguments: Any, **named: Any) -> Any:
        calls[0] += 1
        if calls[0] == 1:
            os.kill(os.getpid(), signal.SIGSTOP)
        return original(*arguments, **named)

    setattr(owner, name, wrapper)


def pause_then_die() -> None:
    """Sleep just before the call, wake, send it, and die before the answer is written."""
    pause(RestClient, "call")
    before(exchange, "finish")


def after(owner: Any, name: str, *, is_flushed: bool = False) -> None:
    """Die when `owner.name` has returned, its rows sent to the database if `is_flushed`, nothing committed."""
    original = getattr(owner, name)

    def wrapper(*arguments: Any, **named: Any) -> Any:
        original(*arguments, **named)
        if is_flushed:
            db.session.flush()
        die()

    setattr(owner, name, wrapper)


STEPS: dict[str, Callable[[], None]] = {
    "none": lambda: None,
    "in transaction 1": lambda: after(ledger, "_open", is_flushed=True),
    "after transaction 1": lambda: before(requests, "carry_out"),
    "before the call": lambda: before(RestClient, "call"),
    "sent, unanswered": lambda: before(HTTPConnection, "getresponse"),
    "answered": lambda: before(exchange, "finish"),
    "in transaction 2": lambda: after(LoanOutcomes, "apply", is_flushed=True),
    "after transaction 2": lambda: before(requests, "_told"),
    # Steps at which a process sleeps until the test wakes it.
    "sleep after transaction 1": lambda: pause(requests, "carry_out"),
    "sleep before the call": lambda: pause(RestClient, "call"),
    "sleep answered": lambda: pause(exchange, "finish"),
    "sleep before the call, die answered": pause_then_die,
    # Steps of recovery.
    "marked": lambda: after(recovery, "_mark_interrupted"),
    "recovery sleeps answered": lambda: pause(recovery, "finish"),
    "recovery answered": lambda: before(recovery, "finish"),
    # Steps between the parts of a replacement.
    "taken back": lambda: before(service, "change"),
    "second call": lambda: before(RestClient, "call", nth=2),
    "second answer": lambda: before(exchange, "finish", nth=2),
    "changed": lambda: before(requests, "request"),
    # Steps of a bulk run.
    "third call": lambda: before(RestClient, "call", nth=3),
    "third claimed": lambda: before(batches, "_try", nth=3),
    "third finished": lambda: before(batches, "_finish_row", nth=3),
    "first finished": lambda: before(batches, "_finish_row"),
}


def _replace(actor: Actor, case: dict[str, Any]) -> Result:
    return requests.replace_requested(actor, case["loan"], Change(end_day=date.fromisoformat(case["end"])))


def _plan(actor: Actor, case: dict[str, Any]) -> Planned:
    start_day = date.fromisoformat(case["start"])
    return service.plan(
        actor,
        vin=case["vin"],
        person_id=case["person_id"],
        office=OFFICE,
        start_day=start_day,
        end_day=start_day + timedelta(days=7),
    )


PERFORMANCES: dict[str, Performance] = {
    "create": lambda actor, case: requests.request(actor, case["loan"]),
    "unrequest": lambda actor, case: requests.unrequest(actor, case["loan"]),
    "remove": lambda actor, case: requests.delete(actor, case["loan"]),
    "replace": _replace,
    "move": lambda actor, case: service.change(actor, case["loan"], Change(end_day=date.fromisoformat(case["end"]))),
    "plan": _plan,
    "recover": lambda actor, case: recovery.recover(),
    "bulk": lambda actor, case: batches.run(case["batch"]),
    "resume": lambda actor, case: batches.resume(),
}


# Seconds after which a call is not begun any more, for those that do not sleep: so many at once may be slow to begin.
LONG = 3600
# These do nothing outside their transactions before they call FMS.
REHEARSED = ("create", "unrequest", "remove")


class _Rehearsed(Exception):
    """Ends a rehearsal before anything is committed."""


def main() -> None:
    """Play troupe after troupe until stdin ends."""
    # What every child would do first is done once, before there are children.
    create_app(plain_settings(database_url="sqlite:///:memory:"))
    configure_mappers()
    asleep: list[int] = []
    for line in sys.stdin:
        troupe = json.loads(line)
        if not troupe:
            for child in asleep:
                os.kill(child, signal.SIGCONT)
            asleep = _answer(asleep)
            continue
        app, actor = create_app(plain_settings(**troupe["settings"])), _actor(troupe["actor"])
        _rehearse(app, actor, troupe["cases"])
        children = [_play(app, actor, case) for case in troupe["cases"]]
        asleep += _answer(children)


def _answer(children: list[int]) -> list[int]:
    """Wait until every child has ended or fallen asleep, and say so; those that are asleep."""
    statuses = [os.waitpid(child, os.WUNTRACED)[1] for child in children]
    ended = [ASLEEP if os.WIFSTOPPED(status) else os.waitstatus_to_exitcode(status) for status in statuses]
    sys.stdout.write(json.dumps(ended) + "\n")
    sys.stdout.flush()
    return [child for child, how in zip(children, ended, strict=True) if how == ASLEEP]


def _actor(values: dict[str, Any]) -> Actor:
    return Actor(**{**values, "role": Role(values["role"]), "locations": frozenset(values["locations"])})


def _rehearse(app: Flask, actor: Actor, cases: list[dict[str, Any]]) -> None:
    """One of each action up to the end of its first transaction, rolled back: children inherit compiled statements."""
    original = ledger._open

    def stop(*arguments: Any, **named: Any) -> Any:
        original(*arguments, **named)
        raise _Rehearsed

    ledger._open = stop
    with app.app_context():
        for case in {case["action"]: case for case in cases if case["action"] in REHEARSED}.values():
            with suppress(_Rehearsed, Refusal):
                PERFORMANCES[case["action"]](actor, case)
        db.session.remove()
        # No connection may be shared by two processes.
        db.engine.dispose()
    ledger._open = original


def _play(app: Flask, actor: Actor, case: dict[str, Any]) -> int:
    child = os.fork()
    if child:
        return child
    try:
        step = case.get("step", "none")
        if not step.startswith("sleep"):
            exchange.PATIENCE_SECONDS = LONG  # type: ignore[attr-defined]
        STEPS[step]()
        with app.app_context():
            PERFORMANCES[case["action"]](actor, case)
    except Refusal:
        os._exit(REFUSED)
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


if __name__ == "__main__":
    main()
