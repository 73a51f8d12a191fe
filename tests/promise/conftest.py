"""A desk for each test, and a troupe of processes that can be killed."""

from collections.abc import Iterator

import pytest
from flask import Flask

from tests.promise.desk import Desk
from tests.promise.troupe import Troupe
from tests.rows import Fleet, People
from tests.sandbox_process import SandboxProcess


@pytest.fixture(scope="session")
def troupe() -> Iterator[Troupe]:
    """Processes that perform actions on a test's database and die where they are told to."""
    with Troupe() as running:
        yield running


@pytest.fixture
def desk(app: Flask, sandbox: SandboxProcess, people: People, fleet: Fleet) -> Desk:
    """A scheduler, four vehicles and a partner that FMS knows too."""
    return Desk(app, sandbox, people, fleet)
