"""What the tests of loans share: a day on which to stand."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import time_machine

from tests.loans.planner import Desk
from tests.rows import Fleet, People

THURSDAY_MORNING = datetime(2026, 11, 19, 18, 0, tzinfo=UTC)


@pytest.fixture
def november() -> Iterator[None]:
    """It is Thursday 11-19-26, ten in the morning in Los Angeles, and goes on from there."""
    with time_machine.travel(THURSDAY_MORNING):
        yield


@pytest.fixture
def desk(people: People, fleet: Fleet) -> Desk:
    """A scheduler of Los Angeles with one vehicle and one approved partner at hand."""
    return Desk(people, fleet)
