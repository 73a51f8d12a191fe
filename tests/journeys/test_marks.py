"""The number that tells boards to draw again: once per change, seen with the change, of one company."""

import pytest

from tests.journey_rows import Yard
from tests.queries_counted import queries_of
from tests.rows import People
from webapp.accounts.permissions import Role
from webapp.db import writing
from webapp.journeys import queries
from webapp.journeys.marks import bump

pytestmark = pytest.mark.usefixtures("context")


def test_a_mark_grows_with_every_change(yard: Yard) -> None:
    """From nothing, by one; the other company's stays."""
    company, other = yard.denver.company_id, yard.location("Elsewhere", company="Other Movers").company_id
    assert queries.mark(company) == 0
    for number in (1, 2, 3):
        with writing() as session:
            bump(session, company)
        assert (queries.mark(company), queries.mark(other)) == (number, 0)


def test_a_change_that_failed_leaves_the_mark(yard: Yard) -> None:
    """It is undone with it."""

    def fail() -> None:
        with writing() as session:
            bump(session, yard.denver.company_id)
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    assert queries.mark(yard.denver.company_id) == 0


def test_who_sees_all_companies_has_a_mark_of_all(yard: Yard, people: People) -> None:
    """Everybody else has their company's; one query, whoever asks."""
    for company_id in (yard.denver.company_id, yard.location("Elsewhere", company="Other Movers").company_id):
        with writing() as session:
            bump(session, company_id)
    admin, everywhere = people(Role.ADMIN).actor, people(Role.SUPER_ADMIN).actor
    with queries_of() as asked:
        assert (queries.mark_for(admin), queries.mark_for(everywhere)) == (1, 2)
    assert len(asked) == 2
