"""People and places: creating users, giving roles, shutting out; offices as feeds and commands meet them."""

import re
from dataclasses import dataclass

import structlog
from sqlalchemy import ColumnElement, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from webapp import clock
from webapp.accounts import passwords, second_factor
from webapp.accounts.actor import Actor
from webapp.accounts.models import Company, Location, User, user_locations
from webapp.accounts.permissions import Permission, Role
from webapp.accounts.proving import LONGEST_EMAIL, normal_email
from webapp.accounts.sessions import end_sessions
from webapp.db import db, writing
from webapp.errors import Forbidden, InvalidInput, NotFound, Refusal

LARGEST_ID = 2_147_483_647
EMAIL = re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+")
# Some scripts join and part letters by signs that do not print.
JOINERS = "\u200c\u200d"
log = structlog.get_logger(__name__)


class LastSuperAdmin(Refusal):
    """Nobody would be left who may do everything."""

    code = "last_super_admin"

    def __init__(self) -> None:
        super().__init__("This is the last active SUPER_ADMIN. Make somebody else SUPER_ADMIN first, then try again.")


@dataclass(frozen=True)
class Created:
    """A new user, and the offices that did not exist before."""

    user_id: int
    new_offices: tuple[str, ...]


def ensure_company(name: str) -> int:
    """The id of the company called `name`, which is created when missing."""
    with writing() as session:
        found = session.scalar(select(Company.id).where(Company.name == name))
        if found is None:
            company = Company(name=name)
            session.add(company)
            session.flush()
            found = company.id
    return found


def ensure_office(session: Session, company_id: int, name: str) -> Location:
    """The office `name` of the company, created when missing; to be called inside `writing()`.

    A location known so far only as a branch becomes an office as well.
    """
    office = session.scalar(select(Location).where(Location.company_id == company_id, Location.name == name))
    if office is None:
        office = Location(company_id=company_id, name=name, is_office=True)
        session.add(office)
        session.flush()
    elif not office.is_office:
        office.is_office = True
        session.flush()
    return office


def create_user(
    actor: Actor,
    *,
    company_id: int,
    email: str,
    name: str,
    role: Role,
    password: str,
    locations: tuple[str, ...] = (),
    fms_user_id: int | None = None,
    must_change_password: bool = False,
) -> Created:
    """Add a person; locations that do not exist yet become offices of the company.

    Raises `InvalidInput` (fields `email`, `name`, `password`, `fms_user_id`), `Forbidden`, or `Refusal`
    (code `email_taken`).
    """
    may_give(actor, role, company_id)
    check_new(email, name, fms_user_id, password)
    email, name = normal_email(email), name.strip()
    password_hash = passwords.hash_password(password)
    try:
        with writing() as session:
            user = User(
                company_id=company_id,
                email=email,
                name=name,
                role=role.value,
                password_hash=password_hash,
                fms_user_id=fms_user_id,
                must_change_password=must_change_password,
                created_at=clock.now(),
            )
            session.add(user)
            session.flush()
            new_offices = _give_locations(session, user, locations)
            user_id = user.id
    except IntegrityError as error:
        raise Refusal(f"There is already a user with the e-mail {email}.", code="email_taken") from error
    log.info("user_created", created_user_id=user_id, role=role.value)
    return Created(user_id, new_offices)


def set_role(actor: Actor, email: str, role: Role) -> None:
    """Give a person another role and end their sign-ins. Raises `NotFound`, `Forbidden`, `LastSuperAdmin`."""
    with writing() as session:
        user = _user_to_manage(session, actor, email)
        may_give(actor, role, user.company_id)
        if role is not Role.SUPER_ADMIN:
            keep_a_super_admin(session, user)
        user.role = role.value
        end_sessions(session, user.id)


def deactivate(actor: Actor, email: str) -> None:
    """Shut a person out at once. Raises `NotFound`, `Forbidden` (also for oneself), `LastSuperAdmin`."""
    with writing() as session:
        user = _user_to_manage(session, actor, email)
        if user.id == actor.user_id:
            raise Forbidden("You cannot deactivate yourself.")
        keep_a_super_admin(session, user)
        user.is_active = False
        end_sessions(session, user.id)


def reset_second_factor(actor: Actor, email: str) -> None:
    """Take a person's second factor away and end their sign-ins. Raises `NotFound`, `Forbidden`."""
    with writing() as session:
        user = _user_to_manage(session, actor, email)
        second_factor.remove(session, user)
        end_sessions(session, user.id)


def set_password(actor: Actor, email: str, password: str, *, must_change_password: bool = False) -> None:
    """Give a person a new password and end their sign-ins. Raises `InvalidInput`, `NotFound`, `Forbidden`."""
    passwords.check_new(password, unlike=_words_of(normal_email(email)))
    password_hash = passwords.hash_password(password)
    with writing() as session:
        user = _user_to_manage(session, actor, email)
        user.password_hash = password_hash
        user.must_change_password = must_change_password
        second_factor.give_up(user)
        end_sessions(session, user.id)


def check_new(email: str, name: str, fms_user_id: int | None, password: str) -> None:
    """Raise `InvalidInput` unless somebody new can be called so and have that password."""
    check_person(email.strip(), name.strip(), fms_user_id)
    passwords.check_new(password, unlike=(normal_email(email), name.strip()))


def check_person(email: str, name: str, fms_user_id: int | None) -> None:
    """Raise `InvalidInput` naming each of `email`, `name` and `fms_user_id` that nobody can have."""
    faults: dict[str, str] = {}
    if not EMAIL.fullmatch(email) or not email.isprintable() or len(email) > LONGEST_EMAIL:
        faults["email"] = "This is not an e-mail address."
    if not 1 <= len(name) <= 120:
        faults["name"] = "Give a name of at most 120 characters."
    elif not "".join(sign for sign in name if sign not in JOINERS).isprintable():
        faults["name"] = "Give the name in one line, without signs that cannot be seen."
    if fms_user_id is not None and not 1 <= fms_user_id <= LARGEST_ID:
        faults["fms_user_id"] = f"An FMS user id is a number from 1 to {LARGEST_ID:,}."
    if faults:
        raise InvalidInput(" ".join(faults.values()), fields=faults)


def may_give(actor: Actor, role: Role, company_id: int) -> None:
    """Raise `Forbidden` unless the actor may make somebody of the company `role`."""
    actor.require(Permission.MANAGE_USERS)
    if role is Role.SUPER_ADMIN and actor.role is not Role.SUPER_ADMIN:
        raise Forbidden("Only a SUPER_ADMIN makes somebody SUPER_ADMIN.")
    if not actor.reaches(company_id, None):
        raise Forbidden("You manage the users of your own company only.")


def _words_of(email: str) -> tuple[str, ...]:
    """What a password of whom `email` names must not consist of."""
    row = db.session.execute(
        select(User.name, Company.name).join(Company, Company.id == User.company_id).where(User.email == email)
    ).one_or_none()
    return (email, *row) if row else (email,)


def _user_to_manage(session: Session, actor: Actor, email: str) -> User:
    email = normal_email(email)
    user = session.scalar(select(User).where(User.email == email))
    return manageable(actor, user, f"There is no user with the e-mail {email}.")


def manageable(actor: Actor, user: User | None, missing: str) -> User:
    """`user`, whom the actor may manage. Raises `NotFound` saying `missing` where they may not know of them,
    `Forbidden` for a SUPER_ADMIN, whom only another one manages.
    """
    actor.require(Permission.MANAGE_USERS)
    if user is None or not actor.reaches(user.company_id, None):
        raise NotFound(missing)
    if user.role == Role.SUPER_ADMIN and actor.role is not Role.SUPER_ADMIN:
        raise Forbidden("Only a SUPER_ADMIN manages a SUPER_ADMIN.")
    return user


def keep_a_super_admin(session: Session, user: User) -> None:
    """Raise `LastSuperAdmin` where nobody else could do everything without `user`; inside `writing()`."""
    if user.role != Role.SUPER_ADMIN or not user.is_active:
        return
    if lock_super_admins(session) <= {user.id}:
        raise LastSuperAdmin


def lock_super_admins(session: Session) -> set[int]:
    """The ids of those who can do everything, held until `session` commits; before any other person is locked.

    In one order: two who take each other's role away at once must not both succeed, nor wait for each other.
    """
    is_super: ColumnElement[bool] = User.role == Role.SUPER_ADMIN.value
    return set(session.scalars(select(User.id).where(is_super, User.is_active).order_by(User.id).with_for_update()))


def _give_locations(session: Session, user: User, names: tuple[str, ...]) -> tuple[str, ...]:
    wanted = dict.fromkeys(name.strip() for name in names if name.strip())
    known = set(session.scalars(select(Location.name).where(Location.company_id == user.company_id)))
    for name in wanted:
        place = _location(session, user.company_id, name)
        session.execute(insert(user_locations).values(user_id=user.id, location_id=place.id))
    return tuple(name for name in wanted if name not in known)


def _location(session: Session, company_id: int, name: str) -> Location:
    found = session.scalar(select(Location).where(Location.company_id == company_id, Location.name == name))
    return found or ensure_office(session, company_id, name)
