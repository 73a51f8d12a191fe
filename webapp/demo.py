"""`python -m webapp.demo`, which is `make run`: the application beside its stand-ins, with data and people in it."""

import os
import selectors
import signal
import socket
import subprocess
import sys
from collections.abc import Collection, Mapping
from typing import Any

import flask_migrate
import requests
from dotenv import dotenv_values
from flask import Flask
from sqlalchemy import select

from webapp import create_app
from webapp.accounts.service import ensure_company
from webapp.db import close_reading, db
from webapp.demo_cast import GUESTS, PASSWORD, invite, operator, set_the_scene
from webapp.demo_sheets import import_sheets
from webapp.settings import PROJECT, Environment, SettingsError
from webapp.sync.models import RunKind, RunStatus, SyncRun

HOST = "127.0.0.1"
START_SECONDS = 60
# What the stand-ins take; they open nothing else.
SANDBOX_TOKEN = "sandbox-fms-token"
SANDBOX_SMARTMOVING_KEY = "sandbox-smartmoving-key"
# The real SmartMoving takes 120, and a first start would last minutes.
CALLS_PER_MINUTE = "6000"
REPORTS = {
    "VEHICLES": "vehicles",
    "PARTNERS": "partners",
    "LOAN_HISTORY": "loan_history",
    "CURRENT_ACTIVITY": "current_activity",
    "APPROVED_MAKES": "approved_makes",
    "BUDGET_SPENDING": "budget_spending",
}


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
    """What the environment `given` and `.env` leave open, so that the application talks to the stand-ins."""
    fms = f"http://{HOST}:{sandbox_port}"
    wanted = {
        "COMPANY_NAME": "Motorpool Demo",
        "FMS_STAGING_URL": fms,
        "FMS_STAGING_TOKEN": SANDBOX_TOKEN,
        "FRAME_ANCESTORS": f"{fms},http://localhost:{sandbox_port}",
        "LOG_LEVEL": "WARNING",
        "SANDBOX_FMS_TOKEN": SANDBOX_TOKEN,
        "SMARTMOVING_BASE_URL": f"{fms}/smartmoving/v1",
        "SMARTMOVING_API_KEY": SANDBOX_SMARTMOVING_KEY,
        "SMARTMOVING_CALLS_PER_MINUTE": CALLS_PER_MINUTE,
        "SANDBOX_SMARTMOVING_KEY": SANDBOX_SMARTMOVING_KEY,
        "SANDBOX_SMARTMOVING_PER_MINUTE": "0",
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
    """Bring the database up to date; give an empty one vehicles, jobs and people."""
    settings = app.extensions["settings"]
    with app.app_context():
        flask_migrate.upgrade()
        ensure_company(settings.company_name)
        missing = {kind for kind in RunKind if not _has_run(kind)}
        close_reading()
        # Somebody's own SmartMoving answers in its own time: the application looks at it once it serves.
        if not settings.smartmoving_base_url.startswith(f"http://{HOST}:"):
            missing -= {RunKind.SMARTMOVING}
        if missing:
            print("First start: loading the stand-ins' reports and jobs ...", flush=True)
            _load(missing)
        invite(app)
        import_sheets(operator(app))
        set_the_scene()
        db.session.remove()
        db.engine.dispose()


def _load(missing: Collection[RunKind]) -> None:
    """The real syncs, beside each other; what each of them says comes out whole."""
    loading = {kind: _start(["flask", "--app", "wsgi", "sync", kind], stdout=subprocess.PIPE) for kind in missing}
    for kind, process in loading.items():
        print(process.communicate()[0], end="", flush=True)
        if process.returncode and kind is RunKind.FEEDS:
            raise SystemExit("The reports could not be loaded; the reason is above.")
        if process.returncode:
            print("Not all jobs could be loaded; the application goes on trying by itself.", flush=True)


def _has_run(kind: RunKind) -> bool:
    good = select(SyncRun.id).where(SyncRun.kind == kind, SyncRun.status.in_((RunStatus.SUCCEEDED, RunStatus.PARTIAL)))
    return db.session.scalar(good.limit(1)) is not None


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
            f"  SmartMoving       http://{HOST}:{sandbox_port}/smartmoving   (cancel, reopen or move a job)",
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
