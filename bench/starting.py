"""A worker's start: from nothing to its first answer, with modules compiled, as the container has them."""

import resource
import statistics
import subprocess
import sys
from collections.abc import Iterator

from bench.desk import Desk
from bench.measure import Figure
from tests.servers import ROOT, environment_of

RUNS = 5
ANSWER = "from wsgi import app; assert app.test_client().get('/healthz').status_code == 200"
LIBRARIES = (
    "import alembic.context, apscheduler, flask, jwt, numpy, psycopg, pydantic_settings, requests, sqlalchemy.orm"
)


def figures(desk: Desk) -> Iterator[Figure]:
    """Seconds of a processor, the middle of five."""
    environment = environment_of(desk.app.extensions["settings"])
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    value, floor = _seconds(ANSWER, environment), _seconds(LIBRARIES, environment)
    yield Figure("start, to the first answer", value, "s", floor, "loading the libraries alone", "under 2 s")


def _seconds(program: str, environment: dict[str, str]) -> float:
    # The first compiles.
    times = [_processor_seconds(program, environment) for _ in range(RUNS + 1)][1:]
    return round(statistics.median(times), 2)


def _processor_seconds(program: str, environment: dict[str, str]) -> float:
    before = _used()
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, env=environment, check=True)
    return _used() - before


def _used() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
