"""A server of raw sockets, which can answer in every wrong way that a network knows."""

import socket
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Self

TLS_HELLO = b"\x16"
Turn = Callable[[socket.socket], None]


def answer(status: str = "200 OK", body: bytes = b"{}", *headers: str) -> bytes:
    """A whole HTTP answer. It ends the connection unless `headers` say otherwise, as `WireServer` does."""
    # Unannounced, the close would race with the client's next request on the same connection.
    ending = [] if any(header.startswith("Connection:") for header in headers) else ["Connection: close"]
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *ending, *headers]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


def say(data: bytes) -> Turn:
    """Send `data` and close."""
    return lambda connection: connection.sendall(data)


def reset(connection: socket.socket) -> None:
    """Break the connection off without a word."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


class WireServer:
    """Takes one request per connection and does the next of `turns` to it; the last turn is repeated.

    `requests` holds what came in, `closed` is set whenever a connection has been closed. Also a context manager.
    """

    def __init__(self, *turns: Turn) -> None:
        self.requests: list[bytes] = []
        self.closed = threading.Event()
        self._turns = list(turns)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        # Closing a socket does not wake the thread that waits on it; shutting it down does.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(timeout=10)

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                self.requests.append(_read_request(connection))
                turn = self._turns.pop(0) if len(self._turns) > 1 else self._turns[0]
                # The client may have had enough of it.
                with suppress(OSError):
                    turn(connection)
            self.closed.set()


def _read_request(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(65_536)
        data += part
        if not part or data.startswith(TLS_HELLO):
            return data
    head, _, body = data.partition(b"\r\n\r\n")
    for line in head.split(b"\r\n"):
        if line.lower().startswith(b"content-length:"):
            while len(body) < int(line.split(b":")[1]):
                body += connection.recv(65_536)
    return head + b"\r\n\r\n" + body
