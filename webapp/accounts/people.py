"""Managing people from a page: add, change, reset, shut out, let in again; each refuses what it would make unsafe.

The commands do the same by e-mail, in `service`; what both must keep (who manages whom, the last SUPER_ADMIN) is
there.
"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass

import structlog
from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from webapp.accounts import passwords, queries, second_factor
from webapp.accounts.actor import Actor
from webapp.accounts.models import Location, User, user_locations
from webapp.accounts.permissions import Role
from webapp.accounts.service import (
    check_person,
    create_user,
    keep_a_super_admin,
    lock_super_admins,
    manageable,
    may_give,
)
from webapp.accounts.sessions import end_session, end_sessions
from webapp.db import writing
from webapp.errors import Forbidden, InvalidInput, Refusal

# No letters and digits that look alike: somebody reads it out over the telephone.
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
GROUPS, GROUP = 4, 4
log = structlog.get_logger(__name__)


class PersonChanged(Refusal):
    """The person has changed since the page was drawn."""

    code = "stale"

    def __init__(self) -> None:
        # By others, or by the same page when it was sent before and is sent again.
        super().__init__(
            "Nothing was done: this person has changed since the page was drawn. Here they are as they stand now."
        )


class ShutOut(Refusal):
    """A password is no good to somebody who may not come in."""

    code = "deactivated"

    def __init__(self) -> None:
        super().__init__("They are shut out. Let them in again: that gives them a temporary password, too.")


@dataclass(frozen=True)
class Wish:
    """A person as a form wants them. `locations` are names that exist in their company."""

    name: str
    role: Role
    locations: frozenset[str]
    fms_user_id: int | None


def add(actor: Actor, company_id: int, email: str, wish: Wish) -> tuple[int, str]:
    """Add a person; their id and a temporary password, which is told once and has to be replaced.

    Raises `InvalidInput` (fields `email`, `name`, `fms_user_id`, `locations`), `Forbidden`, `Refusal` `email_taken`.
    """
    may_give(actor, wish.role, company_id)
    _refuse_unknown(wish.locations, queries.location_names(company_id))
    password = temporary_password()
    made = create_user(
        actor,
        company_id=company_id,
        email=email,
        name=wish.name,
        role=wish.role,
        password=password,
        locations=tuple(sorted(wish.locations)),
        fms_user_id=wish.fms_user_id,
        must_change_password=True,
    )
    return made.user_id, password


def change(actor: Actor, user_id: int, mark: str, wish: Wish) -> bool:
    """Make the person as wished, and tell whether their sign-ins ended, as they do with another role.

    `mark` is that of `queries.Person` when the form was drawn. Raises `PersonChanged`, `InvalidInput`, `NotFound`,
    `Forbidden`, `LastSuperAdmin`.
    """
    with writing() as session:
        lock_super_admins(session)
        user = _user(session, actor, user_id, mark)
        name = wish.name.strip()
        check_person(user.email, name, wish.fms_user_id)
        if wish.role != user.role:
            may_give(actor, wish.role, user.company_id)
            if wish.role is not Role.SUPER_ADMIN:
                keep_a_super_admin(session, user)
            end_sessions(session, user.id)
        has_other_role = wish.role != user.role
        user.name, user.role, user.fms_user_id = name, wish.role.value, wish.fms_user_id
        _place(session, user, wish.locations)
    log.info("user_changed", changed_user_id=user_id, role=wish.role.value)
    return has_other_role


def deactivate(actor: Actor, user_id: int) -> None:
    """Shut a person out at once. Raises `NotFound`, `Forbidden` (also for oneself), `LastSuperAdmin`."""
    with writing() as session:
        lock_super_admins(session)
        user = _user(session, actor, user_id)
        if user.id == actor.user_id:
            raise Forbidden("You cannot deactivate yourself.")
        keep_a_super_admin(session, user)
        user.is_active = False
        end_sessions(session, user.id)
    log.info("user_deactivated", changed_user_id=user_id)


def reactivate(actor: Actor, user_id: int, mark: str | None = None) -> str:
    """Let a person in again; the temporary password they come back with. Raises as `reset_password` does."""
    return _with_new_password(actor, user_id, mark, lets_in=True)


def reset_password(actor: Actor, user_id: int, mark: str | None = None) -> str:
    """A temporary password, told once; the old one and all sign-ins end. `mark` as for `change`, if there is a form.

    Raises `NotFound`, `PersonChanged`, `ShutOut`, `Forbidden` (also for oneself: one's own is changed by who knows it).
    """
    return _with_new_password(actor, user_id, mark, lets_in=False)


def sign_out(actor: Actor, user_id: int) -> None:
    """End every sign-in of a person. Raises `NotFound`, `Forbidden`."""
    with writing() as session:
        end_sessions(session, _user(session, actor, user_id).id)


def sign_out_of(actor: Actor, user_id: int, session_id: int) -> None:
    """End one sign-in of a person. Raises `NotFound`, `Forbidden`."""
    with writing() as session:
        end_session(session, _user(session, actor, user_id).id, session_id)


def reset_second_factor(actor: Actor, user_id: int) -> None:
    """Take a person's second factor away, unseen, and end their sign-ins.

    Raises `NotFound`, `Forbidden` (also for oneself).
    """
    with writing() as session:
        user = _user(session, actor, user_id)
        _refuse_oneself(actor, user)
        second_factor.remove(session, user)
        end_sessions(session, user.id)
    log.info("second_factor_reset", changed_user_id=user_id)


def temporary_password() -> str:
    """Four groups of four that can be read out: 79 bits, for one sign-in."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(GROUP)) for _ in range(GROUPS))


def _with_new_password(actor: Actor, user_id: int, mark: str | None, *, lets_in: bool) -> str:
    password = temporary_password()
    password_hash = passwords.hash_password(password)
    with writing() as session:
        user = _user(session, actor, user_id, mark)
        _refuse_oneself(actor, user)
        if not (user.is_active or lets_in):
            raise ShutOut
        user.password_hash, user.must_change_password, user.is_active = password_hash, True, True
        second_factor.give_up(user)
        end_sessions(session, user.id)
    log.info("password_reset", changed_user_id=user_id)
    return password


def _user(session: Session, actor: Actor, user_id: int, mark: str | None = None) -> User:
    """The person, locked, whom the actor may manage."""
    user = session.scalar(select(User).where(User.id == user_id).with_for_update())
    found = manageable(actor, user, "There is no such person, or you may not manage them.")
    if mark is not None and queries.mark_of(session, found) != mark:
        raise PersonChanged
    return found


def _refuse_oneself(actor: Actor, user: User) -> None:
    # A desk left open must not be enough to take an account over.
    if user.id == actor.user_id:
        raise Forbidden("Your own you change on your account page.")


def _place(session: Session, user: User, names: frozenset[str]) -> None:
    rows = session.execute(select(Location.name, Location.id).where(Location.company_id == user.company_id))
    known: dict[str, int] = {row.name: row.id for row in rows}
    _refuse_unknown(names, known)
    session.execute(delete(user_locations).where(user_locations.c.user_id == user.id))
    for name in sorted(names):
        session.execute(insert(user_locations).values(user_id=user.id, location_id=known[name]))


def _refuse_unknown(names: Iterable[str], known: Iterable[str]) -> None:
    unknown = sorted(set(names) - set(known))
    if unknown:
        fault = f"There is no office or branch called {', '.join(unknown)[:200]}."
        raise InvalidInput(fault, fields={"locations": fault})
