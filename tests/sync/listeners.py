"""A mail server and a webhook, listening on free ports: what alerts are really sent to."""

import json
import threading
from asyncio import Server
from email import message_from_bytes
from email.message import Message
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


class MailServer(Controller):
    """Keeps the letters it took. `refuses`: it says "try later" to every letter while that is true."""

    def __init__(self, *, password: str | None = None) -> None:
        self.letters: list[tuple[str, Message]] = []
        self.refuses = False
        self._password = password
        super().__init__(
            self,
            hostname="127.0.0.1",
            port=0,
            authenticator=self._authenticate if password else None,
            auth_required=password is not None,
            auth_require_tls=False,
        )

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Take a letter, or put it off."""
        if self.refuses:
            return "451 try again later"
        assert isinstance(envelope.content, bytes)
        self.letters += [(to, message_from_bytes(envelope.content, policy=default)) for to in envelope.rcpt_tos]
        return "250 taken"

    def _authenticate(self, server: SMTP, session: Session, envelope: Envelope, how: str, data: Any) -> AuthResult:
        is_known = isinstance(data, LoginPassword) and data.password == (self._password or "").encode()
        return AuthResult(success=is_known, handled=False)

    def _trigger_server(self) -> None:
        # The port was left to the system: it is known only now.
        assert isinstance(self.server, Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


class Webhook:
    """Keeps the JSON it was sent, and answers with `status`."""

    def __init__(self) -> None:
        self.received: list[dict[str, Any]] = []
        self.paths: list[str] = []
        self.status = 204
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if outer.status < 300:
                    outer.paths.append(self.path)
                    outer.received.append(json.loads(body))
                self.send_response(outer.status)
                self.end_headers()

            def log_message(self, format: str, *arguments: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/hooks/a-secret/"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
