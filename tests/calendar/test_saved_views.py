"""Views under a name: kept per person, shared with the company, opened only by who may see their office."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.calendar.conftest import Desk
from tests.rows import People
from tests.servers import csrf_token, sign_in
from webapp.accounts.actor import Actor
from webapp.accounts.permissions import Role
from webapp.calendar.asked import asked_view
from webapp.calendar.saved_views import (
    KeptView,
    delete_view,
    kept_view,
    kept_views,
    rename_view,
    replace_view,
    save_view,
    share_view,
)
from webapp.db import close_reading
from webapp.errors import Forbidden, InvalidInput, NotFound

DATED = {"office": "Miami", "start": "2026-11-16", "end": "2026-12-13", "make": "", "activity": "with"}
PLAIN: Mapping[str, str] = {}
with_context = pytest.mark.usefixtures("context", "november")


def save(
    actor: Actor, name: str, address: Mapping[str, str] = PLAIN, *, with_dates: bool = False, is_shared: bool = False
) -> KeptView:
    """Keep the view of that address."""
    view = asked_view(actor, address)
    close_reading()
    return save_view(actor, name, view, with_dates=with_dates, is_shared=is_shared)


def names(actor: Actor) -> list[str]:
    """What the person finds in the list, in its order."""
    listed = [view.name for view in kept_views(actor)]
    close_reading()
    return listed


@with_context
def test_a_view_is_kept_with_or_without_its_days(people: People) -> None:
    """Without: the weeks from this one, whenever it is opened. With: those days, though they be the usual ones now."""
    actor = people(locations=["Los Angeles", "Miami"]).actor
    week = save(actor, "  Who  is out ", DATED)
    assert (week.name, week.target) == ("Who is out", "/calendar?office=Miami&activity=with")
    dated = save(actor, "That month", DATED, with_dates=True)
    assert dated.target == "/calendar?office=Miami&activity=with&start=2026-11-16&end=2026-12-13"
    free = save(actor, "Free then", {"free_from": "2026-11-23"}, with_dates=True)
    assert free.target == "/calendar?free_from=2026-11-23&free_to=2026-11-30&start=2026-11-16&end=2026-12-13"
    assert save(actor, "Plain").target == "/calendar"
    assert [(view.name, view.has_dates) for view in kept_views(actor)] == [
        ("Free then", True),
        ("Plain", False),
        ("That month", True),
        ("Who is out", False),
    ]


@with_context
def test_names_are_one_person_s_own_and_used_once(people: People) -> None:
    """Two people may use one name; one person may not twice, whatever the capitals; nothing and too much is no name."""
    one, other = people().actor, people().actor
    save(one, "Mine")
    save(other, "Mine")
    second = save(one, "Second")
    for name in ("mine", " MINE ", "", "  ", "x" * 81, "\x00"):
        with pytest.raises(InvalidInput):
            save(one, name)
        with pytest.raises(InvalidInput):
            rename_view(one, second.id, name)
    rename_view(one, second.id, "SECOND")
    assert names(one) == ["Mine", "SECOND"]


@with_context
def test_shared_views_are_seen_by_those_who_see_their_office(people: People) -> None:
    """Own ones first, then the company's by name; not those of offices out of one's reach, nor of other companies."""
    boss = people(locations=["Los Angeles", "Miami"], name="Ana Boss").actor
    here, there = people(locations=["Los Angeles"]).actor, people(locations=["Miami"]).actor
    stranger = people(Role.ADMIN, company="Another company").actor
    miami = save(boss, "Miami's week", {"office": "Miami"}, is_shared=True)
    everywhere = save(boss, "All", {"activity": "none"}, is_shared=True)
    private = save(boss, "Private", {"office": "Miami"})
    save(there, "Zebra")
    assert names(there) == ["Zebra", "All", "Miami's week"]
    assert names(here) == ["All"]
    assert names(stranger) == []
    assert kept_view(there, miami.id).owner == "Ana Boss"
    for actor, view in ((here, miami), (there, private), (stranger, everywhere)):
        with pytest.raises(NotFound):
            kept_view(actor, view.id)
    close_reading()
    share_view(boss, miami.id, is_shared=False)
    assert names(there) == ["Zebra", "All"]
    moved = replace(boss, locations=frozenset({"Los Angeles"}))
    assert [(view.name, view.is_open) for view in kept_views(moved)] == [
        ("All", True),
        ("Miami's week", False),
        ("Private", False),
    ]
    with pytest.raises(NotFound):
        kept_view(moved, miami.id)
    close_reading()
    assert delete_view(moved, miami.id) == "Miami's week"


@with_context
def test_only_its_owner_changes_a_view(people: People) -> None:
    """A shared one may be opened by others, not renamed, replaced, withdrawn or deleted."""
    owner, other = people().actor, people().actor
    view = save(owner, "Ours", is_shared=True)
    shown = asked_view(other, {"rows": "partners"})
    close_reading()
    for change in (
        lambda actor: rename_view(actor, view.id, "Theirs"),
        lambda actor: replace_view(actor, view.id, shown, with_dates=False),
        lambda actor: share_view(actor, view.id, is_shared=False),
        lambda actor: delete_view(actor, view.id),
    ):
        with pytest.raises(NotFound):
            change(other)
        with pytest.raises(Forbidden):
            change(people(Role.DISPATCHER).actor)
    replace_view(owner, view.id, shown, with_dates=False)
    assert kept_view(other, view.id).target == "/calendar?office=Los+Angeles&rows=partners"


@with_context
def test_nobody_keeps_more_than_a_hundred(people: People) -> None:
    """The list stays one that somebody can read."""
    actor = people().actor
    view = asked_view(actor, {})
    close_reading()
    for number in range(100):
        save_view(actor, f"View {number}", view, with_dates=False, is_shared=False)
    with pytest.raises(InvalidInput, match="the most"):
        save(actor, "One more")


def test_a_view_goes_from_hand_to_hand(desk: Desk, people: People, app: Flask, sqlite_app: Flask) -> None:
    """Saved by form from the calendar, shared, opened by a colleague, renamed, replaced, withdrawn, deleted."""
    page = "/calendar?office=Los+Angeles&make=Audi"
    answer = desk.send("/calendar/views", name="Our Audis", is_shared="yes", back=page)
    assert (answer.status_code, answer.location) == (303, page)
    assert "Saved as \u201cOur Audis\u201d" in desk.get(page).text
    again = desk.send("/calendar/views", name="our audis", back=page)
    assert again.status_code == 422
    assert "You have a view called" in again.text
    colleague = app.test_client()
    sign_in(colleague, people(locations=["Los Angeles", "Miami"]))
    menu = colleague.get("/calendar/views", headers={"HX-Request": "true"}).text
    assert "Our Audis" in menu
    assert f"by {desk.person.name}" in menu
    assert colleague.get("/calendar/views/1").location == page
    assert _status(colleague, "/calendar/views/1/delete") == 404
    assert desk.send("/calendar/views/1/rename", name="Audis, all of them", back=page).status_code == 303
    assert desk.send("/calendar/views/1/replace", back="/calendar?rows=partners").status_code == 303
    assert colleague.get("/calendar/views/1").location == "/calendar?rows=partners"
    assert desk.send("/calendar/views/1/share", is_shared="no", back=page).status_code == 303
    assert colleague.get("/calendar/views/1").status_code == 404
    assert "Audis, all of them" in desk.get("/calendar/views").text
    assert desk.send("/calendar/views/1/delete", back=page).status_code == 303
    assert "None is saved yet." in desk.get("/calendar/views").text


def _status(client: FlaskClient, path: str) -> int:
    return client.post(path, data={"csrf_token": csrf_token(client)}).status_code
