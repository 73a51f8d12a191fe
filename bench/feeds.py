"""Feeds: the first import of all six reports, the same again, and with one row in a hundred changed; ten times too."""

import csv
import io
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from flask import Flask

from bench.desk import REPORTS, Desk
from bench.measure import Figure
from tests.databases import migrate, plain_settings
from tests.servers import ROOT, environment_of
from webapp import create_app
from webapp.feeds.parse_lines import decoded
from webapp.feeds.service import Outcome
from webapp.sync.service import run_feeds

FLOOR = "csv.reader and executemany of the same bytes"
# A column of each report that may change without the row becoming another one.
FREE = dict(zip(REPORTS, (14, 1, 13, 8, 1, 4), strict=True))
# The kernel's own count since exec: what wait4 tells would include this process, from which it was forked.
MEASURED = """
import atexit, re
from flask.cli import main
atexit.register(lambda: print(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]))
main()
"""
Tables = dict[str, list[list[str]]]


class ReportServer:
    """Serves reports from memory, with an ETag or without one."""

    def __init__(self) -> None:
        self.contents: dict[str, bytes] = {}
        self.has_etags = True
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                content = outer.contents[self.path.strip("/")]
                etag = f'"{sha256(content).hexdigest()[:20]}"'
                is_known = outer.has_etags and self.headers.get("If-None-Match") == etag
                self.send_response(304 if is_known else 200)
                if outer.has_etags:
                    self.send_header("ETag", etag)
                self.send_header("Content-Length", "0" if is_known else str(len(content)))
                self.end_headers()
                if not is_known:
                    self.wfile.write(content)

            def log_message(self, format: str, *arguments: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        Thread(target=self._server.serve_forever, daemon=True).start()

    def serve(self, tables: Tables) -> None:
        """Serve these rows from now on."""
        self.contents = {name: written(rows) for name, rows in tables.items()}

    def stop(self) -> None:
        """End."""
        self._server.shutdown()
        self._server.server_close()


def figures(desk: Desk) -> Iterator[Figure]:
    """Seconds from the first byte asked for to the last commit, all six reports together."""
    tables = {name: read(desk.sandbox.report(name).content) for name in REPORTS}
    server = ReportServer()
    try:
        yield from _at_scale(server, tables, "", ("under 2 s, 4 x", "under 0.2 s", "under 0.2 s", ""))
        yield from _at_scale(server, multiplied(tables, 10), ", 10 x", ("", "", "", ""))
        yield _memory(server)
    finally:
        server.stop()


def _at_scale(server: ReportServer, tables: Tables, scale: str, aims: tuple[str, str, str, str]) -> Iterator[Figure]:
    with tempfile.TemporaryDirectory(prefix="motorpool-bench-feeds-") as folder:
        app = _application(Path(folder), server)
        server.serve(tables)
        floor = _floor(server.contents, Path(folder) / "floor.db")
        rows = sum(len(found) for found in tables.values())
        yield _import(app, f"first import{scale}", floor, aims[0], f"{rows:,} rows")
        yield _import(app, f"unchanged, by ETag{scale}", floor, aims[1])
        server.has_etags = False
        yield _import(app, f"unchanged, by content{scale}", floor, aims[2])
        server.serve(changed(tables))
        yield _import(app, f"1 % changed{scale}", floor, aims[3])
        server.has_etags = True


def _import(app: Flask, name: str, floor: float, aim: str, note: str = "") -> Figure:
    outcomes: list[Outcome] = []
    with app.app_context():
        run_feeds("command", progress=outcomes.append)
    assert all(outcome.is_good for outcome in outcomes), [outcome.error for outcome in outcomes]
    seconds = sum(outcome.seconds for outcome in outcomes)
    written = sum(outcome.inserted + outcome.updated + outcome.gone for outcome in outcomes)
    return Figure(name, round(seconds, 2), "s", round(floor, 2), FLOOR, aim, note or f"{written:,} rows written")


def _memory(server: ReportServer) -> Figure:
    """The largest size of a process that imports what `server` serves into an empty database."""
    with tempfile.TemporaryDirectory(prefix="motorpool-bench-feeds-") as folder:
        app = _application(Path(folder), server)
        sizes = []
        for command in (["sync", "--help"], ["sync", "feeds"]):
            told = subprocess.run(
                [sys.executable, "-c", MEASURED, "--app", "wsgi", *command],
                cwd=ROOT,
                env=environment_of(app.extensions["settings"]),
                stdout=subprocess.PIPE,
                text=True,
                check=True,
            )
            sizes.append(int(told.stdout.split()[-1]) / 1000)
    idle, importing = sizes
    return Figure("memory of an import, 10 x", round(importing), "MB", round(idle), "the process idle", "under 150 MB")


def _application(folder: Path, server: ReportServer) -> Flask:
    url = f"sqlite:///{folder / 'feeds.db'}"
    migrate(url)
    addresses = {f"fms_{name}_csv_url": f"{server.url}/{name}" for name in REPORTS}
    return create_app(plain_settings(database_url=url, **addresses))


def _floor(contents: dict[str, bytes], path: Path) -> float:
    connection = sqlite3.connect(path)
    began = time.perf_counter()
    for name, content in contents.items():
        rows = list(csv.reader(io.StringIO(content.decode(), newline="")))
        columns = ", ".join(f"c{number}" for number in range(len(rows[0])))
        connection.execute(f"CREATE TABLE {name} ({columns})")
        connection.executemany(f"INSERT INTO {name} VALUES ({', '.join('?' * len(rows[0]))})", rows)
        connection.commit()
    seconds = time.perf_counter() - began
    connection.close()
    return seconds


def read(content: bytes) -> list[list[str]]:
    """The rows of a report."""
    return list(csv.reader(io.StringIO(decoded(content)[0], newline="")))


def written(rows: list[list[str]]) -> bytes:
    """The report of these rows."""
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def changed(tables: Tables) -> Tables:
    """One row in a hundred says something else in a column that is no key."""
    return {
        name: [
            [*row[: FREE[name]], "$1.00" if name == "budget_spending" else "changed", *row[FREE[name] + 1 :]]
            if number % 100 == 50
            else row
            for number, row in enumerate(rows)
        ]
        for name, rows in tables.items()
    }


def multiplied(tables: Tables, times: int) -> Tables:
    """As many rows, each copy under keys of its own."""
    return {
        name: [_copy(name, row, number) if number else row for number in range(times) for row in rows]
        for name, rows in tables.items()
    }


def _copy(name: str, row: list[str], number: int) -> list[str]:
    row = list(row)
    if name == "budget_spending":
        row[2] = str(int(row[2].replace(",", "")) + 5 * number) if row[2][0].isdigit() else row[2]
        return row
    if row[0]:
        row[0] = str(int(float(row[0].replace(",", ""))) + 10_000_000 * number)
    if name == "vehicles":
        vin = row[6].strip()
        row[6] = f"{vin[:7]}{number}{vin[8:]}"
    return row
