"""The world of `tests.access.world`, built once for all tests here, on either engine, and who visits it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine

from tests.access.visitors import Visitors
from tests.access.world import build
from tests.databases import Copies, plain_settings
from tests.journey_rows import MONDAY_MORNING
from webapp import create_app
from webapp.db import db

# Later than everybody signed in: nobody believes a cookie that was signed in the future.
LATER = MONDAY_MORNING + timedelta(minutes=5)


@pytest.fixture(scope="session")
def visitors(sqlite_copies: Copies, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitors]:
    """The world on SQLite, with somebody of every role signed in. It is Monday, 11-23-26."""
    with _visited(sqlite_copies, tmp_path_factory.mktemp("world")) as found:
        yield found


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def both_visitors(request: pytest.FixtureRequest) -> Visitors:
    """The same on SQLite and on PostgreSQL, for what leaves the world as it was."""
    found = request.getfixturevalue("visitors" if request.param == "sqlite" else "postgres_visitors")
    assert isinstance(found, Visitors)
    return found


@pytest.fixture(scope="session")
def postgres_visitors(postgres_copies: Copies, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitors]:
    """The world on PostgreSQL."""
    with _visited(postgres_copies, tmp_path_factory.mktemp("world")) as found:
        yield found


@pytest.fixture(autouse=True)
def monday() -> Iterator[None]:
    """It is Monday, 11-23-26, while a test here runs."""
    with time_machine.travel(LATER):
        yield


@contextmanager
def _visited(copies: Copies, folder: Path) -> Iterator[Visitors]:
    url = copies.new(folder)
    app = create_app(plain_settings(database_url=url))
    app.testing = True
    with time_machine.travel(MONDAY_MORNING):
        found = Visitors(build(app), folder)
    yield found
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    copies.drop(url)
