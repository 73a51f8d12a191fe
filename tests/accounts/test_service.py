"""People and places through the service: who may manage whom, and two at once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from tests.rows import PASSWORD, People, Person
from webapp.accounts import people as managing
from webapp.accounts import service
from webapp.accounts.actor import Actor
from webapp.accounts.models import Location, User
from webapp.accounts.permissions import Permission, Role
from webapp.db import db, writing
from webapp.errors import Forbidden, NotFound, Refusal

OPERATOR = Actor(None, "Command line", Role.SUPER_ADMIN, 0)


def test_two_super_admins_cannot_take_each_other_away(app: Flask, people: People) -> None:
    """Two commands at the same moment: one of them is refused, one SUPER_ADMIN stays."""
    emails = [people(Role.SUPER_ADMIN).email for _ in range(2)]
    together = Barrier(2)

    def shut_out(email: str) -> bool:
        with app.app_context():
            together.wait()
            try:
                service.deactivate(OPERATOR, email)
            except service.LastSuperAdmin:
                return False
            return True

    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(shut_out, emails))
    assert sorted(outcomes) == [False, True]
    with app.app_context():
        assert db.session.scalar(select(func.count()).where(User.is_active)) == 1


def test_two_who_shut_each_other_out_do_not_wait_for_each_other(app: Flask, people: People) -> None:
    """From the page, at the same moment, again and again: one is refused, and the database finds no deadlock."""
    for _ in range(5):
        pair = [people(Role.SUPER_ADMIN) for _ in range(2)]
        together = Barrier(2)

        def shut_out(who: int, pair: list[Person] = pair, together: Barrier = together) -> str:
            with app.app_context():
                together.wait()
                try:
                    managing.deactivate(pair[who].actor, pair[1 - who].user_id)
                except service.LastSuperAdmin:
                    return "refused"
                return "done"

        with ThreadPoolExecutor(2) as pool:
            assert sorted(pool.map(shut_out, range(2))) == ["done", "refused"]
        with app.app_context(), writing() as session:
            session.execute(update(User).where(User.is_active).values(is_active=False))


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.SUPER_ADMIN, Role.ADMIN)])
def test_other_roles_manage_nobody(app: Flask, people: People, role: Role) -> None:
    """Without the permission every use case is refused."""
    actor, person = people(role).actor, people()
    assert not actor.may(Permission.MANAGE_USERS)
    with app.app_context():
        for refused in (
            lambda: service.set_role(actor, person.email, Role.DRIVER),
            lambda: service.deactivate(actor, person.email),
            lambda: service.set_password(actor, person.email, "another password"),
            lambda: service.create_user(
                actor,
                company_id=actor.company_id,
                email="new@example.com",
                name="New",
                role=Role.DRIVER,
                password=PASSWORD,
            ),
        ):
            with pytest.raises(Forbidden):
                refused()


def test_an_admin_manages_the_own_company_below_super_admin(app: Flask, people: People) -> None:
    """Another company's people do not exist for an ADMIN, and SUPER_ADMINs are out of reach."""
    admin = people(Role.ADMIN)
    colleague, boss = people(), people(Role.SUPER_ADMIN)
    stranger = people(company="Sample Movers")
    with app.app_context():
        service.set_role(admin.actor, colleague.email, Role.MANAGER)
        with pytest.raises(NotFound):
            service.set_role(admin.actor, stranger.email, Role.MANAGER)
        with pytest.raises(Forbidden):
            service.set_role(admin.actor, boss.email, Role.MANAGER)
        with pytest.raises(Forbidden):
            service.set_role(admin.actor, colleague.email, Role.SUPER_ADMIN)
        with pytest.raises(Forbidden):
            service.create_user(
                admin.actor,
                company_id=stranger.company_id,
                email="new@example.com",
                name="New",
                role=Role.DRIVER,
                password=PASSWORD,
            )


def test_nobody_deactivates_themselves(app: Flask, people: People) -> None:
    """Somebody else has to."""
    admin, _ = people(Role.SUPER_ADMIN), people(Role.SUPER_ADMIN)
    with app.app_context(), pytest.raises(Forbidden, match="yourself"):
        service.deactivate(admin.actor, admin.email)


def test_an_email_is_taken_in_any_spelling(app: Flask, people: People) -> None:
    """Upper case and blanks make no second person."""
    taken = people()
    with app.app_context(), pytest.raises(Refusal, match="already") as refused:
        service.create_user(
            OPERATOR,
            company_id=taken.company_id,
            email=f" {taken.email.upper()} ",
            name="New",
            role=Role.DRIVER,
            password=PASSWORD,
        )
    assert refused.value.code == "email_taken"


def test_an_office_is_made_once_and_a_branch_becomes_one(app: Flask, people: People) -> None:
    """`ensure_office` finds, marks or creates; the same name in another company is another office."""
    company_id = people(locations=["Los Angeles"]).company_id
    other_id = people(company="Sample Movers", locations=[]).company_id
    with app.app_context(), writing() as session:
        session.add(Location(company_id=company_id, name="Branch", is_office=False))
        ids = [service.ensure_office(session, company_id, "Los Angeles").id for _ in range(2)]
        assert ids[0] == ids[1]
        assert service.ensure_office(session, company_id, "Branch").is_office
        assert service.ensure_office(session, other_id, "Los Angeles").id != ids[0]
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Location)) == 3


def test_a_company_is_made_once(app: Flask) -> None:
    """Asking again gives the same id."""
    with app.app_context():
        assert service.ensure_company("Sample Movers") == service.ensure_company("Sample Movers")
