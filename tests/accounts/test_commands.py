"""The `users` commands, as an operator types them."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from click.testing import Result
from flask import Flask
from flask.testing import FlaskCliRunner

from tests.accounts.factors import set_up
from tests.rows import PASSWORD, People, Person
from tests.servers import sign_in
from webapp.accounts import queries
from webapp.accounts.permissions import Role

Users = Callable[..., Result]


@pytest.fixture
def users(runner: FlaskCliRunner) -> Users:
    """`users("create", ..., given="password")`: one command, with standard input."""
    return lambda *words, given="": runner.invoke(args=["users", *words], input=given)


def create(users: Users, email: str, *words: str, role: str = "SUPER_ADMIN", given: str = PASSWORD) -> Result:
    return users(
        "create", email, "--name", "Ana Sample", "--role", role, "--password-stdin", *words, given=f"{given}\n"
    )


def signs_in(app: Flask, email: str, password: str) -> bool:
    person = Person(0, email, "", Role.DRIVER, 0, None, frozenset(), password)
    client = app.test_client()
    try:
        sign_in(client, person)
    except AssertionError:
        return False
    return client.get("/account").status_code == 200


def test_the_first_super_admin_comes_from_the_command_line(app: Flask, users: Users) -> None:
    """On an empty database one command makes company, office and a person who can sign in."""
    made = create(users, "Ana@Example.com", "--location", "Atlanta", "--location", "Los Angeles", "--fms-user-id", "7")
    assert made.exit_code == 0, made.output
    assert "Created the office Atlanta." in made.output
    assert "Created the office Los Angeles." in made.output
    assert "cannot send requests" not in made.output
    assert signs_in(app, "ana@example.com", PASSWORD)
    with app.app_context():
        company_id = queries.company_named(app.extensions["settings"].company_name)
        assert company_id
        actor = queries.actor_of(1)
        assert actor
        assert (actor.company_id, actor.role, actor.fms_user_id) == (company_id, Role.SUPER_ADMIN, 7)
        assert actor.locations == {"Atlanta", "Los Angeles"}
        assert queries.offices(actor) == ["Atlanta", "Los Angeles"]


def test_another_company_can_be_named(app: Flask, users: Users) -> None:
    """`--company` wins over the setting; its offices are its own."""
    assert create(users, "a@example.com", "--location", "Atlanta").exit_code == 0
    made = create(users, "b@example.com", "--location", "Atlanta", "--company", "Sample Movers", role="driver")
    assert made.exit_code == 0
    assert "Created the office Atlanta." in made.output
    assert "Created the company Sample Movers." in made.output
    # A driver's work needs no FMS id.
    assert "cannot send requests" not in made.output
    with app.app_context():
        first, second = queries.actor_of(1), queries.actor_of(2)
        assert first
        assert second
        assert second.company_id == queries.company_named("Sample Movers") != first.company_id
        assert second.role is Role.DRIVER


@pytest.mark.parametrize(
    ("email", "given"),
    [("a@example.com", "too short"), ("a;b@example.com", PASSWORD), ("a" * 250 + "@ab.cd", PASSWORD)],
)
def test_who_is_refused_leaves_no_company_behind(app: Flask, users: Users, email: str, given: str) -> None:
    """A weak password, what is no address, one longer than addresses are: nothing is made, nothing cut short."""
    made = create(users, email, "--company", "Sample Movers", given=given)
    assert made.exit_code == 1
    with app.app_context():
        assert queries.company_named("Sample Movers") is None


def test_an_existing_location_is_used(users: Users, people: People) -> None:
    """Only what is missing is created."""
    people(locations=["Los Angeles"])
    made = create(users, "a@example.com", "--location", "Los Angeles")
    assert made.exit_code == 0
    assert "Created the office" not in made.output


REFUSED = [
    ("no e-mail", ["nobody"], PASSWORD, "This is not an e-mail address."),
    ("blank in the e-mail", ["no body@example.com"], PASSWORD, "This is not an e-mail address."),
    ("taken", ["person1@example.com"], PASSWORD, "There is already a user with the e-mail person1@example.com."),
    ("short password", ["a@example.com"], "eleven char", "Use at least 12 characters."),
    ("no password", ["a@example.com"], "", "Use at least 12 characters."),
    ("no FMS id", ["a@example.com", "--fms-user-id", "0"], PASSWORD, "0 is not in the range"),
]


@pytest.mark.parametrize(("case", "words", "password", "sentence"), REFUSED, ids=[case[0] for case in REFUSED])
def test_what_cannot_be_is_refused_in_a_sentence(
    users: Users, people: People, case: str, words: list[str], password: str, sentence: str
) -> None:
    """The exit code is not zero, the reason is one sentence, and nobody is created."""
    people()
    refused = create(users, words[0], *words[1:], given=password)
    assert refused.exit_code != 0
    assert sentence in refused.output
    assert "Traceback" not in refused.output
    assert users("list").output.count("\n") == 1


def test_an_unknown_role_is_refused(users: Users) -> None:
    """The command names the roles there are."""
    refused = create(users, "a@example.com", role="KING")
    assert refused.exit_code != 0
    assert "scheduler" in refused.output.lower()


def test_list_shows_everybody(users: Users, people: People) -> None:
    """Of every company, with role, state, places and FMS id."""
    people(Role.SUPER_ADMIN, name="Ana Sample", email="ana@example.com", locations=["Los Angeles", "Atlanta"])
    people(Role.DRIVER, email="ben@example.com", company="Sample Movers", fms_user_id=None, is_active=False)
    people(Role.MANAGER, email="cleo@example.com", company="Sample Movers", fms_user_id=None)
    first, second, third = users("list").output.splitlines()
    assert first.split("\t")[:4] == ["ana@example.com", "SUPER_ADMIN", "active", "Ana Sample"]
    assert "Atlanta, Los Angeles" in first
    assert "FMS 1949" in first
    assert second.split("\t")[:3] == ["ben@example.com", "DRIVER", "deactivated"]
    assert "Sample Movers" in second
    assert second.endswith("\t-")
    assert third.endswith("\tcannot send requests")


def test_a_role_can_be_changed(users: Users, people: People) -> None:
    """By e-mail, in any case of letters."""
    people(Role.SCHEDULER, email="ana@example.com")
    assert users("set-role", "Ana@example.com", "manager").exit_code == 0
    assert "\tMANAGER\t" in users("list").output


@pytest.mark.parametrize("words", [("deactivate",), ("set-role", "ADMIN")])
def test_the_last_super_admin_stays(users: Users, people: People, words: tuple[str, ...]) -> None:
    """A deactivated one does not count; with a second active one it is allowed."""
    people(Role.SUPER_ADMIN, email="ana@example.com")
    people(Role.SUPER_ADMIN, is_active=False)
    command = (words[0], "ana@example.com", *words[1:])
    refused = users(*command)
    assert refused.exit_code != 0
    assert "last active SUPER_ADMIN" in refused.output
    assert "ana@example.com\tSUPER_ADMIN\tactive" in users("list").output
    people(Role.SUPER_ADMIN)
    assert users(*command).exit_code == 0


def test_setting_the_same_role_is_no_loss(users: Users, people: People) -> None:
    """The last SUPER_ADMIN may be made SUPER_ADMIN."""
    people(Role.SUPER_ADMIN, email="ana@example.com")
    assert users("set-role", "ana@example.com", "SUPER_ADMIN").exit_code == 0


def test_a_password_can_be_set(app: Flask, users: Users, people: People) -> None:
    """From standard input or asked for twice; the old one is void."""
    people(email="ana@example.com")
    done = users("set-password", "ana@example.com", "--password-stdin", given="a second password\n")
    assert done.exit_code == 0
    assert signs_in(app, "ana@example.com", "a second password")
    assert not signs_in(app, "ana@example.com", PASSWORD)
    asked = users("set-password", "ana@example.com", given="a third password\na third password\n")
    assert asked.exit_code == 0
    assert "a third password" not in asked.output
    assert signs_in(app, "ana@example.com", "a third password")


def test_a_lost_second_factor_can_be_taken_away(app: Flask, users: Users, people: People) -> None:
    """Its owner's sign-ins end, and the password alone opens."""
    person, browser = people(Role.SUPER_ADMIN, email="ana@example.com"), app.test_client()
    sign_in(browser, person)
    set_up(browser, datetime.now(UTC))
    assert not signs_in(app, person.email, PASSWORD)
    done = users("reset-second-factor", person.email)
    assert (done.exit_code, "password alone" in done.output) == (0, True)
    assert browser.get("/account").status_code == 303
    assert signs_in(app, person.email, PASSWORD)


def test_a_deactivated_person_cannot_sign_in(app: Flask, users: Users, people: People) -> None:
    """Deactivation holds."""
    people(email="ana@example.com")
    assert users("deactivate", "ana@example.com").exit_code == 0
    assert not signs_in(app, "ana@example.com", PASSWORD)


@pytest.mark.parametrize(
    "words",
    [
        ("set-role", "x@example.com", "ADMIN"),
        ("deactivate", "x@example.com"),
        ("set-password", "x@example.com", "--password-stdin"),
        ("reset-second-factor", "x@example.com"),
    ],
)
def test_an_unknown_person_is_named(users: Users, words: tuple[str, ...]) -> None:
    """The sentence says which e-mail nobody has."""
    refused = users(*words, given=PASSWORD)
    assert refused.exit_code != 0
    assert "There is no user with the e-mail x@example.com." in refused.output
