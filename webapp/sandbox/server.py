"""A threaded HTTP/1.1 server that keeps connections open and can break an answer on the wire on purpose.

Werkzeug's own server closes every connection, so a pooled client would never be tested against it.
"""

import os
import select
import socket
import socketserver
import struct
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication

Ending = Literal["answer", "cut", "hang", "reset"]
WIRE = "sandbox.wire"


@dataclass(slots=True)
class Wire:
    """How this exchange ends: a view sets `ending`, the server carries it out.

    `answer` sends the response; `cut` sends half of the announced body and closes; `hang` sends nothing until
    the client gives up; `reset` sends nothing and resets the TCP connection.
    """

    ending: Ending = "answer"


class Handler(BaseHTTPRequestHandler):
    """Runs the WSGI application for each request of one connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 1 << 16
    server: "SandboxServer"

    def serve(self) -> None:
        """Answer one request, or break it as the application asked."""
        wire = Wire()
        status, headers, body = self._run(self._environ(wire))
        if wire.ending == "reset":
            self._reset()
        elif wire.ending == "hang":
            self._hang()
        else:
            self._send(status, headers, body, is_cut=wire.ending == "cut")

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = serve

    def _environ(self, wire: Wire) -> dict[str, Any]:
        address = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        environ: dict[str, Any] = {
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": BytesIO(body),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            WIRE: wire,
            "REQUEST_METHOD": self.command,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote(address.path, "latin-1"),
            "QUERY_STRING": address.query,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "REMOTE_ADDR": self.client_address[0],
            "SERVER_NAME": str(self.server.server_address[0]),
            "SERVER_PORT": str(self.server.server_address[1]),
            "SERVER_PROTOCOL": self.request_version,
        }
        for name, value in self.headers.items():
            environ.setdefault("HTTP_" + name.upper().replace("-", "_"), value)
        return environ

    def _run(self, environ: dict[str, Any]) -> tuple[str, list[tuple[str, str]], bytes]:
        started: list[Any] = []

        def start_response(status: str, headers: list[tuple[str, str]], *_: Any) -> Any:
            started[:] = [status, headers]

        answer: Iterable[bytes] = self.server.application(environ, _as_start_response(start_response))
        body = b"".join(answer)
        close = getattr(answer, "close", None)
        if close is not None:
            close()
        return started[0], started[1], body

    def _send(self, status: str, headers: list[tuple[str, str]], body: bytes, *, is_cut: bool) -> None:
        code, _, reason = status.partition(" ")
        self.send_response(int(code), reason)
        for name, value in headers:
            self.send_header(name, value)
        if is_cut:
            self.send_header("Connection", "close")
            body = body[: len(body) // 2]
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _hang(self) -> None:
        self.close_connection = True
        # Readable means: the client closed (or spoke again, which a waiting client does not).
        select.select([self.connection], [], [])

    def _reset(self) -> None:
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        # detach: the server's own shutdown() would send an orderly FIN before the reset.
        os.close(self.connection.detach())

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: the journal of calls is in the database."""


def _as_start_response(function: Any) -> "StartResponse":
    return function  # type: ignore[no-any-return]


class SandboxServer(ThreadingHTTPServer):
    """One thread per connection; stopping waits for none of them."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, host: str, port: int, application: "WSGIApplication") -> None:
        self.application = application
        super().__init__((host, port), Handler)

    @property
    def url(self) -> str:
        """The address that clients use, with the port that was really taken."""
        return f"http://{self.server_address[0]!s}:{self.server_address[1]}"

    def server_bind(self) -> None:
        """Bind without the look-up of the host's full name that http.server does, which can take seconds."""
        socketserver.TCPServer.server_bind(self)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Keep quiet about clients that left; print everything else."""
        if not isinstance(sys.exception(), ConnectionError | ValueError):
            super().handle_error(request, client_address)
