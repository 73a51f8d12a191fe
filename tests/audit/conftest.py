"""What the tests of the audit log share: a desk with a vehicle and a partner."""

import pytest

from tests.loans.planner import Desk
from tests.rows import Fleet, People


@pytest.fixture
def desk(people: People, fleet: Fleet) -> Desk:
    """A scheduler of Los Angeles with one vehicle and one approved partner at hand."""
    return Desk(people, fleet)
