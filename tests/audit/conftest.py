"""What the tests of the audit log share: a desk with a vehicle and a partner, and a yard in Denver."""

import pytest
from flask import Flask

from tests.journey_rows import Yard
from tests.loans.planner import Desk
from tests.rows import Fleet, People


@pytest.fixture
def desk(people: People, fleet: Fleet) -> Desk:
    """A scheduler of Los Angeles with one vehicle and one approved partner at hand."""
    return Desk(people, fleet)


@pytest.fixture
def yard(app: Flask, people: People) -> Yard:
    """A branch in Denver, to which journeys, people and trucks are added."""
    return Yard(app, people)
