"""Measuring: repeated runs, medians, and the floor that the same work cannot go below."""

import os
import sqlite3
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import event

from webapp.db import db

Statements = list[tuple[str, Any]]


@dataclass(frozen=True)
class Figure:
    """One line of the table. `ratio` is `value` over `floor`, both in `unit`; `aim` is what we promised."""

    name: str
    value: float
    unit: str
    floor: float
    floor_is: str
    aim: str
    note: str = ""

    @property
    def ratio(self) -> float:
        """How many times the floor."""
        return self.value / self.floor if self.floor else float("inf")

    def as_json(self) -> dict[str, Any]:
        """The figure as `results.json` keeps it."""
        return {**asdict(self), "ratio": round(self.ratio, 2)}


def median_ms(work: Callable[[], object], runs: int = 30, warm_up: int = 3) -> float:
    """The median time of `work`, in milliseconds."""
    return statistics.median(times_ms(work, runs, warm_up))


def times_ms(work: Callable[[], object], runs: int = 30, warm_up: int = 3) -> list[float]:
    """How long each run of `work` took, in milliseconds, once it is warm."""
    for _ in range(warm_up):
        work()
    times = []
    for _ in range(runs):
        began = time.perf_counter()
        work()
        times.append((time.perf_counter() - began) * 1000)
    return times


def late(times: Sequence[float]) -> str:
    """`p95 81 ms`: what all but one in twenty are faster than."""
    slowest = statistics.quantiles(times, n=20)[-1]
    return f"p95 {slowest:.{0 if slowest >= 20 else 1}f} ms"


@contextmanager
def statements_of(engine: Any) -> Iterator[Statements]:
    """The statements sent to the database inside the block, with their parameters."""
    seen: Statements = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        seen.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


def floor_ms(statements: Statements, size: int, runs: int = 30) -> float:
    """The bare floor of a page: its own queries on the driver itself, and writing as many bytes to a pipe."""
    path = db.engine.url.database
    assert path is not None
    connection = sqlite3.connect(path)
    reads = [(text, parameters) for text, parameters in statements if text.lstrip().upper().startswith("SELECT")]
    payload = b"x" * size
    sink = os.open(os.devnull, os.O_WRONLY)
    try:

        def work() -> None:
            for text, parameters in reads:
                connection.execute(text, parameters).fetchall()
            os.write(sink, payload)

        return median_ms(work, runs)
    finally:
        os.close(sink)
        connection.close()
