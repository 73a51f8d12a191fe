"""SmartMoving's part of the control address: switches, the truth, and what the company's people do."""

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from datetime import date, timedelta
from random import Random
from typing import Any

from flask import Blueprint, Response, jsonify, request

from webapp.sandbox.control import only_from_here
from webapp.sandbox.generate.mover_branches import next_branch
from webapp.sandbox.generate.movers import BOOKED, MoverBook, homes_of
from webapp.sandbox.smartmoving import changes, truth
from webapp.sandbox.smartmoving.changes import BadChange, UnknownThing
from webapp.sandbox.smartmoving.days import pass_day
from webapp.sandbox.smartmoving.limits import Switches
from webapp.sandbox.state import Sandbox, sandbox
from webapp.sandbox.store import insert_all

smartmoving_control = Blueprint("smartmoving_control", __name__, url_prefix="/control/smartmoving")
smartmoving_control.before_request(only_from_here)

Answer = tuple[Response, int]
Fields = Mapping[str, Any]


@smartmoving_control.errorhandler(UnknownThing)
def unknown(problem: UnknownThing) -> Answer:
    """404 with what there is not."""
    return jsonify(errors=[{"detail": str(problem)}]), 404


@smartmoving_control.errorhandler(BadChange)
def bad(problem: BadChange) -> Answer:
    """422 with what is wrong."""
    return jsonify(errors=[{"detail": str(problem)}]), 422


@smartmoving_control.get("/state")
def read_state() -> Response:
    """The truth from `first` to `last` (ISO; without: today and tomorrow), the calls and what is left of them."""
    state = sandbox()
    today = state.today()
    first, last = _day(request.args.get("first"), today), _day(request.args.get("last"), today + timedelta(1))
    with state.store.reading() as db:
        opportunities, branches = truth.opportunities_between(db, first, last), truth.branches(db)
    return jsonify(
        today=today.isoformat(),
        opportunities=opportunities,
        branches=branches,
        calls=state.smartmoving.calls.by_target(),
        month=state.smartmoving.calls.in_month(today),
        switches=asdict(state.smartmoving.switches),
    )


@smartmoving_control.get("/calls")
def read_calls() -> Response:
    """Every call since the journal began, oldest first."""
    return jsonify(calls=sandbox().smartmoving.calls.all())


@smartmoving_control.delete("/calls")
def forget_calls() -> Answer:
    """Begin a new journal and a new minute; the month goes on."""
    state = sandbox()
    state.smartmoving.calls.forget()
    state.smartmoving.minute.forget()
    return _ok()


@smartmoving_control.post("/switches")
def set_switches() -> Answer:
    """Any of `limits.Switches`; what is not named stays."""
    state, fields = sandbox(), _fields()
    for name, value in fields.items():
        if name not in Switches.__slots__:
            raise BadChange(f"There is no switch {name}; there are {', '.join(Switches.__slots__)}.")
        is_flag = isinstance(getattr(Switches(), name), bool)
        if isinstance(value, bool) != is_flag or not isinstance(value, int | float) or value < 0:
            raise BadChange(f"{name} is {'true or false' if is_flag else 'a number from 0'}.")
    state.smartmoving.switches = replace(state.smartmoving.switches, **fields)
    return _ok()


@smartmoving_control.post("/pass-day")
def let_a_day_pass() -> Answer:
    """`{"seed": 1}` or nothing: it is tomorrow, for FMS as well; answers what happened, as lists of ids."""
    state = sandbox()
    seed = _fields().get("seed", state.settings.seed)
    state.fixed_today = state.today() + timedelta(1)
    happened = pass_day(state.store, state.fixed_today, state.settings.scale, seed)
    return jsonify(today=state.fixed_today.isoformat(), happened=happened), 200


@smartmoving_control.post("/customers")
def add_customer() -> Answer:
    """`{"date", "status"?, "branch_id"?, "seed"?}`: a new customer with one moving job; the opportunity."""
    state, fields = sandbox(), _fields()
    day = _day(fields.get("date"), state.today())
    return _changed(state, lambda db: _new_customer(db, day, fields))


@smartmoving_control.post("/opportunities/<number>")
def change_opportunity(number: str) -> Answer:
    """Fields as `changes.change_opportunity` takes them; the opportunity as it then is."""

    def change(db: sqlite3.Connection) -> str:
        changes.change_opportunity(db, number, _fields())
        return number

    return _changed(sandbox(), change)


@smartmoving_control.post("/<any(opportunities, jobs):kind>/<number>/<any(delete, restore):action>")
def set_gone(kind: str, number: str, action: str) -> Answer:
    """As if it never was, and as if nothing had been."""
    with sandbox().store.writing(is_journal=True) as db:
        changes.set_gone(db, kind, number, is_gone=action == "delete")
    return _ok()


@smartmoving_control.post("/branches")
def add_branch() -> Answer:
    """Open one in the next town, `{"name"?, "phone"?}`; the branch."""
    with sandbox().store.writing(is_journal=True) as db:
        place = db.execute("SELECT max(place) + 1 FROM smartmoving_branches").fetchone()[0]
        opened = next_branch(place, Random(f"branch/{place}"))
        insert_all(db, "smartmoving_branches", [opened])
        changes.change_branch(db, str(opened[0]), _fields())
        return jsonify(branch=truth.branches(db)[-1]), 200


@smartmoving_control.post("/branches/<number>")
def change_branch(number: str) -> Answer:
    """`{"name"?, "phone"?}`."""
    with sandbox().store.writing(is_journal=True) as db:
        changes.change_branch(db, number, _fields())
    return _ok()


def _changed(state: Sandbox, change: Callable[[sqlite3.Connection], str]) -> Answer:
    with state.store.writing(is_journal=True) as db:
        return jsonify(opportunity=truth.one_opportunity(db, change(db))), 200


def _new_customer(db: sqlite3.Connection, day: date, fields: Fields) -> str:
    rows = db.execute("SELECT * FROM smartmoving_branches ORDER BY place").fetchall()
    last_quote = db.execute("SELECT max(quote) FROM smartmoving_opportunities").fetchone()[0]
    wanted = [tuple(row) for row in rows if fields.get("branch_id") in (None, row["id"])]
    if not wanted:
        raise UnknownThing(f"There is no branch {fields['branch_id']}.")
    book = MoverBook(sandbox().today(), homes_of(wanted), Random(f"{fields.get('seed')}/{last_quote}"), last_quote)
    number = book.add_one(day, fields.get("status", BOOKED))
    for table, made in book.tables().items():
        insert_all(db, table, made)
    # Says so if there is no such status; and whoever asks for a branch means it.
    wanted_branch = {"branch_id": fields["branch_id"], "branch_name": None} if fields.get("branch_id") else {}
    changes.change_opportunity(db, number, {"status": fields.get("status", BOOKED)} | wanted_branch)
    return number


def _fields() -> Fields:
    body = request.get_json(silent=True)
    return body if isinstance(body, Mapping) else {}


def _day(text: str | None, otherwise: date) -> date:
    try:
        return date.fromisoformat(text) if text else otherwise
    except ValueError as problem:
        raise BadChange("A day is written YYYY-MM-DD.") from problem


def _ok() -> Answer:
    return jsonify(ok=True), 200
