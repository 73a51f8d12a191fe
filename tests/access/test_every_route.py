"""Every route, method, role and scope: what the table of the specification says is what the application does."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.access.inputs import inputs_of
from tests.access.listed import GUARDED, LISTED, Listed, Scope
from tests.access.visitors import BY_HTMX, Answer, Visitor, Visitors
from webapp.accounts.access import Access, access_of
from webapp.accounts.permissions import TABLE, Role

NOWHERE = "/login?next=/"
# Answers that say: you are not let in here, or it broke.
SHUT = frozenset({401, 403, 404, 500})
# Validation says so before anything is looked up; inputs are such that none does.
REFUSED = frozenset({400, 422})
# A colleague's note is there for everybody to read, and theirs alone to take back.
NOT_YOURS = "note"
NONSENSE: dict[str, Any] = {"data": b"\xff{nonsense", "content_type": "application/json"}


def declared(visitors: Visitors) -> dict[tuple[str, str], Access]:
    """What the application's own routes declare, by method and address without converters."""
    app = visitors.world.app
    found = {}
    for rule in app.url_map.iter_rules():
        access = access_of(app.view_functions[rule.endpoint])
        assert access
        address = "".join(f"<{text}>" if is_dynamic else text for is_dynamic, text in rule._trace)
        address = address.partition("|")[2]
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            found[method, address] = access
    return found


def test_the_table_lists_every_route_and_no_other(visitors: Visitors) -> None:
    """A route that nobody wrote into the table fails here, and so does a line of the table without a route."""
    listed = [(each.method, each.rule) for each in LISTED]
    assert len(listed) == len(set(listed))
    assert set(listed) == set(declared(visitors))


def test_the_code_declares_what_the_table_says(visitors: Visitors) -> None:
    """The roles that the declared permissions let in are those of the table, on every route."""
    found = declared(visitors)
    wrong = []
    for listed in LISTED:
        access = found[listed.method, listed.rule]
        let_in = {role for role in Role if not access.permissions or access.permissions & TABLE[role]}
        if (None if access.is_public else let_in) != listed.roles:
            wrong.append((listed.method, listed.rule, sorted(let_in)))
    assert not wrong, "\n".join(map(str, wrong))


def test_strangers_are_sent_to_the_login_page(both_visitors: Visitors) -> None:
    """Pages redirect, fragments move the window, JSON answers 401, and nothing is said of what is there."""
    wrong = []
    for listed, address in at_home(both_visitors):
        if listed.is_json:
            answer = both_visitors.call(listed.method, address, None)
            if (answer.status, answer.is_problem) != (401, True):
                wrong.append((listed, answer.status))
            continue
        page = both_visitors.call(listed.method, address, None)
        fragment = both_visitors.call(listed.method, address, None, headers=BY_HTMX)
        if page.status not in (302, 303) or not page.leads_to.startswith(NOWHERE):
            wrong.append((listed, page.status))
        if fragment.status != 200 or not fragment.leads_to.startswith(NOWHERE):
            wrong.append((listed, fragment.status))
    assert not wrong, "\n".join(map(str, wrong))


@pytest.mark.parametrize("role", list(Role))
def test_a_role_without_it_is_told_so_first(both_visitors: Visitors, role: Role) -> None:
    """403 before anything is read: with nonsense for a body, and for things out of scope as for those in it."""
    visitor = both_visitors.by_role(role)
    wrong = []
    for listed, scope, address in everywhere(both_visitors, visitor, lambda listed: role not in roles_of(listed)):
        rest: dict[str, Any] = {} if listed.is_safe else NONSENSE
        answer = both_visitors.call(listed.method, address, visitor, **rest)
        if answer.status != 403 or answer.is_problem != listed.is_json:
            wrong.append((listed.method, address, scope, answer.status))
    assert not wrong, "\n".join(map(str, wrong))


@pytest.mark.parametrize("role", list(Role))
def test_writing_needs_the_token_against_forgery(both_visitors: Visitors, role: Role) -> None:
    """Without it 400 on every method that changes something, from a page or from a script with the page's cookie."""
    visitor = both_visitors.by_role(role)
    wrong = []
    for listed, _, address in everywhere(both_visitors, visitor, lambda listed: role in roles_of(listed)):
        if not listed.is_safe:
            answer = both_visitors.call(listed.method, address, visitor, has_token=False)
            if answer.status != 400:
                wrong.append((listed.method, address, answer.status))
    assert not wrong, "\n".join(map(str, wrong))


@pytest.mark.parametrize("role", list(Role))
def test_what_is_out_of_scope_is_not_there(visitors: Visitors, role: Role) -> None:
    """404 for things of other offices, companies and people, on every route and method that the role may call.

    Where nothing is no fault, as in polling or in throwing away what is gone, the answer is that for nothing, word
    for word, and nothing changes.
    """
    visitor = visitors.by_role(role)
    inputs = inputs_of(visitors.world, visitor.person)
    before, wrong = visitors.state(), []
    for listed, scope, address in everywhere(visitors, visitor, lambda listed: role in roles_of(listed)):
        if listed.reaches(role, scope):
            continue
        rest = inputs.get(f"{listed.method} {listed.rule}", {})
        answer = visitors.call(listed.method, address, visitor, **rest)
        if answer.status != 404 and listed.is_safe:
            # What sends whoever opens it to a page is a part of one.
            rest = {"headers": BY_HTMX, **rest}
            answer = visitors.call(listed.method, address, visitor, **rest)
        if listed.kind == NOT_YOURS and answer.status == 403:
            continue
        if answer.status != 404:
            nothing = visitors.nothing(listed, scope, visitor.person)
            is_same = answer.gist == visitors.call(listed.method, nothing, visitor, **rest).gist
            if answer.status in REFUSED or not is_same:
                wrong.append((listed.method, address, scope, answer.status))
    assert not wrong, "\n".join(map(str, wrong))
    assert visitors.state() == before


@pytest.mark.parametrize("role", list(Role))
def test_what_is_in_scope_is_opened(visitors: Visitors, role: Role) -> None:
    """Who may, and where they may, is let in everywhere: what they sent may be refused, they are not."""
    visitor = visitors.by_role(role)
    inputs = inputs_of(visitors.world, visitor.person)
    wrong = []
    for listed, scope, address in everywhere(visitors, visitor, lambda listed: role in roles_of(listed)):
        if not listed.reaches(role, scope):
            continue
        answer = visitors.call(listed.method, address, visitor, **inputs.get(f"{listed.method} {listed.rule}", {}))
        if is_shut(answer):
            wrong.append((listed.method, address, scope, answer.status))
        if not listed.is_safe and answer.status < 400:
            visitors.undo()
    assert not wrong, "\n".join(map(str, wrong))


def is_shut(answer: Answer) -> bool:
    """Whether somebody was turned away, or something broke."""
    return answer.status in SHUT or answer.leads_to.startswith(NOWHERE)


def roles_of(listed: Listed) -> frozenset[Role]:
    """Who may call it."""
    assert listed.roles is not None
    return listed.roles


def at_home(visitors: Visitors) -> Iterator[tuple[Listed, str]]:
    """Every guarded route with the address of something that is there."""
    person = visitors.by_role(Role.MANAGER).person
    for listed in GUARDED:
        yield listed, visitors.address(listed, Scope.IN, person)


def everywhere(
    visitors: Visitors, visitor: Visitor, is_meant: Callable[[Listed], bool]
) -> Iterator[tuple[Listed, Scope, str]]:
    """The guarded routes that are meant, each with the address of a thing of every scope."""
    for listed in filter(is_meant, GUARDED):
        for scope in Scope:
            if visitors.world.has(listed, scope):
                yield listed, scope, visitors.address(listed, scope, visitor.person)
