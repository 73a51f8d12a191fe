"""Servers that tests talk to over real sockets: the application in a thread, or gunicorn in processes."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Self

import requests
from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from werkzeug.serving import make_server

from tests.rows import Person
from webapp.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
# Seconds. Long, as a machine may be busy starting what is to answer; the answer ends the wait.
PATIENCE = 120
TOKEN_FIELD = re.compile(r'name="csrf_token"[^>]*?value="([^"]+)"')


class LiveServer:
    """Serves an application from a thread of this process, on a free port; one thread per request."""

    def __init__(self, app: Flask) -> None:
        self._server = make_server("127.0.0.1", 0, app, threaded=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Answer nobody any more."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class GunicornServer:
    """The application as production runs it: gunicorn in processes of its own. Also a context manager."""

    def __init__(self, environment: dict[str, str], *, workers: int = 1, threads: int = 4) -> None:
        # The socket listens before gunicorn starts: who connects early waits, and nobody polls.
        with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
            self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
            command = [sys.executable, "-m", "gunicorn", "wsgi:app", "--bind", f"fd://{listener.fileno()}"]
            command += [
                "--no-control-socket",
                "--workers",
                str(workers),
                "--threads",
                str(threads),
                "--log-level",
                "warning",
            ]
            self._process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=environment,
                pass_fds=[listener.fileno()],
                # A group of its own, so that all its processes can be killed at one instant.
                start_new_session=True,
            )

    @property
    def process_id(self) -> int:
        """The process that starts and watches the workers."""
        return self._process.pid

    def send(self, how: signal.Signals) -> None:
        """What an operator or a host tells it."""
        self._process.send_signal(how)

    def wait(self) -> int:
        """Its exit code, once it has ended."""
        return self._process.wait(timeout=PATIENCE)

    def kill(self) -> None:
        """End every process at once, as a power cut would."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Let it finish what it is answering, and end."""
        self._end(signal.SIGTERM)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def _end(self, how: signal.Signals) -> None:
        if self._process.poll() is None:
            if how is signal.SIGKILL:
                os.killpg(self._process.pid, how)
            else:
                self._process.send_signal(how)
            self._process.wait(timeout=60)


def environment_of(settings: Settings) -> dict[str, str]:
    """The environment that gives another process these settings, and no `.env` of this machine a chance."""
    environment = dict(os.environ)
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        if hasattr(value, "get_secret_value"):
            value = value.get_secret_value()
        if isinstance(value, tuple):
            value = ",".join(value)
        # An empty value is as good as none, and still hides the one of a `.env`.
        environment[name.upper()] = "" if value is None else str(value)
    return environment


def sign_in(client: FlaskClient, person: Person) -> None:
    """Sign `person` in through the login form, as a browser would."""
    answer = client.post(
        "/login",
        data={"email": person.email, "password": person.password, "csrf_token": csrf_token(client, "/login")},
    )
    assert answer.status_code in (302, 303), answer.get_data(as_text=True)


def csrf_token(client: FlaskClient, path: str = "/account") -> str:
    """A CSRF token as forms on a page have it: for `csrf_token` in forms, `X-CSRFToken` in headers.

    The page at `path` is fetched only where this browser has not been given any token yet.
    """
    with client.session_transaction() as session:
        known = session.get("csrf_token")
    if known:
        signer = URLSafeTimedSerializer(str(client.application.secret_key), salt="wtf-csrf-token")
        return str(signer.dumps(known))
    return token_in(client.get(path).get_data(as_text=True))


def token_in(page: str) -> str:
    """The CSRF token in the first form of a page."""
    found = TOKEN_FIELD.search(page)
    assert found, page[:2000]
    return found.group(1)


def signed_in_session(url: str, person: Person) -> requests.Session:
    """An HTTP client that has signed `person` in to the server at `url`, with `X-CSRFToken` set."""
    session = requests.Session()
    session.trust_env = False
    token = token_in(session.get(f"{url}/login", timeout=PATIENCE).text)
    form = {"email": person.email, "password": person.password, "csrf_token": token}
    answer = session.post(f"{url}/login", data=form, allow_redirects=False, timeout=PATIENCE)
    assert answer.status_code in (302, 303), answer.text
    session.headers["X-CSRFToken"] = token_in(session.get(f"{url}/account", timeout=PATIENCE).text)
    return session
