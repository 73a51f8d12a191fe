"""Views that people keep under a name: saving, renaming, replacing, sharing, deleting them, and who may open which."""

from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import and_, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from webapp import clock
from webapp.accounts.actor import Actor
from webapp.accounts.models import User
from webapp.accounts.permissions import Permission
from webapp.calendar.filters import PAGE, Filters, name_in, view_in
from webapp.calendar.grid import default_window
from webapp.calendar.models import SavedView
from webapp.db import db, writing
from webapp.errors import InvalidInput, NotFound

LONGEST_NAME = 80
# Beyond this, nobody finds anything in a list.
MOST = 100


@dataclass(frozen=True)
class KeptView:
    """A view under a name. `office` is the one it is of (empty: all in scope), `owner` whose it is.

    Without `has_dates` it shows the weeks from this one, whenever it is opened. One of an office that is out of the
    person's scope by now can only be deleted (`is_open` False).
    """

    id: int
    name: str
    query: str
    is_shared: bool
    is_own: bool
    owner: str
    office: str
    has_dates: bool
    is_open: bool

    @property
    def address(self) -> str:
        """What opens it: its own address, as what it stands for may be replaced."""
        return f"{PAGE}/views/{self.id}"

    @property
    def target(self) -> str:
        """The address of the calendar that it stands for."""
        return f"{PAGE}?{self.query}" if self.query else PAGE


def kept_views(actor: Actor) -> list[KeptView]:
    """The person's own views by name, then those that others of the company share, of offices in scope."""
    mine = SavedView.user_id == actor.user_id
    shared = and_(SavedView.company_id == actor.company_id, SavedView.is_shared)
    rows = db.session.execute(
        select(SavedView.id, SavedView.name, SavedView.query, SavedView.is_shared, SavedView.user_id, User.name)
        .join(User, User.id == SavedView.user_id)
        .where(or_(mine, shared))
    )
    views = [_kept(actor, *row) for row in rows]
    seen = (view for view in views if view.is_open or view.is_own)
    return sorted(seen, key=lambda view: (not view.is_own, view.name.casefold(), view.owner.casefold(), view.id))


def kept_view(actor: Actor, view_id: int) -> KeptView:
    """One that the person may open. Raises `NotFound` for any other, without telling whether it exists."""
    found = next((view for view in kept_views(actor) if view.id == view_id and view.is_open), None)
    if found is None:
        raise NotFound("There is no such saved view, or it is not yours to open.")
    return found


def save_view(actor: Actor, name: str, view: Filters, *, with_dates: bool, is_shared: bool) -> KeptView:
    """Keep `view` under a name that the person does not use yet. Raises `InvalidInput`."""
    with writing() as session:
        _refuse_without_permission(actor)
        user_id = _person(actor)
        wanted = _free_name(session, user_id, name)
        if len(session.scalars(select(SavedView.id).where(SavedView.user_id == user_id)).all()) >= MOST:
            raise InvalidInput(f"You keep {MOST} views, which is the most. Delete one that you need no more.")
        now = clock.now()
        saved = SavedView(
            company_id=actor.company_id,
            user_id=user_id,
            name=wanted,
            query=_query(view, with_dates=with_dates),
            is_shared=is_shared,
            created_at=now,
            updated_at=now,
        )
        session.add(saved)
        _flush(session, wanted)
        return _kept(actor, saved.id, saved.name, saved.query, saved.is_shared, user_id, actor.name)


def replace_view(actor: Actor, view_id: int, view: Filters, *, with_dates: bool) -> None:
    """Let one of the person's own views stand for `view` from now on. Raises `NotFound`."""
    with writing() as session:
        saved = _own(session, actor, view_id)
        saved.query = _query(view, with_dates=with_dates)
        saved.updated_at = clock.now()


def rename_view(actor: Actor, view_id: int, name: str) -> None:
    """Give one of the person's own views another name. Raises `NotFound`, `InvalidInput`."""
    with writing() as session:
        saved = _own(session, actor, view_id)
        saved.name = _free_name(session, saved.user_id, name, but=view_id)
        saved.updated_at = clock.now()
        _flush(session, saved.name)


def share_view(actor: Actor, view_id: int, *, is_shared: bool) -> None:
    """Show one of the person's own views to the company, or to nobody else again. Raises `NotFound`."""
    with writing() as session:
        saved = _own(session, actor, view_id)
        saved.is_shared = is_shared
        saved.updated_at = clock.now()


def delete_view(actor: Actor, view_id: int) -> str:
    """Forget one of the person's own views; its name. Raises `NotFound`."""
    with writing() as session:
        saved = _own(session, actor, view_id)
        name = saved.name
        session.delete(saved)
        return name


def _query(view: Filters, *, with_dates: bool) -> str:
    """What stands in the address of the view; without its days it is this week's, whenever it is opened."""
    if not with_dates:
        view = replace(view, window=default_window(view.today), free=None)
        return view.address().partition("?")[2]
    # What is as usual today is not so later: both days are said.
    days = f"start={view.window.first.isoformat()}&end={view.window.last.isoformat()}"
    rest = replace(view, window=default_window(view.today)).address().partition("?")[2]
    return f"{rest}&{days}" if rest else days


def _kept(actor: Actor, view_id: int, name: str, query: str, is_shared: bool, user_id: int, owner: str) -> KeptView:
    # Only its office and whether it names days are looked at: which day it is does not matter.
    view = view_in(f"{PAGE}?{query}", date(2000, 1, 3))
    office = view.office if view else ""
    return KeptView(
        id=view_id,
        name=name,
        query=query,
        is_shared=is_shared,
        is_own=user_id == actor.user_id,
        owner=owner,
        office=office,
        has_dates="start=" in query or "free_from=" in query,
        is_open=not office or actor.reaches(actor.company_id, office),
    )


def _own(session: Session, actor: Actor, view_id: int) -> SavedView:
    _refuse_without_permission(actor)
    saved = session.scalar(
        select(SavedView).where(SavedView.id == view_id, SavedView.user_id == _person(actor)).with_for_update()
    )
    if saved is None:
        raise NotFound("There is no such saved view, or it is not yours to change.")
    return saved


def _refuse_without_permission(actor: Actor) -> None:
    actor.require(Permission.VIEW_LOANS)


def _person(actor: Actor) -> int:
    if actor.user_id is None:
        raise NotFound("Views are kept by people.")
    return actor.user_id


def _free_name(session: Session, user_id: int, name: str, but: int | None = None) -> str:
    wanted = " ".join(name_in(name).split())
    if not wanted:
        raise InvalidInput("Give the view a name.", fields={"name": "Give the view a name."})
    if len(wanted) > LONGEST_NAME:
        raise InvalidInput(f"A name has at most {LONGEST_NAME} letters.", fields={"name": "This name is too long."})
    names = session.execute(select(SavedView.name, SavedView.id).where(SavedView.user_id == user_id)).all()
    if any(known.casefold() == wanted.casefold() and view_id != but for known, view_id in names):
        raise _taken(wanted)
    return wanted


def _flush(session: Session, name: str) -> None:
    """Write now: another tab of the same person may have taken the name since it was looked at."""
    try:
        session.flush()
    except IntegrityError:
        raise _taken(name) from None


def _taken(name: str) -> InvalidInput:
    sentence = f"You have a view called \u201c{name}\u201d. Choose another name, or replace that one."
    return InvalidInput(sentence, fields={"name": sentence})
