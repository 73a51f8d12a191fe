"""What people are shown: nothing of others', no money without the permission, no link or button that is not theirs."""

import re
from collections.abc import Callable, Iterator
from functools import cache

import pytest
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import RequestRedirect

from tests.access.crawling import Seen, linked_answers, listed_answers, targets_in
from tests.access.listed import MATRIX
from tests.access.test_every_route import SHUT
from tests.access.visitors import Visitors
from webapp.accounts.access import access_of
from webapp.accounts.permissions import TABLE, Role

Shown = Callable[[Role], list[Seen]]
# The world's amounts, however they are written: 987654.32, 987,654.
VALUES = re.compile(r"987[,. ]?654|753[,. ]?197|canarycharge")
BUDGETS = re.compile(r"864[,. ]?213|531[,. ]?864|332[,. ]?349|642[,. ]?975")
METHODS = ("POST", "PATCH", "PUT", "DELETE")


@pytest.fixture(scope="module")
def shown(visitors: Visitors) -> Iterator[Shown]:
    """Everything that somebody of a role is shown."""

    @cache
    def of(role: Role) -> list[Seen]:
        return [*listed_answers(visitors, role), *linked_answers(visitors, role)]

    yield of
    of.cache_clear()


@pytest.mark.parametrize("role", list(Role))
def test_nobody_is_shown_what_is_not_theirs(visitors: Visitors, shown: Shown, role: Role) -> None:
    """Names, telephones, addresses and notes of other companies, offices, and of jobs of others, are in no answer;
    those of one's own are, so that this could fail."""
    may, may_not = visitors.world.marks(role)
    told = "\n".join(seen.answer.folded for seen in shown(role))
    assert {mark for mark in may if mark.casefold() not in told} == set()
    wrong = [(seen.address, mark) for seen in shown(role) for mark in may_not if mark.casefold() in seen.answer.folded]
    assert not wrong, "\n".join(map(str, wrong))


@pytest.mark.parametrize("role", list(Role))
def test_money_is_in_no_answer_without_the_permission(shown: Shown, role: Role) -> None:
    """What jobs are worth, their charges, budgets, costs: nowhere for who may not see them, somewhere for who may."""
    for column, amounts in (("money", VALUES), ("budgets", BUDGETS)):
        wrong = [
            (seen.address, amounts.findall(seen.answer.folded))
            for seen in shown(role)
            if amounts.search(seen.answer.folded)
        ]
        assert bool(wrong) == (role in MATRIX[column]), "\n".join(map(str, wrong))


@pytest.mark.parametrize("role", list(Role))
def test_no_link_leads_to_a_shut_door(shown: Shown, role: Role) -> None:
    """Every link of every page, three links deep, opens for whoever it is shown to."""
    followed = [seen for seen in shown(role) if seen.led_by or seen.address == "/"]
    assert len(followed) > 5
    wrong = [(seen.address, seen.led_by, seen.answer.status) for seen in followed if seen.answer.status in SHUT]
    assert not wrong, "\n".join(map(str, wrong))


@pytest.mark.parametrize("role", list(Role))
def test_no_button_is_shown_that_the_role_may_not_press(visitors: Visitors, shown: Shown, role: Role) -> None:
    """Forms and buttons send to routes that the role may call."""
    router = visitors.world.app.url_map.bind("localhost")
    wrong = []
    for target, page in {(target, seen.address) for seen in shown(role) for target in targets_in(seen)}:
        open_to = []
        for method in METHODS:
            try:
                endpoint, _ = router.match(target.partition("?")[0], method)
            except (NotFound, MethodNotAllowed, RequestRedirect):
                continue
            access = access_of(visitors.world.app.view_functions[endpoint])
            assert access
            open_to.append(access.is_public or not access.permissions or bool(access.permissions & TABLE[role]))
        if open_to and not any(open_to):
            wrong.append((target, page))
    assert not wrong, "\n".join(map(str, sorted(wrong)))
