"""What the tests of the second factor share: a clock that stands still, and somebody to set one up."""

from collections.abc import Iterator

import pytest
import time_machine

from tests.accounts.factors import MORNING
from tests.rows import People, Person
from webapp.accounts.permissions import Role


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """A clock that stands at the beginning of a step until it is moved."""
    with time_machine.travel(MORNING, tick=False) as traveller:
        yield traveller


@pytest.fixture
def person(people: People) -> Person:
    """A scheduler."""
    return people(Role.SCHEDULER)
