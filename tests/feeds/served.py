"""Reports of all six feeds that change from day to day, served over HTTP, and what a table should then hold."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from sqlalchemy import Connection, select

from tests.feeds.reports import numbered, written
from webapp.feeds.parse import Row, parse
from webapp.feeds.parse_schema import FEEDS, Feed
from webapp.feeds.tables import TARGETS

State = frozenset[Row]
# How many rows vanish, and how many come, from one day to the next.
STEP = 7


def report(feed: Feed, day: int, count: int = 30) -> bytes:
    """A report as of `day`: the rows of the day before, moved on by `STEP`, some of them changed."""
    changed = {
        "vehicles": {"color": f"Paint {day}"},
        "partners": {"address": f"{day + 1} Elm St, Pasadena, CA 91101"},
        "approved_makes": {"rank": "ABCD"[day % 4]},
        "budget_spending": {"amount_used": f"${day + 1},000.10"},
    }.get(feed.name, {"region": f"Region {day}"})
    first, half = 1 + STEP * day, count // 2
    return written(numbered(feed, half, first) + numbered(feed, count - half, first + half, **changed))


def state_of(feed: Feed, content: bytes) -> State:
    """The rows that a table holds after the import of a report, in the order of `Feed.fields`."""
    return frozenset(parse(feed, content).rows.values())


def read_state(connection: Connection, feed: Feed, company_id: int) -> State:
    """The rows that a table holds and that have not vanished, in one statement."""
    table = TARGETS[feed.name].table
    fields = [table.c[name] for name in feed.fields]
    found = connection.execute(select(*fields).where(table.c.company_id == company_id, table.c.gone_at.is_(None)))
    rows = [tuple(row) for row in found]
    assert len(set(rows)) == len(rows)
    return frozenset(rows)


class ReportServer:
    """Serves reports from a thread of this process; a context manager."""

    def __init__(self) -> None:
        self.contents: dict[str, bytes] = {}
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                content = outer.contents[self.path.strip("/")]
                self.send_response(200)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *arguments: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def settings(self) -> dict[str, str]:
        """Settings with which the application fetches its reports here."""
        return {feed.setting: f"{self.url}/{feed.name}" for feed in FEEDS}

    def serve(self, contents: dict[str, bytes]) -> None:
        """Serve these from now on, by the name of the feed."""
        self.contents = contents
