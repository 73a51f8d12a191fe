"""The `users` commands: how the first person comes in, and how an operator helps when nobody can."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click
from flask import current_app
from flask.cli import AppGroup

from webapp.accounts import queries, service
from webapp.accounts.actor import Actor
from webapp.accounts.permissions import TABLE, Permission, Role
from webapp.errors import Refusal

users = AppGroup("users", help="People who sign in.")
roles = click.Choice(Role, case_sensitive=False)
password_stdin = click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")


@users.command("create")
@click.argument("email")
@click.option("--name", required=True, help="As colleagues know them.")
@click.option("--role", type=roles, required=True)
@click.option("--location", "locations", multiple=True, help="An office or branch; repeat for several.")
@click.option("--fms-user-id", type=click.IntRange(1, service.LARGEST_ID), help="Who they are in FMS.")
@click.option("--company", help="Default: COMPANY_NAME of the settings.")
@password_stdin
def create(
    email: str,
    name: str,
    role: Role,
    locations: tuple[str, ...],
    fms_user_id: int | None,
    company: str | None,
    password_stdin: bool,
) -> None:
    """Add a person. Offices that do not exist yet are created."""
    password = _password(password_stdin)
    with _refusals():
        service.check_new(email, name, fms_user_id, password)
        company_name = company or current_app.extensions["settings"].company_name
        is_new_company = queries.company_named(company_name) is None
        company_id = service.ensure_company(company_name)
        made = service.create_user(
            _operator(company_id),
            company_id=company_id,
            email=email,
            name=name,
            role=role,
            password=password,
            locations=locations,
            fms_user_id=fms_user_id,
        )
    if is_new_company:
        print(f"Created the company {company_name}.")
    for office in made.new_offices:
        print(f"Created the office {office}.")
    print(f"Created {email} as {role.value}.")
    if fms_user_id is None and Permission.PLAN_LOANS in TABLE[role]:
        print("Without an FMS user id they cannot send requests in their own name.")


@users.command("list")
def list_users() -> None:
    """Print everybody: e-mail, role, state, company, locations, FMS id."""
    with _refusals():
        everybody = queries.people(_operator())
    missing = "no FMS id" if current_app.extensions["settings"].fms_requestor_id else "cannot send requests"
    for person in everybody:
        state = "active" if person.is_active else "deactivated"
        places = ", ".join(person.locations) or "-"
        may_request = Permission.PLAN_LOANS in TABLE[person.role]
        fms = f"FMS {person.fms_user_id}" if person.fms_user_id else missing if may_request else "-"
        print("\t".join((person.email, person.role.value, state, person.name, person.company, places, fms)))


@users.command("set-role")
@click.argument("email")
@click.argument("role", type=roles)
def set_role(email: str, role: Role) -> None:
    """Give a person another role; they sign in again."""
    with _refusals():
        service.set_role(_operator(), email, role)
    print(f"{email} is {role.value} now. Their sign-ins have ended.")


@users.command("deactivate")
@click.argument("email")
def deactivate(email: str) -> None:
    """Shut a person out at once."""
    with _refusals():
        service.deactivate(_operator(), email)
    print(f"{email} is deactivated. Their sign-ins have ended.")


@users.command("set-password")
@click.argument("email")
@password_stdin
def set_password(email: str, password_stdin: bool) -> None:
    """Give a person a new password; their sign-ins end."""
    password = _password(password_stdin)
    with _refusals():
        service.set_password(_operator(), email, password)
    print(f"{email} has a new password. Their sign-ins have ended.")


@users.command("reset-second-factor")
@click.argument("email")
def reset_second_factor(email: str) -> None:
    """Take away the second factor of somebody who lost it; their sign-ins end."""
    with _refusals():
        service.reset_second_factor(_operator(), email)
    print(f"{email} signs in with the password alone now. Their sign-ins have ended.")


def _operator(company_id: int = 0) -> Actor:
    # Whoever can run commands on the server has the database already.
    return Actor(user_id=None, name="Command line", role=Role.SUPER_ADMIN, company_id=company_id)


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    entered: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return entered


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except Refusal as refusal:
        raise click.ClickException(refusal.sentence) from refusal
