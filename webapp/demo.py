"""`python -m webapp.demo`, which is `make run`: the application beside a stand-in FMS, with data and people in it."""

import os
import selectors
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import flask_migrate
import requests
from dotenv import dotenv_values
from flask import Flask
from sqlalchemy import select

from webapp import create_app
from webapp.accounts import service
from webapp.accounts.actor import Actor
from webapp.accounts.models import User
from webapp.accounts.permissions import Role
from webapp.db import close_reading, db
from webapp.settings import PROJECT, Environment, SettingsError
from webapp.sync.models import SyncRun

HOST = "127.0.0.1"
PASSWORD = "motorpool-demo"
START_SECONDS = 60
# The stand-in FMS takes this one; it opens nothing else.
SANDBOX_TOKEN = "sandbox-fms-token"
REPORTS = {
    "VEHICLES": "vehicles",
    "PARTNERS": "partners",
    "LOAN_HISTORY": "loan_history",
    "CURRENT_ACTIVITY": "current_activity",
    "APPROVED_MAKES": "approved_makes",
    "BUDGET_SPENDING": "budget_spending",
}


@dataclass(frozen=True)
class Guest:
    """Somebody invented to sign in as. `remark` says what to try as them."""

    email: str
    name: str
    role: Role
    locations: tuple[str, ...] = ()
    fms_user_id: int | None = None
    remark: str = ""


GUESTS = (
    Guest(
        "scheduler@example.com",
        "Marisol Tennant",
        Role.SCHEDULER,
        ("Los Angeles",),
        1949,
        "plans and requests loans of Los Angeles",
    ),
    Guest(
        "scheduler2@example.com",
        "Gideon Farrow",
        Role.SCHEDULER,
        ("Los Angeles", "San Francisco"),
        1952,
        "the colleague at the next desk",
    ),
    Guest(
        "scheduler3@example.com",
        "Wendell Imrie",
        Role.SCHEDULER,
        ("Miami",),
        None,
        "has no FMS id: cannot send requests",
    ),
    Guest("manager@example.com", "Priya Lockhart", Role.MANAGER, ("New York", "Boston"), 1957),
    Guest("auditor@example.com", "Ansel Brightwater", Role.AUDITOR, remark="sees everything, changes nothing"),
    Guest("admin@example.com", "Corinne Vasquez-Holt", Role.ADMIN, remark="manages the users"),
    Guest("super@example.com", "Thaddeus Marlowe", Role.SUPER_ADMIN, remark="may do everything"),
    Guest("dispatcher@example.com", "Odette Farnham", Role.DISPATCHER, ("Los Angeles",)),
    Guest("mover@example.com", "Lucan Pryce", Role.MOVER, ("Los Angeles",)),
)


def main() -> None:
    """Serve until Ctrl-C; exits with 1 and a sentence when something stands in the way."""
    # A closed terminal and a plain kill end the children as Ctrl-C does.
    for sign in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(sign, signal.default_int_handler)
    children: list[subprocess.Popen[str]] = []
    try:
        _serve(children)
    except KeyboardInterrupt:
        print("\nStopping.")
    except SettingsError as error:
        raise SystemExit(str(error)) from None
    finally:
        for child in children:
            child.terminate()
        for child in children:
            child.wait()


def _serve(children: list[subprocess.Popen[str]]) -> None:
    port, sandbox_port = _port("PORT", 8000), _port("SANDBOX_PORT", 8100)
    with _listener("PORT", port) as listener:
        _listener("SANDBOX_PORT", sandbox_port).close()
        os.environ.update(demo_environment(os.environ, port, sandbox_port))
        app = create_app()
        if app.extensions["settings"].app_env is Environment.PRODUCTION:
            raise SystemExit("This is for trying out; in production start `gunicorn wsgi:app`.")
        children.append(_start_sandbox(port, sandbox_port))
        _prepare(app)
        children.append(_start_application(listener))
    _wait_for(f"http://{HOST}:{port}/login", children[-1])
    print(_welcome(port, sandbox_port), flush=True)
    _wait_for_an_end(children)


def demo_environment(given: Mapping[str, str], port: int, sandbox_port: int) -> dict[str, str]:
    """What the environment `given` and `.env` leave open, so that the application talks to the stand-in FMS."""
    fms = f"http://{HOST}:{sandbox_port}"
    wanted = {
        "COMPANY_NAME": "Motorpool Demo",
        "FMS_STAGING_URL": fms,
        "FMS_STAGING_TOKEN": SANDBOX_TOKEN,
        "FRAME_ANCESTORS": f"{fms},http://localhost:{sandbox_port}",
        "LOG_LEVEL": "WARNING",
        "SANDBOX_FMS_TOKEN": SANDBOX_TOKEN,
        "SANDBOX_APP_URL": f"http://{HOST}:{port}",
        **{f"FMS_{name}_CSV_URL": f"{fms}/reports/{report}.csv" for name, report in REPORTS.items()},
    }
    taken = {name for name, value in {**dotenv_values(PROJECT / ".env"), **given}.items() if value}
    return {name: value for name, value in wanted.items() if name not in taken}


def _port(name: str, default: int) -> int:
    value = os.environ.get(name) or str(default)
    if not value.isdigit() or not 0 < int(value) < 65_536:
        raise SystemExit(f"{name} must be a port number, not {value}.")
    return int(value)


def _listener(name: str, port: int) -> socket.socket:
    try:
        return socket.create_server((HOST, port), backlog=128)
    except OSError:
        raise SystemExit(
            f"Port {port} is taken, perhaps by a `make run` in another window. "
            f"Stop that one, or choose another port: {name}={port + 10} make run"
        ) from None


def _start_sandbox(port: int, sandbox_port: int) -> "subprocess.Popen[str]":
    folder = PROJECT / "instance"
    folder.mkdir(exist_ok=True)
    database = os.environ.get("SANDBOX_DATABASE") or str(folder / "sandbox.db")
    sandbox = _start(["webapp.sandbox", "--port", str(sandbox_port), "--database", database], stdout=subprocess.PIPE)
    assert sandbox.stdout
    with selectors.DefaultSelector() as ready:
        ready.register(sandbox.stdout, selectors.EVENT_READ)
        # It prints one line when it listens; a closed pipe counts as ready too, and reads as nothing.
        if not ready.select(START_SECONDS) or not sandbox.stdout.readline():
            sandbox.kill()
            raise SystemExit("The stand-in FMS did not start; its reason is above.")
    return sandbox


def _prepare(app: Flask) -> None:
    """Bring the database up to date; give an empty one vehicles and people."""
    with app.app_context():
        flask_migrate.upgrade()
        has_data = db.session.scalar(select(SyncRun.id).where(SyncRun.status == "succeeded").limit(1))
        close_reading()
        if not has_data:
            print("First start: loading the reports of the stand-in FMS ...", flush=True)
            loaded = subprocess.run([sys.executable, "-m", "flask", "--app", "wsgi", "sync", "feeds"], cwd=PROJECT)
            if loaded.returncode:
                raise SystemExit("The reports could not be loaded; the reason is above.")
        _invite(app)
        db.session.remove()
        db.engine.dispose()


def _invite(app: Flask) -> None:
    company_id = service.ensure_company(app.extensions["settings"].company_name)
    known = set(db.session.scalars(select(User.email)))
    close_reading()
    operator = Actor(user_id=None, name="Demo", role=Role.SUPER_ADMIN, company_id=company_id)
    for guest in GUESTS:
        if guest.email not in known:
            service.create_user(
                operator,
                company_id=company_id,
                email=guest.email,
                name=guest.name,
                role=guest.role,
                password=PASSWORD,
                locations=guest.locations,
                fms_user_id=guest.fms_user_id,
            )


def _start_application(listener: socket.socket) -> "subprocess.Popen[str]":
    bind = ["--bind", f"fd://{listener.fileno()}", "--no-control-socket"]
    size = ["--workers", "1", "--threads", "8", "--log-level", "warning"]
    return _start(["gunicorn", "wsgi:app", *bind, *size], pass_fds=[listener.fileno()])


def _start(module: list[str], **options: Any) -> "subprocess.Popen[str]":
    # Sessions of their own: Ctrl-C reaches this process alone, which then stops them in order.
    command = [sys.executable, "-m", *module]
    return subprocess.Popen(command, cwd=PROJECT, text=True, start_new_session=True, **options)


def _wait_for(address: str, child: "subprocess.Popen[str]") -> None:
    # The socket has been listening all along, so this waits for its answer and for nothing else.
    try:
        with requests.Session() as session:
            session.trust_env = False
            session.get(address, timeout=START_SECONDS)
    except requests.RequestException:
        child.terminate()
        raise SystemExit("The application did not start; its reason is above.") from None


def _wait_for_an_end(children: list[subprocess.Popen[str]]) -> None:
    ended, _ = os.wait()
    name = "The stand-in FMS" if ended == children[0].pid else "The application"
    raise SystemExit(f"{name} has ended by itself; its reason is above.")


def _welcome(port: int, sandbox_port: int) -> str:
    width = max(len(guest.email) for guest in GUESTS)
    people = [
        f"    {guest.email:<{width}}  {guest.role.value:<11}  {', '.join(guest.locations) or 'all locations'}"
        + (f"; {guest.remark}" if guest.remark else "")
        for guest in GUESTS
    ]
    return "\n".join(
        (
            "",
            f"  Motorpool         http://{HOST}:{port}",
            f"  The stand-in FMS  http://{HOST}:{sandbox_port}   (approve requests; Motorpool in its frame)",
            "",
            f"  Sign in with the password  {PASSWORD}  as",
            *people,
            "",
            "  Data are kept in instance/. Ctrl-C stops both.",
            "",
        )
    )


if __name__ == "__main__":
    main()
