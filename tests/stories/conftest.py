"""What stories of dispatchers and crews begin with: a Monday, a branch, the application over HTTP."""

from collections.abc import Callable, Iterator

import pytest
import time_machine
from flask import Flask

from tests.journey_rows import MONDAY_MORNING, Yard
from tests.rows import People
from tests.servers import LiveServer


@pytest.fixture
def monday() -> Iterator[None]:
    """It is Monday 11-23-26, ten in the morning in Denver, and goes on from there."""
    with time_machine.travel(MONDAY_MORNING):
        yield


@pytest.fixture
def yard(app: Flask, people: People) -> Yard:
    """A branch in Denver, to which journeys, people and trucks are added."""
    return Yard(app, people)


@pytest.fixture
def url(app: Flask, live_server: Callable[[Flask], LiveServer]) -> str:
    """Where the application answers."""
    return live_server(app).url
